#include "trimtab/science/capability_dynamics/capability_dynamics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/science/capability_dynamics/final_score.hpp"
#include "trimtab/science/capability_dynamics/isotonic_curves.hpp"

namespace trimtab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

AnalysisResult analyse(const DataTable& table, const Json& options = Json::object()) {
  const AnalysisEntry entry = capability_dynamics_entry();
  return entry.run_on_table(table, OptionValues(entry.info, options, "test"));
}

std::string code_of(const DataTable& table, const Json& options = Json::object()) {
  try {
    analyse(table, options);
  } catch (const UserError& error) {
    return error.info().code;
  }
  return "none";
}

using ScoreOf = std::function<double(double size, double step, std::size_t task)>;

// Sizes 1m, 2m, 4m ... in one family, steps 0, 1, ..., tasks "t0", "t1", ...
DataTable table_of(std::size_t num_sizes, std::size_t num_steps, std::size_t num_tasks,
                   const ScoreOf& score) {
  std::string csv = "model,step,task,metric,value\n";
  for (std::size_t c = 0; c < num_sizes; ++c) {
    const std::string model = "m-" + std::to_string(std::size_t{1} << c) + "m";
    for (std::size_t s = 0; s < num_steps; ++s) {
      for (std::size_t t = 0; t < num_tasks; ++t) {
        const std::string cell = model + "," + std::to_string(s) + ",t" + std::to_string(t) + ",";
        const double value = score(static_cast<double>(c), static_cast<double>(s), t);
        csv += cell + "acc," + format_number(value) + "\n" + cell + "acc_stderr,0.01\n";
      }
    }
  }
  return parse_csv(csv, "made");
}

TEST(CapabilityDynamics, ReadsSizeAndFamilyFromANamesNumber) {
  const Configuration found = configuration_of("pythia-1.4b-deduped");
  EXPECT_EQ(found.size, 1.4e9);
  EXPECT_EQ(found.family, "pythia-#-deduped");
  EXPECT_EQ(configuration_of("pythia-1b-bf16").family, "pythia-#-bf16");
  EXPECT_EQ(configuration_of("llama2-70B").size, 7e10);
  EXPECT_THROW(configuration_of("gpt-4"), UserError);
  EXPECT_THROW(configuration_of("run-3beta"), UserError);
}

TEST(CapabilityDynamics, EmergesWhereACurveStaysAboveChance) {
  const std::vector<double> errors(5, 1.0);
  EXPECT_EQ(emergence(std::vector<double>{0, 5, 0, 5, 6}, errors, 1.0), 3u);
  EXPECT_EQ(emergence(std::vector<double>{5, 5, 5, 5, 4}, errors, 1.0), 5u);
  EXPECT_EQ(emergence(std::vector<double>{5, 5, 5, 5, 5}, errors, 1.0), 0u);
}

TEST(CapabilityDynamics, TakesTheLargerOfGivenAndUntrainedChanceByTheLongestName) {
  TaskCurves curves;
  curves.tasks = {"exam-a", "exam-b", "other"};
  curves.scores = {{{0.1}, {0.3}}, {{0.1}, {0.3}}, {{0.6}, {0.4}}};
  EXPECT_THAT(chance_levels(curves, {{"exam", 0.25}, {"exam-b", 0.0}, {"o", 0.1}}),
              ElementsAre(0.25, 0.2, 0.5));
}

TEST(CapabilityDynamics, IsAboveChanceOnlyAfterCountingAllTests) {
  TaskCurves curves;
  curves.steps = {0};
  curves.configurations.resize(20);
  curves.tasks = {"a"};
  curves.scores = {{{2.5}}};  // p = 0.0062 alone, 0.12 among 20
  curves.scores[0].resize(20, {0.0});
  curves.scores[0][1] = {3.5};
  curves.errors = {std::vector<std::vector<double>>(20, {1.0})};
  const auto is_above = above_chance(curves, std::vector<double>{0.0}, 0);
  EXPECT_FALSE(is_above[0][0]);
  EXPECT_TRUE(is_above[0][1]);
  EXPECT_FALSE(is_above[0][2]);
}

TEST(CapabilityDynamics, FindsTheEarliestStepInTheFinalOrder) {
  Rng rng(1);
  const std::vector<std::vector<double>> scores = {
      {1, 1, 1, 1, 1}, {5, 4, 3, 2, 1}, {1, 2, 3, 5, 4}, {1, 2, 3, 4, 5}, {2, 3, 4, 5, 6}};
  const InformativeStep loose = earliest_informative_step(scores, 0.8, 200, rng);
  EXPECT_EQ(loose.step, 2u);
  EXPECT_NEAR(loose.tau, 0.8, 1e-12);
  EXPECT_LT(loose.interval.low, 0.8);
  EXPECT_EQ(earliest_informative_step(scores, 0.81, 200, rng).step, 3u);
  EXPECT_EQ(earliest_informative_step({{2, 1}, {1, 2}}, 0.8, 10, rng).step, 1u);
}

TEST(CapabilityDynamics, SmoothsByErrorsAndBearsZeros) {
  TaskCurves curves;
  curves.scores = {{{0, 3, 2}, {2, 1, 0}}};
  curves.errors = {{{0, 1, 0.5}, {0, 0, 0}}};
  const TaskCurves smooth = isotonic_curves(curves);
  EXPECT_THAT(smooth.scores[0][0], ElementsAre(0, 2.2, 2.2));
  EXPECT_THAT(smooth.scores[0][1], ElementsAre(1, 1, 1));
}

// Each task has its own course, the same at every size.
TEST(CapabilityDynamics, SeesSizesThatMoveAlikeAndRefusesOnesThatDoNot) {
  const auto wave = [](double step, double phase) { return 0.5 + 0.4 * std::sin(step + phase); };
  const auto similarity = [&](bool is_alike) {
    const DataTable table = table_of(4, 12, 6, [&](double size, double step, std::size_t task) {
      const double phase = static_cast<double>(task) + (is_alike ? 0.01 : 2.0) * size * size;
      return wave(step, phase);
    });
    const TaskCurves curves = read_task_curves(table, "acc", {});
    std::vector<std::size_t> tasks(6);
    std::iota(tasks.begin(), tasks.end(), std::size_t{0});
    Rng rng(7);
    return similarity_across_sizes(curves, tasks, 499, rng);
  };
  const Similarity alike = similarity(true);
  EXPECT_GT(alike.mean, 0.95);
  EXPECT_LT(alike.null_mean, 0.5);
  EXPECT_NEAR(alike.p, 1.0 / 500.0, 1e-12);
  EXPECT_GT(similarity(false).p, 0.05);
}

TEST(CapabilityDynamics, ComparesNeighboursWithinAFamilyOnly) {
  TaskCurves curves;
  for (const char* name : {"a-1m", "b-1m", "a-2m", "a-2m-x", "a-3m", "b-9m"}) {
    curves.configurations.push_back(configuration_of(name));
  }
  EXPECT_THAT(neighbours_in_size(curves),
              ElementsAre(std::pair(0u, 2u), std::pair(2u, 4u), std::pair(1u, 5u)));
}

// The end is a line of the early scores: known but for the penalty, which is then the smallest.
TEST(CapabilityDynamics, PredictsALinearEndOfSizesNeverSeen) {
  const DataTable table = table_of(8, 4, 2, [](double size, double step, std::size_t task) {
    const double other = std::fmod(size * 5.0, 8.0);
    return step < 3 ? (task == 0 ? 0.01 * size : 0.01 * other) : 0.2 + 0.03 * size + 0.02 * other;
  });
  const TaskCurves curves = read_task_curves(table, "acc", {});
  const std::vector<std::size_t> both = {0, 1}, one = {0};
  const FinalPrediction found = predict_final_scores(curves, 0, both, 1);
  EXPECT_LT(found.error, 1e-3);
  EXPECT_GT(found.r2, 0.999);
  EXPECT_GT(found.last_value_error, 0.2);
  EXPECT_GT(predict_final_scores(curves, 0, one, 1).error, 10.0 * found.error);
}

// Task k tells size k from the others: with one of two siblings in training the other is known.
TEST(CapabilityDynamics, LeavesSiblingsOfASizeOutTogether) {
  TaskCurves curves;
  curves.tasks = {"0", "1", "2", "3"};
  curves.steps = {0, 1, 2};
  curves.scores.resize(4);
  const std::vector<double> ends = {0.9, 0.1, 0.8, 0.2};
  for (std::size_t size = 0; size < 4; ++size) {
    for (const char* family : {"x", "y"}) {
      curves.configurations.push_back({family, static_cast<double>(size + 1), family});
      for (std::size_t t = 0; t < 4; ++t) {
        curves.scores[t].push_back({0, t == size ? 1.0 : 0.0, ends[size]});
      }
    }
  }
  const std::vector<std::size_t> all = {0, 1, 2, 3};
  const FinalPrediction found = predict_final_scores(curves, 0, all, 1);
  EXPECT_LT(found.r2, 0.0);
  EXPECT_EQ(found.predicted[0], found.predicted[1]);
}

TEST(CapabilityDynamics, RefusesTablesThatAreNoCurves) {
  const auto flat = [](double, double, std::size_t) { return 0.5; };
  EXPECT_EQ(code_of(table_of(2, 2, 1, flat)), "capability_dynamics.table");
  EXPECT_EQ(code_of(table_of(2, 3, 1, flat), {{"metric", "f1"}}), "capability_dynamics.table");
  EXPECT_EQ(code_of(table_of(2, 3, 1, flat), {{"chance", "t0:0.5"}}), "capability_dynamics.chance");
  const std::string head = "model,step,task,metric,value\n";
  EXPECT_EQ(code_of(parse_csv(head + "m-1m,0,t,acc,1\n", "t")), "capability_dynamics.table");
  EXPECT_EQ(code_of(parse_csv(head + "m-1m,0,t,acc,1\nm-1m,0,t,acc,1\n", "t")),
            "capability_dynamics.table");
  EXPECT_EQ(code_of(table_of(1, 3, 1, flat)), "capability_dynamics.table");
  EXPECT_EQ(code_of(table_of(2, 3, 1, [](double, double, std::size_t) { return 50.0; })),
            "capability_dynamics.table");
  EXPECT_EQ(code_of(parse_csv("a,b\n1,2\n", "t")), "table.unknown_column");
  EXPECT_THAT(analyse(table_of(2, 3, 1, flat)).verdict,
              HasSubstr("none of 1 tasks ends above chance"));
}

TEST(CapabilityDynamics, LeavesOutWhatNotEveryModelHas) {
  const DataTable whole = table_of(2, 5, 2, [](double size, double step, std::size_t) {
    return 0.1 + 0.1 * step + 0.01 * size;
  });
  DataTable table = whole;
  for (std::size_t i = 0; i < table.num_rows(); ++i) {
    if (table.columns[0][i] == "m-1m" && table.columns[1][i] == "2") table.columns[1][i] = "2.5";
    if (table.columns[0][i] == "m-2m" && table.columns[2][i] == "t1") table.columns[2][i] = "t9";
  }
  const TaskCurves curves = read_task_curves(table, "acc", {});
  EXPECT_THAT(curves.tasks, ElementsAre("t0"));
  EXPECT_THAT(curves.steps, ElementsAre(0, 1, 3, 4));
  EXPECT_EQ(curves.num_left_out, 4u);  // t1, t9, steps 2 and 2.5
}

DataTable pythia() {
  const char* folder = std::getenv("TRIMTAB_DATA");
  const std::string path =
      folder == nullptr ? "" : std::string(folder) + "/pythia_evals/pythia_v1_zeroshot.csv";
  return std::filesystem::exists(path) ? read_data_tables({path}) : DataTable{};
}

const char* const kChance =
    "hendrycksTest=0.25,arc=0.25,sciq=0.25,logiqa=0.25,piqa=0.5,winogrande=0.5,wsc=0.5";

TEST(SlowCapabilityDynamics, OfPythiaKnowsTheEndEarlyAndSaysWhatIsAtChance) {
  const DataTable table = pythia();
  if (table.names.empty()) GTEST_SKIP() << "data absent";
  const AnalysisResult result = analyse(table, {{"chance", kChance}});
  const Json json = Json::parse(result.data);
  ASSERT_EQ(json["models"].size(), 16u);
  ASSERT_EQ(json["pairs"].size(), 13u);
  ASSERT_EQ(json["tasks"].size(), 65u);
  std::size_t num_learned = 0, num_better = 0, num_small_above = 0;
  for (const auto& [name, task] : json["tasks"].items()) {
    if (name.starts_with("hendrycks")) {
      EXPECT_FALSE(task["has_dynamics"]) << name;
      for (std::size_t c = 0; c < 10; ++c) num_small_above += task["above_chance"][c] ? 1 : 0;
    }
    if (!task["has_dynamics"]) continue;
    ++num_learned;
    const Json& prediction = task["prediction"];
    if (prediction["error"] < prediction["last_value_error"]) ++num_better;
  }
  EXPECT_EQ(num_small_above, 0u);  // up to 1.4B
  EXPECT_EQ(num_learned, 6u);
  EXPECT_EQ(num_better, 6u);
  EXPECT_LT(json["similarity"]["p"].get<double>(), 0.01);
}

// As they are, the curves of the smallest sizes fall again where those of larger ones do not.
TEST(SlowCapabilityDynamics, OfPythiaFindsNeighbouringSizesAlike) {
  const DataTable table = pythia();
  if (table.names.empty()) GTEST_SKIP() << "data absent";
  Json options = {{"tasks", "piqa,sciq,arc_easy,lambada_openai"}};
  for (const char* smooth : {"none", "isotonic"}) {
    options["smooth"] = smooth;
    const Json json = Json::parse(analyse(table, options).data);
    std::size_t num_alike = 0;
    for (const auto& [name, task] : json["tasks"].items()) {
      for (const Json& rho : task["rho"]) num_alike += rho.get<double>() >= 0.9 ? 1 : 0;
    }
    EXPECT_EQ(num_alike, std::string(smooth) == "none" ? 38u : 52u);
    EXPECT_LT(json["similarity"]["p"].get<double>(), 0.01);
    EXPECT_GT(json["similarity"]["mean"], json["similarity"]["shuffled"]);
  }
}

// Recomputed from the rows without this library.
TEST(SlowCapabilityDynamics, OfPythiaRepeatsAPeersRanks) {
  const DataTable table = pythia();
  if (table.names.empty()) GTEST_SKIP() << "data absent";
  const Json json =
      Json::parse(analyse(table, {{"tasks", "piqa,sciq,arc_easy,lambada_openai"}}).data);
  const auto rho_of = [&](const char* task, const char* smaller) {
    for (std::size_t i = 0; i < json["pairs"].size(); ++i) {
      if (json["pairs"][i][0] == smaller) return json["tasks"][task]["rho"][i].get<double>();
    }
    return std::nan("");
  };
  const Json& tasks = json["tasks"];
  EXPECT_EQ(tasks["piqa"]["final"][0].get<double>(), 0.5946681175190425);  // bit by bit
  EXPECT_EQ(tasks["lambada_openai"]["final"][15].get<double>(), 0.7096836794100524);
  EXPECT_NEAR(rho_of("piqa", "pythia-70m"), 0.7936005085397779, 1e-12);
  EXPECT_NEAR(rho_of("piqa", "pythia-6.9b"), 0.9172015155714587, 1e-12);
  EXPECT_NEAR(rho_of("lambada_openai", "pythia-6.9b"), 0.9980366492146597, 1e-12);
  EXPECT_EQ(tasks["piqa"]["informative_step"], 3000);
  EXPECT_NEAR(tasks["piqa"]["tau"].get<double>(), 0.8907563025210085, 1e-12);
  EXPECT_EQ(tasks["lambada_openai"]["informative_step"], 13000);
  EXPECT_NEAR(tasks["lambada_openai"]["tau"].get<double>(), 0.8619322310183947, 1e-12);
}

}  // namespace
}  // namespace trimtab
