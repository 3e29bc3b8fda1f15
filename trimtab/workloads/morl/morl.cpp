#include "trimtab/workloads/morl/morl.hpp"

#include <memory>
#include <nlohmann/json.hpp>

#include "trimtab/core/registry.hpp"
#include "trimtab/numerics/hypervolume.hpp"
#include "trimtab/workloads/morl/scalarised_q.hpp"

namespace trimtab {
namespace {

using morl::DeepSeaTreasure;
using morl::QSettings;

constexpr std::size_t kPreferences = 50;

Info make_info() {
  Info info;
  info.name = "morl";
  info.purpose =
      "policies for several preferences by Q-learning in the deep sea; their hypervolume";
  info.source = "Felten et al. 2023, MORL-Baselines; Vamplew et al. 2011; Van Moffaert et al. 2013";
  info.options = {
      {"map", std::string("convex"), "values of the treasures", {}, {}, {"convex", "concave"}},
      {"steps", std::int64_t{24'000}, "of all policies together", 100.0, 1e9},
      {"worst_time", std::int64_t{50}, "reference: longer ways count for nothing", 20.0, 100.0}};
  return info;
}

Space search_space() {
  return SpaceBuilder()
      .real("learning_rate", 0.01, 1.0, {.is_log = true, .default_value = 0.1})
      .real("first_epsilon", 0.01, 1.0, {.default_value = 0.1})
      .real("last_epsilon", 0.01, 1.0, {.default_value = 0.1})
      .real("decay", 0.05, 1.0, {.default_value = 0.5})
      .real("gamma", 0.8, 1.0, {.default_value = 0.98})
      .real("initial_treasure", 0.0, 30.0, {.default_value = 0.0})
      .categorical("scalarisation", {"linear", "chebyshev"}, {.default_choice = Scalar("linear")})
      .integer("weights", 3, 24, {.default_value = 6.0})
      .build();
}

QSettings settings_of(const Json& values, std::size_t num_steps) {
  QSettings settings;
  settings.learning_rate = values.value("learning_rate", settings.learning_rate);
  settings.first_epsilon = values.value("first_epsilon", settings.first_epsilon);
  settings.last_epsilon = values.value("last_epsilon", settings.last_epsilon);
  settings.decay = values.value("decay", settings.decay);
  settings.gamma = values.value("gamma", settings.gamma);
  settings.initial_treasure = values.value("initial_treasure", settings.initial_treasure);
  settings.is_chebyshev = values.value("scalarisation", "linear") == std::string("chebyshev");
  settings.num_weights = values.value("weights", settings.num_weights);
  settings.steps_per_weight = num_steps / settings.num_weights;
  return settings;
}

Workload make(const OptionValues& options) {
  const auto sea = std::make_shared<const DeepSeaTreasure>(options.text("map"));
  const auto num_steps = static_cast<std::size_t>(options.integer("steps"));
  const auto worst = static_cast<double>(options.integer("worst_time"));
  Workload workload;
  workload.space = search_space();
  workload.objectives = {{.name = "hypervolume", .goal = Goal::Maximise}};
  workload.metrics = {{"hypervolume", "of the returns above (0, -worst_time)"},
                      {"expected_utility", "mean over 50 linear preferences"},
                      {"largest_loss", "of utility against the true front, over the same"},
                      {"distance", "inverted generational distance to the true front"},
                      {"cardinality", "distinct returns that no other one dominates"}};
  workload.run = [sea, num_steps, worst](const Space& space, PointView point,
                                         TrialContext& context) {
    Rng rng(context.seed(), 0, "morl");
    const std::vector<double> returns =
        learn_returns(*sea, settings_of(space.to_json(point), num_steps), rng);
    const morl::Indicators found = morl::measure(returns, sea->front(), kPreferences);
    return Metrics{{"hypervolume", hypervolume(returns, std::array{0.0, -worst})},
                   {"expected_utility", found.expected_utility},
                   {"largest_loss", found.largest_loss},
                   {"distance", found.distance},
                   {"cardinality", static_cast<double>(found.cardinality)}};
  };
  return workload;
}

}  // namespace

WorkloadEntry morl_entry() { return {make_info(), make}; }

}  // namespace trimtab

TRIMTAB_WORKLOAD(morl, morl_entry())
