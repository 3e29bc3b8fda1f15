#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/numerics/gp/evidence.hpp"
#include "trimtab/numerics/gp/posterior.hpp"
#include "trimtab/samplers/gp/observations.hpp"

namespace trimtab::gp {

/// A Gaussian process for each observed constraint: the probability that a trial keeps them all.
///
///   t = asinh(v / s),  s the median of |v|;    P(x) = product over constraints of Phi(-mean /
///   deviation)
/// The border stays at 0, and values far from it, however far, say little more than their side.
/// At most 160 trials make a model: those nearest to the border, and the latest.
/// Source: Gelbart, Snoek and Adams 2014, "Bayesian optimization with unknown constraints",
/// equation
///   6; Gardner et al. 2014, "Bayesian optimization with inequality constraints", section 3.2
///   (independent processes).
/// Differs: the asinh of the values.
class ConstraintModels {
 public:
  ConstraintModels() = default;

  /// Hyperparameters of each constraint from the first `count` rows.
  /// Cost: O(constraints * evaluations * 160^3).
  static std::vector<Hyperparameters> fit(const Axes& axes, const Observations& observations,
                                          std::size_t count, std::size_t max_evaluations,
                                          const HyperPrior& prior);

  /// Conditioned on the first `count` rows. @param thetas  one for each constraint, or none yet:
  /// the mode of the prior. O(constraints * 160^3 / 3).
  ConstraintModels(const Axes& axes, const Observations& observations, std::size_t count,
                   std::span<const Hyperparameters> thetas, const HyperPrior& prior);

  bool empty() const { return models_.empty(); }

  /// Adds log P of each point. @param features  (m, F)   @param out  (m).
  void add_log_probability(std::span<const double> features, std::span<double> out) const;
  /// Adds the slope of log P to (F), and returns log P.
  double add_slope(std::span<const double> features, std::span<double> slope) const;
  /// Whether every constraint is kept by the predicted mean.
  bool is_probably_feasible(std::span<const double> features) const;

 private:
  std::vector<Posterior> models_;
};

}  // namespace trimtab::gp
