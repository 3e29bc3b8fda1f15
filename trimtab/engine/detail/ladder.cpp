#include "trimtab/engine/detail/ladder.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "trimtab/base/rng.hpp"

namespace trimtab {
namespace {

constexpr double kMaxRungs = 32.0;

double sort_key(std::span<const double> losses) {
  return std::isnan(losses[0]) ? std::numeric_limits<double>::infinity() : losses[0];
}

}  // namespace

Ladder::Ladder(const Fidelity& fidelity, std::uint64_t seed, std::size_t num_objectives)
    : fidelity_(fidelity), seed_(seed), num_objectives_(num_objectives) {
  const double rungs = std::log(fidelity.max / fidelity.min) / std::log(fidelity.eta);
  top_ = static_cast<int>(std::min(kMaxRungs, std::floor(rungs + 1e-9)));
  if (fidelity.schedule != Schedule::Hyperband) return;
  double sum = 0.0;
  for (int bracket = 0; bracket <= top_; ++bracket) {  // s of the source is top - bracket
    const double s = top_ - bracket;
    sum += std::ceil((top_ + 1.0) * std::pow(fidelity.eta, s) / (s + 1.0));
    share_up_to_.push_back(sum);
  }
  for (double& share : share_up_to_) share /= sum;
}

double Ladder::fidelity(int rung) const {
  const double exact = fidelity_.max * std::pow(fidelity_.eta, static_cast<double>(rung - top_));
  const bool is_whole =
      fidelity_.min == std::round(fidelity_.min) && fidelity_.max == std::round(fidelity_.max);
  return is_whole ? std::round(exact) : exact;
}

int Ladder::bracket_of(std::int64_t trial) const {
  if (share_up_to_.empty()) return 0;
  const double u = Rng(seed_, static_cast<std::uint64_t>(trial), "bracket").uniform01();
  const auto at = std::upper_bound(share_up_to_.begin(), share_up_to_.end() - 1, u);
  return static_cast<int>(at - share_up_to_.begin());
}

int Ladder::first_rung(std::int64_t trial, Purpose purpose) const {
  if (purpose == Purpose::Default || purpose == Purpose::Confirm) return top_;
  return bracket_of(trial);
}

Ladder::Rung& Ladder::at(std::int64_t trial, int rung) {
  return rungs_.try_emplace(Key{bracket_of(trial), rung}, Rung{RankedLosses(num_objectives_)})
      .first->second;
}

void Ladder::pause(std::int64_t trial, int rung, std::span<const double> losses) {
  Rung& here = at(trial, rung);
  here.reached.insert(losses);
  here.paused[trial].assign(losses.begin(), losses.end());
  here.paused_by_loss.emplace(sort_key(losses), trial);
  paused_at_[trial] = {bracket_of(trial), rung};
}

void Ladder::promote(std::int64_t trial) {
  const auto found = paused_at_.find(trial);
  if (found == paused_at_.end()) return;
  Rung& rung = rungs_.at(found->second);
  rung.paused_by_loss.erase({sort_key(rung.paused.at(trial)), trial});
  rung.paused.erase(trial);
  paused_at_.erase(found);
}

void Ladder::end(std::int64_t trial, int rung, std::span<const double> losses) {
  if (paused_at_.contains(trial)) return promote(trial);  // it was counted when it was paused
  const std::vector<double> worst(num_objectives_, std::numeric_limits<double>::infinity());
  at(trial, rung).reached.insert(losses.empty() ? worst : losses);
}

std::optional<std::int64_t> Ladder::best_paused(const Rung& rung, std::size_t num_promoted) const {
  if (num_promoted == 0) return std::nullopt;
  for (const auto& [loss, trial] : rung.paused_by_loss) {
    if (rung.reached.is_among_best(rung.paused.at(trial), num_promoted)) return trial;
    if (num_objectives_ == 1) return std::nullopt;  // the others are worse still
  }
  return std::nullopt;
}

std::optional<std::int64_t> Ladder::next_asynchronous(bool is_closing) const {
  for (auto entry = rungs_.rbegin(); entry != rungs_.rend(); ++entry) {
    const Rung& rung = entry->second;
    const double share = static_cast<double>(rung.reached.size()) / fidelity_.eta;
    const auto least = static_cast<std::size_t>(is_closing);
    const auto num_promoted = std::max(least, static_cast<std::size_t>(share));
    if (const auto trial = best_paused(rung, num_promoted)) return trial;
  }
  return std::nullopt;
}

// Rungs in ascending order: one that is still open, or still sends somebody on, holds back those
// above it.
std::optional<std::int64_t> Ladder::next_synchronous(const Situation& situation) const {
  if (situation.is_growing) return std::nullopt;
  const auto lowest = situation.lowest_open.find(0);
  for (const auto& [key, rung] : rungs_) {
    if (lowest != situation.lowest_open.end() && lowest->second <= key.second) return std::nullopt;
    const double share = static_cast<double>(rung.reached.size()) / fidelity_.eta;
    const auto num_promoted = std::max<std::size_t>(1, static_cast<std::size_t>(share));
    if (const auto trial = best_paused(rung, num_promoted)) return trial;
  }
  return std::nullopt;
}

std::optional<std::int64_t> Ladder::next(const Situation& situation) const {
  if (fidelity_.schedule == Schedule::SuccessiveHalving) return next_synchronous(situation);
  if (const auto trial = next_asynchronous(/*is_closing=*/false)) return trial;
  const bool is_closing = !situation.is_growing && situation.lowest_open.empty();
  return is_closing ? next_asynchronous(/*is_closing=*/true) : std::nullopt;
}

}  // namespace trimtab
