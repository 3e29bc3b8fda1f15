// The promises of seed 33 on simulated surveys: hidden parameters, search, the second stage.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "trimtab/core/registry.hpp"

namespace trimtab {
namespace {

class FixedSeed final : public TrialContext {
 public:
  std::uint64_t seed() const override { return 1; }
  bool report(double, double) override { return true; }
  bool should_stop() const override { return false; }
};

struct Found {
  Point point;
  Metrics metrics;
};

Found search(const Workload& workload, const Space& space, const Choice& sampler,
             std::size_t budget, std::uint64_t seed) {
  AnySampler asked = make_registry().make_sampler(
      sampler, space,
      {.num_objectives = 1, .budget_trials = static_cast<std::int64_t>(budget), .seed = seed},
      "test");
  Found best;
  FixedSeed context;
  for (std::size_t i = 0; i < budget; ++i) {
    Rng rng(seed, i, "ask");
    const Point point = asked.ask(1, rng).front();
    const Metrics metrics = workload.run(space, point, context);
    const Observation observation{static_cast<std::int64_t>(i), point, TrialState::Complete,
                                  metrics.at("mse")};
    asked.tell(std::span(&observation, 1), {});
    if (i == 0 || metrics.at("mse") < best.metrics.at("mse")) best = {point, metrics};
  }
  return best;
}

Workload make(const Json& options) {
  const Registry registry = make_registry();
  const WorkloadEntry& entry = registry.workload("value_dynamics");
  return entry.make(OptionValues(entry.info, options, "here"));
}

Space dynamics_space() {
  return SpaceBuilder()
      .real("epsilon", 0.01, 1.0)
      .real("mu", 0.01, 1.0)
      .integer("steps", 1, 50)
      .real("stubbornness", 0.0, 1.0)
      .build();
}

// The constants that the study's kind of swarm has (Clerc and Kennedy 2002).
const Choice kSwarm = {"pso", R"({"swarm": 20, "inertia": 0.7298})"};

// Ten surveys, each with hidden parameters of its own.
Json survey(std::uint64_t seed) {
  Rng rng(seed, 0, "hidden");
  return {{"data_seed", seed},
          {"noise", 0.02},
          {"drift", 0.0},
          {"hidden_epsilon", rng.uniform(0.25, 0.5)},
          {"hidden_mu", rng.uniform(0.2, 0.5)},
          {"hidden_steps", rng.integer(4, 8)},
          {"hidden_stubbornness", rng.uniform(0.0, 0.15)}};
}

// One later wave does not tell a fast rate from more steps or less stubbornness
// (docs/workloads.md), so that these two are known here.
TEST(ValueDynamicsSlow, RecoversBoundAndRateBySwarm) {
  int num_recovered = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Json options = survey(seed);
    const auto steps = options["hidden_steps"].get<std::int64_t>();
    const double stubbornness = options["hidden_stubbornness"].get<double>();
    const Space space = SpaceBuilder()
                            .real("epsilon", 0.01, 1.0)
                            .real("mu", 0.01, 1.0)
                            .integer("steps", steps, steps)
                            .real("stubbornness", stubbornness, stubbornness)
                            .build();
    const Found found = search(make(options), space, kSwarm, 300, seed);
    const double epsilon = options["hidden_epsilon"].get<double>();
    const double mu = options["hidden_mu"].get<double>();
    std::cout << "seed " << seed << ": epsilon " << epsilon << " found " << found.point[0]
              << ", mu " << mu << " found " << found.point[1] << '\n';
    const bool is_recovered =
        std::abs(found.point[0] / epsilon - 1.0) < 0.1 && std::abs(found.point[1] / mu - 1.0) < 0.1;
    num_recovered += is_recovered ? 1 : 0;
  }
  EXPECT_GE(num_recovered, 8);
}

TEST(ValueDynamicsSlow, SwarmBeatsRandomSearchOnHeldOutEgos) {
  int num_won = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Workload workload = make(survey(seed));
    const Found pso = search(workload, dynamics_space(), kSwarm, 300, seed);
    const Found random = search(workload, dynamics_space(), {"random"}, 300, seed);
    num_won += pso.metrics.at("held_out_mse") < random.metrics.at("held_out_mse") ? 1 : 0;
    std::cout << "seed " << seed << ": held out " << pso.metrics.at("held_out_mse") << ", random "
              << random.metrics.at("held_out_mse") << '\n';
  }
  EXPECT_GE(num_won, 8);
}

// The usual survey, noise 0.05, on three made-up networks: the dynamics are tuned first, then the
// regressor's hyperparameters for them.
TEST(ValueDynamicsSlow, SecondStageIsBetterThanTheDynamicsAloneAndTheseThanNoChange) {
  double no_change = 0.0;
  double alone = 0.0;
  double corrected = 0.0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Workload workload = make({{"data_seed", seed}});
    const Found first = search(workload, dynamics_space(), kSwarm, 100, seed);
    const Space second =
        SpaceBuilder()
            .real("epsilon", first.point[0], first.point[0])
            .real("mu", first.point[1], first.point[1])
            .integer("steps", std::llround(first.point[2]), std::llround(first.point[2]))
            .real("stubbornness", first.point[3], first.point[3])
            .categorical("regressor", {"svr"})
            .real("svr_c", 1e-2, 10.0, {.is_log = true})
            .real("svr_gamma", 1e-3, 10.0, {.is_log = true})
            .real("svr_tube", 1e-4, 1e-1, {.is_log = true})
            .build();
    const Found both = search(workload, second, kSwarm, 30, seed);
    no_change += both.metrics.at("held_out_no_change_mse") / 3.0;
    alone += both.metrics.at("held_out_dynamics_mse") / 3.0;
    corrected += both.metrics.at("held_out_mse") / 3.0;
    EXPECT_LT(both.metrics.at("held_out_mse"), both.metrics.at("held_out_dynamics_mse")) << seed;
    EXPECT_LT(both.metrics.at("held_out_dynamics_mse"), both.metrics.at("held_out_no_change_mse"));
  }
  std::cout << "held-out mean squared error: no change " << no_change << ", dynamics alone "
            << alone << ", with support vectors " << corrected << '\n';
}

}  // namespace
}  // namespace trimtab
