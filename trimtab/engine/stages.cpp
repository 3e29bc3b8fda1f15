#include "trimtab/engine/stages.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "trimtab/base/text.hpp"
#include "trimtab/core/confirm_rule.hpp"
#include "trimtab/engine/detail/holdout_guard.hpp"
#include "trimtab/engine/seeds.hpp"

namespace trimtab {
namespace {

constexpr std::int64_t kDefaultTrials = 100;

std::int64_t search_trials(const History& history) {
  return history.size() - history.count(Purpose::Confirm);
}

// Finished candidates after the one that set the best loss.
std::int64_t completed_since_best(const History& history) {
  std::int64_t count = 0;
  const std::span<const std::int64_t> order = history.finish_order();
  for (auto number = order.rbegin(); number != order.rend() && *number != history.best();
       ++number) {
    if (history.purpose(*number) != Purpose::Confirm) ++count;
  }
  return count;
}

bool same_point(PointView a, PointView b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

// The default configuration's trial, or another finalist of the same point.
std::int64_t standard_of(const std::vector<std::int64_t>& finalists, const History& history) {
  const std::int64_t given = default_trial(history);
  for (const std::int64_t number : finalists) {
    if (given >= 0 && same_point(history.point(number), history.point(given))) return number;
  }
  return -1;
}

}  // namespace

std::string_view name_of(Stage stage) {
  constexpr std::array<std::string_view, 3> kNames = {"search", "confirm", "done"};
  return kNames.at(static_cast<std::size_t>(stage));
}

std::optional<std::string> search_stop_reason(const StudySpec& spec, const History& history,
                                              double wall_seconds) {
  const Budget& budget = spec.budget;
  const bool is_unlimited =
      !budget.trials && !budget.wall_seconds && !budget.patience && !budget.energy_joules;
  const std::optional<std::int64_t> trials =
      is_unlimited ? std::optional(kDefaultTrials) : budget.trials;
  if (trials && search_trials(history) >= *trials) {
    return "budget of " + std::to_string(*trials) + " trials used";
  }
  if (budget.wall_seconds && wall_seconds >= *budget.wall_seconds) {
    return "budget of " + format_duration(*budget.wall_seconds) + " used";
  }
  if (budget.energy_joules && history.search_joules() >= *budget.energy_joules) {
    return "budget of " + format_energy(*budget.energy_joules) + " used";
  }
  if (is_holdout_exhausted(spec, history)) {
    return "the holdout has spoken " + std::to_string(spec.validity.holdout->budget) +
           " times, which is all it may";
  }
  if (history.best() < 0) return std::nullopt;
  const Objective& objective = spec.objectives.front();
  if (objective.target && spec.objectives.size() == 1 &&
      history.loss(history.best()) <= objective.loss(*objective.target)) {
    return "target " + objective.name + " = " + format_short(*objective.target) + " reached";
  }
  if (budget.patience && completed_since_best(history) >= *budget.patience) {
    return "no improvement in " + std::to_string(*budget.patience) + " trials";
  }
  return std::nullopt;
}

std::vector<std::int64_t> finalists(const StudySpec& spec, const History& history) {
  std::vector<std::int64_t> ranked;
  if (spec.validity.confirm_top <= 0 || spec.validity.confirm_seeds <= 0) return ranked;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    if (history.is_feasible(number) && history.purpose(number) != Purpose::Confirm &&
        history.copy_of(number) < 0) {
      ranked.push_back(number);
    }
  }
  std::stable_sort(ranked.begin(), ranked.end(), [&](std::int64_t a, std::int64_t b) {
    return history.loss(a) < history.loss(b);
  });
  std::vector<std::int64_t> chosen;
  for (const std::int64_t number : ranked) {
    if (static_cast<std::int64_t>(chosen.size()) >= spec.validity.confirm_top) break;
    const bool is_new = std::none_of(chosen.begin(), chosen.end(), [&](std::int64_t other) {
      return same_point(history.point(number), history.point(other));
    });
    if (is_new) chosen.push_back(number);
  }
  const std::int64_t given = default_trial(history);
  if (given >= 0 && std::find(chosen.begin(), chosen.end(), given) == chosen.end()) {
    chosen.push_back(given);
  }
  return chosen;
}

std::optional<ConfirmRun> next_confirm_run(const StudySpec& spec,
                                           const std::vector<std::int64_t>& finalists,
                                           const History& history) {
  if (is_confirmation_settled(history, finalists, standard_of(finalists, history))) {
    return std::nullopt;
  }
  std::set<std::pair<std::uint64_t, std::int64_t>> created;  // seed, finalist
  for (std::int64_t number = 0; number < history.size(); ++number) {
    if (history.purpose(number) == Purpose::Confirm) {
      created.emplace(history.seed(number), history.of_trial(number));
    }
  }
  for (std::int64_t index = 0; index < spec.validity.confirm_seeds; ++index) {
    const std::uint64_t seed = evaluation_seed(spec.seed, index);
    for (const std::int64_t number : finalists) {
      if (!created.contains({seed, number})) return ConfirmRun{number, index};
    }
  }
  return std::nullopt;
}

}  // namespace trimtab
