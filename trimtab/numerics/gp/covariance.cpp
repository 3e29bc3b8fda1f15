#include "trimtab/numerics/gp/covariance.hpp"

#include <cmath>

namespace trimtab::gp {

Axes Axes::simple(std::size_t count) {
  Axes axes;
  axes.count = count;
  for (std::size_t j = 0; j < count; ++j) axes.of_feature.push_back(j);
  return axes;
}

double matern52(double r2) {
  const double r = std::sqrt(5.0 * r2);
  return (1.0 + r + r * r / 3.0) * std::exp(-r);
}

double matern52_slope(double r2) {
  const double r = std::sqrt(5.0 * r2);
  return -5.0 / 6.0 * (1.0 + r) * std::exp(-r);
}

Vector inverse_lengths(const Axes& axes, const Hyperparameters& theta) {
  Vector inverse(static_cast<Eigen::Index>(axes.num_features()));
  for (std::size_t f = 0; f < axes.num_features(); ++f) {
    inverse[static_cast<Eigen::Index>(f)] = 1.0 / theta.length_scales[axes.of_feature[f]];
  }
  return inverse;
}

Matrix squared_distances(const Eigen::Ref<const Matrix>& left,
                         const Eigen::Ref<const Vector>& left_norms,
                         const Eigen::Ref<const Matrix>& right) {
  Matrix r2 = -2.0 * left.transpose() * right;
  r2.colwise() += left_norms;
  r2.rowwise() += right.colwise().squaredNorm();
  return r2.cwiseMax(0.0);
}

void apply_matern52(Eigen::Ref<Matrix> r2, double variance) {
  for (Eigen::Index j = 0; j < r2.cols(); ++j) {
    auto column = r2.col(j).array();
    const Eigen::ArrayXd r = (5.0 * column).sqrt();
    column = variance * (1.0 + r + column * (5.0 / 3.0)) * (-r).exp();
  }
}

}  // namespace trimtab::gp
