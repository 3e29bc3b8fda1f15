#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/core/analysis.hpp"
#include "trimtab/core/data_table.hpp"

namespace trimtab {

// Notation in this file
//   X (n, d), Y (n, k)    training items and their targets     *   the same of the test items (m)
//   sigma                 width of the kernel exp(-|x - x'|^2 / (2 sigma^2))
//   eps                   test error that is asked for: mean squared error over the m k values

/// Items and targets, row-major.
struct LabelledItems {
  std::size_t num_features = 0;
  std::size_t num_outputs = 0;
  std::vector<double> x;
  std::vector<double> y;
  std::size_t num_items() const { return num_features == 0 ? 0 : x.size() / num_features; }
};

struct InductiveBias {
  /// -log P(test error <= eps) over hypotheses that fit the training data: how much a learner must
  /// know beyond them. In nats; infinite when eps cannot be reached.
  double nats = 0.0;
  double mean_error = 0.0;       ///< expected test error of such a hypothesis
  double error_deviation = 0.0;  ///< its standard deviation
};

/// Inductive bias that a task asks of Gaussian-process hypotheses. Depends on eps and on the prior
/// (the kernel): a number without both says nothing.
/// Source: Boopathy et al. 2023, "Towards exact computation of inductive bias", equation 2, with
///   hypotheses drawn from a Gaussian process conditioned on the training data.
/// Differs: the paper samples hypotheses and fits a scaled noncentral chi-squared distribution to
///   their errors, which is off by a factor of 2 to 4 in the tail and overflows; here the error is
///   the weighted sum of chi-squared variables that it is, and its tail comes from the saddlepoint
///   (numerics/weighted_chi_squared.hpp). The diagonal of the kernel matrix is raised by 1e-8.
/// @throws BugError when sizes disagree; UserError "inductive_bias.kernel" when the kernel matrix
/// is singular (repeated items). O((n + m)^2 (d + n) + m^3).
InductiveBias kernel_inductive_bias(const LabelledItems& training, const LabelledItems& test,
                                    double sigma, double eps);

/// The analysis "inductive_bias".
AnalysisEntry inductive_bias_entry();

}  // namespace trimtab
