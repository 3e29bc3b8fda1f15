#include "trimtab/pruners/curve_extrapolation/curve_extrapolation.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "trimtab/base/rng.hpp"
#include "trimtab/core/testing/told_pruner.hpp"
#include "trimtab/pruners/curve_extrapolation/power_law.hpp"

namespace trimtab {
namespace {

using Told = ToldPruner<CurveExtrapolation>;

struct Curve {
  std::vector<double> k, y;
};

template <typename Law>
Curve points(int first, int last, Law law) {
  Curve curve;
  for (int k = first; k <= last; ++k) {
    curve.k.push_back(k);
    curve.y.push_back(law(k));
  }
  return curve;
}

TEST(PowerLaw, IsFoundExactlyWhereThereIsOne) {
  for (const double c : {0.3, 1.0, 2.0}) {
    const Curve curve = points(1, 4, [&](double k) { return 2.0 + 3.0 * std::pow(k, -c); });
    const auto law = fit_power_law(curve.k, curve.y, 10.0);
    ASSERT_TRUE(law);
    EXPECT_NEAR(law->a, 2.0, 1e-5);
    EXPECT_NEAR(law->b, 3.0, 1e-5);
    EXPECT_NEAR(law->c, c, 1e-5);
    EXPECT_NEAR(law->prediction, 2.0 + 3.0 * std::pow(10.0, -c), 1e-6);
    EXPECT_LT(law->deviation, 1e-5);
  }
}

TEST(PowerLaw, IsNotFittedToLittleOrNothing) {
  const Curve three = points(1, 3, [](double k) { return 1.0 / k; });
  EXPECT_FALSE(fit_power_law(three.k, three.y, 10.0));
  const Curve flat = points(1, 9, [](double) { return 0.7; });
  EXPECT_FALSE(fit_power_law(flat.k, flat.y, 10.0));
  Curve broken = points(1, 9, [](double k) { return 1.0 / k; });
  broken.y[4] = std::nan("");
  EXPECT_FALSE(fit_power_law(broken.k, broken.y, 10.0));
}

// Of 400 noisy laws the value at 60, seen through the same noise, lies above the lower 95 % bound
// (t = 1.761 at 14 degrees of freedom) in 380, were the model linear. The count is deterministic;
// 90 % allows for the linearisation.
TEST(PowerLaw, BoundsNewObservationsFromBelow) {
  int num_above = 0;
  int num_tight = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Rng rng(5, seed, "law");
    const double c = rng.uniform(0.4, 1.5);
    const auto law_at = [&](double k) { return 0.2 + std::pow(k, -c) + 0.01 * rng.normal(); };
    const Curve curve = points(4, 20, law_at);
    const auto law = fit_power_law(curve.k, curve.y, 60.0);
    ASSERT_TRUE(law);
    num_above += law_at(60.0) > law->prediction - 1.761 * law->deviation;
    num_tight += law->deviation < 0.2;
  }
  EXPECT_GE(num_above, 360);
  EXPECT_GE(num_tight, 200);  // and the bound says something
}

// A curve that starts badly and ends best goes on; one whose end is in sight is stopped early.
TEST(CurveExtrapolation, LetsCurvesCrossAndStopsThoseThatCannot) {
  Told told;
  std::vector<double> good;
  for (int k = 1; k <= 50; ++k) good.push_back(0.5 + 0.5 / k);
  told.complete(0, good);  // ends at 0.51
  for (int k = 1; k <= 50; ++k) {
    EXPECT_FALSE(told.report(1, k, 0.2 + 3.0 * std::pow(k, -0.7))) << k;  // ends at 0.394
  }
  int stopped_at = 0;
  for (int k = 1; k <= 50 && stopped_at == 0; ++k) {
    if (told.report(2, k, 0.7 + 3.0 * std::pow(k, -0.7))) stopped_at = k;  // ends at 0.89
  }
  EXPECT_GE(stopped_at, 4);
  EXPECT_LE(stopped_at, 8);
  EXPECT_NE(told.pruner().explain(2, stopped_at).find("at best loss = "), std::string::npos);
}

TEST(CurveExtrapolation, GoesByTheMarginWhenNoLawFits) {
  Told told(Json{{"max_step", 20}});
  told.complete(0, {2.0});
  for (int k = 1; k <= 10; ++k) EXPECT_FALSE(told.report(1, k, 2.4)) << k;  // flat, 20 % above
  bool is_stopped = false;
  for (int k = 1; k <= 10; ++k) is_stopped = told.report(2, k, 2.5);
  EXPECT_TRUE(is_stopped);
  EXPECT_FALSE(told.report(2, 20, 9.0));  // at its end nothing is saved
}

// Seed 63's rule on curves like those of its simulation: a falling power law with noise. The best
// trial is found as without stopping (within 2 points), and 30 % of the steps are saved.
TEST(CurveExtrapolation, SavesStepsAndKeepsTheBestTrial) {
  constexpr int kSteps = 12;
  Told told(Json{{"max_step", kSteps}});
  double best_of_all = HUGE_VAL;
  double best_kept = HUGE_VAL;
  int num_steps = 0;
  constexpr int kTrials = 100;
  for (std::int64_t trial = 0; trial < kTrials; ++trial) {
    Rng rng(63, static_cast<std::uint64_t>(trial), "curve");
    const double end = rng.uniform(10.0, 80.0);
    const double fall = rng.uniform(5.0, 40.0);
    const double c = rng.uniform(0.6, 1.6);
    const auto loss = [&](int k) { return end + fall * std::pow(k, -c) + 0.5 * rng.normal(); };
    double last = 0.0;
    bool is_stopped = false;
    for (int k = 1; k <= kSteps; ++k) {
      last = loss(k);
      if (is_stopped) continue;
      ++num_steps;
      is_stopped = told.report(trial, k, last);
    }
    best_of_all = std::min(best_of_all, last);
    if (is_stopped) {
      told.end(trial, TrialState::Pruned);
    } else {
      told.end(trial, TrialState::Complete, {last});
      best_kept = std::min(best_kept, last);
    }
  }
  EXPECT_LE(best_kept, best_of_all + 2.0);
  EXPECT_LE(num_steps, 0.7 * kTrials * kSteps);
}

}  // namespace
}  // namespace trimtab
