#include "trimtab/report/svg/scale.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "trimtab/base/text.hpp"
#include "trimtab/numerics/statistics.hpp"

namespace trimtab {
namespace {

// Labels of one axis share their decimals.
std::string label_of(double value, double step) {
  if (std::abs(value) < step * 1e-6) return "0";
  const double magnitude = std::max(std::abs(value), step);
  if (magnitude >= 1e6 || step < 1e-5) return format_short(value, 6);
  const int decimals = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
  return fmt::format("{:.{}f}", value, decimals);
}

std::string duration_label(double seconds) {
  if (seconds == 0.0) return "0";
  if (seconds < 60.0) return format_short(seconds, 3) + " s";
  if (seconds < 3600.0) return format_short(seconds / 60.0, 3) + " min";
  if (seconds < 86400.0) return format_short(seconds / 3600.0, 3) + " h";
  return format_short(seconds / 86400.0, 3) + " d";
}

double round_duration(double range, std::size_t most) {
  constexpr std::array kSteps = {1.0,    2.0,    5.0,    10.0,   15.0,    30.0,    60.0,
                                 120.0,  300.0,  600.0,  900.0,  1800.0,  3600.0,  7200.0,
                                 14400., 21600., 43200., 86400., 172800., 432000., 864000.};
  if (range < static_cast<double>(most)) return round_step(range, most);
  for (const double step : kSteps) {
    if (range / step <= static_cast<double>(most)) return step;
  }
  return round_step(range / 86400.0, most) * 86400.0;
}

}  // namespace

double round_step(double range, std::size_t most) {
  const double raw = range / static_cast<double>(std::max<std::size_t>(most, 1));
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= raw * (1.0 - 1e-9)) return factor * power;
  }
  return 10.0 * power;
}

Scale Scale::linear(double low, double high) {
  if (!(high > low)) {
    const double air = std::abs(low) < 1e-300 ? 1.0 : 0.1 * std::abs(low);
    return Scale(Kind::Linear, low - air, low + air);
  }
  return Scale(Kind::Linear, low, high);
}

Scale Scale::whole(double high) { return Scale(Kind::Whole, 0.0, std::max(high, 1.0)); }

Scale Scale::whole(double low, double high) { return Scale(Kind::Whole, low, high); }

Scale Scale::logarithmic(double low, double high) {
  if (!(high > low)) return Scale(Kind::Logarithmic, low / 2.0, low * 2.0);
  return Scale(Kind::Logarithmic, low, high);
}

Scale Scale::duration(double high) { return Scale(Kind::Duration, 0.0, high > 0.0 ? high : 1.0); }

Scale Scale::categories(std::vector<std::string> labels) {
  Scale scale(Kind::Categories, 0.0, static_cast<double>(labels.size()));
  scale.labels_ = std::move(labels);
  return scale;
}

Scale Scale::of_values(std::span<const double> values, Worse worse) {
  std::vector<double> finite;
  for (const double value : values) {
    // Beyond that, differences overflow.
    if (std::abs(value) < 1e300) finite.push_back(worse == Worse::High ? value : -value);
  }
  if (finite.empty()) return linear(0.0, 1.0);
  const double low = *std::min_element(finite.begin(), finite.end());
  double high = *std::max_element(finite.begin(), finite.end());
  const double usual = quantile(finite, 0.9);
  if (worse == Worse::High && low > 0.0 && usual > 100.0 * low) {
    const double air = std::pow(high / low, 0.05);
    return logarithmic(low / air, high * air);
  }
  if (usual > low && high - low > 4.0 * (usual - low)) high = low + 1.25 * (usual - low);
  const double air = 0.05 * (high - low);
  return worse == Worse::High ? linear(low - air, high + air) : linear(-high - air, -low + air);
}

double Scale::unit(double value) const {
  if (std::isnan(value)) return 0.0;
  double position = 0.0;
  if (kind_ == Kind::Logarithmic) {
    position = value <= 0.0 ? 0.0 : std::log(value / low_) / std::log(high_ / low_);
  } else if (kind_ == Kind::Categories) {
    position = (value + 0.5) / high_;
  } else {
    position = (value - low_) / (high_ - low_);
  }
  return std::clamp(position, 0.0, 1.0);
}

bool Scale::contains(double value) const { return value >= low_ && value <= high_; }

std::vector<Tick> Scale::linear_ticks(double step) const {
  std::vector<Tick> ticks;
  const double tolerance = 1e-9 * step;
  for (double k = std::ceil((low_ - tolerance) / step); k * step <= high_ + tolerance; k += 1.0) {
    const double value = k * step;
    ticks.push_back(
        {unit(value), kind_ == Kind::Duration ? duration_label(value) : label_of(value, step)});
    if (ticks.size() > 100) break;  // a range too narrow for doubles
  }
  return ticks;
}

// Powers of ten with as many values between them as there is room for.
std::vector<Tick> Scale::logarithmic_ticks(std::size_t most) const {
  const double decades = std::log10(high_ / low_);
  if (decades < 1.0) return linear_ticks(round_step(high_ - low_, most));
  const std::array<std::vector<double>, 3> parts = {{{1.0, 2.0, 5.0}, {1.0, 3.0}, {1.0}}};
  for (const std::vector<double>& factors : parts) {
    std::vector<Tick> ticks = decade_ticks(factors, 1);
    if (ticks.size() <= most) return ticks;
  }
  return decade_ticks(
      {1.0},
      static_cast<int>(std::ceil(decades / static_cast<double>(std::max<std::size_t>(most, 1)))));
}

std::vector<Tick> Scale::decade_ticks(const std::vector<double>& factors, int stride) const {
  std::vector<Tick> ticks;
  const int first = static_cast<int>(std::floor(std::log10(low_) + 1e-9));
  for (int exponent = first; exponent <= std::log10(high_) + 1e-9; exponent += stride) {
    for (const double factor : factors) {
      const double value = factor * std::pow(10.0, exponent);
      if (value < low_ * (1.0 - 1e-9) || value > high_ * (1.0 + 1e-9)) continue;
      ticks.push_back({unit(value), format_short(value, 4)});
    }
  }
  return ticks;
}

std::vector<Tick> Scale::ticks(std::size_t most) const {
  switch (kind_) {
    case Kind::Linear:
      return linear_ticks(round_step(high_ - low_, most));
    case Kind::Whole:
      return linear_ticks(std::max(1.0, round_step(high_ - low_, most)));
    case Kind::Duration:
      return linear_ticks(round_duration(high_ - low_, most));
    case Kind::Logarithmic:
      return logarithmic_ticks(most);
    case Kind::Categories:
      break;
  }
  std::vector<Tick> ticks;
  for (std::size_t k = 0; k < labels_.size(); ++k) {
    ticks.push_back({unit(static_cast<double>(k)), labels_[k]});
  }
  return ticks;
}

}  // namespace trimtab
