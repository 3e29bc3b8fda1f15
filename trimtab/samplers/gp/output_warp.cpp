#include "trimtab/samplers/gp/output_warp.hpp"

#include <algorithm>
#include <cmath>

namespace trimtab::gp {
namespace {

constexpr double kLargest = 1e100;  // so that squares stay finite

std::vector<double> finite_sorted(std::span<const double> losses) {
  std::vector<double> sorted;
  for (const double loss : losses) {
    if (std::isfinite(loss)) sorted.push_back(std::clamp(loss, -kLargest, kLargest));
  }
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

}  // namespace

OutputWarp::OutputWarp(std::span<const double> losses, double strength) {
  const std::vector<double> sorted = finite_sorted(losses);
  if (sorted.empty()) return;
  best_ = sorted.front();
  worst_ = sorted.back();
  median_ = sorted[sorted.size() / 2];
  const double range = median_ > best_ ? median_ - best_ : worst_ - best_;
  if (strength > 0.0 && range > 0.0) scale_ = range / strength;
  double first = 0.0;
  for (const double loss : losses) first += warped(bounded(loss));
  mean_ = first / static_cast<double>(losses.size());
  double second = 0.0;
  for (const double loss : losses) {
    const double off = warped(bounded(loss)) - mean_;
    second += off * off;
  }
  const double deviation = std::sqrt(second / static_cast<double>(losses.size()));
  if (deviation > 0.0) deviation_ = deviation;
}

double OutputWarp::bounded(double loss) const {
  if (std::isnan(loss)) return worst_;
  if (std::isinf(loss)) return loss > 0.0 ? worst_ : best_;
  return std::clamp(loss, -kLargest, kLargest);
}

double OutputWarp::warped(double loss) const {
  if (std::isinf(scale_)) return loss;
  const double t = (loss - best_) / scale_;
  return t > 0.0 ? std::log1p(t) : t;
}

double OutputWarp::target(double loss) const {
  return (warped(bounded(loss)) - mean_) / deviation_;
}

double OutputWarp::log_jacobian(std::span<const double> losses) const {
  double sum = 0.0;
  for (const double loss : losses) {
    sum -= std::log(deviation_);
    if (std::isinf(scale_)) continue;
    const double t = (bounded(loss) - best_) / scale_;
    sum -= std::log(scale_) + (t > 0.0 ? std::log1p(t) : 0.0);
  }
  return sum;
}

}  // namespace trimtab::gp
