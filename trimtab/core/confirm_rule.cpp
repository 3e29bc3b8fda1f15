#include "trimtab/core/confirm_rule.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "trimtab/numerics/statistics.hpp"

namespace trimtab {
namespace {

using Losses = std::vector<double>;  // of the fresh seeds in their order; NaN = failed

// Seeds are given out in order, to every finalist before the next one, so the k-th run of a
// finalist is the one on the k-th seed. Stops at the first run that has not ended.
std::map<std::int64_t, Losses> ended_runs(const History& history) {
  std::map<std::int64_t, Losses> runs;
  std::map<std::int64_t, bool> has_gap;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    if (history.purpose(number) != Purpose::Confirm) continue;
    const std::int64_t trial = history.of_trial(number);
    if (!is_finished(history.state(number))) has_gap[trial] = true;
    if (!has_gap[trial]) runs[trial].push_back(history.loss(number));
  }
  return runs;
}

bool is_constant(const Losses& losses) {
  return std::isfinite(losses.front()) &&
         std::all_of(losses.begin(), losses.end(),
                     [&](double loss) { return loss == losses.front(); });
}

double finite_mean(const Losses& losses, std::size_t count) {
  double sum = 0.0;
  std::size_t n = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!std::isfinite(losses[i])) continue;
    sum += losses[i];
    ++n;
  }
  return n == 0 ? std::numeric_limits<double>::infinity() : sum / static_cast<double>(n);
}

// Probability of the paired differences; 1 where there are too few of them or none is spread.
double paired_p(const Losses& finalist, const Losses& standard, std::size_t count) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < count; ++i) {
    const double difference = standard[i] - finalist[i];
    if (std::isfinite(difference)) differences.push_back(difference);
  }
  if (differences.size() < 2 || variance(differences) == 0.0) return 1.0;
  return paired_t_test(differences).p;
}

bool is_clear(const std::vector<const Losses*>& others, const Losses& standard) {
  std::vector<double> p, means;
  for (const Losses* losses : others) {
    p.push_back(paired_p(*losses, standard, kEarlySeeds));
    means.push_back(finite_mean(*losses, kEarlySeeds));
  }
  if (others.empty()) return false;
  const auto best = std::min_element(means.begin(), means.end());
  return *best < finite_mean(standard, kEarlySeeds) &&
         holm(p)[static_cast<std::size_t>(best - means.begin())] <= kEarlyLevel;
}

}  // namespace

std::int64_t default_trial(const History& history) {
  for (std::int64_t number = 0; number < history.size(); ++number) {
    if (history.purpose(number) == Purpose::Default) {
      return history.state(number) == TrialState::Complete ? number : -1;
    }
  }
  return -1;
}

bool is_confirmation_settled(const History& history, const std::vector<std::int64_t>& finalists,
                             std::int64_t standard) {
  const std::map<std::int64_t, Losses> runs = ended_runs(history);
  std::vector<const Losses*> all, others;
  std::size_t num_seeds = std::numeric_limits<std::size_t>::max();
  for (const std::int64_t trial : finalists) {
    const auto found = runs.find(trial);
    if (found == runs.end()) return false;
    all.push_back(&found->second);
    if (trial != standard) others.push_back(&found->second);
    num_seeds = std::min(num_seeds, found->second.size());
  }
  if (all.empty() || num_seeds < kDeterministicSeeds) return false;
  const bool is_deterministic = std::all_of(
      all.begin(), all.end(), [](const Losses* losses) { return is_constant(*losses); });
  if (is_deterministic) return true;
  const auto given = runs.find(standard);
  return num_seeds >= kEarlySeeds && given != runs.end() && is_clear(others, given->second);
}

}  // namespace trimtab
