// What the default confirm stage can see: simulated studies from the first trial to the verdict.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <iostream>
#include <memory>

#include "trimtab/base/rng.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/engine/study.hpp"
#include "trimtab/numerics/distributions.hpp"
#include "trimtab/science/confirmation/confirmation.hpp"

namespace trimtab {
namespace {

constexpr int kNumStudies = 1000;

struct Outcomes {
  int num_better = 0;     // studies whose verdict is "better than the default"
  double num_runs = 0.0;  // of the confirm stage, a study
};

// A study of 100 random trials whose runs have a standard deviation of 1, independent of each
// other. Where x < 0.3 the mean is better by `improvement` than at the default, 0.9.
Conclusion simulate(const Registry& registry, std::uint64_t seed, double improvement,
                    double& num_runs) {
  StudySpec spec;
  spec.name = "planted";
  spec.seed = seed;
  spec.sampler.name = "random";
  spec.space_definition = R"({"x": {"float": [0.0, 1.0], "default": 0.9}})";
  Study study(spec, registry, registry.open_storage("memory:"));
  for (;;) {
    const NextTrial next = study.next();
    const auto* trial = std::get_if<Trial>(&next);
    if (trial == nullptr) break;
    Rng rng(seed, static_cast<std::uint64_t>(trial->number), "noise");
    const double mean = trial->point[0] < 0.3 ? -improvement : 0.0;
    study.tell(trial->number, {.values = {mean + rng.normal()}});
    num_runs += trial->purpose == Purpose::Confirm ? 1.0 : 0.0;
  }
  Conclusion conclusion = Conclusion::Absent;
  study.view([&](const StudyView& view) { conclusion = confirm(view, 0.05).conclusion; });
  return conclusion;
}

Outcomes simulate_all(double improvement) {
  const Registry registry = make_registry();
  Outcomes outcomes;
  for (int i = 0; i < kNumStudies; ++i) {
    const Conclusion conclusion =
        simulate(registry, static_cast<std::uint64_t>(i) + 1, improvement, outcomes.num_runs);
    outcomes.num_better += conclusion == Conclusion::Better ? 1 : 0;
  }
  outcomes.num_runs /= kNumStudies;
  return outcomes;
}

// The p at which `function`, falling in p, is `target`; 60 halvings.
double solve_falling(const std::function<double(double)>& function, double target) {
  double low = 0.0, high = 1.0;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (function(middle) > target ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

// Exact bounds of a share (Clopper and Pearson 1934), 95 %.
Interval exact_bounds(int count) {
  const double k = count, n = kNumStudies;
  return {
      count == 0 ? 0.0 : solve_falling([&](double p) { return binomial_cdf(k - 1, n, p); }, 0.975),
      count == kNumStudies ? 1.0
                           : solve_falling([&](double p) { return binomial_cdf(k, n, p); }, 0.025)};
}

void print(const char* name, const Outcomes& outcomes) {
  const Interval bounds = exact_bounds(outcomes.num_better);
  std::cout << name << ": " << outcomes.num_better << " of " << kNumStudies
            << ", exact 95 % bounds " << bounds.low << " to " << bounds.high << ", "
            << outcomes.num_runs << " confirm runs a study\n";
}

// The seeds are fixed, so nothing here is left to chance.
TEST(ConfirmPowerSlow, TheDefaultStageSeesAnImprovementOfOneStandardDeviation) {
  const Outcomes outcomes = simulate_all(1.0);
  print("one standard deviation", outcomes);
  EXPECT_GE(outcomes.num_better, 900);
}

TEST(ConfirmPowerSlow, TheDefaultStageIsRarelyFooledByNothing) {
  const Outcomes outcomes = simulate_all(0.0);
  print("no improvement", outcomes);
  EXPECT_LE(outcomes.num_better, 50);
}

TEST(ConfirmPowerSlow, ALargeImprovementNeedsTheEarlyLookOnly) {
  const Outcomes outcomes = simulate_all(3.0);
  print("three standard deviations", outcomes);
  EXPECT_GE(outcomes.num_better, 990);
  EXPECT_LE(outcomes.num_runs, 50.0);  // of 96
}

}  // namespace
}  // namespace trimtab
