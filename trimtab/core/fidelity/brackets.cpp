#include "trimtab/core/fidelity/brackets.hpp"

#include <algorithm>
#include <cmath>

#include "trimtab/base/rng.hpp"

namespace trimtab {

Brackets::Brackets(const ScheduleSetting& setting, bool is_synchronous)
    : ladder_(setting), is_synchronous_(is_synchronous), seed_(setting.seed) {
  const int top = ladder_.top();
  for (int first = 0; first <= top; ++first) {
    const double s = top - first;
    const double size = std::ceil((top + 1.0) * std::pow(setting.fidelity.eta, s) / (s + 1.0));
    sizes_.push_back(static_cast<std::int64_t>(std::min(1e15, size)));
    cycle_ += sizes_.back();
  }
}

// Asynchronous: the first rung. Synchronous: which bracket it is since the beginning.
int Brackets::bracket_of(std::int64_t trial) const {
  std::int64_t rest = 0;
  if (is_synchronous_) {
    rest = trial % cycle_;
  } else {
    Rng rng(seed_, static_cast<std::uint64_t>(trial), "bracket");
    rest = static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(cycle_)));
  }
  int first = 0;
  for (; rest >= sizes_[static_cast<std::size_t>(first)]; ++first) {
    rest -= sizes_[static_cast<std::size_t>(first)];
  }
  if (!is_synchronous_) return first;
  return static_cast<int>(trial / cycle_) * (ladder_.top() + 1) + first;
}

int Brackets::first_level(std::int64_t trial) const {
  return bracket_of(trial) % (ladder_.top() + 1);
}

void Brackets::tell(const LevelEvent& event) { ladder_.tell(event, bracket_of(event.trial)); }

std::optional<std::int64_t> Brackets::promotion(bool is_growing) const {
  const bool is_closing = !is_growing && ladder_.is_idle();
  if (is_synchronous_) {
    const int num_per_cycle = ladder_.top() + 1;
    for (int bracket = 0; ladder_.num_born(bracket) > 0; ++bracket) {
      const auto first = static_cast<std::size_t>(bracket % num_per_cycle);
      if (is_growing && ladder_.num_born(bracket) < sizes_[first]) continue;
      if (const auto trial = ladder_.next_together(bracket)) return trial;
    }
  } else {
    if (const auto trial = ladder_.next_at_once(ladder_.top(), is_closing)) return trial;
  }
  return is_closing ? ladder_.last_resort() : std::nullopt;
}

}  // namespace trimtab
