#include "trimtab/pruners/curve_extrapolation/power_law.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

namespace trimtab {
namespace {

constexpr double kLowC = 0.05;
constexpr double kHighC = 5.0;
constexpr int kGrid = 16;
constexpr int kGoldenSteps = 40;

// The best a and b for a given c.
struct LinearFit {
  double a = 0.0;
  double b = 0.0;
  double squares = 0.0;  // sum of squared residuals
};

class Points {
 public:
  Points(std::span<const double> k, std::span<const double> y) : y_(y), power_(k.size()) {
    for (const double step : k) logs_.push_back(std::log(step));
  }

  LinearFit fit(double c) {
    const auto n = static_cast<double>(y_.size());
    for (std::size_t i = 0; i < y_.size(); ++i) power_[i] = std::exp(-c * logs_[i]);
    const double x_mean = std::accumulate(power_.begin(), power_.end(), 0.0) / n;
    const double y_mean = std::accumulate(y_.begin(), y_.end(), 0.0) / n;
    double xx = 0.0;
    double xy = 0.0;
    for (std::size_t i = 0; i < y_.size(); ++i) {
      xx += (power_[i] - x_mean) * (power_[i] - x_mean);
      xy += (power_[i] - x_mean) * (y_[i] - y_mean);
    }
    LinearFit fit;
    fit.b = xx > 0.0 ? xy / xx : 0.0;
    fit.a = y_mean - fit.b * x_mean;
    for (std::size_t i = 0; i < y_.size(); ++i) {
      const double residual = y_[i] - fit.a - fit.b * power_[i];
      fit.squares += residual * residual;
    }
    return fit;
  }

  const std::vector<double>& logs() const { return logs_; }

 private:
  std::span<const double> y_;
  std::vector<double> logs_;
  std::vector<double> power_;
};

double best_exponent(Points& points) {
  const double ratio = std::pow(kHighC / kLowC, 1.0 / (kGrid - 1));
  int best = 0;
  double least = points.fit(kLowC).squares;
  for (int i = 1; i < kGrid; ++i) {
    const double squares = points.fit(kLowC * std::pow(ratio, i)).squares;
    if (squares < least) {
      least = squares;
      best = i;
    }
  }
  double low = kLowC * std::pow(ratio, std::max(0, best - 1));
  double high = kLowC * std::pow(ratio, std::min(kGrid - 1, best + 1));
  const double golden = 0.5 * (std::sqrt(5.0) - 1.0);
  double left = high - golden * (high - low);
  double right = low + golden * (high - low);
  double at_left = points.fit(left).squares;
  double at_right = points.fit(right).squares;
  for (int i = 0; i < kGoldenSteps; ++i) {
    if (at_left < at_right) {
      high = right;
      right = left;
      at_right = at_left;
      left = high - golden * (high - low);
      at_left = points.fit(left).squares;
    } else {
      low = left;
      left = right;
      at_left = at_right;
      right = low + golden * (high - low);
      at_right = points.fit(right).squares;
    }
  }
  return 0.5 * (low + high);
}

using Row = std::array<double, 3>;

Row gradient(double log_k, double b, double c) {
  const double power = std::exp(-c * log_k);
  return {1.0, power, -b * power * log_k};
}

// g' (J'J)^-1 g by a Cholesky factor of J'J with its columns scaled to length 1; nothing when the
// columns of J are dependent.
std::optional<double> leverage(const std::vector<double>& logs, const PowerLaw& law,
                               double log_at) {
  constexpr double kDependent = 1e-12;
  double m[3][3] = {};
  for (const double log_k : logs) {
    const Row row = gradient(log_k, law.b, law.c);
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j <= i; ++j) m[i][j] += row[i] * row[j];
    }
  }
  double scale[3];
  for (int i = 0; i < 3; ++i) {
    scale[i] = std::sqrt(m[i][i]);
    if (!(scale[i] > 0.0) || !std::isfinite(scale[i])) return std::nullopt;
  }
  const Row forecast = gradient(log_at, law.b, law.c);
  double solved[3];
  double sum = 0.0;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j <= i; ++j) {
      double value = m[i][j] / (scale[i] * scale[j]);
      for (int l = 0; l < j; ++l) value -= m[i][l] * m[j][l];
      if (i == j && value < kDependent) return std::nullopt;
      m[i][j] = i == j ? std::sqrt(value) : value / m[j][j];
    }
    solved[i] = forecast[i] / scale[i];
    for (int l = 0; l < i; ++l) solved[i] -= m[i][l] * solved[l];
    solved[i] /= m[i][i];
    sum += solved[i] * solved[i];
  }
  return sum;
}

}  // namespace

std::optional<PowerLaw> fit_power_law(std::span<const double> k, std::span<const double> y,
                                      double at) {
  if (k.size() < 4) return std::nullopt;
  if (!std::ranges::all_of(y, [](double value) { return std::isfinite(value); })) {
    return std::nullopt;
  }
  Points points(k, y);
  PowerLaw law;
  law.c = best_exponent(points);
  const LinearFit fit = points.fit(law.c);
  law.a = fit.a;
  law.b = fit.b;
  const auto [low, high] = std::ranges::minmax(y);
  const bool is_flat = !(high - low > 1e-12 * std::max(std::abs(low), std::abs(high)));
  if (is_flat) return std::nullopt;
  const std::optional<double> spread = leverage(points.logs(), law, std::log(at));
  if (!spread) return std::nullopt;
  law.prediction = law.a + law.b * std::pow(at, -law.c);
  law.deviation = std::sqrt(fit.squares / static_cast<double>(k.size() - 3) * (1.0 + *spread));
  if (!std::isfinite(law.prediction) || !std::isfinite(law.deviation)) return std::nullopt;
  return law;
}

}  // namespace trimtab
