#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/samplers/gp/encoding.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab::gp {

/// Where the user believes good values lie, as a function of features: the sum over the active
/// dimensions of log(0.99 p(value) / max p + 0.01), so that the most likely point has 0 and nothing
/// is ruled out.
///
/// Added to log-EI with a weight that falls as b / n after n trials, it leads the first proposals
/// and cannot mislead the later ones: the data have the last word.
/// Source: Hvarfner et al. 2022, "piBO: augmenting acquisition functions with user beliefs for
///   Bayesian optimization", equation 6.
/// Differs: n counts all trials, not those of the model alone; a hundredth
///   of doubt in every dimension instead of 1e-12 in the product, which a wrong belief about
///   several parameters would take hundreds of trials to leave.
class ExpertPrior {
 public:
  ExpertPrior(const Space& space, const Encoding& encoding);

  /// Some dimension has a prior that is not uniform.
  bool is_informed() const { return !terms_.empty(); }
  /// @param features  (F). O(number of priors).
  double log_density(std::span<const double> features) const;
  /// Adds `weight` times the derivative by the features to `slope`, (F). Ranks have none.
  void add_slope(std::span<const double> features, double weight, std::span<double> slope) const;

 private:
  struct Term {
    std::size_t first = 0;        // feature
    std::size_t num_choices = 0;  // one-hot; 0 = one number
    std::size_t activity = 0;     // feature that tells whether it is active; kAlways = no such
    double mean = 0.0;            // of the feature
    double deviation = 1.0;
    std::vector<double> logs;  // of the weights, by choice or rank; empty = normal
  };

  bool is_on(const Term& term, std::span<const double> features) const;

  std::vector<Term> terms_;
};

}  // namespace trimtab::gp
