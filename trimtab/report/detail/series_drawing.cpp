#include "trimtab/report/detail/series_drawing.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "trimtab/base/text.hpp"
#include "trimtab/report/svg/marks.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kMaxLinePoints = 800;
constexpr double kDiamond = 4.5;

std::string class_of(const char* mark, const SeriesStyle& style) {
  return fmt::format("{} {}{}", mark, style.color_class, style.is_dashed ? " dashed" : "");
}

// Where things stand in the drawing; categories of the y axis run downwards.
struct Place {
  const Frame& frame;
  const Figure& figure;

  double x(double value) const { return frame.x(value); }
  double y(double value) const {
    const std::size_t rows = figure.y.categories.size();
    return frame.y(rows > 0 ? static_cast<double>(rows) - 1.0 - value : value);
  }
  bool is_lying() const { return !figure.y.categories.empty(); }
  bool has(double x, double y) const {
    return is_drawable(x, figure.x) && is_drawable(y, figure.y);
  }
};

std::string axis_text(const FigureAxis& axis, double value) {
  if (axis.categories.empty()) {
    return (axis.name.empty() ? "" : axis.name + " ") + format_short(value, 5);
  }
  const auto index = static_cast<std::size_t>(std::max(0.0, value));
  return index < axis.categories.size() ? axis.categories[index] : "";
}

std::string title_of(const Figure& figure, const FigureSeries& series, std::size_t i) {
  std::string text = series.name.empty() ? "" : series.name + ": ";
  if (!series.labels.empty()) return text + series.labels[i];
  text += axis_text(figure.x, series.x[i]) + ", " + axis_text(figure.y, series.y[i]);
  if (!series.low.empty() && std::isfinite(series.low[i]) && std::isfinite(series.high[i])) {
    text += fmt::format(" [{}, {}]", format_short(series.low[i]), format_short(series.high[i]));
  }
  return text;
}

void draw_line(Frame& frame, const Place& place, const FigureSeries& series,
               const SeriesStyle& style) {
  std::string path;
  bool is_down = false;
  for (const std::size_t i : drawn_points(series, kMaxLinePoints)) {
    if (!place.has(series.x[i], series.y[i])) {
      is_down = false;
      continue;
    }
    const std::string x = pixels(place.x(series.x[i])), y = pixels(place.y(series.y[i]));
    if (!is_down) {
      path += fmt::format("M{} {}h0", x, y);
    } else if (series.mark == Mark::Steps) {
      path += fmt::format("H{}V{}", x, y);
    } else {
      path += fmt::format("L{} {}", x, y);
    }
    is_down = true;
  }
  frame.canvas().path(path, class_of("f-line", style), series.name);
}

void draw_rules(Frame& frame, const Place& place, const FigureSeries& series,
                const SeriesStyle& style) {
  for (const double y : series.y) {
    if (!is_drawable(y, place.figure.y)) continue;
    frame.canvas().path(
        fmt::format("M{} {}H{}", pixels(frame.left()), pixels(place.y(y)), pixels(frame.right())),
        class_of("f-rule", style), series.name);
  }
  for (const double x : series.x) {
    if (!is_drawable(x, place.figure.x)) continue;
    frame.canvas().path(
        fmt::format("M{} {}V{}", pixels(place.x(x)), pixels(frame.top()), pixels(frame.bottom())),
        class_of("f-rule", style), series.name);
  }
}

void draw_diamond(Canvas& canvas, double x, double y, const SeriesStyle& style,
                  const std::string& title) {
  canvas.path(fmt::format("M{} {}l{r} {r}l-{r} {r}l-{r} -{r}z", pixels(x), pixels(y - kDiamond),
                          fmt::arg("r", kDiamond)),
              class_of("f-diamond", style), title);
}

void draw_tick(Canvas& canvas, const Place& place, double x, double y, const SeriesStyle& style,
               const std::string& title) {
  const double wide = place.is_lying() ? 3.0 : 20.0, high = place.is_lying() ? 20.0 : 3.0;
  canvas.rect(x - 0.5 * wide, y - 0.5 * high, wide, high, class_of("f-bar", style), title);
}

void draw_points(Frame& frame, const Place& place, const FigureSeries& series,
                 const SeriesStyle& style) {
  const std::vector<std::size_t> drawn = drawn_points(series, kMaxDots);
  Dots dots(class_of("f-dot", style), drawn.size() <= kMaxTitles);
  for (const std::size_t i : drawn) {
    if (!place.has(series.x[i], series.y[i])) continue;
    const double x = place.x(series.x[i]), y = place.y(series.y[i]);
    const auto title = [&] { return title_of(place.figure, series, i); };
    if (series.mark == Mark::Points) {
      dots.add(frame.canvas(), x, y, title);
    } else if (series.mark == Mark::Diamonds) {
      draw_diamond(frame.canvas(), x, y, style, drawn.size() <= kMaxTitles ? title() : "");
    } else {
      draw_tick(frame.canvas(), place, x, y, style, drawn.size() <= kMaxTitles ? title() : "");
    }
  }
  dots.draw(frame.canvas());
}

void draw_bar(Frame& frame, const Place& place, const FigureSeries& series,
              const SeriesStyle& style, std::size_t i) {
  Canvas& canvas = frame.canvas();
  const std::string title = title_of(place.figure, series, i);
  const std::string css = class_of("f-bar", style);
  const double half = 0.5 * style.bar_width;
  if (place.is_lying()) {
    const double from = place.x(0.0), to = place.x(series.x[i]);
    const double middle = place.y(series.y[i]) + style.bar_offset;
    canvas.rect(std::min(from, to), middle - half, std::max(1.0, std::abs(to - from)),
                style.bar_width, css, title);
    return;
  }
  const double from = place.y(0.0), to = place.y(series.y[i]);
  canvas.rect(place.x(series.x[i]) + style.bar_offset - half, std::min(from, to), style.bar_width,
              std::max(1.0, std::abs(to - from)), css, title);
}

// From low to high, with feet.
void draw_whisker(Frame& frame, const Place& place, const FigureSeries& series,
                  const SeriesStyle& style, std::size_t i) {
  const FigureAxis& axis = place.is_lying() ? place.figure.x : place.figure.y;
  if (!is_drawable(series.low[i], axis) || !is_drawable(series.high[i], axis)) return;
  const bool is_bar = series.mark == Mark::Bars;
  const double offset = is_bar ? style.bar_offset : 0.0;
  const std::string css = is_bar ? "f-whisker over" : class_of("f-whisker", style);
  if (place.is_lying()) {
    const double y = place.y(series.y[i]) + offset;
    const double low = place.x(series.low[i]), high = place.x(series.high[i]);
    frame.canvas().path(fmt::format("M{0} {2}v8M{0} {3}H{1}M{1} {2}v8", pixels(low), pixels(high),
                                    pixels(y - 4.0), pixels(y)),
                        css);
    return;
  }
  const double x = place.x(series.x[i]) + offset;
  const double low = place.y(series.low[i]), high = place.y(series.high[i]);
  frame.canvas().path(fmt::format("M{2} {0}h6M{3} {0}V{1}M{2} {1}h6", pixels(low), pixels(high),
                                  pixels(x - 3.0), pixels(x)),
                      css);
}

bool is_line(const FigureSeries& series) {
  return series.mark == Mark::Line || series.mark == Mark::Steps;
}

}  // namespace

bool is_drawable(double value, const FigureAxis& axis) {
  return std::abs(value) < 1e300 && (!axis.is_log || value > 1e-300);
}

std::vector<std::size_t> drawn_points(const FigureSeries& series, std::size_t most) {
  const std::size_t n = series.x.size();
  std::vector<std::size_t> kept;
  if (n <= most || most < 2) {
    for (std::size_t i = 0; i < n; ++i) kept.push_back(i);
    return kept;
  }
  for (std::size_t i = 0; i < most; ++i) kept.push_back(i * (n - 1) / (most - 1));
  for (const std::vector<double>* values : {&series.x, &series.y}) {
    std::size_t least = n, largest = n;
    for (std::size_t i = 0; i < n; ++i) {
      if (!std::isfinite((*values)[i])) continue;
      if (least == n || (*values)[i] < (*values)[least]) least = i;
      if (largest == n || (*values)[i] > (*values)[largest]) largest = i;
    }
    if (least < n) kept.insert(kept.end(), {least, largest});
  }
  std::sort(kept.begin(), kept.end());
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  return kept;
}

void draw_bands(Frame& frame, const Figure& figure, const FigureSeries& series,
                const SeriesStyle& style) {
  if (series.low.empty() || !is_line(series)) return;
  const Place place{frame, figure};
  std::string path, way_back;
  const auto close = [&] {
    if (!path.empty()) frame.canvas().path(path + way_back + "z", class_of("f-band", style));
    path.clear();
    way_back.clear();
  };
  for (const std::size_t i : drawn_points(series, kMaxLinePoints)) {
    if (!place.has(series.x[i], series.low[i]) || !place.has(series.x[i], series.high[i])) {
      close();
      continue;
    }
    const std::string x = pixels(place.x(series.x[i]));
    path += fmt::format("{}{} {}", path.empty() ? "M" : "L", x, pixels(place.y(series.high[i])));
    way_back = fmt::format("L{} {}", x, pixels(place.y(series.low[i]))) + way_back;
  }
  close();
}

void draw_marks(Frame& frame, const Figure& figure, const FigureSeries& series,
                const SeriesStyle& style) {
  const Place place{frame, figure};
  if (is_line(series)) return draw_line(frame, place, series, style);
  if (series.mark == Mark::Rules) return draw_rules(frame, place, series, style);
  const std::vector<std::size_t> drawn = drawn_points(series, kMaxDots);
  const bool is_bar = series.mark == Mark::Bars;
  for (const std::size_t i : drawn) {
    if (!place.has(series.x[i], series.y[i])) continue;
    if (is_bar) draw_bar(frame, place, series, style, i);
    if (!series.low.empty()) draw_whisker(frame, place, series, style, i);
  }
  if (!is_bar) draw_points(frame, place, series, style);
}

void draw_labels(Frame& frame, const Figure& figure, const FigureSeries& series,
                 const SeriesStyle& style) {
  const Place place{frame, figure};
  if (series.mark != Mark::Bars || series.labels.empty() || !place.is_lying()) return;
  for (const std::size_t i : drawn_points(series, kMaxDots)) {
    if (!place.has(series.x[i], series.y[i])) continue;
    const double end = std::max(place.x(0.0), place.x(series.x[i]));
    frame.canvas().text(end + 6.0, place.y(series.y[i]) + style.bar_offset + 4.0, series.labels[i],
                        "tick halo");
  }
}

void draw_sample(Canvas& canvas, double x, double y, const FigureSeries& series,
                 const SeriesStyle& style) {
  const std::string across = fmt::format("M{} {}h16", pixels(x + 1.0), pixels(y));
  switch (series.mark) {
    case Mark::Line:
    case Mark::Steps:
      return canvas.path(across, class_of("f-line", style));
    case Mark::Rules:
      return canvas.path(across, class_of("f-rule", style));
    case Mark::Points:
      return canvas.circle(x + 9.0, y, 3.5, class_of("f-dot", style));
    case Mark::Diamonds:
      return draw_diamond(canvas, x + 9.0, y, style, "");
    case Mark::Ticks:
      return canvas.rect(x + 7.5, y - 6.0, 3.0, 12.0, class_of("f-bar", style));
    case Mark::Bars:
      return canvas.rect(x + 4.0, y - 5.0, 10.0, 10.0, class_of("f-bar", style));
  }
}

}  // namespace trimtab
