// The figures of every analysis show the numbers of its data, no others.

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/core/testing/history_builder.hpp"

namespace trimtab {
namespace {

using ::testing::Contains;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pointwise;
using Numbers = std::vector<double>;

// Every figure has words and points, and fits together.
void expect_drawable(const AnalysisResult& result) {
  EXPECT_FALSE(result.figures.empty()) << result.verdict;
  for (const Figure& figure : result.figures) {
    EXPECT_NO_THROW(require_drawable(figure));
    EXPECT_FALSE(figure.title.empty());
    EXPECT_THAT(figure.caption, ::testing::EndsWith("."));
    EXPECT_TRUE(figure.ranks.has_value() || !figure.series.empty()) << figure.title;
    for (const FigureSeries& series : figure.series) {
      EXPECT_FALSE(series.x.empty() && series.y.empty()) << figure.title << ": " << series.name;
    }
  }
}

struct Answer {
  AnalysisResult result;
  Json data;

  const Figure& figure(std::size_t i) const { return result.figures.at(i); }
  const FigureSeries& series(std::size_t figure, std::string_view name) const {
    for (const FigureSeries& each : result.figures.at(figure).series) {
      if (each.name == name) return each;
    }
    ADD_FAILURE() << "no series " << name;
    return result.figures.at(figure).series.front();
  }
};

Answer answer_of(AnalysisResult result) {
  expect_drawable(result);
  return {result, Json::parse(result.data)};
}

Answer analyse(const char* name, const std::string& csv, const Json& options = Json::object()) {
  const Registry registry = make_registry();
  const AnalysisEntry& entry = registry.analysis(name, "test");
  return answer_of(
      entry.run_on_table(parse_csv(csv, "t.csv"), OptionValues(entry.info, options, "test")));
}

Numbers numbers_at(const Json& list, const char* key) {
  Numbers numbers;
  for (const Json& each : list) numbers.push_back(each[key].get<double>());
  return numbers;
}

// A study of three configurations on four fresh seeds; trial 2 is the default.
struct FreshStudy {
  StudySpec spec = {};
  Space space = SpaceBuilder().real("rate", 0.0, 1.0).real("inert", 0.0, 1.0).build();
  HistoryBuilder builder{2, {{.name = "auc", .goal = Goal::Maximise, .target = {}}}};

  FreshStudy() {
    spec.objectives = builder.history().objectives();
    spec.validity.confirm_seeds = 4;
    builder.complete({0.1, 0.5}, {0.80});
    builder.complete({0.7, 0.5}, {0.95});
    builder.complete({0.5, 0.5}, {0.90}, {.purpose = Purpose::Default});
    const std::vector<Numbers> fresh = {
        {0.81, 0.80, 0.79, 0.80}, {0.93, 0.94, 0.92, 0.93}, {0.90, 0.91, 0.89, 0.90}};
    for (std::size_t seed = 0; seed < 4; ++seed) {
      for (std::int64_t trial = 0; trial < 3; ++trial) {
        builder.complete({0.5, 0.5}, {fresh[static_cast<std::size_t>(trial)][seed]},
                         {.purpose = Purpose::Confirm, .of_trial = trial, .seed = 101 + 2 * seed});
      }
    }
  }

  Answer analyse(const char* name) const {
    const Registry registry = make_registry();
    const AnalysisEntry& entry = registry.analysis(name, "test");
    return answer_of(entry.run({spec, space, builder.history()},
                               OptionValues(entry.info, Json::object(), "test")));
  }
};

TEST(AnalysisFigures, OfConfirmationShowRunsImprovementsAndRanks) {
  const Answer answer = FreshStudy().analyse("confirmation");
  ASSERT_EQ(answer.result.figures.size(), 3u);
  EXPECT_THAT(answer.figure(0).y.categories, ElementsAre("trial 1", "trial 0", "default"));
  EXPECT_EQ(answer.series(0, "mean").x, numbers_at(answer.data["finalists"], "fresh_mean"));
  EXPECT_EQ(answer.series(0, "in the search").x, (Numbers{0.95, 0.80, 0.90}));
  EXPECT_EQ(answer.series(0, "fresh run").x.size(), 12u);
  const Json& against = answer.data["finalists"][0]["against_default"];
  const FigureSeries& improvement = answer.series(1, "improvement");
  EXPECT_EQ(improvement.x[0], against["improvement"].get<double>());
  EXPECT_EQ(improvement.low[0], against["interval"][0].get<double>());
  EXPECT_EQ(improvement.high[0], against["interval"][1].get<double>());
  // On every seed trial 1 is best and trial 0 worst.
  EXPECT_EQ(answer.figure(2).ranks->mean_ranks, (Numbers{1.0, 3.0, 2.0}));
}

TEST(AnalysisFigures, OfImportanceAreItsShares) {
  FreshStudy study;
  for (int i = 0; i < 60; ++i) {
    const double rate = (i % 12) / 12.0;
    study.builder.complete({rate, (i % 7) / 7.0}, {1.0 - std::abs(rate - 0.4)});
  }
  const Answer answer = study.analyse("importance");
  EXPECT_THAT(answer.figure(0).y.categories, ElementsAre("rate", "inert"));
  const FigureSeries& clear = answer.series(0, "stands out from chance");
  EXPECT_EQ(clear.x[0], answer.data["parameters"][0]["share"].get<double>());
  EXPECT_EQ(clear.y[0], 0.0);
  EXPECT_EQ(answer.series(0, "does not").x[0], answer.data["parameters"][1]["share"].get<double>());
  EXPECT_EQ(answer.series(0, "does not").y[0], 1.0);
}

TEST(AnalysisFigures, OfOvertuningFollowTheIncumbents) {
  const Answer answer =
      analyse("overtuning", "validation,test\n5,9\n6,1\n4,7\n3,8\n", {{"test", "test"}});
  EXPECT_EQ(answer.series(0, "tuned").x, (Numbers{0.0, 2.0, 3.0}));
  EXPECT_EQ(answer.series(0, "tuned").y, (Numbers{5.0, 4.0, 3.0}));
  EXPECT_EQ(answer.series(0, "tested").y, (Numbers{9.0, 7.0, 8.0}));
  const Answer many = analyse("overtuning", "run,validation,test\na,5,9\na,4,7\nb,5,4\nb,4,3\n",
                              {{"test", "test"}, {"study", "run"}});
  EXPECT_EQ(many.series(0, "studies").y, (Numbers{-1.0, 3.0}));
  EXPECT_THAT(many.series(0, "studies").labels[1], HasSubstr("a: 3"));
}

TEST(AnalysisFigures, OfTimeToResultAreProfilesAndRanks) {
  // r of a: 1, 2.01, never; of b: 3, 1, never. Nobody reaches the third workload.
  const Answer answer = analyse("time_to_result", "submission,u,v,w\na,10,4.02,\nb,30,2,inf\n");
  const FigureSeries& a = answer.series(0, "a");
  EXPECT_THAT(a.x, Pointwise(DoubleNear(1e-12), Numbers{1.0, 2.01, 4.0}));
  EXPECT_THAT(a.y, Pointwise(DoubleNear(1e-12), Numbers{1 / 3.0, 2 / 3.0, 2 / 3.0}));
  EXPECT_EQ(answer.figure(1).ranks->mean_ranks, (Numbers{1.5, 1.5}));
}

std::string sweep_csv() {
  std::string csv = "N,D,lr,bs,smooth loss\n";
  for (const double n : {1e6, 3e6, 9e6}) {
    for (const double d : {1e8, 5e8}) {
      for (int i = -1; i <= 1; ++i) {
        for (int j = -1; j <= 1; ++j) {
          csv +=
              fmt::format("{},{},{},{},{}\n", n, d, 0.01 * std::pow(n / 1e6, -0.3) * std::exp2(i),
                          64.0 * std::sqrt(d / 1e8) * std::exp2(j),
                          5.0 * std::pow(n, -0.05) * std::pow(d, -0.03) + 0.02 * (i * i + j * j));
        }
      }
    }
  }
  return csv;
}

TEST(AnalysisFigures, OfScalingLawPutTheLawThroughTheBestRuns) {
  const Answer answer = analyse("scaling_law", sweep_csv(), {{"resamples", 0}});
  const Json& law = answer.data["law"]["lr"];
  const FigureSeries& line = answer.series(0, "N = 3M, the law");
  for (std::size_t i = 0; i < line.x.size(); ++i) {
    const double expected = law[0].get<double>() + law[1].get<double>() * std::log(3e6) +
                            law[2].get<double>() * std::log(line.x[i]);
    EXPECT_NEAR(std::log(line.y[i]), expected, 1e-12);
  }
  EXPECT_TRUE(line.is_of_previous);
  EXPECT_EQ(answer.series(0, "N = 3M").y, (Numbers{answer.data["tasks"][2]["best_learning_rate"],
                                                   answer.data["tasks"][3]["best_learning_rate"]}));
  EXPECT_EQ(answer.series(1, "best run of a task").y,
            numbers_at(answer.data["tasks"], "best_batch_tokens"));
}

TEST(AnalysisFigures, OfTheLossLawHoldEveryRunAndThePredictedCurve) {
  const Answer answer = analyse("scaling_law", sweep_csv(),
                                {{"law", "loss"},
                                 {"form", "no_batch"},
                                 {"resamples", 20},
                                 {"predict_parameters", 1e8},
                                 {"predict_tokens", 1e10},
                                 {"predict_batch", 64}});
  ASSERT_EQ(answer.result.figures.size(), 3u);
  EXPECT_EQ(answer.series(1, "runs").x.size(), answer.data["points"].get<std::size_t>());
  const FigureSeries& curve = answer.series(2, "the law");
  for (std::size_t i = 0; i < curve.x.size(); ++i) {
    EXPECT_EQ(curve.x[i], answer.data["run"]["curve"][i][0].get<double>());
    EXPECT_EQ(curve.y[i], answer.data["run"]["curve"][i][1].get<double>());
    EXPECT_LE(curve.low[i], curve.high[i]);
  }
}

TEST(AnalysisFigures, OfEffectiveRankShowSpectraAndTheChoice) {
  const Answer answer = analyse("effective_rank",
                                "run,accuracy,x,y\nflat,0.9,1,0\nflat,0.9,0,1\nthin,0.5,1,0\n"
                                "thin,0.5,0,0.1\n",
                                {{"run", "run"}, {"score", "accuracy"}});
  EXPECT_EQ(answer.series(0, "chosen by rank").x[0],
            answer.data["runs"][0]["effective_rank"].get<double>());
  EXPECT_EQ(answer.series(0, "chosen by rank").y, (Numbers{0.9}));
  EXPECT_THAT(answer.figure(1).series[0].y, Pointwise(DoubleNear(1e-12), Numbers{0.5, 0.5}));
  EXPECT_THAT(answer.figure(1).series[1].y,
              Pointwise(DoubleNear(1e-12), Numbers{1 / 1.1, 0.1 / 1.1}));
}

TEST(AnalysisFigures, OfContaminationAreTheConTamCurve) {
  const std::string corpus = ::testing::TempDir() + "figures_corpus.txt";
  std::string text, csv = "text,right\n";
  for (int i = 0; i < 40; ++i) {
    std::string sample;
    for (int k = 0; k < 10 + i % 5; ++k) sample += fmt::format(" w{}", i * 20 + k);
    if (i % 2 == 0) text += sample + "\n";
    csv += sample + (i % 4 != 1 ? ",1\n" : ",0\n");
  }
  write_file_atomically(corpus, text);
  const Answer answer =
      analyse("contamination", csv, {{"text", "text"}, {"corpus", corpus}, {"correct", "right"}});
  EXPECT_EQ(answer.series(0, "gain").x, numbers_at(answer.data["curve"], "threshold"));
  EXPECT_EQ(answer.series(0, "gain").y, numbers_at(answer.data["curve"], "gain"));
  const Json& first = answer.data["curve"][0];
  EXPECT_NEAR(answer.series(0, "by chance (95 %)").high[0],
              1.96 * first["gain"].get<double>() / first["z"].get<double>(), 1e-12);
}

TEST(AnalysisFigures, OfModelSoupPutSoupsBesideSingleModels) {
  const Answer answer =
      analyse("model_soup", "model_name,validation,test\na,0.8,0.7\nb,0.9,0.6\nmix,0.95,0.75\n",
              {{"tests", "test"}, {"soups", "mix"}});
  EXPECT_EQ(answer.series(0, "single models").x, (Numbers{0.8, 0.9}));
  EXPECT_EQ(answer.series(0, "single models").y, (Numbers{0.7, 0.6}));
  EXPECT_EQ(answer.series(0, "b (best by validation)").y, (Numbers{0.6}));
  EXPECT_EQ(answer.series(0, "mix").y, (Numbers{0.75}));
}

TEST(AnalysisFigures, OfInductiveBiasGoOverTheWidths) {
  std::string csv = "a,b,class\n";
  for (int i = 0; i < 40; ++i) {
    csv += fmt::format("{},{},{}\n", 0.1 * i, std::sin(i), i < 20 ? "left" : "right");
  }
  const Answer answer =
      analyse("inductive_bias", csv,
              {{"label", "class"}, {"train", 20}, {"test", 20}, {"widths", "0.5,1"}});
  EXPECT_EQ(answer.series(0, "needed").x, (Numbers{0.5, 1.0}));
  EXPECT_EQ(answer.series(0, "needed").y, numbers_at(answer.data["kernels"], "nats"));
  EXPECT_EQ(answer.series(1, "asked for").y, (Numbers{0.02}));
}

TEST(AnalysisFigures, OfSubpopulationCurveDrawBothFits) {
  std::string csv = "maj,min\n0.5,0.5\n";
  for (int i = 0; i < 8; ++i) {
    const double x = 0.86 + 0.01 * i;
    csv += fmt::format("{},{}\n", x, 0.3 + 0.4 * x + 2.0 * x * x);
  }
  const Answer answer =
      analyse("subpopulation_curve", csv, {{"majority", "maj"}, {"minority", "min"}});
  EXPECT_EQ(answer.series(0, "left out").x, (Numbers{0.5}));
  EXPECT_EQ(answer.series(0, "models").x.size(), 8u);
  const FigureSeries& parabola = answer.series(0, "parabola");
  for (std::size_t i = 0; i < parabola.x.size(); ++i) {
    const double x = parabola.x[i];
    EXPECT_NEAR(parabola.y[i], 0.3 + 0.4 * x + 2.0 * x * x, 1e-9);
  }
  const FigureSeries& line = answer.series(0, "line");
  EXPECT_NEAR((line.y.back() - line.y.front()) / (line.x.back() - line.x.front()),
              answer.data["all"]["slope"].get<double>(), 1e-9);
}

TEST(AnalysisFigures, OfSurrogateExplanationAreItsRankingAndItsFidelity) {
  std::string csv = "a,b,class\n";
  for (int i = 0; i < 120; ++i) {
    csv += fmt::format("{},{},{}\n", (i * 37 % 120) / 120.0, (i * 53 % 120) / 120.0,
                       i * 37 % 120 > 60 ? "yes" : "no");
  }
  const Answer answer = analyse("surrogate_explanation", csv, {{"target", "class"}, {"trees", 20}});
  EXPECT_EQ(answer.figure(0).y.categories[0], answer.data["features"][0]["name"]);
  EXPECT_EQ(answer.series(0, "permutation").x, numbers_at(answer.data["features"], "permutation"));
  EXPECT_EQ(answer.series(1, "fidelity to the forest").x,
            (Numbers{answer.data["features_fidelity"], answer.data["rules_fidelity"]}));
}

TEST(AnalysisFigures, OfHyperparameterLotterySpreadSettingsAndRankOverTasks) {
  std::string csv = "algorithm,setting,best,task\n";
  for (const char* task : {"s", "t", "u"}) {
    csv += fmt::format("a,x,1,{0}\na,y,3,{0}\nb,x,2,{0}\nb,y,4,{0}\n", task);
  }
  const Answer answer = analyse("hyperparameter_lottery", csv);
  EXPECT_EQ(answer.figure(0).ranks->mean_ranks, (Numbers{1.0, 2.0}));
  EXPECT_EQ(answer.series(1, "setting").x, (Numbers{1.0, 3.0, 2.0, 4.0}));
  EXPECT_EQ(answer.series(1, "median and quartiles").x,
            numbers_at(answer.data["tasks"]["s"]["algorithms"], "median"));
  EXPECT_EQ(answer.series(1, "median and quartiles").low,
            numbers_at(answer.data["tasks"]["s"]["algorithms"], "better_quartile"));
  EXPECT_EQ(answer.series(1, "median and quartiles").high,
            numbers_at(answer.data["tasks"]["s"]["algorithms"], "worse_quartile"));
  EXPECT_EQ(answer.series(2, "a").y, (Numbers{2.0, 1.0}));  // one of {1, 3}; the best of both
}

TEST(AnalysisFigures, OfEnergyAnovaShowRunsAndIntervalsOfMeans) {
  const Answer answer = analyse(
      "energy_anova", "watts,precision\n10,half\n12,half\n14,half\n20,full\n22,full\n24,full\n",
      {{"response", "watts"}, {"factors", "precision"}});
  EXPECT_EQ(answer.series(0, "run").x.size(), 6u);
  const FigureSeries& means = answer.series(0, "mean, 95 %");
  EXPECT_EQ(means.x, (Numbers{12.0, 22.0}));
  // Deviation 2 of 3 values; t(0.975, 2) = 4.302653.
  EXPECT_NEAR(means.high[0], 12.0 + 4.302653 * 2.0 / std::sqrt(3.0), 1e-5);
}

TEST(AnalysisFigures, OfComputeClassDrawTrendsToTheirCrossing) {
  std::string csv = "model,hours,nll,bytes\n";
  for (const double h : {6.0, 12.0, 24.0, 48.0, 96.0}) {
    const double wobble = h == 24.0 ? 1.001 : 1.0;
    csv += fmt::format("a,{},{},1000\n", h, 1000.0 * wobble * (1.0 - 0.10 * std::log(h)));
    csv += fmt::format("b,{},{},1000\n", h, 1000.0 * wobble * (0.8 - 0.05 * std::log(h)));
  }
  const Answer answer = analyse("compute_class", csv);
  EXPECT_EQ(answer.series(0, "a").y, answer.data["trends"][0]["perplexity"].get<Numbers>());
  const FigureSeries& trend = answer.series(0, "b, trend");
  EXPECT_NEAR(std::log(trend.y.back()),
              answer.data["trends"][1]["a"].get<double>() +
                  answer.data["trends"][1]["b"].get<double>() * std::log(96.0),
              1e-12);
  EXPECT_EQ(answer.series(0, "crossing").x, (Numbers{answer.data["crossings"][0]["hours"]}));
}

TEST(AnalysisFigures, OfKdeRegimesPeakAtTheBestBandwidth) {
  std::string csv = "x\n";
  for (int i = 0; i < 60; ++i) csv += fmt::format("{}\n", std::sin(i * i));
  const Answer answer = analyse("kde_regimes", csv);
  const FigureSeries& curve = answer.series(0, "log likelihood");
  EXPECT_TRUE(std::is_sorted(curve.x.begin(), curve.x.end()));
  EXPECT_THAT(curve.y, Contains(answer.data["best_log_likelihood"].get<double>()));
  EXPECT_THAT(curve.y, Contains(answer.data["log_likelihood"].get<double>()));
  EXPECT_EQ(answer.series(0, "bandwidth asked about").x, (Numbers{answer.data["bandwidth"]}));
}

TEST(AnalysisFigures, OfReusableHoldoutFollowTheChampionsAndTheBudget) {
  const Answer answer = analyse(
      "reusable_holdout", "a,b,s\n0.7,0.69,0.68\n0.72,0.75,0.66\n0.9,0.6,0.6\n,0.9,1\n",
      {{"train", "a"}, {"holdout", "b"}, {"sealed", "s"}, {"items", 1000000}, {"threshold", 50.0}});
  const FigureSeries& direct = answer.series(0, "asked directly");
  EXPECT_EQ(direct.x, (Numbers{1.0, 2.0, 3.0}));
  EXPECT_EQ(direct.y, (Numbers{0.69, 0.75, 0.75}));
  EXPECT_EQ(answer.figure(0).series[1].y, (Numbers{0.68, 0.66, 0.66}));
  EXPECT_EQ(answer.series(0, "through the mechanism").y.back(),
            answer.data["champion_reported"].get<double>());
  EXPECT_EQ(answer.series(1, "spent").y.back(), answer.data["overruns"].get<double>());
  EXPECT_EQ(answer.series(1, "budget").y, (Numbers{50.0}));
}

TEST(AnalysisFigures, OfCapabilityDynamicsShowTasksAndPredictions) {
  std::string csv = "model,step,task,metric,value\n";
  for (int c = 0; c < 5; ++c) {
    for (int s = 0; s < 5; ++s) {
      for (int t = 0; t < 2; ++t) {
        csv += fmt::format("m-{0}m,{1},t{2},acc,{3}\nm-{0}m,{1},t{2},acc_stderr,0.01\n", 1 << c, s,
                           t, 0.2 + 0.015 * c * s + 0.08 * s + 0.01 * t * s);
      }
    }
  }
  const Answer answer = analyse("capability_dynamics", csv);
  double sum = 0.0;
  for (const Json& each : answer.data["tasks"]["t1"]["final"]) sum += each.get<double>();
  EXPECT_NEAR(answer.series(0, "t1").y.back(), sum / 5.0, 1e-12);
  EXPECT_EQ(answer.series(0, "order known from here").x, (Numbers{answer.data["rung"]["step"]}));
  EXPECT_EQ(answer.series(1, "predicted").x[0],
            answer.data["tasks"]["t0"]["prediction"]["error"].get<double>());
}

}  // namespace
}  // namespace trimtab
