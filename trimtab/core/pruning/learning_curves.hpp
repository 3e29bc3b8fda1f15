#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "trimtab/core/pruner.hpp"

namespace trimtab {

/// What one trial has reported, in the order of its steps.
class LearningCurve {
 public:
  explicit LearningCurve(std::size_t num_objectives) : num_objectives_(num_objectives) {}

  /// Adds a step, or replaces what was said at it. Amortised O(m) when steps come in order.
  void report(double step, std::span<const double> losses);

  std::size_t size() const { return steps_.size(); }
  double step(std::size_t i) const { return steps_[i]; }
  /// (m), minimised, as told.
  std::span<const double> losses(std::size_t i) const {
    return {losses_.data() + i * num_objectives_, num_objectives_};
  }
  /// Smallest first loss up to the i-th step; NaN counts as infinity.
  double best(std::size_t i) const { return best_[i]; }
  /// Where the step stands, or nothing. O(log n).
  std::optional<std::size_t> find(double step) const;
  /// Whether the i-th step is the first one in its window of a pruner that looks at steps >= warmup
  /// once in `interval` steps.
  bool is_first_in_interval(std::size_t i, double warmup, double interval) const;

 private:
  std::size_t num_objectives_;
  std::vector<double> steps_;   // ascending
  std::vector<double> losses_;  // (n, m)
  std::vector<double> best_;
};

/// The curves of all trials.
class LearningCurves {
 public:
  explicit LearningCurves(std::size_t num_objectives) : num_objectives_(num_objectives) {}

  /// Takes a report (steps that are not finite are ignored); anything else changes nothing.
  void tell(const Progress& progress);
  /// nullptr = it has reported nothing.
  const LearningCurve* find(std::int64_t trial) const;
  std::size_t num_objectives() const { return num_objectives_; }

 private:
  std::size_t num_objectives_;
  std::unordered_map<std::int64_t, LearningCurve> curves_;
};

}  // namespace trimtab
