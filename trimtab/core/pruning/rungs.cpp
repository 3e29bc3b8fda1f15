#include "trimtab/core/pruning/rungs.hpp"

#include <algorithm>
#include <cmath>

#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kMaxRungs = 64;

}  // namespace

Rungs::Rungs(double first_step, double eta, std::size_t num_objectives)
    : first_step_(first_step), eta_(eta), num_objectives_(num_objectives) {}

double Rungs::rung_step(std::size_t rung) const {
  return first_step_ * std::pow(eta_, static_cast<double>(rung));
}

std::size_t Rungs::num_promoted(std::size_t rung) const {
  const auto share = static_cast<std::size_t>(static_cast<double>(rungs_[rung].size()) / eta_);
  return std::max<std::size_t>(1, share);
}

void Rungs::report(std::int64_t trial, double step, std::span<const double> losses) {
  std::vector<Entry>& entries = entries_[trial];
  for (std::size_t rung = 0; rung < entries.size(); ++rung) {
    if (entries[rung].step != step) continue;  // a restart says it again
    rungs_[rung].erase(entries[rung].losses);
    entries[rung].losses.assign(losses.begin(), losses.end());
    rungs_[rung].insert(losses);
  }
  // A step that pow() misses by rounding still belongs to its rung.
  while (entries.size() < kMaxRungs && step >= rung_step(entries.size()) * (1.0 - 1e-12)) {
    const std::size_t rung = entries.size();
    if (rung == rungs_.size()) rungs_.emplace_back(num_objectives_);
    entries.push_back({step, {losses.begin(), losses.end()}});
    rungs_[rung].insert(losses);
  }
}

std::optional<std::size_t> Rungs::lost_rung(std::int64_t trial, double step) const {
  const auto found = entries_.find(trial);
  if (found == entries_.end()) return std::nullopt;
  for (std::size_t rung = found->second.size(); rung-- > 0;) {
    const Entry& entry = found->second[rung];
    if (entry.step != step) continue;
    if (!rungs_[rung].is_among_best(entry.losses, num_promoted(rung))) return rung;
  }
  return std::nullopt;
}

bool Rungs::should_stop(std::int64_t trial, double step) const {
  return lost_rung(trial, step).has_value();
}

std::string Rungs::explain(std::int64_t trial, double step) const {
  const std::optional<std::size_t> rung = lost_rung(trial, step);
  if (!rung) return "";
  return "not among the best " + std::to_string(num_promoted(*rung)) + " of " +
         std::to_string(rungs_[*rung].size()) + " trials at the rung of step " +
         format_short(rung_step(*rung));
}

}  // namespace trimtab
