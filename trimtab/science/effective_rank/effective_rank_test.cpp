#include "trimtab/science/effective_rank/effective_rank.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/rng.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

using ::testing::HasSubstr;

std::vector<double> gaussian(std::size_t n, std::size_t k, std::uint64_t seed) {
  Rng rng(seed, 0, "gaussian");
  std::vector<double> z(n * k);
  for (double& value : z) value = rng.normal();
  return z;
}

double rank_of(const std::vector<double>& z, std::size_t k) {
  return effective_rank(singular_values(z, k));
}

TEST(EffectiveRank, OfTheUnitMatrixIsItsSizeButForEpsilon) {
  std::vector<double> unit(100 * 100, 0.0);
  for (std::size_t i = 0; i < 100; ++i) unit[i * 100 + i] = 1.0;
  EXPECT_NEAR(rank_of(unit, 100), 100.00360523, 5e-9);
}

TEST(EffectiveRank, OfAGeometricSpectrumIsKnown) {
  std::vector<double> diagonal(10 * 10, 0.0);
  for (std::size_t i = 0; i < 10; ++i) diagonal[i * 11] = std::ldexp(1.0, -static_cast<int>(i));
  EXPECT_NEAR(rank_of(diagonal, 10), 3.96912037, 5e-9);
}

TEST(EffectiveRank, SeesThroughAWideMatrixOfLowRank) {
  // (400, 10) times (10, 64): ten directions, however many coordinates.
  const std::vector<double> a = gaussian(400, 10, 1), b = gaussian(10, 64, 2);
  std::vector<double> z(400 * 64, 0.0);
  for (std::size_t i = 0; i < 400; ++i) {
    for (std::size_t l = 0; l < 10; ++l) {
      for (std::size_t j = 0; j < 64; ++j) z[i * 64 + j] += a[i * 10 + l] * b[l * 64 + j];
    }
  }
  EXPECT_LE(rank_of(z, 64), 10.001);
  EXPECT_GT(rank_of(z, 64), 9.0);
}

TEST(EffectiveRank, ShrinksInSmallSamples) {
  // The paper's warning: 200 items cannot show 100 directions. Measured 92.4; deviation below 0.2.
  EXPECT_NEAR(rank_of(gaussian(200, 100, 3), 100), 92.4, 1.0);
  EXPECT_EQ(effective_rank(std::vector<double>{0.0, 0.0}), 0.0);
  EXPECT_THROW(singular_values(std::vector<double>{1, 2, 3}, 2), BugError);
}

TEST(EffectiveRankSlow, ReachesTheDimensionInLargeSamples) {
  EXPECT_NEAR(rank_of(gaussian(25600, 100, 4), 100), 99.95, 0.01);
}

RC_GTEST_PROP(EffectiveRank, IgnoresScaleAndRotation, ()) {
  const std::size_t n = *rc::gen::inRange<std::size_t>(2, 30);
  const std::size_t k = *rc::gen::inRange<std::size_t>(2, 12);
  std::vector<double> z = gaussian(n, k, *rc::gen::inRange<std::uint64_t>(0, 1000));
  const double before = rank_of(z, k);
  const double turn = *rc::gen::inRange(0, 628) / 100.0;
  for (std::size_t i = 0; i < n; ++i) {
    const double a = z[i * k], b = z[i * k + 1];
    z[i * k] = std::cos(turn) * a - std::sin(turn) * b;
    z[i * k + 1] = std::sin(turn) * a + std::cos(turn) * b;
  }
  for (double& value : z) value *= 1024.0;
  RC_ASSERT(std::abs(rank_of(z, k) - before) < 1e-9);
  RC_ASSERT(before <= static_cast<double>(std::min(n, k)) * (1.0 + 1e-4));
}

AnalysisResult analyse(const DataTable& table, const Json& options) {
  const AnalysisEntry entry = effective_rank_entry();
  return entry.run_on_table(table, OptionValues(entry.info, options, "test"));
}

TEST(EffectiveRank, ChoosesAmongRunsAndSaysWhatThatCosts) {
  // Run a spreads over two directions, b over one, c over 1.5 of them.
  std::string csv = "run,accuracy,x,y\n";
  for (int i = 0; i < 40; ++i) {
    const std::string angle = format_number(std::cos(i)), other = format_number(std::sin(i));
    csv += "a,0.9," + angle + "," + other + "\n";
    csv += "b,0.5," + angle + ",0\n";
    csv += "c,0.95," + angle + "," + format_number(0.3 * std::sin(i)) + "\n";
  }
  const AnalysisResult result =
      analyse(parse_csv(csv, "t"), {{"run", "run"}, {"score", "accuracy"}});
  EXPECT_THAT(result.verdict, HasSubstr("a has the largest effective rank"));
  EXPECT_THAT(result.verdict, HasSubstr("its score is 0.9, the best 0.95"));
  EXPECT_EQ(Json::parse(result.data)["runs"].size(), 3u);
}

TEST(EffectiveRank, WarnsOfCollapseAndOfSmallSamples) {
  std::string collapsed = "x0";
  for (int j = 1; j < 20; ++j) collapsed += ",x" + std::to_string(j);
  for (int i = 0; i < 3; ++i) {
    collapsed += "\n" + std::to_string(i + 1);
    for (int j = 1; j < 20; ++j) collapsed += ",1e-9";
  }
  EXPECT_THAT(analyse(parse_csv(collapsed, "t"), Json::object()).verdict, HasSubstr("collapsed"));
  EXPECT_THAT(analyse(parse_csv("x,y\n1,0\n0,1\n", "t"), Json::object()).verdict,
              HasSubstr("too few items"));
  EXPECT_THROW(analyse(parse_csv("x,y\n1,0\n0,\n", "t"), Json::object()), UserError);
}

// The digits' pixels as an embedding: 64 coordinates, of which the corners never light up.
TEST(EffectiveRank, MeasuresRealImages) {
  const char* folder = std::getenv("TRIMTAB_DATA");
  const std::string path =
      std::string(folder == nullptr ? "" : folder) + "/optdigits/optdigits.tra.csv";
  if (folder == nullptr || !std::filesystem::exists(path)) GTEST_SKIP() << "data absent";
  std::string csv = "p0";
  for (int j = 1; j < 65; ++j) csv += ",p" + std::to_string(j);
  const DataTable table = parse_csv(csv + "\n" + read_file(path), path);
  std::vector<double> z;
  std::vector<std::vector<double>> columns;
  for (std::size_t j = 0; j < 64; ++j) columns.push_back(table.numbers(table.names[j]));
  for (std::size_t i = 0; i < table.num_rows(); ++i) {
    for (const std::vector<double>& column : columns) z.push_back(column[i]);
  }
  const double rank = rank_of(z, 64);
  EXPECT_GT(rank, 20.0);
  EXPECT_LT(rank, 61.0);
}

}  // namespace
}  // namespace trimtab
