#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "trimtab/base/text.hpp"
#include "trimtab/report/detail/study_facts.hpp"
#include "trimtab/report/svg/charts.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kNumBins = 24;

struct Bins {
  double low = 0.0;
  double width = 1.0;
  bool is_log = false;
  std::vector<std::int64_t> counts;

  double edge(std::size_t bin) const {
    const double at = low + width * static_cast<double>(bin);
    return is_log ? std::pow(10.0, at) : at;
  }
};

// On a logarithmic scale when the values span more than two powers of ten.
Bins count_in_bins(const std::vector<double>& values) {
  Bins bins;
  bins.counts.assign(kNumBins, 0);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  bins.is_log = *low > 0.0 && *high > 100.0 * *low;
  const auto position = [&](double value) { return bins.is_log ? std::log10(value) : value; };
  bins.low = bins.is_log ? position(*low) : 0.0;
  bins.width = (position(*high) - bins.low) / static_cast<double>(kNumBins);
  if (!(bins.width > 0.0)) bins.width = 1.0 / static_cast<double>(kNumBins);
  for (const double value : values) {
    const auto bin = static_cast<std::size_t>((position(value) - bins.low) / bins.width);
    ++bins.counts[std::min(bin, kNumBins - 1)];
  }
  return bins;
}

}  // namespace

std::string histogram_chart(const std::vector<double>& values, bool is_duration,
                            std::string_view label, const Format& format) {
  std::vector<double> finite;
  std::copy_if(values.begin(), values.end(), std::back_inserter(finite),
               [](double value) { return std::isfinite(value); });
  if (finite.empty() || *std::max_element(finite.begin(), finite.end()) <= 0.0) return "";
  const Bins bins = count_in_bins(finite);
  const auto highest = *std::max_element(bins.counts.begin(), bins.counts.end());
  const auto name = [&](double value) {
    return is_duration ? format_duration(value) : format_bytes(value);
  };
  Canvas canvas(format.width, format.height, format.css_class, label);
  const double left = 8.0, bottom = format.height - 24.0, top = 32.0;
  const double cell = (format.width - 2.0 * left) / static_cast<double>(kNumBins);
  for (std::size_t bin = 0; bin < kNumBins; ++bin) {
    if (bins.counts[bin] == 0) continue;
    const double height = std::max(
        1.5, (bottom - top) * static_cast<double>(bins.counts[bin]) / static_cast<double>(highest));
    canvas.rect(left + cell * static_cast<double>(bin) + 0.5, bottom - height, cell - 1.0, height,
                "bar",
                fmt::format("{} runs: {} to {}", bins.counts[bin], name(bins.edge(bin)),
                            name(bins.edge(bin + 1))));
  }
  canvas.line(left, bottom, format.width - left, bottom, "axis-line");
  const auto tallest =
      std::max_element(bins.counts.begin(), bins.counts.end()) - bins.counts.begin();
  canvas.text(left + cell * (static_cast<double>(tallest) + 0.5), top - 4.0,
              std::to_string(highest), "tick", "middle");
  canvas.text(0.0, 12.0, fit_text(label, format.width), "axis");
  const std::string low = name(bins.edge(0)), middle = name(bins.edge(kNumBins / 2)),
                    high = name(bins.edge(kNumBins));
  canvas.text(left, bottom + 16.0, low, "tick");
  if (middle != low && middle != high) {
    canvas.text(format.width / 2.0, bottom + 16.0, middle, "tick", "middle");
  }
  canvas.text(format.width - left, bottom + 16.0, high, "tick", "end");
  return canvas.take();
}

}  // namespace trimtab
