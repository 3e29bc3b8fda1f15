#include "trimtab/schedules/pb2/pb2.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "trimtab/schedules/pb2/drifting_process.hpp"

namespace trimtab {
namespace {

// By hand: K = [[1.1, c], [c, 1.1]] with c = exp(-0.5) * sqrt(0.9), points one length and one level
// apart; a prediction at the first one has k = (1, c).
TEST(DriftingProcess, AgreesWithTwoObservationsByHand) {
  const pb2::DriftingProcess::Kernel kernel = {.length = 0.5, .drift = 0.1, .variance = 0.1};
  const pb2::DriftingProcess process({{0.0}, {0.5}}, {0.0, 1.0}, {1.0, -1.0}, kernel);
  const double c = std::exp(-0.5) * std::sqrt(0.9);
  const double determinant = 1.1 * 1.1 - c * c;
  const std::array<double, 2> weights = {(1.1 + c) / determinant, -(c + 1.1) / determinant};
  const std::array<double, 1> first = {0.0};
  const auto prediction = process(first, 0.0);
  EXPECT_NEAR(prediction.mean, weights[0] + c * weights[1], 1e-12);
  const double explained = (1.1 - 2.0 * c * c + 1.1 * c * c) / determinant;
  EXPECT_NEAR(prediction.variance, 1.0 - explained, 1e-12);
  EXPECT_NEAR(process.log_likelihood(),
              -0.5 * (2.0 * (1.1 + c) / determinant + std::log(determinant)) -
                  std::log(2.0 * 3.14159265358979323846),
              1e-12);
}

TEST(DriftingProcess, KnowsLessAboutOtherTimes) {
  const pb2::DriftingProcess process({{0.5}}, {0.0}, {1.0}, {.drift = 0.2});
  const std::array<double, 1> there = {0.5};
  EXPECT_LT(process(there, 0.0).variance, process(there, 5.0).variance);
}

// Progress of a segment is 1 - |x - 0.7|, so that members ought to move to x = 0.7. Mean of the
// last level's parameters over ten seeds.
double final_distance(std::uint64_t seed) {
  const ScheduleSetting setting = {.fidelity = {.name = "steps", .min = 1.0, .max = 12.0},
                                   .budget_trials = 96};
  Pb2 schedule(OptionValues(Pb2::info(), Json::object(), "fidelity"), setting);
  const Space space = SpaceBuilder().real("x", 0.0, 1.0).build();
  std::map<std::int64_t, int> levels;
  std::map<std::int64_t, double> losses;
  double distance = 0.0;
  for (std::int64_t trial = 0; schedule.growth() == Growth::Open; ++trial) {
    Rng rng(seed, static_cast<std::uint64_t>(trial), "birth");
    Birth birth = schedule.birth(trial, space, rng);
    if (birth.point.empty()) birth.point = {0.4 * rng.uniform01()};
    const bool is_root = birth.parent < 0;
    const int level = is_root ? 0 : levels[birth.parent] + 1;
    const double loss =
        (is_root ? 0.0 : losses[birth.parent]) - 1.0 + std::abs(birth.point[0] - 0.7);
    levels[trial] = level;
    losses[trial] = loss;
    LevelEvent event = {.kind = LevelEvent::Kind::Born,
                        .trial = trial,
                        .level = level,
                        .point = birth.point,
                        .parent = birth.parent};
    schedule.tell(event);
    event.kind = LevelEvent::Kind::Joined;
    event.member = birth.member;
    schedule.tell(event);
    event.kind = level < schedule.top() ? LevelEvent::Kind::Paused : LevelEvent::Kind::Ended;
    event.losses = {&loss, 1};
    schedule.tell(event);
    if (level == schedule.top()) distance += std::abs(birth.point[0] - 0.7) / 8.0;
  }
  return distance;
}

// They begin in [0, 0.4]: at least 0.3 away, 0.5 in the mean.
TEST(Pb2, MovesToWhereSegmentsImproveMost) {
  double sum = 0.0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) sum += final_distance(seed) / 5.0;
  EXPECT_LT(sum, 0.15);
}

}  // namespace
}  // namespace trimtab
