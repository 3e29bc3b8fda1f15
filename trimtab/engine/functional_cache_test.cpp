// The cache alone, and regularised evolution with and without it on NAS-Bench-201 (seed 47).
#include "trimtab/engine/functional_cache.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "trimtab/core/registry.hpp"
#include "trimtab/numerics/statistics.hpp"
#include "trimtab/space/functional_hash.hpp"

namespace trimtab {
namespace {

TEST(FunctionalCache, PaysOnceAndRemembers) {
  FunctionalCache cache({});
  Rng rng(1);
  EXPECT_FALSE(cache.find(7, rng));
  EXPECT_EQ(cache.add(7, 0.5), 0.5);
  EXPECT_EQ(cache.find(7, rng), 0.5);
  EXPECT_FALSE(cache.find(8, rng));
  EXPECT_EQ(cache.num_hits(), 1);
  EXPECT_EQ(cache.num_misses(), 2);
}

TEST(FunctionalCache, AveragesUntilItWasPaidOftenEnough) {
  FunctionalCache cache({.num_evaluations = 3});
  Rng rng(1);
  for (const double value : {1.0, 2.0}) cache.add(7, value);
  EXPECT_FALSE(cache.find(7, rng));
  EXPECT_EQ(cache.add(7, 6.0), 3.0);
  EXPECT_EQ(cache.find(7, rng), 3.0);
}

TEST(FunctionalCache, ForgetsAHitWithItsProbability) {
  FunctionalCache cache({.forget = 0.25});
  Rng rng(1);
  int num_forgotten = 0;
  for (int i = 0; i < 1000; ++i) {
    cache.add(7, 1.0);
    EXPECT_TRUE(cache.find(7, rng));
    num_forgotten += cache.size() == 0 ? 1 : 0;
  }
  EXPECT_NEAR(num_forgotten, 250, 55);  // four standard deviations
}

TEST(FunctionalCache, KeepsNoFailures) {
  FunctionalCache cache({});
  Rng rng(1);
  EXPECT_TRUE(std::isnan(cache.add(7, std::nan(""))));
  EXPECT_FALSE(cache.find(7, rng));
}

class NeverStops final : public TrialContext {
 public:
  std::uint64_t seed() const override { return 0; }
  bool report(double, double) override { return true; }
  bool should_stop() const override { return false; }
};

// The table with the hash of every cell; cells in the order of Space::next.
class FunctionalCacheSlow : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("TRIMTAB_DATA") == nullptr) GTEST_SKIP() << "data absent: NAS-Bench-201";
    const WorkloadEntry& entry = registry_.workload("nas_bench_201");
    workload_ = entry.make(OptionValues(entry.info, Json::object(), "test"));
    Point point = workload_.space.first();
    NeverStops context;
    do {
      accuracy_.push_back(workload_.run(workload_.space, point, context).at("validation_accuracy"));
      outputs_.push_back(workload_.probe(workload_.space, point));
      FunctionalHasher hasher;
      hasher.add(outputs_.back());
      hash_.push_back(hasher.value());
    } while (workload_.space.next(point));
  }

  static std::size_t index_of(PointView point) {
    return std::accumulate(
        point.begin(), point.end(), std::size_t{0},
        [](std::size_t sum, double v) { return 5 * sum + static_cast<std::size_t>(v); });
  }

  struct Run {
    double best = 0.0;  // true accuracy of the best cell that was paid for
    double hit_fraction = 0.0;
  };

  // Evolution until `budget` cells were paid for (at most 40 times as many were proposed).
  Run evolve(std::uint64_t seed, int budget, FunctionalCache* cache) const {
    const SamplerSetting setting{.num_objectives = 1, .budget_trials = budget, .seed = seed};
    AnySampler sampler = registry_.make_sampler(
        {.name = "evolution", .options = R"({"population": 50, "tournament": 10})"},
        workload_.space, setting, "test");
    Run run;
    int num_paid = 0, num_asked = 0;
    for (; num_paid < budget && num_asked < 40 * budget; ++num_asked) {
      Rng rng(seed, static_cast<std::uint64_t>(num_asked), "ask");
      const Point point = sampler.ask(1, rng).front();
      const std::size_t cell = index_of(point);
      std::optional<double> known = cache == nullptr ? std::nullopt : cache->find(hash_[cell], rng);
      if (!known) {
        ++num_paid;
        known = cache == nullptr ? accuracy_[cell] : cache->add(hash_[cell], accuracy_[cell]);
        run.best = std::max(run.best, accuracy_[cell]);
      }
      const Observation trial = {
          .number = num_asked, .point = point, .state = TrialState::Complete, .loss = -*known};
      sampler.tell({&trial, 1}, {});
    }
    run.hit_fraction = 1.0 - static_cast<double>(num_paid) / num_asked;
    return run;
  }

  Registry registry_ = make_registry();
  Workload workload_;
  std::vector<double> accuracy_;
  std::vector<std::vector<double>> outputs_;
  std::vector<std::uint64_t> hash_;
};

TEST_F(FunctionalCacheSlow, FindsTheFunctionsOfAllCells) {
  EXPECT_EQ(hash_.size(), 15'625U);
  EXPECT_EQ(std::set<std::uint64_t>(hash_.begin(), hash_.end()).size(), 4'930U);
}

// False merges fall with the bits that are kept and are gone at 24. One number per cell is hashed,
// the mean of its output, so that single collisions show.
TEST_F(FunctionalCacheSlow, MergesFewerDifferentCellsTheMoreBitsItKeeps) {
  double before = 2.0;
  for (const int bits : {1, 4, 8, 12, 16, 24}) {
    std::set<std::pair<std::uint64_t, std::uint64_t>> merged;  // short hash, function
    std::set<std::uint64_t> shorts;
    for (std::size_t i = 0; i < hash_.size(); ++i) {
      FunctionalHasher hasher(bits);
      hasher.add(mean(outputs_[i]));
      merged.emplace(hasher.value(), hash_[i]);
      shorts.insert(hasher.value());
    }
    const double share =
        1.0 - static_cast<double>(shorts.size()) / static_cast<double>(merged.size());
    EXPECT_LT(share, before) << bits;
    before = bits == 24 ? share : std::max(share, 1e-12);
  }
  EXPECT_EQ(before, 0.0);
}

TEST_F(FunctionalCacheSlow, HelpsEvolutionAtEqualCost) {
  for (const int budget : {100, 200}) {
    std::vector<double> with, without;
    double hits = 0.0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      FunctionalCache cache({});
      const Run run = evolve(seed, budget, &cache);
      with.push_back(run.best);
      hits += run.hit_fraction / 200.0;
      without.push_back(evolve(seed, budget, nullptr).best);
    }
    std::vector<double> gain(with);
    for (std::size_t i = 0; i < gain.size(); ++i) gain[i] -= without[i];
    // 84.56 and 84.82 with, 84.32 and 84.72 without; hits .24 and .45.
    EXPECT_LT(paired_t_test(gain).p, 1e-3) << mean(with) << " " << mean(without);
    EXPECT_GT(hits, budget == 100 ? 0.15 : 0.35);
    EXPECT_GT(mean(with), mean(without));
  }
}

}  // namespace
}  // namespace trimtab
