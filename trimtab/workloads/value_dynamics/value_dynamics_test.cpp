#include "trimtab/workloads/value_dynamics/value_dynamics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "trimtab/base/error.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/workloads/value_dynamics/second_stage.hpp"

namespace trimtab::values {
namespace {

Network line_of(std::size_t n) {
  std::vector<Edge> edges;
  for (std::uint32_t i = 0; i + 1 < n; ++i) edges.emplace_back(i, i + 1);
  Rng rng(1);
  return make_network(edges, std::vector<std::uint32_t>(n, 0), rng);
}

Scores all(double score) {
  Scores scores;
  scores.fill(score);
  return scores;
}

TEST(ValueNetwork, HoldsEveryTieTwiceWithOneStrength) {
  Rng rng(3);
  const Network network = generate_network(300, 5, 12.0, rng);
  ASSERT_EQ(network.size(), 300U);
  std::size_t num_inside = 0;
  for (std::size_t i = 0; i < network.size(); ++i) {
    std::set<std::uint32_t> friends;
    for (std::size_t e = network.first[i]; e < network.first[i + 1]; ++e) {
      const std::uint32_t j = network.friends[e];
      EXPECT_NE(j, i);
      EXPECT_TRUE(friends.insert(j).second);
      EXPECT_GE(network.weight[e], 1.0);
      const auto begin = network.friends.begin() + static_cast<std::ptrdiff_t>(network.first[j]);
      const auto end = network.friends.begin() + static_cast<std::ptrdiff_t>(network.first[j + 1]);
      const auto back = std::find(begin, end, static_cast<std::uint32_t>(i));
      ASSERT_NE(back, end);
      EXPECT_EQ(network.weight[static_cast<std::size_t>(back - network.friends.begin())],
                network.weight[e]);
      num_inside += network.community[i] == network.community[j] ? 1 : 0;
    }
  }
  const double share =
      static_cast<double>(num_inside) / static_cast<double>(network.friends.size());
  EXPECT_GT(share, 0.75);
  EXPECT_LT(share, 0.95);
  const std::vector<std::uint32_t> popular = popular_people(network, 10);
  std::size_t fewest = network.degree(popular[0]);
  for (const std::uint32_t i : popular) fewest = std::min(fewest, network.degree(i));
  std::size_t num_above = 0;
  for (std::size_t i = 0; i < network.size(); ++i) num_above += network.degree(i) > fewest ? 1 : 0;
  EXPECT_LT(num_above, 10U);
}

TEST(ValueNetwork, ReadsEdgesAndSaysWhichLineIsNone) {
  Rng rng(1);
  const Network network = parse_network("# people\n0 1\n1 2\n2 1\n3 4\n", "edges", rng);
  EXPECT_EQ(network.size(), 5U);
  EXPECT_EQ(network.friends, (std::vector<std::uint32_t>{1, 0, 2, 1, 4, 3}));
  // Labels travel along ties only.
  EXPECT_NE(network.community[0], network.community[3]);
  EXPECT_EQ(network.community[3], network.community[4]);
  try {
    parse_network("0 1\n1 x\n", "edges.txt", rng);
    FAIL() << "not refused";
  } catch (const UserError& error) {
    EXPECT_EQ(error.info().where, "edges.txt:2");
    EXPECT_EQ(error.info().code, "workload.graph");
  }
}

TEST(ValueDynamics, MovesTwoFriendsTowardsEachOther) {
  const Network network = line_of(2);
  const std::vector<Scores> first = {all(0.0), all(0.2)};  // sqrt(5) 0.2 = 0.447 apart
  const std::vector<Scores> near =
      simulate(network, first, {.epsilon = 0.5, .mu = 0.25, .steps = 1, .stubbornness = 0.0});
  EXPECT_DOUBLE_EQ(near[0][0], 0.05);
  EXPECT_DOUBLE_EQ(near[1][4], 0.15);
  const std::vector<Scores> far =
      simulate(network, first, {.epsilon = 0.4, .mu = 0.25, .steps = 9, .stubbornness = 0.0});
  EXPECT_EQ(far, first);
  const std::vector<Scores> stubborn =
      simulate(network, first, {.epsilon = 0.5, .mu = 0.25, .steps = 1, .stubbornness = 0.5});
  EXPECT_DOUBLE_EQ(stubborn[0][0], 0.025);
}

// All move at once: after one step of rate 1 the middle has the weighted mean of its friends' first
// scores, and they have the middle's first score.
TEST(ValueDynamics, MovesEverybodyAtOnceAndWeighsFriendsByTheirTies) {
  const Network network = line_of(3);
  const std::vector<Scores> first = {all(0.1), all(0.2), all(0.4)};
  const std::vector<Scores> next =
      simulate(network, first, {.epsilon = 1.0, .mu = 1.0, .steps = 1, .stubbornness = 0.0});
  const double left = network.weight[1];
  const double right = network.weight[2];
  EXPECT_DOUBLE_EQ(next[0][0], 0.2);
  EXPECT_DOUBLE_EQ(next[2][0], 0.2);
  EXPECT_NEAR(next[1][0], (0.1 * left + 0.4 * right) / (left + right), 1e-15);
  EXPECT_NEAR(within_bound_share(network, first, 1, 0.3), left / (left + right), 1e-15);
}

TEST(ValueDynamics, KeepsTheMeanAndEndsInOneOpinionWithoutABound) {
  Rng rng(2);
  std::vector<Edge> ring;
  for (std::uint32_t i = 0; i < 6; ++i) ring.emplace_back(i, (i + 1) % 6);
  Network network = make_network(ring, std::vector<std::uint32_t>(6, 0), rng);
  std::fill(network.weight.begin(), network.weight.end(), 1.0);
  std::vector<Scores> first(6);
  double mean = 0.0;
  for (Scores& scores : first) {
    scores = all(rng.uniform01());
    mean += scores[0] / 6.0;
  }
  const std::vector<Scores> last =
      simulate(network, first, {.epsilon = 3.0, .mu = 0.4, .steps = 400, .stubbornness = 0.0});
  for (const Scores& scores : last) EXPECT_NEAR(scores[0], mean, 1e-12);
}

// Golden: scikit-learn 1.9.1, SVR(gamma=0.7, tol=1e-7) on the same 40 cases.
TEST(ValueRegression, PredictsAsLibsvm) {
  Eigen::MatrixXd x(40, 2);
  Eigen::VectorXd y(40);
  for (int i = 0; i < 40; ++i) {
    x(i, 0) = std::sin(1.3 * i);
    x(i, 1) = std::sin(1.3 * i + 2.1);
    y(i) = std::cos(2.0 * x(i, 0)) + 0.5 * x(i, 1) + 0.1 * std::sin(7.0 * i);
  }
  Eigen::MatrixXd cases(5, 2);
  cases << 0.0, 0.0, 0.5, -0.5, -1.0, 0.25, 0.9, 0.9, 2.0, -2.0;
  struct Case {
    SvrOptions options;
    std::vector<double> expected;
  };
  const std::vector<Case> golden = {{{.c = 2.0, .gamma = 0.7, .tube = 0.05},
                                     {0.590523, -0.006059, -0.268614, 0.71973, -0.056529}},
                                    {{.c = 0.05, .gamma = 0.7, .tube = 0.01},
                                     {0.285711, 0.110891, 0.117243, 0.378404, 0.167021}}};
  for (const Case& c : golden) {
    const Eigen::VectorXd found = fit_support_vector_regression(x, y, c.options).predict(cases);
    for (Eigen::Index i = 0; i < 5; ++i) {
      EXPECT_NEAR(found(i), c.expected[static_cast<std::size_t>(i)], 1e-3) << c.options.c;
    }
  }
}

Survey small_survey(std::uint64_t seed = 1) {
  Rng rng(seed);
  SurveyOptions options;
  options.num_egos = 60;
  return conduct_survey(generate_network(200, 4, 10.0, rng), options, seed);
}

TEST(ValueSurvey, HoldsAQuarterOfTheEgosOut) {
  const Survey survey = small_survey();
  EXPECT_EQ(survey.egos.size(), 60U);
  EXPECT_EQ(survey.held_out.size(), 15U);
  std::set<std::size_t> everybody(survey.held_out.begin(), survey.held_out.end());
  everybody.insert(survey.tuning.begin(), survey.tuning.end());
  EXPECT_EQ(everybody.size(), 60U);
  for (const Scores& scores : survey.first) {
    for (const double score : scores) EXPECT_TRUE(score >= 0.0 && score <= 1.0);
  }
}

TEST(ValueSecondStage, NeverLooksAtLaterAnswersOfWhomItPredicts) {
  const Survey survey = small_survey();
  Survey spoiled = survey;
  for (const std::size_t e : survey.held_out) spoiled.later[e] = all(7.0);
  const auto moved = [](const Survey& s) {
    return of_egos(s, simulate(s.network, s.first, {.epsilon = 0.4, .mu = 0.3}));
  };
  for (const Regressor& regressor : {Regressor(NoRegressor{}), Regressor(Ridge{}),
                                     Regressor(SvrOptions{}), Regressor(Forest{.num_trees = 5})}) {
    const Eigen::MatrixXd features = features_of(survey, moved(survey), 0.4);
    EXPECT_EQ(features_of(spoiled, moved(spoiled), 0.4), features);
    EXPECT_EQ(cross_validated_error(survey, features, moved(survey), regressor, 5, 1),
              cross_validated_error(spoiled, features, moved(spoiled), regressor, 5, 1));
    EXPECT_EQ(
        predict(survey, features, moved(survey), regressor, survey.tuning, survey.held_out, 1),
        predict(spoiled, features, moved(spoiled), regressor, survey.tuning, survey.held_out, 1));
  }
}

class FixedSeed final : public TrialContext {
 public:
  std::uint64_t seed() const override { return 1; }
  bool report(double, double) override { return true; }
  bool should_stop() const override { return false; }
};

Workload make(const Json& options) {
  const Registry registry = make_registry();
  const WorkloadEntry& entry = registry.workload("value_dynamics");
  return entry.make(OptionValues(entry.info, options, "here"));
}

TEST(ValueDynamicsWorkload, ReportsWhatItDescribesWhateverTheConfiguration) {
  const Workload workload = make({{"people", 200}, {"egos", 40}});
  FixedSeed context;
  Rng rng(1);
  for (int i = 0; i < 8; ++i) {
    const Point point = i == 0 ? workload.space.default_point() : workload.space.sample(rng);
    const Metrics metrics = workload.run(workload.space, point, context);
    EXPECT_EQ(metrics.size(), workload.metrics.size());
    for (const auto& [name, value] : metrics) {
      EXPECT_TRUE(workload.metrics.contains(name)) << name;
      EXPECT_TRUE(std::isfinite(value) && value >= 0.0) << name;
    }
    EXPECT_EQ(workload.run(workload.space, point, context), metrics);
  }
}

TEST(ValueDynamicsWorkload, LeavesNothingButTheNoiseToTheHiddenDynamics) {
  const Workload workload = make({{"people", 400},
                                  {"noise", 0.05},
                                  {"drift", 0.0},
                                  {"hidden_steps", 10},
                                  {"hidden_epsilon", 0.4},
                                  {"hidden_mu", 0.3},
                                  {"hidden_stubbornness", 0.0}});
  const Space space = SpaceBuilder().real("epsilon", 0.4, 0.4).real("mu", 0.3, 0.3).build();
  FixedSeed context;
  const Metrics metrics = workload.run(space, Point{0.4, 0.3}, context);
  // 206 x 5 and 69 x 5 squares of noise; their means deviate by 4 and 8 %.
  EXPECT_NEAR(metrics.at("mse"), 0.0025, 6.0 * 0.0001);
  EXPECT_NEAR(metrics.at("held_out_mse"), 0.0025, 6.0 * 0.0002);
  EXPECT_GT(metrics.at("no_change_mse"), 0.004);
}

TEST(ValueDynamicsWorkload, SaysWhereItLookedForTheRealNetwork) {
  try {
    make({{"graph", "facebook"}, {"data", "/nowhere"}});
    FAIL() << "not refused";
  } catch (const UserError& error) {
    EXPECT_EQ(error.info().code, "workload.absent");
    EXPECT_THAT(error.what(), ::testing::HasSubstr("/nowhere"));
  }
}

TEST(ValueDynamicsSlow, RunsOnEgoFacebook) {
  const Workload workload = [] {
    try {
      return make({{"graph", "facebook"}});
    } catch (const UserError&) {
      return Workload();
    }
  }();
  if (!workload.run) GTEST_SKIP() << "data absent: ego_facebook";
  FixedSeed context;
  const Metrics metrics = workload.run(workload.space, workload.space.default_point(), context);
  EXPECT_LT(metrics.at("mse"), metrics.at("no_change_mse"));
}

}  // namespace
}  // namespace trimtab::values
