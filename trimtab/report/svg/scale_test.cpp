#include "trimtab/report/svg/scale.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

namespace trimtab {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> labels(const std::vector<Tick>& ticks) {
  std::vector<std::string> result;
  for (const Tick& tick : ticks) result.push_back(tick.label);
  return result;
}

TEST(Scale, NamesRoundValuesOfALine) {
  EXPECT_THAT(labels(Scale::linear(0.0, 1.0).ticks(5)),
              ElementsAre("0", "0.2", "0.4", "0.6", "0.8", "1.0"));
  EXPECT_THAT(labels(Scale::linear(0.913, 0.987).ticks(4)),
              ElementsAre("0.92", "0.94", "0.96", "0.98"));
  EXPECT_THAT(labels(Scale::linear(-3.0, 3.0).ticks(3)), ElementsAre("-2", "0", "2"));
  EXPECT_THAT(labels(Scale::linear(0.0, 2e6).ticks(2)), ElementsAre("0", "1000000", "2000000"));
}

TEST(Scale, PutsTicksWhereTheirValuesAre) {
  const std::vector<Tick> ticks = Scale::linear(1.0, 3.0).ticks(2);
  ASSERT_EQ(ticks.size(), 3u);
  EXPECT_DOUBLE_EQ(ticks[0].unit, 0.0);
  EXPECT_DOUBLE_EQ(ticks[1].unit, 0.5);
  EXPECT_DOUBLE_EQ(ticks[2].unit, 1.0);
  EXPECT_DOUBLE_EQ(Scale::logarithmic(1.0, 100.0).unit(10.0), 0.5);
}

TEST(Scale, CountsTrialsInWholeNumbers) {
  EXPECT_THAT(labels(Scale::whole(3.0).ticks(8)), ElementsAre("0", "1", "2", "3"));
  EXPECT_THAT(labels(Scale::whole(0.0).ticks(8)), ElementsAre("0", "1"));
}

TEST(Scale, FillsPowersOfTenWhileThereIsRoom) {
  EXPECT_THAT(labels(Scale::logarithmic(16.0, 512.0).ticks(5)),
              ElementsAre("20", "50", "100", "200", "500"));
  EXPECT_THAT(labels(Scale::logarithmic(16.0, 512.0).ticks(4)), ElementsAre("30", "100", "300"));
  EXPECT_THAT(labels(Scale::logarithmic(1e-5, 10.0).ticks(4)),
              ElementsAre("1e-05", "0.001", "0.1", "10"));
}

TEST(Scale, NamesTimesAsPeopleDo) {
  EXPECT_THAT(labels(Scale::duration(180.0).ticks(3)), ElementsAre("0", "1 min", "2 min", "3 min"));
  EXPECT_THAT(labels(Scale::duration(7200.0).ticks(2)), ElementsAre("0", "1 h", "2 h"));
}

TEST(Scale, PutsCategoriesAtTheCentresOfTheirCells) {
  const std::vector<Tick> ticks = Scale::categories({"rbf", "poly"}).ticks(9);
  EXPECT_THAT(labels(ticks), ElementsAre("rbf", "poly"));
  EXPECT_DOUBLE_EQ(ticks[0].unit, 0.25);
  EXPECT_DOUBLE_EQ(ticks[1].unit, 0.75);
}

TEST(Scale, LeavesAnOutlierOutside) {
  std::vector<double> losses = {1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 90.0};
  const Scale scale = Scale::of_values(losses, Scale::Worse::High);
  EXPECT_FALSE(scale.contains(90.0));
  EXPECT_TRUE(scale.contains(1.0));
  EXPECT_TRUE(scale.contains(1.9));
  for (double& value : losses) value = -value;
  EXPECT_FALSE(Scale::of_values(losses, Scale::Worse::Low).contains(-90.0));
}

TEST(Scale, ShowsLossesOfManyMagnitudesOnALogarithmicScale) {
  const std::vector<double> losses = {0.01, 0.1, 1.0, 10.0, 100.0};
  const Scale scale = Scale::of_values(losses, Scale::Worse::High);
  EXPECT_NEAR(scale.unit(1.0), 0.5, 1e-9);
}

TEST(Scale, IgnoresWhatIsNotFinite) {
  const double infinity = std::numeric_limits<double>::infinity();
  const Scale scale = Scale::of_values(std::vector{0.0, 1.0, infinity, -infinity, std::nan("")},
                                       Scale::Worse::High);
  EXPECT_NEAR(scale.low(), -0.05, 1e-12);
  EXPECT_NEAR(scale.high(), 1.05, 1e-12);
  EXPECT_EQ(scale.unit(infinity), 1.0);
  EXPECT_EQ(scale.unit(std::nan("")), 0.0);
  EXPECT_TRUE(Scale::of_values({}, Scale::Worse::Low).contains(0.5));
  EXPECT_EQ(Scale::linear(5e-324, 5e-324).unit(5e-324), 0.5);
}

RC_GTEST_PROP(ScaleProperty, TicksAscendInsideAndAreFew, (double a, double b)) {
  RC_PRE(std::isfinite(a) && std::isfinite(b) && std::abs(a) < 1e150 && std::abs(b) < 1e150);
  const auto most = *rc::gen::inRange<std::size_t>(2, 12);
  const std::vector<Tick> ticks = Scale::linear(std::min(a, b), std::max(a, b)).ticks(most);
  RC_ASSERT(ticks.size() <= most + 1);
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    RC_ASSERT(ticks[i].unit >= 0.0 && ticks[i].unit <= 1.0);
    if (i > 0) RC_ASSERT(ticks[i].unit >= ticks[i - 1].unit);
    RC_ASSERT(!ticks[i].label.empty());
  }
}

RC_GTEST_PROP(ScaleProperty, StepsAreOneTwoOrFive, ()) {
  const double range = std::pow(10.0, *rc::gen::inRange(-300, 300)) * *rc::gen::inRange(1, 1000);
  const auto most = *rc::gen::inRange<std::size_t>(1, 50);
  const double step = round_step(range, most);
  RC_ASSERT(range / step <= static_cast<double>(most) * (1.0 + 1e-6));
  const double digit = step / std::pow(10.0, std::floor(std::log10(step) + 1e-9));
  RC_ASSERT(std::abs(digit - 1.0) < 1e-6 || std::abs(digit - 2.0) < 1e-6 ||
            std::abs(digit - 5.0) < 1e-6);
}

}  // namespace
}  // namespace trimtab
