#include "trimtab/science/two_phase_protocol/two_phase_protocol.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/rng.hpp"
#include "trimtab/core/registry.hpp"

namespace trimtab {
namespace {

AnalysisResult analyse(const std::string& csv, const Json& options = Json::object()) {
  const AnalysisEntry entry = two_phase_protocol_entry();
  return entry.run_on_table(parse_csv(csv, "t.csv"), OptionValues(entry.info, options, "t"));
}

TEST(TwoPhaseProtocol, TheChoiceIsMadeWhereItIsNotJudged) {
  const PhaseResult result = judge_phases({.tune = {0.5, 0.9, 0.9}, .evaluate = {0.8, 0.6, 0.7}});
  EXPECT_EQ(result.chosen, 1u) << "the earliest of equal ones";
  EXPECT_DOUBLE_EQ(result.two_phase, 0.6);
  EXPECT_DOUBLE_EQ(result.single_phase, 0.8);
  EXPECT_DOUBLE_EQ(result.optimism(), 0.2);
}

// Configurations whose worth in one scenario says nothing of the other: what is chosen there is
// worth the mean, and the optimism is what the best of k is above the mean; expected largest of 10
// standard normals: 1.5388 (Harter 1961).
TEST(TwoPhaseProtocol, OptimismIsThatOfTheBestOfKWhereNothingTransfers) {
  constexpr std::size_t kDivisions = 400, kConfigurations = 10;
  Rng rng(5, 0, "two phases");
  std::vector<PhaseResult> lost, kept;
  for (std::size_t division = 0; division < kDivisions; ++division) {
    PhaseScores scores, transferable;
    for (std::size_t c = 0; c < kConfigurations; ++c) {
      scores.tune.push_back(rng.normal());
      scores.evaluate.push_back(rng.normal());
      transferable.tune.push_back(scores.tune.back());
      transferable.evaluate.push_back(3.0 + 2.0 * scores.tune.back());
    }
    lost.push_back(judge_phases(scores));
    kept.push_back(judge_phases(transferable));
  }
  const PhaseSummary nothing = summarise_phases("nothing", lost);
  const double error = (nothing.optimism_interval.high - nothing.optimism) / 1.966;
  EXPECT_NEAR(nothing.optimism, 1.5388, 2.0 * error);
  EXPECT_NEAR(nothing.two_phase, 0.0, 2.0 / std::sqrt(400.0));
  EXPECT_LT(nothing.optimism_p, 1e-6);
  const PhaseSummary everything = summarise_phases("everything", kept);
  EXPECT_DOUBLE_EQ(everything.optimism, 0.0);
  EXPECT_EQ(everything.optimism_p, 1.0);
}

TEST(TwoPhaseProtocol, SaysWhenTheOrderOfAlgorithmsTurns) {
  std::string csv = "algorithm,config,phase,division,seed,score\n";
  for (const char* division : {"1", "2", "3"}) {
    const auto add = [&](const char* algorithm, const char* config, double tune, double evaluate) {
      for (const double noise : {-0.01, 0.01}) {
        csv += std::string(algorithm) + "," + config + ",tune," + division + ",0," +
               std::to_string(tune + noise) + "\n" + algorithm + "," + config + ",evaluate," +
               division + ",0," + std::to_string(evaluate + noise) + "\n";
      }
    };
    const double shift = 0.01 * std::stod(division);
    add("tunable", "a", 0.9, 0.5 + shift);
    add("tunable", "b", 0.5, 0.9);
    add("robust", "a", 0.7, 0.8 + shift);
    add("robust", "b", 0.6, 0.7);
  }
  const AnalysisResult result = analyse(csv);
  EXPECT_EQ(result.verdict,
            "tuning where it is judged flatters by up to 0.38; shown for 1 of 2 algorithms; first "
            "is tunable where it is tuned, robust where it is not (tau -1)");
  const Json data = Json::parse(result.data);
  EXPECT_NEAR(data["algorithms"][0]["two_phase"].get<double>(), 0.82, 1e-9);
  EXPECT_NEAR(data["algorithms"][0]["optimism"].get<double>(), 0.0, 1e-9);
  EXPECT_NEAR(data["algorithms"][1]["optimism"].get<double>(), 0.38, 1e-9);
  ASSERT_EQ(result.figures.size(), 2u);
  for (const Figure& figure : result.figures) EXPECT_NO_THROW(require_drawable(figure));
  EXPECT_EQ(result.figures[0].series.at(0).x.size(), 6u) << "two algorithms, three divisions";
  EXPECT_NEAR(result.figures[1].series.at(0).x.at(1), 0.38, 1e-9);
}

TEST(TwoPhaseProtocol, SmallerMayBeBetter) {
  const AnalysisResult result = analyse(
      "algorithm,config,phase,score\na,1,tune,1\na,2,tune,2\na,1,evaluate,5\na,2,evaluate,4\n",
      {{"goal", "min"}});
  const Json row = Json::parse(result.data)["algorithms"][0];
  EXPECT_EQ(row["two_phase"], 5.0);
  EXPECT_EQ(row["single_phase"], 4.0);
  EXPECT_EQ(row["optimism"], 1.0);
}

TEST(TwoPhaseProtocol, RefusesATableThatCannotSay) {
  EXPECT_THROW(analyse("algorithm,config,phase,score\na,1,test,1\n"), UserError);
  EXPECT_THROW(analyse("algorithm,config,phase,score\na,1,tune,1\na,2,evaluate,1\n"), UserError);
  EXPECT_THROW(analyse("algorithm,config,phase,score\na,1,tune,nan\n"), UserError);
  EXPECT_THROW(analyse("algorithm,config,score\na,1,1\n"), UserError);
}

}  // namespace
}  // namespace trimtab
