#include "trimtab/core/fidelity/ladder.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace trimtab {
namespace {

constexpr double kMaxRungs = 32.0;

double sort_key(std::span<const double> losses) {
  return std::isnan(losses[0]) ? std::numeric_limits<double>::infinity() : losses[0];
}

}  // namespace

Ladder::Ladder(const ScheduleSetting& setting)
    : fidelity_(setting.fidelity), num_objectives_(setting.num_objectives) {
  const double rungs = std::log(fidelity_.max / fidelity_.min) / std::log(fidelity_.eta);
  top_ = static_cast<int>(std::min(kMaxRungs, std::floor(rungs + 1e-9)));
  results_.resize(static_cast<std::size_t>(top_) + 1);
}

double Ladder::fidelity(int level) const {
  const double exact = fidelity_.max * std::pow(fidelity_.eta, static_cast<double>(level - top_));
  const bool is_whole =
      fidelity_.min == std::round(fidelity_.min) && fidelity_.max == std::round(fidelity_.max);
  return is_whole ? std::round(exact) : exact;
}

Ladder::Rung& Ladder::at(const Key& key) {
  return rungs_.try_emplace(key, Rung{RankedLosses(num_objectives_)}).first->second;
}

std::int64_t Ladder::num_born(int bracket) const {
  const auto found = num_born_.find(bracket);
  return found == num_born_.end() ? 0 : found->second;
}

void Ladder::open(std::int64_t trial, const Key& key) {
  open_at_[trial] = key;
  ++num_open_[key];
}

void Ladder::close(std::int64_t trial) {
  const auto found = open_at_.find(trial);
  if (found == open_at_.end()) return;
  const auto count = num_open_.find(found->second);
  if (--count->second == 0) num_open_.erase(count);
  open_at_.erase(found);
}

void Ladder::tell(const LevelEvent& event, int bracket) {
  const Key key = {bracket, std::min(event.level, top_)};
  switch (event.kind) {
    case LevelEvent::Kind::Born:
      ++num_born_[bracket];
      if (key.second == top_) born_at_top_.insert(event.trial);
      return open(event.trial, key);
    case LevelEvent::Kind::Promoted:
      leave_pause(event.trial);
      return open(event.trial, key);
    case LevelEvent::Kind::Paused:
      return pause(event, key);
    case LevelEvent::Kind::Ended:
      return end(event, key);
    case LevelEvent::Kind::Left:
      return close(event.trial);
    case LevelEvent::Kind::Joined:
      return;
  }
}

void Ladder::pause(const LevelEvent& event, const Key& key) {
  close(event.trial);
  Rung& rung = at(key);
  rung.reached.insert(event.losses);
  rung.paused[event.trial].assign(event.losses.begin(), event.losses.end());
  rung.paused_by_loss.emplace(sort_key(event.losses), event.trial);
  paused_at_[event.trial] = key;
  results_[static_cast<std::size_t>(key.second)].emplace_back(event.trial, event.losses[0]);
}

bool Ladder::leave_pause(std::int64_t trial) {
  const auto found = paused_at_.find(trial);
  if (found == paused_at_.end()) return false;
  Rung& rung = rungs_.at(found->second);
  rung.paused_by_loss.erase({sort_key(rung.paused.at(trial)), trial});
  rung.paused.erase(trial);
  paused_at_.erase(found);
  return true;
}

void Ladder::end(const LevelEvent& event, const Key& key) {
  if (leave_pause(event.trial)) return;  // it was counted when it was paused
  close(event.trial);
  const std::vector<double> worst(num_objectives_, std::numeric_limits<double>::infinity());
  at(key).reached.insert(event.losses.empty() ? worst : event.losses);
  if (event.losses.empty()) return;
  if (key.second == top_ && !born_at_top_.contains(event.trial)) has_arrived_ = true;
  results_[static_cast<std::size_t>(key.second)].emplace_back(event.trial, event.losses[0]);
}

std::optional<std::int64_t> Ladder::best_paused(const Rung& rung, std::size_t num_promoted) const {
  if (num_promoted == 0) return std::nullopt;
  for (const auto& [loss, trial] : rung.paused_by_loss) {
    if (rung.reached.is_among_best(rung.paused.at(trial), num_promoted)) return trial;
    if (num_objectives_ == 1) return std::nullopt;  // the others are worse still
  }
  return std::nullopt;
}

std::optional<std::int64_t> Ladder::next_at_once(int below, bool is_closing) const {
  for (int level = std::min(below, top_) - 1; level >= 0; --level) {
    for (const auto& [key, rung] : rungs_) {
      if (key.second != level) continue;
      const double share = static_cast<double>(rung.reached.size()) / fidelity_.eta;
      const auto least = static_cast<std::size_t>(is_closing);
      const auto num_promoted = std::max(least, static_cast<std::size_t>(share));
      if (const auto trial = best_paused(rung, num_promoted)) return trial;
    }
  }
  return std::nullopt;
}

// Rungs in ascending order: one that is still open, or still sends somebody on, holds back those
// above it.
std::optional<std::int64_t> Ladder::next_together(int bracket) const {
  for (auto entry = rungs_.lower_bound({bracket, 0});
       entry != rungs_.end() && entry->first.first == bracket; ++entry) {
    const auto& [key, rung] = *entry;
    const auto lowest_open = num_open_.lower_bound({bracket, 0});
    const bool is_open = lowest_open != num_open_.end() && lowest_open->first <= key;
    if (is_open) return std::nullopt;
    const double share = static_cast<double>(rung.reached.size()) / fidelity_.eta;
    const auto num_promoted = std::max<std::size_t>(1, static_cast<std::size_t>(share));
    if (const auto trial = best_paused(rung, num_promoted)) return trial;
  }
  return std::nullopt;
}

std::optional<std::int64_t> Ladder::last_resort() const {
  if (!is_idle() || has_arrived_) return std::nullopt;
  const Rung* highest = nullptr;
  int level = -1;
  for (const auto& [key, rung] : rungs_) {
    if (rung.paused_by_loss.empty() || key.second < level) continue;
    const bool is_better =
        key.second > level || *rung.paused_by_loss.begin() < *highest->paused_by_loss.begin();
    if (is_better) highest = &rung;
    level = key.second;
  }
  if (highest == nullptr) return std::nullopt;
  return highest->paused_by_loss.begin()->second;
}

}  // namespace trimtab
