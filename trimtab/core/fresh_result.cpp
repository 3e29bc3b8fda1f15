#include "trimtab/core/fresh_result.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>
#include <vector>

namespace trimtab {
namespace {

std::map<std::int64_t, FreshResult> fresh_results(const History& history) {
  std::map<std::int64_t, std::vector<double>> values;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    const bool counts = history.purpose(number) == Purpose::Confirm &&
                        history.state(number) == TrialState::Complete;
    if (counts) values[history.of_trial(number)].push_back(history.value(number));
  }
  std::map<std::int64_t, FreshResult> results;
  for (const auto& [trial, runs] : values) {
    const auto count = static_cast<double>(runs.size());
    FreshResult result = {.trial = trial, .num_runs = static_cast<std::int64_t>(runs.size())};
    for (const double value : runs) result.mean += value / count;
    double square = 0.0;
    for (const double value : runs) square += (value - result.mean) * (value - result.mean);
    result.deviation = runs.size() < 2 ? std::numeric_limits<double>::quiet_NaN()
                                       : std::sqrt(square / (count - 1.0));
    results.emplace(trial, result);
  }
  return results;
}

}  // namespace

std::optional<FreshResult> best_fresh_result(const History& history) {
  const auto results = fresh_results(history);
  if (results.empty()) return std::nullopt;
  const Objective& objective = history.objectives().front();
  const auto rank = [&](const auto& entry) {
    return std::tuple(-entry.second.num_runs, objective.loss(entry.second.mean), entry.first);
  };
  return std::min_element(results.begin(), results.end(),
                          [&](const auto& a, const auto& b) { return rank(a) < rank(b); })
      ->second;
}

std::optional<FreshResult> fresh_result_of(const History& history, std::int64_t trial) {
  const auto results = fresh_results(history);
  const auto found = results.find(trial);
  return found == results.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace trimtab
