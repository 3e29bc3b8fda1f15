#pragma once

#include <Eigen/Core>

#include "trimtab/numerics/gp/inputs.hpp"

namespace trimtab::gp {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
/// Points by columns: (F, n) in Eigen's order is (n, F) one after another.
using Points = Eigen::Map<const Matrix>;

/// 1 / length-scale of every feature, (F).
Vector inverse_lengths(const Axes& axes, const Hyperparameters& theta);

/// Squared distances of all pairs of columns, (n, m); the scale is in the columns already.
/// |a|^2 + |b|^2 - 2 a.b, cut at 0: exact to about 1e-15 of the norms. O(n m F) by one product.
Matrix squared_distances(const Eigen::Ref<const Matrix>& left,
                         const Eigen::Ref<const Vector>& left_norms,
                         const Eigen::Ref<const Matrix>& right);

/// Replaces squared distances by Matern 5/2 times `variance`.
void apply_matern52(Eigen::Ref<Matrix> r2, double variance);

}  // namespace trimtab::gp
