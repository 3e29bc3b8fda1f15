#include "trimtab/science/compute_class/compute_class.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

using ::testing::HasSubstr;

AnalysisResult analyse(const std::string& csv, const Json& options = Json::object()) {
  const AnalysisEntry entry = compute_class_entry();
  return entry.run_on_table(parse_csv(csv, "t.csv"),
                            OptionValues(entry.info, options, "compute_class"));
}

TEST(ComputeClass, PaysForTheTenPublishedNumbersOfSteps) {
  EXPECT_EQ(training_steps(55416, 6, 128, 512), 18265);
  EXPECT_EQ(training_steps(55416, 12, 128, 512), 36529);
  EXPECT_EQ(training_steps(55416, 24, 256, 512), 36529);
  EXPECT_EQ(training_steps(16618, 48, 256, 512), 21908);
  EXPECT_EQ(training_steps(16618, 96, 256, 512), 43817);
  EXPECT_EQ(training_steps(94781, 6, 80, 512), 49982);
  EXPECT_EQ(training_steps(36930, 12, 80, 512), 38950);
  EXPECT_EQ(training_steps(11143, 24, 84, 512), 22385);
  EXPECT_EQ(training_steps(11143, 48, 80, 512), 47010);
  EXPECT_EQ(training_steps(11143, 96, 160, 512), 47010);
}

TEST(ComputeClass, RoundsHalvesToEven) {
  EXPECT_EQ(training_steps(2.5, 1, 3600, 1), 2);
  EXPECT_EQ(training_steps(3.5, 1, 3600, 1), 4);
  EXPECT_THROW(training_steps(1.0, 1.0, 0.0, 1.0), UserError);
}

TEST(ComputeClass, GivesTheSamePerplexityWhateverTheTokens) {
  // One text of 12 bytes and probability e^-18: as 4 tokens, or as 6 of them.
  const double as_four = 4 * 4.5, as_six = 6 * 3.0;
  EXPECT_DOUBLE_EQ(byte_perplexity(as_four, 12.0), byte_perplexity(as_six, 12.0));
  EXPECT_DOUBLE_EQ(byte_perplexity(as_four, 12.0), std::exp(1.5));
  EXPECT_THROW(byte_perplexity(1.0, 0.0), UserError);
}

TEST(ComputeClass, LeavesTheWarmUpOut) {
  const std::vector<double> repeats = {10.0, 100.0, 102.0, 98.0, 101.0, 99.0};
  const Throughput measured = measure_throughput(repeats, 1);
  EXPECT_EQ(measured.per_second, 100.0);
  EXPECT_EQ(measured.num_repeats, 5u);
  EXPECT_NEAR(measured.relative_deviation, std::sqrt(2.5) / 100.0, 1e-12);
  EXPECT_TRUE(measured.is_steady());
  EXPECT_FALSE(measure_throughput(repeats, 0).is_steady());
  EXPECT_FALSE(measure_throughput(std::vector<double>{7.0}, 1).is_steady());
  EXPECT_THROW(measure_throughput(std::vector<double>{1.0, 0.0}, 0), UserError);
}

TEST(ComputeClass, FindsAPowerLawAndForecastsItsLargestClass) {
  const std::vector<double> hours = {24.0, 6.0, 12.0, 48.0};
  std::vector<double> perplexity;
  for (const double h : hours) perplexity.push_back(3.0 * std::pow(h, -0.05));
  const ClassTrend trend = fit_trend("m", hours, perplexity);
  EXPECT_NEAR(trend.b, -0.05, 1e-12);
  EXPECT_NEAR(std::exp(trend.a), 3.0, 1e-12);
  EXPECT_NEAR(*trend.forecast_error, 0.0, 1e-12);
  EXPECT_EQ(trend.hours.front(), 6.0);
}

TEST(ComputeClass, SaysHowFarOffAForecastWas) {
  const ClassTrend trend =
      fit_trend("m", std::vector<double>{1, 2, 4}, std::vector<double>{8, 4, 4});
  EXPECT_NEAR(*trend.forecast, 2.0, 1e-12);
  EXPECT_NEAR(*trend.forecast_error, -0.5, 1e-12);
  EXPECT_FALSE(fit_trend("m", std::vector<double>{1, 2}, std::vector<double>{8, 4}).forecast);
  EXPECT_TRUE(std::isnan(fit_trend("m", std::vector<double>{1}, std::vector<double>{8}).b));
  EXPECT_THROW(fit_trend("m", std::vector<double>{0}, std::vector<double>{8}), UserError);
}

// log ppl = a + b log h, off by `noise` up and down in turn.
ClassTrend planted(double a, double b, double noise) {
  std::vector<double> hours, perplexity;
  for (int k = 0; k < 8; ++k) {
    hours.push_back(std::pow(2.0, k));
    const double sign = k % 4 == 1 || k % 4 == 2 ? 1.0 : -1.0;
    perplexity.push_back(std::exp(a + b * std::log(hours.back()) + sign * noise));
  }
  return fit_trend("m", hours, perplexity);
}

TEST(ComputeClass, FindsAPlantedCrossing) {
  // 1.0 - 0.10 x = 0.8 - 0.05 x at x = 4.
  Rng rng(1, 0, "test");
  const Crossing crossing =
      find_crossing(planted(1.0, -0.10, 0.005), planted(0.8, -0.05, 0.005), 2000, rng);
  EXPECT_TRUE(crossing.is_shown);
  EXPECT_NEAR(std::log(crossing.hours), 4.0, 0.5);
  EXPECT_LT(crossing.interval.low, std::exp(4.0));
  EXPECT_GT(crossing.interval.high, std::exp(4.0));
}

TEST(ComputeClass, ShowsNoCrossingOfTrendsThatAreAlike) {
  Rng rng(1, 0, "test");
  EXPECT_FALSE(
      find_crossing(planted(1.0, -0.0500, 0.02), planted(0.8, -0.0505, 0.02), 2000, rng).is_shown);
  EXPECT_FALSE(find_crossing(planted(1.0, -0.05, 0.0), planted(0.8, -0.05, 0.0), 10, rng).is_shown);
}

TEST(ComputeClass, PlansRunsFromRepeatedMeasurements) {
  const AnalysisResult result = analyse(
      "model,tokens_per_second,hours,batch,sequence\n"
      "gpt,20000,6,128,512\ngpt,55410,6,128,512\ngpt,55416,6,128,512\ngpt,55420,6,128,512\n"
      "lstm,94781,6,80,512\n");
  const Json data = Json::parse(result.data);
  ASSERT_EQ(data["plan"].size(), 2u);
  EXPECT_EQ(data["plan"][0]["steps"], 18265);
  EXPECT_EQ(data["plan"][0]["is_steady"], true);
  EXPECT_EQ(data["plan"][1]["steps"], 49982);
  EXPECT_THAT(result.verdict, HasSubstr("1 of the throughputs are no ground for a comparison"));
}

TEST(ComputeClass, ComparesModelsByBytesAtEqualCompute) {
  std::string csv = "model,hours,nll,bytes\n";
  for (const double h : {6.0, 12.0, 24.0, 48.0, 96.0}) {
    const double wobble = h == 24.0 ? 1.001 : 1.0;
    csv += "a," + std::to_string(h) + "," +
           std::to_string(1000.0 * wobble * (1.0 - 0.10 * std::log(h))) + ",1000\n";
    csv += "b," + std::to_string(h) + "," +
           std::to_string(1000.0 * wobble * (0.8 - 0.05 * std::log(h))) + ",1000\n";
  }
  const AnalysisResult result = analyse(csv);
  EXPECT_THAT(result.verdict, HasSubstr("a and b: a is better above"));
  const Json data = Json::parse(result.data);
  EXPECT_NEAR(data["trends"][0]["b"].get<double>(), -0.10, 0.002);
  EXPECT_NEAR(std::log(data["crossings"][0]["hours"].get<double>()), 4.0, 0.1);
  EXPECT_EQ(data["crossings"][0]["is_shown"], true);
}

TEST(ComputeClass, NamesTheColumnThatIsMissing) {
  EXPECT_THROW(analyse("model,hours\na,6\n"), UserError);
}

}  // namespace
}  // namespace trimtab
