#include "trimtab/core/pruning/learning_curves.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace trimtab {

void LearningCurve::report(double step, std::span<const double> losses) {
  const auto at = std::lower_bound(steps_.begin(), steps_.end(), step);
  const auto index = static_cast<std::size_t>(at - steps_.begin());
  const auto row = losses_.begin() + static_cast<std::ptrdiff_t>(index * num_objectives_);
  if (at != steps_.end() && *at == step) {
    std::copy(losses.begin(), losses.end(), row);
  } else {
    steps_.insert(at, step);
    losses_.insert(row, losses.begin(), losses.end());
    best_.push_back(0.0);
  }
  for (std::size_t i = index; i < steps_.size(); ++i) {
    const double loss = losses_[i * num_objectives_];
    const double before = i == 0 ? std::numeric_limits<double>::infinity() : best_[i - 1];
    best_[i] = loss < before ? loss : before;
  }
}

std::optional<std::size_t> LearningCurve::find(double step) const {
  const auto at = std::lower_bound(steps_.begin(), steps_.end(), step);
  if (at == steps_.end() || *at != step) return std::nullopt;
  return static_cast<std::size_t>(at - steps_.begin());
}

bool LearningCurve::is_first_in_interval(std::size_t i, double warmup, double interval) const {
  if (steps_[i] < warmup) return false;
  const double start = warmup + std::floor((steps_[i] - warmup) / interval) * interval;
  return i == 0 || steps_[i - 1] < start;
}

void LearningCurves::tell(const Progress& progress) {
  if (progress.kind != Progress::Kind::Report || !std::isfinite(progress.step)) return;
  curves_.try_emplace(progress.trial, num_objectives_)
      .first->second.report(progress.step, progress.losses);
}

const LearningCurve* LearningCurves::find(std::int64_t trial) const {
  const auto found = curves_.find(trial);
  return found == curves_.end() ? nullptr : &found->second;
}

}  // namespace trimtab
