#include "trimtab/engine/auto_policy.hpp"

#include <cstdint>
#include <optional>

namespace trimtab {

AutoDecision resolve_auto(const StudySpec& spec, const Space& space) {
  const std::optional<std::uint64_t> size = space.size();
  const bool is_define_by_run = spec.space_definition == "{}";
  const std::int64_t budget = spec.budget.trials.value_or(100);
  if (!is_define_by_run && size && *size <= static_cast<std::uint64_t>(budget)) {
    return {{.name = "grid", .options = "{}"},
            "the space has " + std::to_string(*size) + " points, no more than the budget of " +
                std::to_string(budget) + " trials: every point is tried once"};
  }
  if (spec.objectives.size() > 1) {
    return {{.name = "evolution", .options = "{}"},
            std::to_string(spec.objectives.size()) +
                " objectives: regularised evolution, whose members compete by dominance"};
  }
  return {{.name = "tpe", .options = "{}"},
          "a space of " + std::to_string(space.num_dimensions()) +
              " dimensions larger than the budget: TPE, multivariate and grouped by jointly "
              "active parameters"};
}

Choice resolve_sampler(const StudySpec& spec, const Space& space) {
  if (spec.sampler.name != "auto") return spec.sampler;
  return resolve_auto(spec, space).choice;
}

}  // namespace trimtab
