#include "trimtab/science/compute_class/compute_class.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

struct Line {
  double a = kNone, b = kNone;
};

Line least_squares(std::span<const double> x, std::span<const double> y) {
  const double mx = mean(x), my = mean(y);
  double xx = 0.0, xy = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mx) * (x[i] - mx);
    xy += (x[i] - mx) * (y[i] - my);
  }
  if (!(xx > 0.0)) return {};
  return {my - xy / xx * mx, xy / xx};
}

std::vector<double> logs(std::span<const double> values) {
  std::vector<double> result;
  for (const double value : values) result.push_back(std::log(value));
  return result;
}

[[noreturn]] void refuse(const std::string& code, const std::string& got,
                         const std::string& expected) {
  throw UserError({.code = "compute_class." + code,
                   .what = "the numbers cannot be compared at equal compute",
                   .where = "compute_class",
                   .got = got,
                   .expected = expected,
                   .hint = ""});
}

// A trend, and what is left of it, as widened residuals.
class Resampler {
 public:
  explicit Resampler(const ClassTrend& trend) : x_(logs(trend.hours)), line_{trend.a, trend.b} {
    const std::vector<double> y = logs(trend.perplexity);
    const auto n = static_cast<double>(x_.size());
    const double widening = x_.size() > 2 ? std::sqrt(n / (n - 2.0)) : 0.0;
    for (std::size_t i = 0; i < x_.size(); ++i) {
      residuals_.push_back((y[i] - line_.a - line_.b * x_[i]) * widening);
    }
  }
  Line draw(Rng& rng) const {
    std::vector<double> y;
    for (const double x : x_) {
      y.push_back(line_.a + line_.b * x + residuals_[rng.below(residuals_.size())]);
    }
    return least_squares(x_, y);
  }
  bool has_spread() const { return x_.size() > 2; }

 private:
  std::vector<double> x_;
  Line line_;
  std::vector<double> residuals_;
};

double crossing_hours(const Line& one, const Line& other) {
  return std::exp((other.a - one.a) / (one.b - other.b));
}

}  // namespace

Throughput measure_throughput(std::span<const double> repeats, std::size_t warm_up) {
  if (repeats.empty()) refuse("throughput", "no measurement", "at least one");
  for (const double value : repeats) {
    if (!(value > 0.0) || !std::isfinite(value)) {
      refuse("throughput", std::to_string(value), "tokens a second, above 0");
    }
  }
  const std::span<const double> kept = repeats.subspan(std::min(warm_up, repeats.size() - 1));
  Throughput result;
  result.num_repeats = kept.size();
  result.per_second = quantile(kept, 0.5);
  result.relative_deviation = kept.size() < 2 ? kNone : std::sqrt(variance(kept)) / mean(kept);
  return result;
}

std::int64_t training_steps(double tokens_per_second, double hours, double batch, double sequence) {
  const double steps = tokens_per_second * hours * 3600.0 / (batch * sequence);
  if (!(steps >= 0.0) || steps > 1e15) {
    refuse("steps", std::to_string(steps) + " steps", "throughput, hours, batch, sequence above 0");
  }
  const double floor = std::floor(steps);
  const bool rounds_up =
      steps - floor > 0.5 || (steps - floor == 0.5 && std::fmod(floor, 2.0) != 0.0);
  return static_cast<std::int64_t>(floor) + (rounds_up ? 1 : 0);
}

double byte_perplexity(double nll, double bytes) {
  if (!(bytes > 0.0)) refuse("data", std::to_string(bytes) + " bytes", "a text that is not empty");
  return std::exp(nll / bytes);
}

ClassTrend fit_trend(const std::string& model, std::span<const double> hours,
                     std::span<const double> perplexity) {
  std::vector<std::size_t> order(hours.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t i, std::size_t j) { return hours[i] < hours[j]; });
  ClassTrend trend;
  trend.model = model;
  for (const std::size_t i : order) {
    if (!(hours[i] > 0.0) || !(perplexity[i] > 0.0)) {
      refuse("data",
             model + " with " + std::to_string(hours[i]) + " hours and perplexity " +
                 std::to_string(perplexity[i]),
             "both above 0");
    }
    trend.hours.push_back(hours[i]);
    trend.perplexity.push_back(perplexity[i]);
  }
  const std::vector<double> x = logs(trend.hours), y = logs(trend.perplexity);
  trend.a = trend.b = kNone;
  if (x.empty()) return trend;
  const Line line = least_squares(x, y);
  trend.a = line.a;
  trend.b = line.b;
  const auto largest =
      static_cast<std::size_t>(std::lower_bound(x.begin(), x.end(), x.back()) - x.begin());
  const Line before = least_squares(std::span(x).first(std::max<std::size_t>(largest, 1)),
                                    std::span(y).first(std::max<std::size_t>(largest, 1)));
  if (std::isnan(before.b)) return trend;
  const double observed = mean(std::span(trend.perplexity).subspan(largest));
  trend.forecast = std::exp(before.a + before.b * x.back());
  trend.forecast_error = *trend.forecast / observed - 1.0;
  return trend;
}

Crossing find_crossing(const ClassTrend& one, const ClassTrend& other, std::size_t num_resamples,
                       Rng& rng) {
  Crossing crossing;
  crossing.hours = one.b == other.b ? kNone : crossing_hours({one.a, one.b}, {other.a, other.b});
  const Resampler first(one), second(other);
  if (std::isnan(crossing.hours) || !first.has_spread() || !second.has_spread()) return crossing;
  std::vector<double> hours;
  std::size_t num_alike = 0;  // resamples in which the same model gains more
  for (std::size_t i = 0; i < num_resamples; ++i) {
    const Line a = first.draw(rng), b = second.draw(rng);
    num_alike += (a.b < b.b) == (one.b < other.b);
    if (a.b != b.b) hours.push_back(crossing_hours(a, b));
  }
  crossing.is_shown = static_cast<double>(num_alike) >= 0.975 * static_cast<double>(num_resamples);
  if (!hours.empty()) crossing.interval = {quantile(hours, 0.025), quantile(hours, 0.975)};
  return crossing;
}

}  // namespace trimtab
