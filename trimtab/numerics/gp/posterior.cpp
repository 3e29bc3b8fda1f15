#include "trimtab/numerics/gp/posterior.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/gp/covariance.hpp"

namespace trimtab::gp {
namespace {

using Index = Eigen::Index;
using Factor = Eigen::Map<Matrix, 0, Eigen::OuterStride<>>;
using ConstFactor = Eigen::Map<const Matrix, 0, Eigen::OuterStride<>>;

constexpr Index kBlock = 128;  // points that are predicted together, so that they stay in the cache
constexpr double kSmallestPivot = 1e-10;  // of the variance at a point
constexpr int kNoiseRaises = 12;

ConstFactor view(const std::vector<double>& factor, std::size_t n, std::size_t capacity) {
  return ConstFactor(factor.data(), static_cast<Index>(n), static_cast<Index>(n),
                     Eigen::OuterStride<>(static_cast<Index>(capacity)));
}

Points columns(std::span<const double> x, std::size_t num_features) {
  const std::size_t n = num_features == 0 ? 0 : x.size() / num_features;
  return Points(x.data(), static_cast<Index>(num_features), static_cast<Index>(n));
}

Eigen::Map<const Vector> vector(const std::vector<double>& values) {
  return Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
}

}  // namespace

Posterior::Posterior(Axes axes, Hyperparameters theta)
    : axes_(std::move(axes)), theta_(std::move(theta)) {
  if (theta_.length_scales.size() != axes_.count) {
    throw BugError({.code = "gp.length_scales",
                    .what = "one length-scale per axis is needed",
                    .where = "gp::Posterior",
                    .got = std::to_string(theta_.length_scales.size()),
                    .expected = std::to_string(axes_.count),
                    .hint = ""});
  }
  const Vector inverse = inverse_lengths(axes_, theta_);
  inverse_length_.assign(inverse.data(), inverse.data() + inverse.size());
}

Posterior::Posterior(Axes axes, Hyperparameters theta, std::span<const double> x)
    : Posterior(std::move(axes), std::move(theta)) {
  const std::size_t num_features = axes_.num_features();
  num_points_ = num_features == 0 ? 0 : x.size() / num_features;
  reserve(num_points_);
  for (std::size_t i = 0; i < num_points_; ++i) {
    store_scaled(x.subspan(i * num_features, num_features));
  }
  targets_.assign(num_points_, 0.0);
  weights_.assign(num_points_, 0.0);
  if (num_points_ > 0) factorise();
}

void Posterior::reserve(std::size_t num_points) {
  if (num_points <= capacity_) return;
  const std::size_t grown = std::max(num_points + num_points / 8 + 8, capacity_ + capacity_ / 4);
  std::vector<double> factor(grown * grown, 0.0);
  for (std::size_t j = 0; j < num_points_ && capacity_ > 0; ++j) {
    std::copy_n(&factor_[j * capacity_], j + 1, &factor[j * grown]);
  }
  factor_ = std::move(factor);
  capacity_ = grown;
}

std::vector<double> Posterior::scaled(std::span<const double> x) const {
  std::vector<double> result(x.begin(), x.end());
  const std::size_t num_features = axes_.num_features();
  for (std::size_t i = 0; i < result.size(); ++i) result[i] *= inverse_length_[i % num_features];
  return result;
}

void Posterior::store_scaled(std::span<const double> x) {
  double norm = 0.0;
  for (std::size_t f = 0; f < axes_.num_features(); ++f) {
    scaled_x_.push_back(x[f] * inverse_length_[f]);
    norm += scaled_x_.back() * scaled_x_.back();
  }
  norms_.push_back(norm);
}

void Posterior::factorise() {
  const Points points = columns(scaled_x_, axes_.num_features());
  Matrix covariance = squared_distances(points, vector(norms_), points);
  apply_matern52(covariance, theta_.signal_variance);
  for (int raise = 0; raise <= kNoiseRaises; ++raise) {
    covariance.diagonal().setConstant(theta_.signal_variance + theta_.noise_variance);
    const Eigen::LLT<Matrix, Eigen::Upper> decomposition(covariance);
    const Matrix& triangle = decomposition.matrixLLT();
    if (decomposition.info() == Eigen::Success && triangle.diagonal().minCoeff() > 0.0) {
      Factor factor(factor_.data(), static_cast<Index>(num_points_),
                    static_cast<Index>(num_points_),
                    Eigen::OuterStride<>(static_cast<Index>(capacity_)));
      factor.triangularView<Eigen::Upper>() = triangle;
      return;
    }
    theta_.noise_variance *= 10.0;
  }
  throw BugError({.code = "gp.factor",
                  .what = "the covariance is not positive definite",
                  .where = "gp::Posterior",
                  .got = std::to_string(num_points_) + " points",
                  .expected = "finite features",
                  .hint = ""});
}

void Posterior::append(std::span<const double> x) {
  reserve(num_points_ + 1);
  const std::vector<double> point = scaled(x);
  Vector column(0);
  if (num_points_ > 0) {
    const Points points = columns(scaled_x_, axes_.num_features());
    Matrix covariance =
        squared_distances(points, vector(norms_), columns(point, axes_.num_features()));
    apply_matern52(covariance, theta_.signal_variance);
    column = covariance.col(0);
    view(factor_, num_points_, capacity_)
        .transpose()
        .triangularView<Eigen::Lower>()
        .solveInPlace(column);
  }
  const double variance = theta_.signal_variance + theta_.noise_variance;
  const double pivot = std::max(variance - column.squaredNorm(), kSmallestPivot * variance);
  double* stored = &factor_[num_points_ * capacity_];
  std::copy_n(column.data(), num_points_, stored);
  stored[num_points_] = std::sqrt(pivot);
  store_scaled(x);
  targets_.push_back(0.0);
  weights_.push_back(0.0);
  ++num_points_;
}

void Posterior::append_believed(std::span<const double> x) {
  double mean = 0.0;
  predict_means(x, std::span(&mean, 1));
  append(x);  // its weight of 0 is what the solution for the believed target has
  targets_.back() = mean;
}

void Posterior::set_targets(std::span<const double> z) {
  targets_.assign(z.begin(), z.end());
  Vector weights = vector(targets_);
  const ConstFactor factor = view(factor_, num_points_, capacity_);
  factor.transpose().triangularView<Eigen::Lower>().solveInPlace(weights);
  factor.triangularView<Eigen::Upper>().solveInPlace(weights);
  weights_.assign(weights.data(), weights.data() + weights.size());
}

std::vector<double> Posterior::fitted_means() const {
  std::vector<double> means(num_points_);
  for (std::size_t i = 0; i < num_points_; ++i) {
    means[i] = targets_[i] - theta_.noise_variance * weights_[i];
  }
  return means;
}

void Posterior::predict_means(std::span<const double> x, std::span<double> out) const {
  std::fill(out.begin(), out.end(), 0.0);
  if (num_points_ == 0) return;
  const std::vector<double> queries = scaled(x);
  const Points all = columns(queries, axes_.num_features());
  const Points points = columns(scaled_x_, axes_.num_features());
  Eigen::Map<Vector> means(out.data(), static_cast<Index>(out.size()));
  for (Index first = 0; first < all.cols(); first += kBlock) {
    const Index count = std::min(kBlock, all.cols() - first);
    Matrix cross = squared_distances(points, vector(norms_), all.middleCols(first, count));
    apply_matern52(cross, theta_.signal_variance);
    means.segment(first, count).noalias() = cross.transpose() * vector(weights_);
  }
}

void Posterior::predict(std::span<const double> x, std::span<Prediction> out) const {
  if (num_points_ == 0) {
    std::fill(out.begin(), out.end(), Prediction{0.0, theta_.signal_variance});
    return;
  }
  const std::vector<double> queries = scaled(x);
  const Points all = columns(queries, axes_.num_features());
  const Points points = columns(scaled_x_, axes_.num_features());
  const ConstFactor factor = view(factor_, num_points_, capacity_);
  for (Index first = 0; first < all.cols(); first += kBlock) {
    const Index count = std::min(kBlock, all.cols() - first);
    Matrix cross = squared_distances(points, vector(norms_), all.middleCols(first, count));
    apply_matern52(cross, theta_.signal_variance);
    const Vector means = cross.transpose() * vector(weights_);
    factor.transpose().triangularView<Eigen::Lower>().solveInPlace(cross);
    for (Index i = 0; i < count; ++i) {
      const double explained = cross.col(i).squaredNorm();
      const double least = kSmallestPivot * theta_.signal_variance;
      out[static_cast<std::size_t>(first + i)] = {
          means[i], std::max(theta_.signal_variance - explained, least)};
    }
  }
}

PredictionGradient Posterior::predict_gradient(std::span<const double> x) const {
  const std::size_t num_features = axes_.num_features();
  PredictionGradient result{{0.0, theta_.signal_variance},
                            std::vector<double>(num_features, 0.0),
                            std::vector<double>(num_features, 0.0)};
  if (num_points_ == 0) return result;
  const std::vector<double> query = scaled(x);
  const Points points = columns(scaled_x_, num_features);
  const Points at = columns(query, num_features);
  Vector cross = squared_distances(points, vector(norms_), at).col(0);
  // d k / d r2; then d k / d x_f = 2 (x_f - X_f) / l^2 times it.
  const Eigen::ArrayXd r = (5.0 * cross.array()).sqrt();
  const Vector slope = (-5.0 / 6.0 * theta_.signal_variance) * (1.0 + r) * (-r).exp();
  cross = theta_.signal_variance * (1.0 + r + r.square() / 3.0) * (-r).exp();
  const auto weights = vector(weights_);
  result.at.mean = cross.dot(weights);
  const ConstFactor factor = view(factor_, num_points_, capacity_);
  Vector solved = cross;
  factor.transpose().triangularView<Eigen::Lower>().solveInPlace(solved);
  const double least = kSmallestPivot * theta_.signal_variance;
  result.at.variance = std::max(theta_.signal_variance - solved.squaredNorm(), least);
  factor.triangularView<Eigen::Upper>().solveInPlace(solved);  // K^-1 k

  const Vector mean_factor = slope.cwiseProduct(weights);
  const Vector variance_factor = slope.cwiseProduct(solved);
  const Vector mean_slope = at.col(0) * mean_factor.sum() - points * mean_factor;
  const Vector variance_slope = at.col(0) * variance_factor.sum() - points * variance_factor;
  for (std::size_t f = 0; f < num_features; ++f) {
    const auto row = static_cast<Index>(f);
    result.mean_slope[f] = 2.0 * inverse_length_[f] * mean_slope[row];
    result.variance_slope[f] = -4.0 * inverse_length_[f] * variance_slope[row];
  }
  return result;
}

}  // namespace trimtab::gp
