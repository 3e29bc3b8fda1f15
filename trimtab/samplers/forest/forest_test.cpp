#include "trimtab/samplers/forest/forest.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "trimtab/core/testing/mixed_problem.hpp"

namespace trimtab {
namespace {

using Loss = std::function<double(PointView)>;

Forest make(const Space& space, const Json& options = Json::object()) {
  return Forest(space, OptionValues(Forest::info(), options, "sampler"), SamplerSetting{.seed = 3});
}

// A sequential search; NaN losses are failures.
std::vector<Observation> search(const Space& space, const Loss& loss, int budget,
                                std::uint64_t seed, std::vector<Point>& points) {
  Forest sampler = make(space);
  points.reserve(static_cast<std::size_t>(budget));
  std::vector<Observation> trials;
  for (int i = 0; i < budget; ++i) {
    Rng rng(seed, static_cast<std::uint64_t>(i), "ask");
    points.push_back(sampler.ask(1, rng).front());
    const double value = loss(points.back());
    trials.push_back({.number = i,
                      .point = points.back(),
                      .state = std::isnan(value) ? TrialState::Failed : TrialState::Complete,
                      .loss = value});
    sampler.tell({&trials.back(), 1}, {});
  }
  return trials;
}

double best_of(const std::vector<Observation>& trials) {
  double best = HUGE_VAL;
  for (const Observation& trial : trials) best = std::fmin(best, trial.loss);
  return best;
}

TEST(ForestSlow, FindsTheOptimumOfAConditionalMixedSpace) {
  // Half the loss of random search, medians over five seeds.
  const Space space = mixed_space();
  std::vector<double> ours, random;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    std::vector<Point> points;
    ours.push_back(best_of(search(space, mixed_loss, 80, seed, points)));
    Rng rng(seed, 0, "random search");
    double best = HUGE_VAL;
    for (int i = 0; i < 80; ++i) best = std::min(best, mixed_loss(space.sample(rng)));
    random.push_back(best);
  }
  std::ranges::sort(ours);
  std::ranges::sort(random);
  EXPECT_LT(ours[2], 0.5 * random[2]);
}

TEST(ForestSlow, FindsAnOptimumAmongManyCategories) {
  // Five categories of 12 values, additive: 248 832 points, one optimum of loss 0. By chance the
  // best of 100 has about 2 of 5 right.
  SpaceBuilder builder;
  std::vector<Scalar> names;
  for (int k = 0; k < 12; ++k) names.emplace_back(std::string(1, static_cast<char>(97 + k)));
  for (int j = 0; j < 5; ++j) builder.categorical("c" + std::to_string(j), names);
  const Space space = builder.build();
  std::vector<Point> points;
  const auto loss = [](PointView p) {
    double sum = 0.0;
    for (std::size_t j = 0; j < p.size(); ++j)
      sum += p[j] == static_cast<double>(2 * j) ? 0.0 : 1.0;
    return sum;
  };
  EXPECT_LE(best_of(search(space, loss, 100, 2, points)), 1.0);
}

TEST(ForestSlow, LearnsWhereTrialsFail) {
  // Two fifths of the square fail, the optimum lies beside them. Random search fails 24 of 60
  // times; at most 15 has probability 0.01 under it.
  const Space space = SpaceBuilder().real("x", 0.0, 1.0).real("y", 0.0, 1.0).build();
  std::vector<Point> points;
  const std::vector<Observation> trials = search(
      space,
      [](PointView p) {
        return p[0] > 0.6 ? std::nan("") : std::pow(p[0] - 0.55, 2.0) + std::pow(p[1] - 0.5, 2.0);
      },
      60, 4, points);
  EXPECT_LE(std::ranges::count_if(trials, [](const auto& t) { return std::isnan(t.loss); }), 15);
  EXPECT_LT(best_of(trials), 0.01);
}

TEST(Forest, SpreadsParallelProposals) {
  const Space space = SpaceBuilder().real("x", 0.0, 1.0).real("y", 0.0, 1.0).build();
  Forest sampler = make(space, {{"num_startup", 8}, {"random_share", 0.0}});
  Rng draw(1);
  std::vector<Point> points;
  for (int i = 0; i < 12; ++i) points.push_back(space.sample(draw));
  std::vector<Observation> trials;
  for (const Point& p : points) {
    trials.push_back({.number = static_cast<std::int64_t>(trials.size()),
                      .point = p,
                      .state = TrialState::Complete,
                      .loss = std::abs(p[0] - 0.3)});
  }
  sampler.tell(trials, {});
  Rng rng(2);
  const std::vector<Point> batch = sampler.ask(6, rng);
  EXPECT_EQ(std::set<Point>(batch.begin(), batch.end()).size(), 6U);
}

TEST(Forest, StartsWithASobolSequenceOfTheStudysSeed) {
  const Space space = SpaceBuilder().real("x", -1.0, 1.0).real("y", -1.0, 1.0).build();
  Rng left(1), right(2);
  const std::vector<Point> points = make(space).ask(4, left);
  EXPECT_EQ(points, make(space).ask(4, right));
  std::set<std::pair<bool, bool>> quarters;
  for (const Point& point : points) quarters.insert({point[0] > 0.0, point[1] > 0.0});
  EXPECT_EQ(quarters.size(), 4U);
}

}  // namespace
}  // namespace trimtab
