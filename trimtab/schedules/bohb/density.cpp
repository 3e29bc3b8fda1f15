#include "trimtab/schedules/bohb/density.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace trimtab::bohb {
namespace {

constexpr int kTruncatedDraws = 100;

// By rejection, which ends soon: the centre lies in the interval.
double truncated_normal(double centre, double width, Rng& rng) {
  for (int i = 0; i < kTruncatedDraws; ++i) {
    const double x = centre + width * rng.normal();
    if (x >= 0.0 && x <= 1.0) return x;
  }
  return rng.uniform01();
}

}  // namespace

Density::Density(std::vector<double> rows, std::vector<std::size_t> num_categories, bool is_product,
                 double min_bandwidth)
    : rows_(std::move(rows)), num_categories_(std::move(num_categories)), is_product_(is_product) {
  const std::size_t d = num_categories_.size();
  n_ = d == 0 ? 0 : rows_.size() / d;
  const double n = static_cast<double>(n_);
  for (std::size_t j = 0; j < d; ++j) {
    double sum = 0.0, squares = 0.0;
    for (std::size_t i = 0; i < n_; ++i) sum += rows_[i * d + j];
    for (std::size_t i = 0; i < n_; ++i) squares += std::pow(rows_[i * d + j] - sum / n, 2.0);
    const double exponent = -1.0 / (4.0 + static_cast<double>(d));
    const double h = 1.06 * std::sqrt(squares / n) * std::pow(n, exponent);
    bandwidths_.push_back(std::max(h, min_bandwidth));
    // An Aitchison-Aitken kernel is flat at (k - 1) / k already.
    if (num_categories_[j] > 0) {
      const double k = static_cast<double>(num_categories_[j]);
      bandwidths_[j] = std::min(bandwidths_[j], (k - 1.0) / k);
    }
  }
}

double Density::kernel(std::size_t j, double at, double x) const {
  const double h = bandwidths_[j];
  if (num_categories_[j] > 1) {
    return at == x ? 1.0 - h : h / (static_cast<double>(num_categories_[j]) - 1.0);
  }
  if (num_categories_[j] == 1) return 1.0;
  const double z = (x - at) / h;
  return std::exp(-0.5 * z * z) / (h * std::sqrt(2.0 * std::numbers::pi));
}

double Density::operator()(std::span<const double> x) const {
  const std::size_t d = num_categories_.size();
  std::vector<double> each(d, 0.0);
  double joint = 0.0;
  for (std::size_t i = 0; i < n_; ++i) {
    double product = 1.0;
    for (std::size_t j = 0; j < d; ++j) {
      const double value = kernel(j, rows_[i * d + j], x[j]);
      each[j] += value;
      product *= value;
    }
    joint += product;
  }
  const double n = static_cast<double>(n_);
  if (!is_product_) return joint / n;
  double product = 1.0;
  for (const double sum : each) product *= sum / n;
  return product;
}

std::vector<double> Density::sample(double factor, Rng& rng) const {
  const std::size_t d = num_categories_.size();
  const std::size_t i = rng.below(n_);
  std::vector<double> x(d);
  for (std::size_t j = 0; j < d; ++j) {
    const double centre = rows_[i * d + j];
    if (num_categories_[j] == 0) {
      x[j] = truncated_normal(centre, factor * bandwidths_[j], rng);
    } else {
      const bool is_kept = rng.bernoulli(1.0 - bandwidths_[j]);
      x[j] = is_kept ? centre : static_cast<double>(rng.below(num_categories_[j]));
    }
  }
  return x;
}

}  // namespace trimtab::bohb
