#include "trimtab/report/svg/figure_chart.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "trimtab/report/detail/series_drawing.hpp"

namespace trimtab {
namespace {

constexpr double kRow = 26.0, kBarRow = 17.0, kKeyRow = 17.0, kKeySample = 24.0, kKeyGap = 18.0;
constexpr std::size_t kMaxKeys = 24, kPalette = 6;

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  bool is_whole = true;

  void add(double value, const FigureAxis& axis) {
    if (!is_drawable(value, axis)) return;
    low = std::min(low, value);
    high = std::max(high, value);
    is_whole = is_whole && value == std::floor(value) && std::abs(value) < 1e15;
  }
  bool is_empty() const { return !(low <= high); }
};

bool has_bars(const Figure& figure) {
  return std::any_of(figure.series.begin(), figure.series.end(),
                     [](const FigureSeries& each) { return each.mark == Mark::Bars; });
}

bool is_lying(const Figure& figure) { return !figure.y.categories.empty(); }

// What the axis has to cover. Bars start from 0.
Range range_of(const Figure& figure, bool is_x) {
  const FigureAxis& axis = is_x ? figure.x : figure.y;
  Range range;
  for (const FigureSeries& series : figure.series) {
    for (const double value : is_x ? series.x : series.y) range.add(value, axis);
    if (is_x != is_lying(figure)) continue;  // intervals belong to the other axis
    for (const double value : series.low) range.add(value, axis);
    for (const double value : series.high) range.add(value, axis);
  }
  for (const double value : axis.covers) range.add(value, axis);
  if (is_x == is_lying(figure) && has_bars(figure)) range.add(0.0, axis);
  return range;
}

// Room behind lying bars for what is written at their ends.
double text_share(const Figure& figure, const Format& format) {
  double width = 0.0;
  for (const FigureSeries& series : figure.series) {
    if (series.mark != Mark::Bars || !is_lying(figure)) continue;
    for (const std::string& label : series.labels) width = std::max(width, text_width(label));
  }
  return width > 0.0 ? std::min(0.5, (width + 10.0) / (0.6 * format.width)) : 0.0;
}

bool is_of_lines(const Figure& figure) {
  return std::all_of(figure.series.begin(), figure.series.end(), [](const FigureSeries& each) {
    return each.mark == Mark::Line || each.mark == Mark::Steps || each.mark == Mark::Rules;
  });
}

Scale scale_of(const Figure& figure, bool is_x, const Format& format) {
  const FigureAxis& axis = is_x ? figure.x : figure.y;
  if (!axis.categories.empty()) {
    std::vector<std::string> names = axis.categories;
    if (!is_x) std::reverse(names.begin(), names.end());
    return Scale::categories(std::move(names));
  }
  const Range range = range_of(figure, is_x);
  const bool is_value = is_x == is_lying(figure);
  const double share = is_value || !is_of_lines(figure) ? 0.04 : 0.0;
  if (axis.is_log) {
    const double air = std::pow(range.high / range.low, share);
    return Scale::logarithmic(range.low / air, range.high * air);
  }
  // Differences that doubles hardly know are none.
  const double span = range.high - range.low;
  if (span <= 1e-12 * std::max(std::abs(range.low), std::abs(range.high))) {
    return Scale::linear(range.low, range.low);
  }
  const bool stands_on_0 = is_value && has_bars(figure);
  const double low = stands_on_0 && range.low == 0.0 ? 0.0 : range.low - share * span;
  double high = stands_on_0 && range.high == 0.0 ? 0.0 : range.high + share * span;
  if (is_x) high += text_share(figure, format) * span;
  return range.is_whole && span >= 1.0 ? Scale::whole(low, high) : Scale::linear(low, high);
}

// Bars of several series stand side by side where they meet, else in the middle of their place.
struct BarPlan {
  double width = 0.0;
  bool is_grouped = false;
  std::size_t num_series = 0;
};

// Counts the bars at every place.
BarPlan count_bars(const Figure& figure, std::map<double, std::size_t>& at) {
  BarPlan plan;
  for (const FigureSeries& series : figure.series) {
    if (series.mark != Mark::Bars) continue;
    ++plan.num_series;
    for (const double value : is_lying(figure) ? series.y : series.x) {
      if (std::isfinite(value)) plan.is_grouped |= ++at[value] > 1;
    }
  }
  return plan;
}

double row_height(const Figure& figure) {
  std::map<double, std::size_t> at;
  const BarPlan plan = count_bars(figure, at);
  return plan.is_grouped ? std::max(kRow, kBarRow * static_cast<double>(plan.num_series) + 10.0)
                         : kRow;
}

BarPlan plan_bars(const Figure& figure, const Frame& frame) {
  std::map<double, std::size_t> at;
  BarPlan plan = count_bars(figure, at);
  if (plan.num_series == 0) return plan;
  double cell = frame.right() - frame.left();
  if (is_lying(figure)) {
    cell = (frame.bottom() - frame.top()) / static_cast<double>(figure.y.categories.size());
  } else if (!figure.x.categories.empty()) {
    cell /= static_cast<double>(figure.x.categories.size());
  } else if (at.size() > 1) {
    for (auto next = std::next(at.begin()), each = at.begin(); next != at.end(); ++each, ++next) {
      cell = std::min(cell, frame.x(next->first) - frame.x(each->first));
    }
  }
  plan.width = std::clamp(
      0.75 * cell / (plan.is_grouped ? static_cast<double>(plan.num_series) : 1), 1.0, 34.0);
  return plan;
}

std::vector<SeriesStyle> styles_of(const Figure& figure) {
  std::vector<SeriesStyle> styles;
  std::size_t next = 0;
  for (const FigureSeries& series : figure.series) {
    SeriesStyle style;
    if (series.is_of_previous && !styles.empty()) {
      styles.push_back(styles.back());
      continue;
    }
    style.color_class = series.emphasis == Emphasis::Strong  ? "strong"
                        : series.emphasis == Emphasis::Quiet ? "quiet"
                                                             : fmt::format("s{}", next % kPalette);
    if (series.emphasis == Emphasis::Normal) style.is_dashed = next++ >= kPalette;
    styles.push_back(std::move(style));
  }
  return styles;
}

void add_bar_places(const Figure& figure, const BarPlan& plan, std::vector<SeriesStyle>& styles) {
  std::size_t next = 0;
  for (std::size_t i = 0; i < styles.size(); ++i) {
    if (figure.series[i].mark != Mark::Bars) continue;
    styles[i].bar_width = plan.width;
    const double from_middle =
        static_cast<double>(next++) - 0.5 * (static_cast<double>(plan.num_series) - 1.0);
    if (plan.is_grouped) styles[i].bar_offset = from_middle * plan.width;
  }
}

// The key: where each named series stands, in rows above the plot.
struct KeyEntry {
  std::size_t series = 0;
  std::string name;
  double x = 0.0;
  std::size_t row = 0;
};

std::vector<KeyEntry> plan_key(const Figure& figure, double width) {
  std::vector<KeyEntry> key;
  double x = 0.0;
  std::size_t row = 0, num_named = 0;
  for (std::size_t i = 0; i < figure.series.size(); ++i) {
    if (figure.series[i].name.empty() || figure.series[i].is_of_previous || ++num_named > kMaxKeys)
      continue;
    KeyEntry entry = {i, fit_text(figure.series[i].name, 0.9 * (width - kKeySample)), x, row};
    const double needed = kKeySample + name_width(entry.name);
    if (x > 0.0 && x + needed > width) {
      entry.x = 0.0;
      entry.row = ++row;
    }
    x = entry.x + needed + kKeyGap;
    key.push_back(std::move(entry));
  }
  // One kind of mark needs no key when the axis says what it is.
  if (figure.series.size() == 1 && key.size() == 1) key.clear();
  return key;
}

void draw_key(Canvas& canvas, const Figure& figure, const std::vector<KeyEntry>& key,
              const std::vector<SeriesStyle>& styles) {
  for (const KeyEntry& each : key) {
    const double y = 8.0 + kKeyRow * static_cast<double>(each.row);
    draw_sample(canvas, each.x, y, figure.series[each.series], styles[each.series]);
    canvas.text(each.x + kKeySample, y + 4.0, each.name, "name");
  }
}

bool is_shown(const Figure& figure) {
  for (const FigureSeries& series : figure.series) {
    if (series.mark == Mark::Rules) continue;
    for (std::size_t i = 0; i < series.x.size(); ++i) {
      if (is_drawable(series.x[i], figure.x) && is_drawable(series.y[i], figure.y)) return true;
    }
  }
  return false;
}

}  // namespace

std::string figure_chart(const Figure& figure, const Format& format) {
  require_drawable(figure);
  if (figure.ranks) return rank_chart(figure, format);
  if (!is_shown(figure)) return "";
  const std::vector<KeyEntry> key = plan_key(figure, format.width);
  const double head = key.empty() ? 0.0 : kKeyRow * static_cast<double>(key.back().row + 1) + 4.0;
  Format sized = format;
  if (is_lying(figure)) {
    sized.height = row_height(figure) * static_cast<double>(figure.y.categories.size()) + 50.0;
  }
  sized.height += head;
  Frame frame(sized, scale_of(figure, true, format), scale_of(figure, false, format), figure.x.name,
              figure.y.name, figure.title, head);
  frame.canvas().describe(figure.caption);
  std::vector<SeriesStyle> styles = styles_of(figure);
  add_bar_places(figure, plan_bars(figure, frame), styles);
  draw_key(frame.canvas(), figure, key, styles);
  for (std::size_t i = 0; i < styles.size(); ++i) {
    draw_bands(frame, figure, figure.series[i], styles[i]);
  }
  for (std::size_t i = 0; i < styles.size(); ++i) {
    draw_marks(frame, figure, figure.series[i], styles[i]);
  }
  for (std::size_t i = 0; i < styles.size(); ++i) {
    draw_labels(frame, figure, figure.series[i], styles[i]);
  }
  return frame.take();
}

}  // namespace trimtab
