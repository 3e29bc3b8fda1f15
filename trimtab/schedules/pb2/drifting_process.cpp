#include "trimtab/schedules/pb2/drifting_process.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

namespace trimtab::pb2 {
namespace {

double correlation(std::span<const double> x, double t, std::span<const double> other,
                   double other_time, const DriftingProcess::Kernel& kernel) {
  double squares = 0.0;
  for (std::size_t j = 0; j < x.size(); ++j) squares += (x[j] - other[j]) * (x[j] - other[j]);
  return std::exp(-squares / (2.0 * kernel.length * kernel.length)) *
         std::pow(1.0 - kernel.drift, std::abs(t - other_time) / 2.0);
}

}  // namespace

struct DriftingProcess::Solved {
  Eigen::LLT<Eigen::MatrixXd> factor;
  Eigen::VectorXd weights;  // K^-1 y
  double log_likelihood = 0.0;
};

DriftingProcess::DriftingProcess(std::vector<std::vector<double>> points, std::vector<double> times,
                                 const std::vector<double>& values, const Kernel& kernel)
    : points_(std::move(points)),
      times_(std::move(times)),
      kernel_(kernel),
      solved_(std::make_unique<Solved>()) {
  const auto n = static_cast<Eigen::Index>(points_.size());
  Eigen::MatrixXd matrix(n, n);
  for (std::size_t i = 0; i < points_.size(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      const double value = correlation(points_[i], times_[i], points_[j], times_[j], kernel_);
      matrix(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = value;
      matrix(static_cast<Eigen::Index>(j), static_cast<Eigen::Index>(i)) = value;
    }
  }
  matrix.diagonal().array() += kernel_.variance;
  const Eigen::Map<const Eigen::VectorXd> y(values.data(), n);
  solved_->factor.compute(matrix);
  solved_->weights = solved_->factor.solve(y);
  const double log_determinant = 2.0 * solved_->factor.matrixLLT().diagonal().array().log().sum();
  solved_->log_likelihood = -0.5 * (y.dot(solved_->weights) + log_determinant +
                                    static_cast<double>(n) * std::log(2.0 * std::numbers::pi));
}

DriftingProcess::~DriftingProcess() = default;

double DriftingProcess::log_likelihood() const { return solved_->log_likelihood; }

DriftingProcess::Prediction DriftingProcess::operator()(std::span<const double> point,
                                                        double time) const {
  const auto n = static_cast<Eigen::Index>(points_.size());
  Eigen::VectorXd with(n);
  for (std::size_t i = 0; i < points_.size(); ++i) {
    with(static_cast<Eigen::Index>(i)) = correlation(point, time, points_[i], times_[i], kernel_);
  }
  const Eigen::VectorXd half = solved_->factor.matrixL().solve(with);
  return {with.dot(solved_->weights), std::max(0.0, 1.0 - half.squaredNorm())};
}

DriftingProcess::Kernel DriftingProcess::most_likely(const std::vector<std::vector<double>>& points,
                                                     const std::vector<double>& times,
                                                     const std::vector<double>& values) {
  Kernel best;
  double highest = -std::numeric_limits<double>::infinity();
  for (const double length : {0.15, 0.3, 0.6, 1.2}) {
    for (const double drift : {0.0, 0.05, 0.2}) {
      for (const double variance : {0.01, 0.1, 0.5}) {
        const Kernel kernel = {length, drift, variance};
        const double likelihood = DriftingProcess(points, times, values, kernel).log_likelihood();
        if (!(likelihood > highest)) continue;
        highest = likelihood;
        best = kernel;
      }
    }
  }
  return best;
}

}  // namespace trimtab::pb2
