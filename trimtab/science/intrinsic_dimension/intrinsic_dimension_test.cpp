#include "trimtab/science/intrinsic_dimension/intrinsic_dimension.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/QR>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/science/intrinsic_dimension/dimension_search.hpp"
#include "trimtab/science/intrinsic_dimension/protocol.hpp"

namespace trimtab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The source's toy: 1000 parameters in ten blocks of 100; block k is to sum to k.
DifferentiableObjective sums_of_blocks() {
  return {.num_parameters = 1000,
          .num_items = 1,
          .loss = [](const Eigen::VectorXd& theta, std::span<const std::size_t>,
                     Eigen::VectorXd& gradient) {
            gradient.resize(1000);
            double loss = 0.0;
            for (Eigen::Index k = 0; k < 10; ++k) {
              const double miss = theta.segment(100 * k, 100).sum() - static_cast<double>(k + 1);
              loss += miss * miss;
              gradient.segment(100 * k, 100).setConstant(2.0 * miss);
            }
            return loss;
          }};
}

DifferentiableObjective toy_in(Eigen::Index dimension, ProjectionKind kind, std::uint64_t seed) {
  Rng rng(seed);
  Eigen::VectorXd theta0(1000);
  for (Eigen::Index i = 0; i < 1000; ++i) theta0(i) = rng.normal();
  return in_subspace(sums_of_blocks(), theta0, make_projection(kind, 1000, dimension, rng));
}

// The smallest loss of a quadratic, from gradients alone: the Hessian is its gradient's slope.
double smallest_loss(const DifferentiableObjective& objective) {
  const Eigen::Index d = objective.num_parameters;
  const std::size_t item[] = {0};
  Eigen::VectorXd z = Eigen::VectorXd::Zero(d), at_z, beside;
  for (int refinement = 0; refinement < 3; ++refinement) {
    objective.loss(z, item, at_z);
    Eigen::MatrixXd hessian(d, d);
    for (Eigen::Index j = 0; j < d; ++j) {
      objective.loss(z + Eigen::VectorXd::Unit(d, j), item, beside);
      hessian.col(j) = beside - at_z;
    }
    z -= hessian.completeOrthogonalDecomposition().solve(at_z);
  }
  return objective.loss(z, item, at_z);
}

TEST(IntrinsicDimension, OfTheToyIsTenForEverySeedAndProjection) {
  for (const ProjectionKind kind :
       {ProjectionKind::Dense, ProjectionKind::Sparse, ProjectionKind::Fastfood}) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      SCOPED_TRACE(seed);
      EXPECT_GT(smallest_loss(toy_in(9, kind, seed)), 1e-6);
      EXPECT_LT(smallest_loss(toy_in(10, kind, seed)), 1e-8);
      EXPECT_LT(smallest_loss(toy_in(15, kind, seed)), 1e-8);
    }
  }
}

TEST(IntrinsicDimension, OfTheToyIsSeenByAdamToo) {
  Rng rng(1);
  const std::size_t item[] = {0};
  const auto loss_after = [&](Eigen::Index dimension) {
    const DifferentiableObjective objective = toy_in(dimension, ProjectionKind::Dense, 5);
    Eigen::VectorXd z = Eigen::VectorXd::Zero(dimension), gradient;
    train(objective, {.adam = {.learning_rate = 0.1}, .num_steps = 4000}, rng, z);
    return objective.loss(z, item, gradient);
  };
  EXPECT_GT(loss_after(5), 10.0);
  EXPECT_LT(loss_after(40), 1e-8);
}

TEST(Subspace, HasTheChainRulesGradientAndKeepsItsStart) {
  Rng rng(2);
  const DifferentiableObjective inside = toy_in(7, ProjectionKind::Fastfood, 3);
  EXPECT_EQ(inside.num_parameters, 7);
  const std::size_t item[] = {0};
  Eigen::VectorXd z(7), gradient, ignored;
  for (Eigen::Index i = 0; i < 7; ++i) z(i) = rng.normal();
  const double loss = inside.loss(z, item, gradient);
  for (Eigen::Index i = 0; i < 7; ++i) {
    const Eigen::VectorXd h = 1e-5 * Eigen::VectorXd::Unit(7, i);
    EXPECT_NEAR((inside.loss(z + h, item, ignored) - inside.loss(z - h, item, ignored)) / 2e-5,
                gradient(i), 1e-4);
  }
  EXPECT_EQ(inside.loss(z, item, ignored), loss);
  std::shared_ptr<const RandomProjection> small =
      make_projection(ProjectionKind::Dense, 999, 7, rng);
  EXPECT_THROW(in_subspace(sums_of_blocks(), Eigen::VectorXd::Zero(1000), small), BugError);
}

TEST(DimensionSearch, HasAGridOfEqualRatios) {
  EXPECT_THAT(dimension_grid(10, 40, 2), ElementsAre(10, 14, 20, 28, 40));
  EXPECT_THAT(dimension_grid(1, 3, 4), ElementsAre(1, 2, 3));
  EXPECT_THAT(dimension_grid(5, 5, 4), ElementsAre(5));
  EXPECT_THROW(dimension_grid(5, 4, 1), BugError);
}

// Runs the search on a score of dimension and replicate; returns how often each was run.
template <typename Score>
std::map<std::size_t, std::size_t> search_counts(std::vector<std::size_t> grid,
                                                 std::size_t num_replicates, Score score) {
  DimensionSearch search(std::move(grid), num_replicates, 0.9);
  std::map<std::size_t, std::size_t> counts;
  while (const auto query = search.ask()) {
    EXPECT_EQ(counts[query->dimension]++, query->replicate);
    search.tell(*query, score(query->dimension, query->replicate));
  }
  return counts;
}

TEST(DimensionSearch, BisectsOnceAndReplicatesAroundTheCrossing) {
  const auto counts = search_counts(dimension_grid(1, 1024, 4), 5, [](std::size_t d, std::size_t) {
    return d >= 100 ? 0.95 : 0.5;
  });
  std::size_t total = 0, replicated = 0;
  for (const auto& [dimension, count] : counts) {
    total += count;
    replicated += count == 5 ? 1 : 0;
  }
  // 91 below and 108 above, one more on each side; the bisection took at most six runs.
  EXPECT_EQ(replicated, 4u);
  EXPECT_EQ(counts.at(91), 5u);
  EXPECT_EQ(counts.at(108), 5u);
  EXPECT_LE(total, 20u + 4u);
}

// Replicate 0 is lucky: alone it reaches at 10, the average at 320 only.
TEST(DimensionSearch, WalksFromALuckyReplicateToTheAverage) {
  const auto counts = search_counts(
      {10, 20, 40, 80, 160, 320, 640}, 4,
      [](std::size_t d, std::size_t replicate) { return d >= 320 || replicate == 0 ? 1.0 : 0.0; });
  EXPECT_EQ(counts.at(320), 4u);
  EXPECT_EQ(counts.at(160), 4u);
  EXPECT_EQ(counts.at(10), 4u);
}

TEST(DimensionSearch, EndsAtTheGridsEnds) {
  const auto never = [](std::size_t, std::size_t) { return 0.0; };
  const auto always = [](std::size_t, std::size_t) { return 1.0; };
  EXPECT_EQ(search_counts({1, 2, 3}, 2, never).at(3), 2u);
  EXPECT_EQ(search_counts({1, 2, 3}, 2, always).at(1), 2u);
  EXPECT_EQ(search_counts({8}, 2, never).at(8), 2u);
  DimensionSearch search({1, 2}, 1, 0.5);
  EXPECT_THROW(search.tell({1, 0}, 1.0), BugError);
  EXPECT_THROW(DimensionSearch({}, 1, 0.5), BugError);
}

std::vector<SubspaceRun> runs_of(std::size_t num_seeds) {
  std::vector<SubspaceRun> runs;
  for (std::size_t s = 0; s < num_seeds; ++s) {
    const double luck = 0.002 * static_cast<double>(s);
    const std::string seed = std::to_string(s);
    runs.push_back({0, seed, 0.99 + luck});
    runs.push_back({100, seed, 0.80 + luck});
    runs.push_back({120, seed, 0.90 + luck});  // lucky: its neighbour is below
    runs.push_back({140, seed, 0.86 + luck});
    runs.push_back({160, seed, 0.93 + luck});
  }
  return runs;
}

TEST(ThresholdCrossing, IsOfTheIsotonicMean) {
  Rng rng(1);
  const ThresholdCrossing found = threshold_crossing(runs_of(5), {}, 500, rng);
  EXPECT_NEAR(*found.baseline, 0.994, 1e-12);
  EXPECT_NEAR(found.threshold, 0.8946, 1e-12);
  ASSERT_TRUE(found.at);
  EXPECT_EQ(found.points[*found.at].dimension, 160u);
  EXPECT_NEAR(found.points[1].fitted, 0.884, 1e-12);
  EXPECT_NEAR(found.points[2].fitted, 0.884, 1e-12);
  EXPECT_EQ(found.share_reached, 1.0);
  EXPECT_EQ(found.interval.low, 160.0);
  EXPECT_EQ(objection(found), "");
}

TEST(ThresholdCrossing, MovesWithTheSeedsThatAreDrawn) {
  std::vector<SubspaceRun> runs;
  for (std::size_t s = 0; s < 6; ++s) {
    for (const std::size_t d : {10u, 12u, 14u, 16u}) {
      const bool is_quick = s < 3;
      runs.push_back({d, std::to_string(s), d >= (is_quick ? 12u : 16u) ? 1.0 : 0.5});
    }
  }
  Rng rng(2);
  const ThresholdCrossing found = threshold_crossing(runs, {.absolute = 0.8}, 1000, rng);
  EXPECT_EQ(found.points[*found.at].dimension, 16u);
  EXPECT_EQ(found.interval.low, 12.0);
  EXPECT_EQ(found.interval.high, 16.0);
  EXPECT_FALSE(found.baseline);
}

TEST(ThresholdCrossing, ObjectsToOneSeedACoarseGridAndAnEndOfIt) {
  Rng rng(3);
  const auto objection_to = [&](const std::vector<SubspaceRun>& runs, double absolute) {
    return objection(threshold_crossing(runs, {.absolute = absolute}, 100, rng));
  };
  EXPECT_THAT(objection_to(runs_of(2), 0.92), HasSubstr("2 seeds at the crossing"));
  EXPECT_THAT(objection_to(runs_of(5), 0.99), HasSubstr("no dimension up to 160"));
  EXPECT_THAT(objection_to(runs_of(5), 0.5), HasSubstr("already the lowest dimension, 100"));
  std::vector<SubspaceRun> coarse = runs_of(5);
  for (SubspaceRun& run : coarse) run.dimension = run.dimension == 160 ? 500 : run.dimension;
  EXPECT_THAT(objection_to(coarse, 0.92), HasSubstr("nothing was run between 140 and 500"));
  EXPECT_THROW(threshold_crossing(std::vector<SubspaceRun>{{5, "0", 1.0}}, {}, 100, rng),
               UserError);
  EXPECT_THROW(threshold_crossing(std::vector<SubspaceRun>{{0, "0", 1.0}}, {}, 100, rng),
               UserError);
}

AnalysisResult analyse(const DataTable& table, const Json& options) {
  const AnalysisEntry entry = intrinsic_dimension_entry();
  return entry.run_on_table(table, OptionValues(entry.info, options, "test"));
}

TEST(IntrinsicDimension, ReadsATableOfRuns) {
  std::string csv = "d,seed,accuracy,steps\n";
  for (const SubspaceRun& run : runs_of(5)) {
    csv += (run.dimension == 0 ? "direct" : std::to_string(run.dimension)) + "," + run.seed + "," +
           std::to_string(run.score) + "," + (run.dimension == 0 ? "100" : "80") + "\n";
  }
  const AnalysisResult result = analyse(parse_csv(csv, "t"), {{"parameters", 4000}});
  EXPECT_EQ(result.verdict,
            "d_int90 = 160 of 4000 parameters (4 %), 95 % [160, 160] over seeds; score 0.8946 = "
            "0.9 x the baseline 0.994 (5 trainings); 140 fails; at most 5120 bits");
  EXPECT_EQ(Json::parse(result.data)["intrinsic_dimension"], 160);
  ASSERT_EQ(result.figures.size(), 1u);
  const std::vector<FigureSeries>& series = result.figures[0].series;
  EXPECT_NO_THROW(require_drawable(result.figures[0]));
  EXPECT_EQ(series.at(0).x.size(), runs_of(5).size() - 5) << "all but the baselines";
  EXPECT_NEAR(series.at(2).y.at(0), 0.8946, 1e-12);
  EXPECT_EQ(series.at(3).x, std::vector<double>{160.0});
  std::string less = csv;
  less.replace(less.find(",100\n"), 5, ",79\n");
  EXPECT_THROW(analyse(parse_csv(less, "t"), Json::object()), UserError);
  EXPECT_THROW(analyse(parse_csv("d,seed,accuracy\n0,1,0.5\n", "t"), Json::object()), UserError);
  const AnalysisResult one =
      analyse(parse_csv("d,seed,accuracy\n10,1,0.5\n12,1,0.9\n", "t"), {{"threshold", 0.8}});
  EXPECT_THAT(one.verdict, HasSubstr("no d_int from these runs (score 0.8): 1 seed at the"));
  EXPECT_TRUE(Json::parse(one.data)["intrinsic_dimension"].is_null());
}

std::string clusters_csv() {
  std::string csv = "a,b,c,same,class\n";
  Rng rng(4);
  for (int i = 0; i < 200; ++i) {
    const bool is_left = i % 2 == 0;
    for (int j = 0; j < 3; ++j) csv += std::to_string(rng.normal() + (is_left ? 1.5 : -1.5)) + ",";
    csv += is_left ? "7,left\n" : "7,right\n";
  }
  return csv;
}

TEST(IntrinsicDimension, TrainsOnATableFromItsSeed) {
  const DataTable table = parse_csv(clusters_csv(), "t");
  const Json options = {
      {"label", "class"},    {"hidden", "6"},   {"steps", 60}, {"lowest", 1},
      {"highest", 12},       {"replicates", 3}, {"batch", 32}, {"direct_learning_rate", 0.01},
      {"learning_rate", 0.1}};
  const AnalysisResult result = analyse(table, options);
  const Json data = Json::parse(result.data);
  EXPECT_EQ(data["parameters"], 5 * 6 + 7 * 2);
  EXPECT_GT(data["baseline"].get<double>(), 0.9);
  EXPECT_EQ(analyse(table, options).data, result.data);
  const auto refused = [&](const char* option, const Json& value) {
    Json changed = options;
    changed[option] = value;
    EXPECT_THROW(analyse(table, changed), UserError) << option;
  };
  refused("hidden", "6,x");
  refused("lowest", 13);
  refused("train", 200);
  refused("label", "same");
  refused("label", "clas");
}

std::string digits_csv() {
  const char* folder = std::getenv("TRIMTAB_DATA");
  const std::string path =
      std::string(folder == nullptr ? "" : folder) + "/optdigits/optdigits.tes.csv";
  if (folder == nullptr || !std::filesystem::exists(path)) return "";
  std::string csv = "p0";
  for (int j = 1; j < 64; ++j) csv += ",p" + std::to_string(j);
  return csv + ",digit\n" + read_file(path);
}

double dimension_of(const DataTable& digits, Json options) {
  options.update({{"label", "digit"}, {"batch", 64}});
  const AnalysisResult result = analyse(digits, options);
  std::cout << result.verdict << '\n';
  const Json data = Json::parse(result.data);
  EXPECT_EQ(data["objection"], "");
  return data["intrinsic_dimension"].is_null() ? std::nan("")
                                               : data["intrinsic_dimension"].get<double>();
}

// Five seeds; 2 410 parameters against 26 122.
TEST(IntrinsicDimensionSlow, OfDigitsHardlyGrowsWithTheNetwork) {
  const std::string csv = digits_csv();
  if (csv.empty()) GTEST_SKIP() << "data absent";
  const DataTable digits = parse_csv(csv, "digits");
  const Json options = {{"train", 1400}, {"lowest", 100}, {"highest", 300}};
  Json small = options, large = options;
  small["hidden"] = "32";
  large["hidden"] = "128,128";
  const double ratio = dimension_of(digits, large) / dimension_of(digits, small);
  EXPECT_LE(ratio, 1.6);
  EXPECT_GE(ratio, 1.0 / 1.6);
}

// What it takes to fit 98 % of 300 rows: labels that mean something, and the same shuffled.
TEST(IntrinsicDimensionSlow, OfShuffledLabelsIsFourTimesThatOfTrueOnes) {
  const std::string csv = digits_csv();
  if (csv.empty()) GTEST_SKIP() << "data absent";
  const DataTable digits = parse_csv(csv, "digits");
  Json options = {{"train", 300}, {"hidden", "32"},  {"rows", "training"}, {"threshold", 0.98},
                  {"lowest", 20}, {"highest", 2000}, {"replicates", 3}};
  const double of_true = dimension_of(digits, options);
  options["shuffle_labels"] = true;
  EXPECT_GE(dimension_of(digits, options), 4.0 * of_true);
}

}  // namespace
}  // namespace trimtab
