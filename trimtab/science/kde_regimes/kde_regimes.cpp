#include "trimtab/science/kde_regimes/kde_regimes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/statistics.hpp"

namespace trimtab {
namespace {

// Columns of deviation 1; those that do not vary say nothing about density.
Eigen::MatrixXd scaled(const Eigen::MatrixXd& points) {
  Eigen::MatrixXd result(points.rows(), points.cols());
  Eigen::Index kept = 0;
  for (Eigen::Index j = 0; j < points.cols(); ++j) {
    const Eigen::VectorXd column = points.col(j).array() - points.col(j).mean();
    const double deviation =
        std::sqrt(column.squaredNorm() / static_cast<double>(points.rows() - 1));
    if (deviation > 0.0) result.col(kept++) = column / deviation;
  }
  return result.leftCols(kept);
}

double corrected_dimension(const Eigen::MatrixXd& x) {
  const double inverse = 1.0 / effective_dimension(x) - 1.0 / static_cast<double>(x.rows() - 1);
  const auto most = static_cast<double>(x.cols());
  return inverse > 1.0 / most ? std::max(1.0, 1.0 / inverse) : most;
}

// What one bandwidth does at every point, the point itself left out. (n, n) squared distances.
class LeftOut {
 public:
  LeftOut(Eigen::MatrixXd squared, std::size_t dimensions)
      : squared_(std::move(squared)), dimensions_(dimensions) {}

  double log_likelihood(double bandwidth) const {
    double sum = 0.0;
    for (Eigen::Index i = 0; i < squared_.cols(); ++i) sum += at(i, bandwidth).log_density;
    return sum / static_cast<double>(squared_.cols());
  }
  double effective_points(double bandwidth) const {
    std::vector<double> numbers;
    for (Eigen::Index i = 0; i < squared_.cols(); ++i) {
      numbers.push_back(1.0 / at(i, bandwidth).participation);
    }
    return quantile(numbers, 0.5);
  }

 private:
  KernelSum at(Eigen::Index i, double bandwidth) const {
    std::vector<double> others;
    others.reserve(static_cast<std::size_t>(squared_.rows()));
    for (Eigen::Index j = 0; j < squared_.rows(); ++j) {
      if (j != i) others.push_back(squared_(j, i));
    }
    return gaussian_kernel_sum(others, dimensions_, bandwidth);
  }

  Eigen::MatrixXd squared_;
  std::size_t dimensions_;
};

// The likelihood has one maximum for all but odd data: a coarse grid finds its hill, thirds its
// top.
double best_bandwidth(const LeftOut& left_out, std::vector<std::pair<double, double>>& seen) {
  const auto look = [&](double h) {
    seen.emplace_back(h, left_out.log_likelihood(h));
    return seen.back().second;
  };
  double best = 1.0, value = -std::numeric_limits<double>::infinity();
  for (double h = 0.02; h < 8.0; h *= 1.35) {
    const double likelihood = look(h);
    if (likelihood > value) {
      value = likelihood;
      best = h;
    }
  }
  double low = std::log(best / 1.35), high = std::log(best * 1.35);
  while (high - low > 0.01) {
    const double third = (high - low) / 3.0;
    const bool is_left = look(std::exp(low + third)) > look(std::exp(high - third));
    (is_left ? high : low) = is_left ? high - third : low + third;
  }
  return std::exp(0.5 * (low + high));
}

[[noreturn]] void refuse(const std::string& got) {
  throw UserError({.code = "kde_regimes.data",
                   .what = "no density can be estimated from these points",
                   .where = "kde_regimes",
                   .got = got,
                   .expected = "at least three points, finite, with a column that varies",
                   .hint = ""});
}

}  // namespace

double scott_bandwidth(std::size_t num_points, std::size_t dimensions) {
  return std::pow(static_cast<double>(num_points), -1.0 / (static_cast<double>(dimensions) + 4.0));
}

KdeDiagnosis diagnose_kde(const Eigen::MatrixXd& points, double bandwidth) {
  if (points.rows() < 3) refuse(std::to_string(points.rows()) + " points");
  if (!points.allFinite()) refuse("a cell that is no finite number");
  const Eigen::MatrixXd x = scaled(points);
  if (x.cols() == 0) refuse("columns that do not vary");
  KdeDiagnosis diagnosis;
  diagnosis.num_points = static_cast<std::size_t>(x.rows());
  diagnosis.dimensions = static_cast<std::size_t>(x.cols());
  diagnosis.effective_dimension = corrected_dimension(x);
  diagnosis.regimes =
      bandwidth_regimes(std::log(static_cast<double>(x.rows())) / diagnosis.effective_dimension);
  diagnosis.bandwidth =
      bandwidth > 0.0 ? bandwidth : scott_bandwidth(diagnosis.num_points, diagnosis.dimensions);
  diagnosis.regime =
      kde_regime(diagnosis.num_points, diagnosis.effective_dimension, diagnosis.bandwidth);
  const LeftOut left_out(squared_distances(x, x), diagnosis.dimensions);
  diagnosis.effective_points = left_out.effective_points(diagnosis.bandwidth);
  diagnosis.log_likelihood = left_out.log_likelihood(diagnosis.bandwidth);
  diagnosis.best_bandwidth = best_bandwidth(left_out, diagnosis.likelihoods);
  diagnosis.best_log_likelihood = left_out.log_likelihood(diagnosis.best_bandwidth);
  diagnosis.likelihoods.emplace_back(diagnosis.bandwidth, diagnosis.log_likelihood);
  diagnosis.likelihoods.emplace_back(diagnosis.best_bandwidth, diagnosis.best_log_likelihood);
  std::sort(diagnosis.likelihoods.begin(), diagnosis.likelihoods.end());
  return diagnosis;
}

}  // namespace trimtab
