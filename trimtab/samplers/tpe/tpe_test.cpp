#include "trimtab/samplers/tpe/tpe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "trimtab/base/hash.hpp"
#include "trimtab/core/testing/mixed_problem.hpp"

namespace trimtab {
namespace {

Tpe make(const Space& space, const Json& options = Json::object()) {
  return Tpe(space, OptionValues(Tpe::info(), options, "sampler"), SamplerSetting{});
}

Observation observe(std::int64_t number, PointView point, double loss) {
  return {.number = number, .point = point, .state = TrialState::Complete, .loss = loss};
}

// Points and losses of a search, in order.
struct Search {
  std::vector<Point> points;
  std::vector<double> losses;
  double best() const { return *std::min_element(losses.begin(), losses.end()); }
};

Search search(const Space& space, const std::function<double(PointView)>& loss, std::size_t budget,
              std::uint64_t seed, const Json& options = Json::object()) {
  Tpe sampler = make(space, options);
  Search result;
  for (std::size_t i = 0; i < budget; ++i) {
    Rng rng(seed, i, "ask");
    result.points.push_back(sampler.ask(1, rng).front());
    result.losses.push_back(loss(result.points.back()));
    const Observation observation =
        observe(static_cast<std::int64_t>(i), result.points.back(), result.losses.back());
    sampler.tell(std::span(&observation, 1), {});
  }
  return result;
}

TEST(Tpe, ProposesLegalPointsOfAConditionalMixedSpace) {
  const Space space = mixed_space();
  const Search found = search(space, mixed_loss, 120, 1);
  std::set<double> kernels;
  for (const Point& point : found.points) {
    ASSERT_TRUE(space.contains(point));
    EXPECT_EQ(is_active(point[5]), point[4] == 2.0);
    EXPECT_EQ(is_active(point[6]), point[4] != 0.0);
    kernels.insert(point[4]);
  }
  EXPECT_EQ(kernels.size(), 3U);
}

TEST(Tpe, AnswersTheSameForTheSameHistoryAndGenerator) {
  const Search left = search(mixed_space(), mixed_loss, 40, 2);
  const Search right = search(mixed_space(), mixed_loss, 40, 2);
  EXPECT_EQ(left.losses, right.losses);
}

TEST(Tpe, MayBeToldInAnyChunks) {
  const Space space = mixed_space();
  const Search found = search(space, mixed_loss, 150, 3);
  std::vector<Observation> all;
  for (std::size_t i = 0; i < found.points.size(); ++i) {
    all.push_back(observe(static_cast<std::int64_t>(i), found.points[i], found.losses[i]));
  }
  Tpe once = make(space);
  once.tell(all, {});
  for (const std::size_t chunk : {1, 13, 149}) {
    Tpe chunked = make(space);
    for (std::size_t first = 0; first < all.size(); first += chunk) {
      chunked.tell(std::span(all).subspan(first, std::min(chunk, all.size() - first)), {});
    }
    for (std::uint64_t k = 0; k < 5; ++k) {
      Rng left(4, k);
      Rng right(4, k);
      const Point a = once.ask(1, left).front();
      const Point b = chunked.ask(1, right).front();
      EXPECT_EQ(space.hash(a), space.hash(b)) << "chunks of " << chunk;
    }
  }
}

// What the coordinates of the first 30 proposals mix to. It may change only together with a note in
// the change log: studies that are replayed would go on differently.
TEST(Tpe, KeepsItsProposalsPermanence) {
  const Space space = mixed_space();
  std::uint64_t digest = 0;
  for (const Point& point : search(space, mixed_loss, 30, 5).points) {
    for (const double coordinate : point) {
      digest = mix64(digest, is_active(coordinate) ? std::bit_cast<std::uint64_t>(coordinate) : 0);
    }
  }
  EXPECT_EQ(digest, 8679660670246559450U);
}

TEST(Tpe, SpreadsPointsThatRunAtTheSameTime) {
  const Space space = SpaceBuilder().real("x", 0.0, 1.0).real("y", 0.0, 1.0).build();
  const auto loss = [](PointView p) { return std::abs(p[0] - 0.5) + std::abs(p[1] - 0.5); };
  const Search found = search(space, loss, 60, 6);
  std::vector<Observation> all;
  for (std::size_t i = 0; i < 60; ++i) {
    all.push_back(observe(static_cast<std::int64_t>(i), found.points[i], found.losses[i]));
  }
  const auto mean_distance = [&](const Json& options) {
    Tpe sampler = make(space, options);
    sampler.tell(all, {});
    Rng rng(7);
    const std::vector<Point> points = sampler.ask(16, rng);
    double sum = 0.0;
    for (const Point& a : points) {
      for (const Point& b : points) sum += std::hypot(a[0] - b[0], a[1] - b[1]);
    }
    return sum / (16.0 * 15.0);
  };
  EXPECT_GT(mean_distance(Json::object()), 1.2 * mean_distance({{"constant_liar", false}}));
}

TEST(Tpe, KeepsAwayFromRunningTrials) {
  const Space space = SpaceBuilder().real("x", 0.0, 1.0).build();
  const Search found = search(space, [](PointView p) { return std::abs(p[0] - 0.3); }, 40, 8);
  std::vector<Observation> all;
  for (std::size_t i = 0; i < 40; ++i) {
    all.push_back(observe(static_cast<std::int64_t>(i), found.points[i], found.losses[i]));
  }
  const Point busy = {0.3};
  const std::vector<Observation> active(
      30, Observation{.number = 40, .point = busy, .state = TrialState::Running});
  const auto mean_distance = [&](std::span<const Observation> running) {
    Tpe sampler = make(space);
    sampler.tell(all, running);
    double sum = 0.0;
    for (std::uint64_t k = 0; k < 50; ++k) {
      Rng rng(9, k);
      sum += std::abs(sampler.ask(1, rng).front()[0] - 0.3) / 50.0;
    }
    return sum;
  };
  EXPECT_GT(mean_distance(active), 2.0 * mean_distance({}));
}

TEST(Tpe, AvoidsWhereTrialsFail) {
  const Space space = SpaceBuilder().real("x", 0.0, 1.0).build();
  Tpe sampler = make(space);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<Point> points;
  std::vector<Observation> all;
  for (int i = 0; i < 40; ++i) points.push_back({(i + 0.5) / 40.0});
  for (int i = 0; i < 40; ++i) {
    const double x = points[static_cast<std::size_t>(i)][0];
    Observation observation = observe(i, points[static_cast<std::size_t>(i)], 1.0 - x);
    if (x > 0.5) {  // the left half grows better towards a border behind which all fails
      observation.state = TrialState::Failed;
      observation.loss = nan;
      observation.is_infeasible = true;
    }
    all.push_back(observation);
  }
  sampler.tell(all, {});
  int num_failing = 0;
  for (std::uint64_t k = 0; k < 60; ++k) {
    Rng rng(10, k);
    num_failing += sampler.ask(1, rng).front()[0] > 0.55 ? 1 : 0;
  }
  EXPECT_LT(num_failing, 10);
}

TEST(Tpe, ProposesThoughEveryTrialFailed) {
  const Space space = mixed_space();
  Tpe sampler = make(space);
  Rng rng(11);
  for (std::int64_t i = 0; i < 30; ++i) {
    const Point point = sampler.ask(1, rng).front();
    ASSERT_TRUE(space.contains(point));
    Observation observation = observe(i, point, std::numeric_limits<double>::quiet_NaN());
    observation.state = TrialState::Failed;
    sampler.tell(std::span(&observation, 1), {});
  }
}

TEST(Tpe, TakesInfiniteLossesAsTheWorst) {
  const auto loss = [](PointView p) {
    return p[0] > 0.5 ? std::numeric_limits<double>::infinity() : 1.0 - p[0];
  };
  const Space space = SpaceBuilder().real("x", 0.0, 1.0).build();
  const Search found = search(space, loss, 60, 12);
  EXPECT_LT(found.best(), 0.52);
}

TEST(Tpe, RanksPrunedTrialsBehindCompleteOnes) {
  const Space space = SpaceBuilder().real("x", 0.0, 1.0).build();
  Tpe sampler = make(space);
  std::vector<Point> points;
  std::vector<Observation> all;
  for (int i = 0; i < 40; ++i) points.push_back({(i + 0.5) / 40.0});
  for (std::size_t i = 0; i < 40; ++i) {
    // Pruned trials report smaller losses on the right; complete ones fall towards the left.
    Observation observation = observe(static_cast<std::int64_t>(i), points[i], points[i][0]);
    if (points[i][0] > 0.5) {
      observation.state = TrialState::Pruned;
      observation.loss = -points[i][0];
    }
    all.push_back(observation);
  }
  sampler.tell(all, {});
  double mean = 0.0;
  for (std::uint64_t k = 0; k < 60; ++k) {
    Rng rng(13, k);
    mean += sampler.ask(1, rng).front()[0] / 60.0;
  }
  EXPECT_LT(mean, 0.25);
}

TEST(Tpe, TriesEveryPointOfASmallSpaceBeforeRepeatingMany) {
  const Space space = SpaceBuilder().integer("a", 0, 4).categorical("b", {"x", "y", "z"}).build();
  const auto loss = [](PointView p) { return p[0] + p[1]; };
  const Search found = search(space, loss, 15, 14);
  std::set<std::vector<double>> distinct(found.points.begin(), found.points.end());
  EXPECT_GE(distinct.size(), 12U);
  EXPECT_EQ(search(space, loss, 40, 14).points.size(), 40U);
}

TEST(Tpe, RepairsPermutationsAndSubsets) {
  const Space space = SpaceBuilder()
                          .permutation("order", {"a", "b", "c", "d"})
                          .subset("set", {1, 2, 3, 4, 5}, 1, 3)
                          .build();
  const auto loss = [](PointView p) {
    double sum = 0.0;
    for (std::size_t j = 0; j < 4; ++j) sum += std::abs(p[j] - (3.0 - static_cast<double>(j)));
    for (std::size_t j = 4; j < 9; ++j) sum += p[j] == (j % 2 == 0 ? 1.0 : 0.0) ? 0.0 : 1.0;
    return sum;
  };
  const Search found = search(space, loss, 150, 15);
  for (const Point& point : found.points) ASSERT_TRUE(space.contains(point));
  EXPECT_LE(found.best(), 2.0);
}

TEST(Tpe, StaysWithinConstraints) {
  const Space space =
      SpaceBuilder().real("low", 0.0, 1.0).real("high", 0.0, 1.0).require("low <= high").build();
  const Search found = search(space, [](PointView p) { return p[1] - p[0]; }, 80, 16);
  for (const Point& point : found.points) ASSERT_TRUE(space.contains(point));
  EXPECT_LT(found.best(), 0.02);
}

TEST(Tpe, HasNothingToProposeInTheEmptySpaceButItsPoint) {
  Tpe sampler = make(Space());
  Rng rng(17);
  for (std::int64_t i = 0; i < 15; ++i) {
    const Point point = sampler.ask(1, rng).front();
    EXPECT_TRUE(point.empty());
    const Observation observation = observe(i, point, 1.0);
    sampler.tell(std::span(&observation, 1), {});
  }
}

// Hypothesis: the median loss over seeds after 80 trials is smaller than that of random search.
// n = 20 fixed seeds; were both the same, 18 or more wins had a probability of 2e-4. The bound is
// an observed property of the fixed seeds, not a gamble: the test is deterministic.
TEST(Tpe, BeatsRandomSearchOnAConditionalMixedSpace) {
  const Space space = mixed_space();
  int num_wins = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    double best_random = std::numeric_limits<double>::infinity();
    for (std::uint64_t i = 0; i < 80; ++i) {
      Rng rng(seed, i, "random");
      best_random = std::min(best_random, mixed_loss(space.sample(rng)));
    }
    num_wins += search(space, mixed_loss, 80, 100 + seed).best() < best_random ? 1 : 0;
  }
  EXPECT_GE(num_wins, 18);
}

TEST(Tpe, ModelsEveryParameterForItselfWhenAsked) {
  const Search found = search(mixed_space(), mixed_loss, 80, 18, {{"multivariate", false}});
  EXPECT_LT(found.best(), 1.0);
}

}  // namespace
}  // namespace trimtab
