#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "trimtab/samplers/gp/expert_prior.hpp"
#include "trimtab/samplers/gp/observations.hpp"
#include "trimtab/samplers/gp/surrogate.hpp"

namespace trimtab::gp {

/// How promising points are: log of the expected improvement on the best fitted mean, plus log of
/// the probability P that the trial does not fail.
///
/// Observed constraints add the log of the probability that all are kept; while no trial keeps
/// them, nothing else counts.
///
/// Near a border behind which trials fail, the gain behind it outweighs any small P, so P is also a
/// soft constraint: below a threshold log P counts a thousandfold, which leaves the bisection of
/// the border to proposals that probably succeed. The threshold is 0.6 and grows to 0.9 with the
/// share of failures among the latest trials: bold while trials succeed, careful after failures.
/// Running trials, and those proposed in the same batch, are believed to give what is predicted:
/// the variance around them shrinks and the best may become better, so that parallel trials spread.
/// Source: Ament et al. 2023, equation 9 (log-EI); Gelbart et al. 2014, "Bayesian optimization with
///   unknown constraints", equation 6 (times feasibility); Ginsbourger et al. 2010, "Kriging is
///   well-suited to parallelize optimization" (believer).
/// Differs: the soft constraint on P.
class Acquisition {
 public:
  /// @param observations  those of the surrogate
  /// @param prior         outlives the acquisition; nullptr = none
  /// @param prior_weight  of the log density of the prior
  Acquisition(Surrogate surrogate, const Observations& observations,
              const ExpertPrior* prior = nullptr, double prior_weight = 0.0);

  /// A trial whose result is not known yet. @param features  (F). O(n^2).
  void believe(std::span<const double> features);

  /// @param features  (m, F)   @param out  (m). Cost: O(m n^2).
  void values(std::span<const double> features, std::span<double> out) const;
  /// The same with the variance from few trials only, which is too large: O(m n F).
  void cheap_values(std::span<const double> features, std::span<double> out) const;

  struct Gradient {
    double value = 0.0;
    std::vector<double> slope;  ///< (F)
  };
  Gradient gradient(std::span<const double> features) const;

  const Surrogate& surrogate() const { return surrogate_; }
  /// Trials that the objective is conditioned on.
  std::size_t num_points() const;

 private:
  struct Caution {
    double value = 0.0;
    double slope = 0.0;  ///< by log P
  };

  Caution caution(double log_probability) const;
  bool seeks_improvement() const { return surrogate_.objective && surrogate_.has_best; }
  double value_of(const Prediction& prediction) const;
  void add_feasibility(std::span<const double> features, std::span<double> out) const;
  void add_prior(std::span<const double> features, std::span<double> out) const;

  Surrogate surrogate_;
  const ExpertPrior* prior_;  // nullptr = none
  double prior_weight_;
  std::optional<Posterior> landmarks_;  // few of the trials, for cheap variances
};

}  // namespace trimtab::gp
