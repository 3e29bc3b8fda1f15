#include "trimtab/samplers/gp/surrogate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <optional>
#include <vector>

#include "trimtab/numerics/normal.hpp"
#include "trimtab/samplers/gp/acquisition.hpp"

namespace trimtab::gp {
namespace {

const Space& plane() {
  static const Space space = SpaceBuilder().real("x", 0.0, 1.0).real("y", 0.0, 1.0).build();
  return space;
}

// Trials of the plane as the model sees them.
struct Told {
  Encoding encoding{plane()};
  Observations observations{plane(), encoding};

  void add(const Point& point, double loss, TrialState state = TrialState::Complete) {
    observations.add({.number = static_cast<std::int64_t>(observations.size()),
                      .point = point,
                      .state = state,
                      .loss = loss});
  }
};

Told told(std::size_t count, const std::function<double(PointView)>& loss, std::uint64_t seed = 1) {
  Told result;
  Rng rng(seed);
  for (std::size_t i = 0; i < count; ++i) {
    const Point point = plane().sample(rng);
    result.add(point, loss(point));
  }
  return result;
}

double bowl(PointView p) { return std::pow(p[0] - 0.3, 2.0) + std::pow(p[1] - 0.6, 2.0); }

Prediction predict(const Posterior& posterior, double x, double y) {
  const std::vector<double> features = {x - 0.5, y - 0.5};
  Prediction prediction;
  posterior.predict(features, std::span(&prediction, 1));
  return prediction;
}

TEST(GpSurrogate, IsFittedGeometricallyOften) {
  const SurrogateMemo memo(Axes::simple(2), {.first_fit = 4, .max_points = 1000});
  EXPECT_EQ(memo.due(4).count, 4U);
  EXPECT_EQ(memo.due(39).index, 35U);  // every trial up to 40
  EXPECT_EQ(memo.due(100).count, 97U);
  EXPECT_EQ(memo.due(101).count, 101U);
  EXPECT_EQ(memo.due(105).count, 101U);
  EXPECT_EQ(memo.due(106).count, 106U);
  EXPECT_EQ(memo.due(5000).index - memo.due(4000).index, 20U);  // every 50 from 1000 on
}

TEST(GpSurrogate, IsTheSameHoweverItWasReached) {
  const Told all = told(70, bowl);
  const SurrogateMemo at_once(all.encoding.axes(), {});
  const Surrogate whole = at_once.at(all.observations);
  for (const std::size_t step : {1U, 9U}) {
    const SurrogateMemo memo(all.encoding.axes(), {});
    Told grown;
    std::optional<Surrogate> last;
    for (std::size_t i = 0; i < 70; ++i) {
      const PointView point = all.observations.point(i);
      grown.add(Point(point.begin(), point.end()), all.observations.loss(i));
      if (i >= 4 && (i % step == 0 || i == 69)) last = memo.at(grown.observations);
    }
    ASSERT_TRUE(last);
    EXPECT_EQ(last->objective->theta(), whole.objective->theta());
    EXPECT_EQ(last->fitted, whole.fitted);
    const Prediction left = predict(*last->objective, 0.4, 0.4);
    const Prediction right = predict(*whole.objective, 0.4, 0.4);
    EXPECT_EQ(left.mean, right.mean);
    EXPECT_EQ(left.variance, right.variance);
  }
}

// Repeats of deviation 0.3 around a flat function: the luckiest of 40 is not what is believed.
TEST(GpSurrogate, TrustsTheMeanOfRepeatsRatherThanALuckyOne) {
  Told noisy;
  Rng rng(6);
  double luckiest = 1.0;
  for (int i = 0; i < 40; ++i) {
    const double loss = 0.3 * rng.normal();
    luckiest = std::min(luckiest, loss);
    noisy.add({i % 2 == 0 ? 0.3 : 0.7, 0.5}, loss);
  }
  const SurrogateMemo memo(noisy.encoding.axes(), {});
  const Surrogate surrogate = memo.at(noisy.observations);
  EXPECT_GT(surrogate.objective->theta().noise_variance, 0.3);
  EXPECT_GT(surrogate.best, -0.5);  // in deviations of the losses
  EXPECT_LT(luckiest, -0.5);
}

// Losses over six decades: only their logarithm is smooth.
TEST(GpSurrogate, WarpsSkewedLosses) {
  const Told skewed = told(40, [](PointView p) { return std::exp(14.0 * bowl(p)); });
  const SurrogateMemo memo(skewed.encoding.axes(), {});
  const Surrogate surrogate = memo.at(skewed.observations);
  const double highest = *std::max_element(surrogate.fitted.begin(), surrogate.fitted.end());
  std::vector<double> losses;
  for (std::size_t i = 0; i < 40; ++i) losses.push_back(skewed.observations.loss(i));
  const double worst = *std::max_element(losses.begin(), losses.end());
  EXPECT_GT(OutputWarp(losses, 0.0).target(worst), 4.5);
  EXPECT_LT(highest, 4.0);
}

TEST(GpSurrogate, IsConditionedOnABoundedNumberOfTrials) {
  const Told many = told(150, bowl);
  const SurrogateMemo memo(many.encoding.axes(), {.max_points = 40, .max_fitted = 20});
  const Surrogate surrogate = memo.at(many.observations);
  EXPECT_GE(surrogate.points.size(), 40U);
  EXPECT_LE(surrogate.points.size(), 42U);
  // The best trial and the latest are among them.
  std::size_t best = 0;
  for (std::size_t i = 0; i < 150; ++i) {
    if (many.observations.loss(i) < many.observations.loss(best)) best = i;
  }
  EXPECT_NE(std::find(surrogate.points.begin(), surrogate.points.end(), best),
            surrogate.points.end());
  EXPECT_EQ(surrogate.points.back(), 149U);
}

TEST(GpSurrogate, LearnsWhereTrialsFail) {
  Told half;
  Rng rng(2);
  for (int i = 0; i < 50; ++i) {
    const Point point = plane().sample(rng);
    const bool is_failing = point[0] > 0.5;
    half.add(point, is_failing ? std::numeric_limits<double>::quiet_NaN() : bowl(point),
             is_failing ? TrialState::Failed : TrialState::Complete);
  }
  const SurrogateMemo memo(half.encoding.axes(), {});
  const Surrogate surrogate = memo.at(half.observations);
  ASSERT_TRUE(surrogate.feasibility);
  const std::vector<double> both = {-0.3, 0.0, 0.3, 0.0};
  std::vector<double> logs(2);
  surrogate.feasibility->predict_log(both, logs);
  EXPECT_GT(std::exp(logs[0]), 0.8);
  EXPECT_LT(std::exp(logs[1]), 0.2);
  EXPECT_LT(surrogate.points.size(), 50U);  // failures teach nothing about losses
}

TEST(GpSurrogate, ReadsPrunedTrialsAsNoBetterThanTheMiddle) {
  Told mixed = told(30, bowl);
  mixed.add({0.9, 0.1}, -100.0, TrialState::Pruned);
  mixed.add({0.8, 0.1}, std::numeric_limits<double>::quiet_NaN(), TrialState::Pruned);
  const SurrogateMemo memo(mixed.encoding.axes(), {});
  const Surrogate surrogate = memo.at(mixed.observations);
  EXPECT_GT(predict(*surrogate.objective, 0.9, 0.1).mean, surrogate.best + 0.5);
}

TEST(GpSurrogate, WithoutAnyLossKnowsOnlyFailures) {
  Told failing;
  Rng rng(3);
  for (int i = 0; i < 12; ++i) {
    failing.add(plane().sample(rng), std::numeric_limits<double>::quiet_NaN(), TrialState::Failed);
  }
  const SurrogateMemo memo(failing.encoding.axes(), {});
  const Surrogate surrogate = memo.at(failing.observations);
  EXPECT_FALSE(surrogate.objective);
  EXPECT_TRUE(surrogate.feasibility);
}

// Midpoint sum of the improvement's definition, independent of the closed form.
TEST(GpAcquisition, IsTheLogarithmOfTheExpectedImprovement) {
  const Told some = told(20, bowl);
  const SurrogateMemo memo(some.encoding.axes(), {});
  const Acquisition acquisition(memo.at(some.observations), some.observations);
  const std::vector<double> at = {-0.2, 0.1};
  double value = 0.0;
  acquisition.values(at, std::span(&value, 1));
  const Prediction prediction = predict(*acquisition.surrogate().objective, 0.3, 0.6);
  const double deviation = std::sqrt(prediction.variance);
  double sum = 0.0;
  const int steps = 200000;
  for (int k = 0; k < steps; ++k) {
    const double z = -12.0 + 24.0 * (k + 0.5) / steps;
    const double gain = acquisition.surrogate().best - prediction.mean - deviation * z;
    if (gain > 0.0)
      sum += gain * std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi) * 24.0 / steps;
  }
  EXPECT_NEAR(value, std::log(sum), 1e-4 * std::abs(value));
}

TEST(GpAcquisition, HasTheSlopesOfItsDifferences) {
  Told half;
  Rng rng(4);
  for (int i = 0; i < 30; ++i) {
    const Point point = plane().sample(rng);
    const bool is_failing = point[1] > 0.7;
    half.add(point, is_failing ? std::numeric_limits<double>::quiet_NaN() : bowl(point),
             is_failing ? TrialState::Failed : TrialState::Complete);
  }
  const SurrogateMemo memo(half.encoding.axes(), {});
  const Acquisition acquisition(memo.at(half.observations), half.observations);
  for (int k = 0; k < 10; ++k) {
    const std::vector<double> at = {rng.uniform(-0.5, 0.5), rng.uniform(-0.5, 0.5)};
    const Acquisition::Gradient got = acquisition.gradient(at);
    double value = 0.0;
    acquisition.values(at, std::span(&value, 1));
    EXPECT_NEAR(got.value, value, 1e-9 * (1.0 + std::abs(value)));
    for (std::size_t f = 0; f < 2; ++f) {
      const double step = 1e-6;
      std::vector<double> both = {at[0], at[1], at[0], at[1]};
      both[f] += step;
      both[2 + f] -= step;
      std::vector<double> values(2);
      acquisition.values(both, values);
      const double difference = (values[0] - values[1]) / (2.0 * step);
      EXPECT_NEAR(got.slope[f], difference, 1e-3 * (1.0 + std::abs(difference)));
    }
  }
}

TEST(GpAcquisition, FallsWhereATrialIsBelieved) {
  const Told some = told(15, bowl);
  const SurrogateMemo memo(some.encoding.axes(), {});
  Acquisition acquisition(memo.at(some.observations), some.observations);
  const std::vector<double> at = {-0.2, 0.1};
  double before = 0.0;
  double after = 0.0;
  acquisition.values(at, std::span(&before, 1));
  acquisition.believe(at);
  acquisition.values(at, std::span(&after, 1));
  EXPECT_LT(after, before - 0.5);
}

// 400 trials: the cheap variance comes from 160 of them, so the cheap value is not smaller.
TEST(GpAcquisition, IsOverestimatedByItsCheapForm) {
  const Told many = told(400, bowl);
  const SurrogateMemo memo(many.encoding.axes(), {.max_fitted = 50});
  const Acquisition acquisition(memo.at(many.observations), many.observations);
  std::vector<double> features(2 * 50);
  Rng rng(5);
  for (double& feature : features) feature = rng.uniform(-0.5, 0.5);
  std::vector<double> cheap(50);
  std::vector<double> exact(50);
  acquisition.cheap_values(features, cheap);
  acquisition.values(features, exact);
  for (std::size_t i = 0; i < 50; ++i) EXPECT_GE(cheap[i], exact[i] - 1e-6);
}

}  // namespace
}  // namespace trimtab::gp
