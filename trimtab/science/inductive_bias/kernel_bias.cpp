#include "trimtab/science/inductive_bias/kernel_bias.hpp"

#include <Eigen/Dense>
#include <cmath>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/weighted_chi_squared.hpp"

namespace trimtab {
namespace {

constexpr double kJitter = 1e-8;

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Rows = Eigen::Map<const RowMajor>;

Rows rows_of(const std::vector<double>& values, std::size_t num_columns) {
  return Rows(values.data(), static_cast<Eigen::Index>(values.size() / num_columns),
              static_cast<Eigen::Index>(num_columns));
}

Eigen::MatrixXd kernel(const Rows& a, const Rows& b, double sigma) {
  Eigen::MatrixXd distance = -2.0 * a * b.transpose();
  distance.colwise() += a.rowwise().squaredNorm();
  distance.rowwise() += b.rowwise().squaredNorm().transpose();
  return (distance.array().max(0.0) * (-0.5 / (sigma * sigma))).exp().matrix();
}

void require_sizes(const LabelledItems& training, const LabelledItems& test) {
  const auto is_full = [](const LabelledItems& items) {
    return items.num_features > 0 && items.num_outputs > 0 && items.num_items() > 0 &&
           items.x.size() == items.num_items() * items.num_features &&
           items.y.size() == items.num_items() * items.num_outputs;
  };
  if (is_full(training) && is_full(test) && training.num_features == test.num_features &&
      training.num_outputs == test.num_outputs) {
    return;
  }
  throw BugError({.code = "inductive_bias.sizes",
                  .what = "training and test items do not fit together",
                  .where = "kernel_inductive_bias",
                  .got = "",
                  .expected = "full tables of as many features and outputs",
                  .hint = ""});
}

}  // namespace

InductiveBias kernel_inductive_bias(const LabelledItems& training, const LabelledItems& test,
                                    double sigma, double eps) {
  require_sizes(training, test);
  const Rows x = rows_of(training.x, training.num_features);
  const Rows y = rows_of(training.y, training.num_outputs);
  const Rows test_x = rows_of(test.x, test.num_features);
  const Rows test_y = rows_of(test.y, test.num_outputs);
  Eigen::MatrixXd between = kernel(x, x, sigma);
  between.diagonal().array() += kJitter;
  const Eigen::LLT<Eigen::MatrixXd> factor(between);
  if (factor.info() != Eigen::Success) {
    throw UserError({.code = "inductive_bias.kernel",
                     .what = "the kernel matrix of the training items is singular",
                     .where = "inductive_bias",
                     .got = "width " + std::to_string(sigma),
                     .expected = "a smaller width, or items that differ",
                     .hint = ""});
  }
  // With L L^T = K: mean = A^T L^-1 Y and covariance = K** - A^T A, where A = L^-1 K(x, x*).
  const Eigen::MatrixXd a = factor.matrixL().solve(kernel(x, test_x, sigma));
  const Eigen::MatrixXd mean = a.transpose() * factor.matrixL().solve(Eigen::MatrixXd(y));
  const Eigen::MatrixXd covariance = kernel(test_x, test_x, sigma) - a.transpose() * a;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> axes(covariance);
  const Eigen::MatrixXd offsets = axes.eigenvectors().transpose() * (mean - test_y);
  const double num_values = static_cast<double>(test.y.size());
  std::vector<ChiSquaredPart> parts;
  for (Eigen::Index j = 0; j < offsets.rows(); ++j) {
    // Rounding leaves tiny negative variances.
    parts.push_back({std::max(0.0, axes.eigenvalues()(j)) / num_values,
                     static_cast<double>(test.num_outputs),
                     offsets.row(j).squaredNorm() / num_values});
  }
  const WeightedChiSquared error(std::move(parts));
  return {-error.log_cdf(eps), error.mean(), std::sqrt(error.variance())};
}

}  // namespace trimtab
