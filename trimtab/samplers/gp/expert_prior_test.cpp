#include "trimtab/samplers/gp/expert_prior.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace trimtab::gp {
namespace {

double doubted(double ratio) { return std::log(0.99 * ratio + 0.01); }

Space believed() {
  return Space::parse_text(R"({
      "rate": {"float": [1e-4, 1], "log": true, "prior": {"normal": [-4.605170185988091, 0.5]}},
      "kind": {"choice": ["a", "b", "c"], "prior": {"weights": [1, 4, 0]}},
      "size": {"ordinal": ["s", "m", "l"], "prior": {"weights": [1, 2, 1]}},
      "depth": {"int": [1, 20], "prior": {"normal": [5, 2]}, "when": {"kind": ["b"]}},
      "free": {"float": [0, 1]}})");
}

double log_density(const Space& space, const Point& point) {
  const Encoding encoding(space);
  std::vector<double> features(encoding.num_features());
  encoding.encode(point, features);
  return ExpertPrior(space, encoding).log_density(features);
}

TEST(GpExpertPrior, IsZeroAtTheMostLikelyPoint) {
  EXPECT_NEAR(log_density(believed(), {0.01, 1.0, 1.0, 5.0, 0.3}), 0.0, 1e-9);
}

TEST(GpExpertPrior, AddsTheLogarithmsOfTheDensityRatios) {
  const Space space = believed();
  // Two deviations off; half as likely; 1.5 deviations off.
  const Point point = {0.01 * std::exp(1.0), 1.0, 2.0, 8.0, 0.9};
  EXPECT_NEAR(log_density(space, point),
              doubted(std::exp(-2.0)) + doubted(0.5) + doubted(std::exp(-1.125)), 1e-9);
}

TEST(GpExpertPrior, IgnoresInactiveParameters) {
  const Point point = {0.01, 0.0, 1.0, kInactive, 0.3};
  EXPECT_NEAR(log_density(believed(), point), doubted(0.25), 1e-9);
}

TEST(GpExpertPrior, IsBoundedWhereNothingIsBelieved) {
  const Point point = {0.01, 2.0, 1.0, kInactive, 0.3};
  EXPECT_NEAR(log_density(believed(), point), std::log(0.01), 1e-9);
}

TEST(GpExpertPrior, HasTheSlopesOfItsDifferences) {
  const Space space = believed();
  const Encoding encoding(space);
  const ExpertPrior prior(space, encoding);
  std::vector<double> features(encoding.num_features());
  const Point point = {0.05, 1.0, 1.0, 7.0, 0.3};
  encoding.encode(point, features);
  std::vector<double> slope(features.size(), 0.0);
  prior.add_slope(features, 3.0, slope);
  for (const std::size_t j : {0U, 3U, 4U}) {
    const std::size_t f = encoding.feature_of(j);
    std::vector<double> up = features;
    std::vector<double> down = features;
    up[f] += 1e-6;
    down[f] -= 1e-6;
    const double difference = (prior.log_density(up) - prior.log_density(down)) / 2e-6;
    EXPECT_NEAR(slope[f], 3.0 * difference, 1e-5);
  }
}

TEST(GpExpertPrior, IsUninformedWithoutPriors) {
  const Space space = SpaceBuilder().real("x", 0.0, 1.0).categorical("c", {"a", "b"}).build();
  EXPECT_FALSE(ExpertPrior(space, Encoding(space)).is_informed());
}

}  // namespace
}  // namespace trimtab::gp
