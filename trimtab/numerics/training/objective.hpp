#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <functional>
#include <span>

namespace trimtab {

// Notation in this folder
//   theta   every trained parameter in one flat vector, (D); biases count too
//   items   indices of the cases that the loss is averaged over, each in 0..num_items-1

/// Anything that has a loss and a gradient in one flat vector: a value, safe to call from several
/// threads when its function is.
struct DifferentiableObjective {
  Eigen::Index num_parameters = 0;  ///< D
  std::size_t num_items = 1;        ///< 1 when the loss is of no data
  /// The mean loss over the items, and its gradient, (D), which is overwritten. Pure.
  std::function<double(const Eigen::VectorXd& theta, std::span<const std::size_t> items,
                       Eigen::VectorXd& gradient)>
      loss = {};
};

}  // namespace trimtab
