// Samples follow their distributions. Each test compares counts of fixed seeds with exact
// probabilities by Pearson's chi-square; the limit is exceeded by chance once in 1e6 (see
// testing/chi_square.hpp), over the about 20 comparisons of this file once in 50 000.

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "trimtab/space/detail/truncated_normal.hpp"
#include "trimtab/space/space.hpp"
#include "trimtab/space/testing/chi_square.hpp"

namespace trimtab {
namespace {

constexpr int kDraws = 20'000;

// How often each point of a finite space is drawn, in the order of the enumeration.
std::vector<double> count_points(const Space& space) {
  std::map<std::string, std::size_t> index;
  for (Point point = space.first();;) {
    if (space.satisfies_constraints(point)) index.emplace(space.hash(point).hex(), index.size());
    if (!space.next(point)) break;
  }
  std::vector<double> counts(index.size(), 0.0);
  Rng rng(11, 0, "draws");
  for (int i = 0; i < kDraws; ++i) counts[index.at(space.hash(space.sample(rng)).hex())] += 1.0;
  return counts;
}

class UniformSpace : public ::testing::TestWithParam<const char*> {};

TEST_P(UniformSpace, DrawsEveryPointAlike) {
  const std::vector<double> counts = count_points(Space::parse_text(GetParam()));
  ASSERT_GT(counts.size(), 1u);
  EXPECT_LT(chi_square(counts), chi_square_limit(counts.size()));
}

INSTANTIATE_TEST_SUITE_P(
    All, UniformSpace,
    ::testing::Values(
        R"({"n": {"int": [-3, 7]}})", R"({"x": {"float": [0, 1], "step": 0.1}})",
        R"({"x": {"float": [1e-3, 1], "log": true, "levels": 7}})",
        R"({"c": {"choice": [1, 2, 3, 4, 5]}})", R"({"p": {"permutation": [1, 2, 3, 4]}})",
        R"({"s": {"subset": [1, 2, 3, 4, 5]}})",
        R"({"s": {"subset": [1, 2, 3, 4, 5], "size": [1, 3]}})",
        R"({"s": {"subset": [1, 2, 3, 4, 5], "size": [4, 5]}})",
        R"({"m": {"many_of": [1, 2, 3, 4], "k": 2}})",
        R"({"m": {"many_of": [1, 2, 3, 4], "k": 2, "sorted": true}})",
        R"({"m": {"many_of": [1, 2, 3, 4], "k": 3, "distinct": false}})",
        R"({"m": {"many_of": [1, 2, 3, 4], "k": 3, "distinct": false, "sorted": true}})",
        R"({"a": {"int": [0, 5]}, "b": {"int": [0, 5]}, "require": "a <= b"})"));

// Uniform over the children of every choice, as in a tree: not uniform over its leaves.
TEST(SpaceDraws, AConditionalSpaceIsDrawnFromItsRootDownwards) {
  const Space space = Space::parse_text(
      R"({"op": {"one_of": {"skip": {}, "conv": {"size": {"choice": [1, 3, 5]}}}}})");
  const std::vector<double> counts = count_points(space);  // skip, then the three sizes
  ASSERT_EQ(counts.size(), 4u);
  EXPECT_LT(chi_square(counts, {1.0 / 2, 1.0 / 6, 1.0 / 6, 1.0 / 6}), chi_square_limit(4));
}

TEST(SpaceDraws, WeightsAreProbabilities) {
  const Space space =
      Space::parse_text(R"({"c": {"choice": ["a", "b", "c"], "prior": {"weights": [6, 0, 2]}}})");
  Rng rng(5, 0, "weights");
  std::vector<double> counts(3, 0.0);
  for (int i = 0; i < kDraws; ++i) counts[static_cast<std::size_t>(space.sample(rng)[0])] += 1.0;
  EXPECT_EQ(counts[1], 0.0);
  EXPECT_LT(chi_square({counts[0], counts[2]}, {0.75, 0.25}), chi_square_limit(2));
}

TEST(SpaceDraws, LogarithmicIntegersFollowTheirCells) {
  const Space space = Space::parse_text(R"({"n": {"int": [1, 4], "log": true}})");
  Rng rng(6, 0, "log");
  std::vector<double> counts(4, 0.0);
  for (int i = 0; i < kDraws; ++i) counts[static_cast<std::size_t>(space.sample(rng)[0] - 1)] += 1;
  const double whole = std::log(4.5 / 0.5);
  std::vector<double> shares;
  for (const double n : {1.0, 2.0, 3.0, 4.0}) {
    shares.push_back(std::log((n + 0.5) / (n - 0.5)) / whole);
  }
  EXPECT_LT(chi_square(counts, shares), chi_square_limit(4));
}

double normal_below(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

// Counts of draws in ten cells of [low, high] against the exact shares of the normal.
void expect_truncated_normal(double mean, double deviation, double low, double high) {
  constexpr std::size_t kCells = 10;
  Rng rng(7, 0, "normal");
  std::vector<double> counts(kCells, 0.0);
  for (int i = 0; i < kDraws; ++i) {
    const double value = space_detail::sample_truncated_normal(mean, deviation, low, high, rng);
    ASSERT_GE(value, low);
    ASSERT_LE(value, high);
    const double cell = (value - low) / (high - low) * static_cast<double>(kCells);
    counts[std::min(static_cast<std::size_t>(cell), kCells - 1)] += 1.0;
  }
  // Measured from the nearer tail, where the normal's digits are.
  const double sign = low > mean ? -1.0 : 1.0;
  const auto below = [&](double x) { return normal_below(sign * (x - mean) / deviation); };
  const double whole = std::abs(below(high) - below(low));
  std::vector<double> kept, shares;
  double rest_count = 0.0, rest_share = 0.0;
  for (std::size_t i = 0; i < kCells; ++i) {
    const double left = low + (high - low) * static_cast<double>(i) / kCells;
    const double right = low + (high - low) * static_cast<double>(i + 1) / kCells;
    const double share = std::abs(below(right) - below(left)) / whole;
    const bool is_rare = share * kDraws < 10.0;  // too few for chi-square: counted together
    (is_rare ? rest_count : kept.emplace_back()) += counts[i];
    (is_rare ? rest_share : shares.emplace_back()) += share;
  }
  if (rest_share * kDraws >= 10.0) {
    kept.push_back(rest_count);
    shares.push_back(rest_share);
  } else {
    EXPECT_LT(rest_count, 60.0);  // Poisson of mean below 10: beyond 1e-20
  }
  if (kept.size() > 1) {
    EXPECT_LT(chi_square(kept, shares), chi_square_limit(kept.size()))
        << mean << " " << deviation << " " << low << " " << high;
  }
}

TEST(SpaceDraws, TheTruncatedNormalIsExactInEveryRegime) {
  expect_truncated_normal(0.0, 1.0, -3.0, 3.0);   // plain
  expect_truncated_normal(0.0, 1.0, -0.5, 1.0);   // short, around the mean
  expect_truncated_normal(0.0, 1.0, 2.0, 2.2);    // short, in the tail
  expect_truncated_normal(0.0, 1.0, 2.0, 9.0);    // upper tail
  expect_truncated_normal(0.0, 1.0, -9.0, -4.0);  // lower tail
  expect_truncated_normal(10.0, 2.0, -1.0, 1.0);  // the mean far outside
  expect_truncated_normal(0.3, 100.0, 0.0, 1.0);  // nearly uniform
}

TEST(SpaceDraws, ANormalPriorOnALogarithmicScaleIsNormalInTheLogarithm) {
  const Space space = Space::parse_text(
      R"({"x": {"float": [1e-4, 1], "log": true, "prior": {"normal": [-4.6, 0.5]}}})");
  Rng rng(8, 0, "prior");
  double sum = 0.0, sum_of_squares = 0.0;
  for (int i = 0; i < kDraws; ++i) {
    const double log_value = std::log(space.sample(rng)[0]);
    sum += log_value;
    sum_of_squares += log_value * log_value;
  }
  const double mean = sum / kDraws;
  // The mean of 20 000 draws: six standard errors, false alarm 2e-9. The ends cut off nothing.
  EXPECT_NEAR(mean, -4.6, 6.0 * 0.5 / std::sqrt(kDraws));
  EXPECT_NEAR(std::sqrt(sum_of_squares / kDraws - mean * mean), 0.5,
              6.0 * 0.5 / std::sqrt(2.0 * kDraws));
}

TEST(SpaceDraws, OneDimensionIsDrawnAlone) {
  const Space space = Space::parse_text(R"({"x": [0.0, 1.0], "n": [3, 5]})");
  Rng rng(9);
  for (int i = 0; i < 100; ++i) {
    const double n = space.sample_dimension(1, rng);
    EXPECT_TRUE(n == 3.0 || n == 4.0 || n == 5.0);
  }
}

TEST(SpaceDraws, EqualGeneratorsGiveEqualPoints) {
  const Space space = Space::parse_text(R"({"x": [0.0, 1.0], "p": {"permutation": [1, 2, 3]}})");
  Rng first(3, 17, "ask");
  Rng second(3, 17, "ask");
  EXPECT_EQ(space.sample(first), space.sample(second));
}

TEST(SpaceDraws, AMutantRedrawsWhatHangsOnTheChange) {
  const Space space = Space::parse_text(R"({"op": {"one_of": {
      "conv": {"filters": {"int": [8, 512]}}, "pool": {"size": {"int": [2, 9]}}}}})");
  Rng rng(2);
  Point point = space.from_json(Json{{"op", "conv"}, {"op.filters", 64}});
  int num_switches = 0;
  for (int i = 0; i < 50; ++i) {
    const Point mutant = space.mutate(point, rng);
    num_switches += mutant[0] != point[0] ? 1 : 0;
    EXPECT_EQ(is_active(mutant[1]), mutant[0] == 0.0);
    EXPECT_EQ(is_active(mutant[2]), mutant[0] == 1.0);
    point = mutant;
  }
  EXPECT_GT(num_switches, 5);
}

TEST(SpaceDraws, AMutantOfDistinctSlotsStaysDistinct) {
  const Space space = Space::parse_text(R"({"m": {"many_of": ["a", "b", "c"], "k": 3}})");
  Rng rng(4);
  Point point = space.default_point();
  for (int i = 0; i < 200; ++i) {
    const Point mutant = space.mutate(point, rng);
    EXPECT_NE(mutant, point);
    EXPECT_TRUE(space.contains(mutant));
    point = mutant;
  }
}

}  // namespace
}  // namespace trimtab
