#include "trimtab/workloads/morl/morl.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "trimtab/core/registry.hpp"
#include "trimtab/numerics/hypervolume.hpp"
#include "trimtab/numerics/statistics/location_tests.hpp"
#include "trimtab/workloads/morl/scalarised_q.hpp"

namespace trimtab {
namespace {

using morl::DeepSeaTreasure;

class Seeded final : public TrialContext {
 public:
  explicit Seeded(std::uint64_t seed) : seed_(seed) {}
  std::uint64_t seed() const override { return seed_; }
  bool report(double, double) override { return true; }
  bool should_stop() const override { return false; }

 private:
  std::uint64_t seed_;
};

Workload make(const Json& options = Json::object()) {
  const WorkloadEntry entry = morl_entry();
  return entry.make(OptionValues(entry.info, options, "here"));
}

double volume(const DeepSeaTreasure& sea, double worst, double gamma = 1.0) {
  return hypervolume(sea.front(gamma), std::array{0.0, -worst});
}

// Published values of the maps' fronts, and their discounted ones.
TEST(DeepSeaTreasure, FrontsHaveTheKnownHypervolumes) {
  const DeepSeaTreasure convex("convex"), concave("concave");
  EXPECT_NEAR(volume(convex, 25), 401.8, 1e-9);
  EXPECT_NEAR(volume(convex, 50), 994.3, 1e-9);
  EXPECT_NEAR(volume(concave, 25), 1155.0, 1e-9);
  EXPECT_NEAR(volume(concave, 50), 4255.0, 1e-9);
  EXPECT_NEAR(volume(convex, 25, 0.99), 360.4009, 1e-4);
  EXPECT_NEAR(volume(concave, 25, 0.99), 1101.3844, 1e-4);
}

TEST(DeepSeaTreasure, RocksAndEdgesHoldTheSubmarine) {
  const DeepSeaTreasure sea("convex");
  EXPECT_EQ(sea.step(0, 0).state, 0u) << "the surface";
  EXPECT_EQ(sea.step(0, 2).state, 0u) << "the shore";
  const DeepSeaTreasure::Step down = sea.step(0, 1);
  EXPECT_TRUE(down.is_end);
  EXPECT_DOUBLE_EQ(down.reward[0], 0.7);
  EXPECT_EQ(down.reward[1], -1.0);
  const std::size_t under = 2 * DeepSeaTreasure::kSide + 1;  // the second treasure
  EXPECT_TRUE(sea.step(under - DeepSeaTreasure::kSide, 1).is_end);
  const std::size_t beside = 3 * DeepSeaTreasure::kSide + 3;
  EXPECT_EQ(sea.step(beside, 2).state, 3 * DeepSeaTreasure::kSide + 2) << "the third treasure";
  EXPECT_EQ(sea.step(4 * DeepSeaTreasure::kSide + 6, 2).state, 4 * DeepSeaTreasure::kSide + 5);
  EXPECT_EQ(sea.step(7 * DeepSeaTreasure::kSide + 8, 2).state, 7 * DeepSeaTreasure::kSide + 7);
  EXPECT_EQ(sea.step(9 * DeepSeaTreasure::kSide + 9, 2).state, 9 * DeepSeaTreasure::kSide + 8);
  EXPECT_EQ(sea.step(6 * DeepSeaTreasure::kSide + 6, 2).state, 6 * DeepSeaTreasure::kSide + 6)
      << "rock";
}

TEST(Morl, IndicatorsOfTheFrontItselfArePerfect) {
  const std::vector<double> front = DeepSeaTreasure("convex").front();
  const morl::Indicators perfect = morl::measure(front, front, 50);
  EXPECT_EQ(perfect.largest_loss, 0.0);
  EXPECT_EQ(perfect.distance, 0.0);
  EXPECT_EQ(perfect.cardinality, 10u);
  const morl::Indicators one = morl::measure({0.7, -1.0}, front, 50);
  EXPECT_NEAR(one.largest_loss, 23.0, 1e-9);
  EXPECT_LT(one.expected_utility, perfect.expected_utility);
}

TEST(Morl, LinearPreferencesCannotFindConcavePoints) {
  const DeepSeaTreasure sea("concave");
  Rng rng(1);
  const std::vector<double> returns = learn_returns(sea,
                                                    {.learning_rate = 0.5,
                                                     .first_epsilon = 1.0,
                                                     .initial_treasure = 124.0,
                                                     .num_weights = 24,
                                                     .steps_per_weight = 20'000},
                                                    rng);
  for (std::size_t i = 0; i < returns.size(); i += 2) {
    EXPECT_TRUE(returns[i] == 1.0 || returns[i] == 124.0 || returns[i] == 0.0) << returns[i];
  }
}

TEST(Morl, TheSeedAloneDecides) {
  const Workload workload = make({{"steps", 9000}});
  const Point point = workload.space.from_json(
      {{"learning_rate", 0.5}, {"first_epsilon", 1.0}, {"last_epsilon", 0.01}});
  std::set<double> found;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Seeded one(seed), two(seed);
    const Metrics metrics = workload.run(workload.space, point, one);
    EXPECT_EQ(metrics, workload.run(workload.space, point, two));
    found.insert(metrics.at("hypervolume"));
  }
  EXPECT_GT(found.size(), 1u);
}

// Mean hypervolume over seeds first, first + 2, ...: tuning seeds are even, evaluation seeds odd.
std::vector<double> volumes(const Workload& workload, const Point& point, std::uint64_t first,
                            int count) {
  std::vector<double> values;
  for (int i = 0; i < count; ++i) {
    Seeded context(first + 2 * static_cast<std::uint64_t>(i));
    values.push_back(workload.run(workload.space, point, context).at("hypervolume"));
  }
  return values;
}
double mean(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += value / static_cast<double>(values.size());
  return sum;
}

struct Tuned {
  Point best;
  double value = 0.0;
};
Tuned tune(const Workload& workload, const std::string& sampler, std::int64_t budget,
           std::uint64_t seed) {
  AnySampler asked = make_registry().make_sampler(
      {.name = sampler, .options = "{}"}, workload.space,
      {.num_objectives = 1, .budget_trials = budget, .seed = seed}, "test");
  Tuned found;
  for (std::int64_t i = 0; i < budget; ++i) {
    Rng rng(seed, static_cast<std::uint64_t>(i), "ask");
    const Point point = asked.ask(1, rng).front();
    const double value = mean(volumes(workload, point, 10, 3));
    const Observation observation{i, point, TrialState::Complete, -value};
    asked.tell(std::span(&observation, 1), {});
    if (i == 0 || value > found.value) found = {point, value};
  }
  return found;
}

// Twenty-five random configurations on three tuning seeds, the best on ten fresh ones.
TEST(MorlSlow, TuningHoldsOnFreshSeeds) {
  const Workload workload = make();
  const Tuned tuned = tune(workload, "random", 25, 1);
  const std::vector<double> fresh = volumes(workload, tuned.best, 1001, 10);
  const std::vector<double> standard = volumes(workload, workload.space.default_point(), 1001, 10);
  const TwoSampleT test = welch_t_test(fresh, standard);
  std::cout << "default " << mean(standard) << ", tuned " << tuned.value << " on tuning seeds, "
            << mean(fresh) << " on fresh ones, p " << test.p << '\n';
  EXPECT_LT(test.p, 0.01);
  EXPECT_GT(mean(fresh), mean(standard));
}

TEST(MorlSlow, TpeIsAtLeastRandomAtEqualTrials) {
  const Workload workload = make({{"steps", 12'000}});
  int num_not_worse = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const double tpe = tune(workload, "tpe", 40, seed).value;
    const double random = tune(workload, "random", 40, seed).value;
    num_not_worse += tpe >= random ? 1 : 0;
  }
  std::cout << "tpe at least as good on " << num_not_worse << " of 10\n";
  EXPECT_GE(num_not_worse, 7);
}

}  // namespace
}  // namespace trimtab
