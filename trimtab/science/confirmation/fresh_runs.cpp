#include "trimtab/science/confirmation/fresh_runs.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace trimtab {
namespace {

void take_run(const History& history, std::int64_t number, Finalist& finalist) {
  if (!is_finished(history.state(number))) {
    ++finalist.num_open;
  } else if (history.state(number) == TrialState::Complete &&
             std::isfinite(history.value(number))) {
    finalist.runs.emplace_back(history.seed(number), history.value(number));
  } else {
    ++finalist.num_failed;
  }
}

void summarise(Finalist& finalist, const Objective& objective) {
  std::sort(finalist.runs.begin(), finalist.runs.end());
  std::vector<double> values;
  for (const auto& [seed, value] : finalist.runs) values.push_back(value);
  if (values.empty()) return;
  finalist.fresh_mean = mean(values);
  if (values.size() >= 2) {
    finalist.fresh_deviation = std::sqrt(variance(values));
    if (finalist.fresh_deviation == 0.0) finalist.fresh_mean = values.front();
  }
  finalist.optimism = objective.loss(finalist.fresh_mean) - objective.loss(finalist.search_value);
}

}  // namespace

std::vector<Finalist> collect_fresh_runs(const History& history) {
  std::map<std::int64_t, Finalist> by_trial;
  std::map<std::int64_t, double> wall_seconds;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    const std::int64_t trial = history.of_trial(number);
    if (history.purpose(number) != Purpose::Confirm || trial < 0) continue;
    Finalist& finalist = by_trial[trial];
    finalist.trial = trial;
    finalist.search_value = history.value(trial);
    const std::size_t num_before = finalist.runs.size();
    take_run(history, number, finalist);
    if (finalist.runs.size() > num_before) {
      wall_seconds[trial] += history.resources(number).wall_seconds;
    }
  }
  std::vector<Finalist> finalists;
  for (auto& [trial, finalist] : by_trial) {
    summarise(finalist, history.objectives().front());
    if (!finalist.runs.empty()) {
      finalist.mean_wall_seconds = wall_seconds[trial] / static_cast<double>(finalist.runs.size());
    }
    finalists.push_back(std::move(finalist));
  }
  std::stable_sort(finalists.begin(), finalists.end(), [&](const Finalist& a, const Finalist& b) {
    return history.loss(a.trial) < history.loss(b.trial);
  });
  return finalists;
}

std::vector<double> paired_improvements(const Finalist& finalist, const Finalist& standard,
                                        const Objective& objective) {
  std::vector<double> improvements;
  auto other = standard.runs.begin();
  for (const auto& [seed, value] : finalist.runs) {
    while (other != standard.runs.end() && other->first < seed) ++other;
    if (other == standard.runs.end() || other->first != seed) continue;
    improvements.push_back(objective.loss(other->second) - objective.loss(value));
  }
  return improvements;
}

}  // namespace trimtab
