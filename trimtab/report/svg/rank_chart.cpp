#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "trimtab/base/text.hpp"
#include "trimtab/report/svg/figure_chart.hpp"

namespace trimtab {
namespace {

constexpr double kRuler = 22.0, kAxis = 58.0, kFirstClique = 66.0, kCliqueStep = 8.0;
constexpr double kRow = 20.0, kTickSpace = 26.0;

struct Layout {
  double side = 0.0, left = 0.0, right = 0.0;
  double ranks = 2.0;  // the axis ends at this rank

  double x(double rank) const {
    return left + std::clamp((rank - 1.0) / (ranks - 1.0), 0.0, 1.0) * (right - left);
  }
};

// The name, cut to fit if it must, with its mean rank.
std::string name_text(const RankDiagram& ranks, std::size_t method, double width) {
  const std::string& name = ranks.names[method];
  const std::string rank = " " + format_short(ranks.mean_ranks[method], 3);
  if (name_width(name + rank) <= width) return name + rank;
  return fit_text(name, std::max(30.0, 0.9 * width - text_width(rank))) + rank;
}

Layout layout_of(const RankDiagram& ranks, const Format& format) {
  Layout layout;
  for (std::size_t i = 0; i < ranks.names.size(); ++i) {
    layout.side = std::max(layout.side, name_width(name_text(ranks, i, format.width)));
  }
  layout.side = std::min(layout.side, 0.32 * format.width);
  layout.left = layout.side + 12.0;
  layout.right = format.width - layout.side - 12.0;
  layout.ranks = static_cast<double>(std::max<std::size_t>(ranks.names.size(), 2));
  return layout;
}

void draw_axis(Canvas& canvas, const RankDiagram& ranks, const Layout& layout) {
  canvas.line(layout.left, kAxis, layout.right, kAxis, "axis-line");
  const double gap = (layout.right - layout.left) / (layout.ranks - 1.0);
  const double step = std::max(1.0, std::ceil(kTickSpace / gap));
  for (double rank = 1.0; rank <= layout.ranks; rank += step) {
    canvas.line(layout.x(rank), kAxis - 5.0, layout.x(rank), kAxis, "axis-line");
    canvas.text(layout.x(rank), kAxis - 9.0, format_short(rank), "tick", "middle");
  }
  const double end = layout.x(1.0 + ranks.critical_difference);
  canvas.path(fmt::format("M{0} {2}v8M{0} {3}H{1}M{1} {2}v8", pixels(layout.left), pixels(end),
                          pixels(kRuler - 4.0), pixels(kRuler)),
              "axis-line");
  canvas.text(layout.left, kRuler - 9.0,
              "critical difference " + format_short(ranks.critical_difference, 3), "axis");
}

void draw_cliques(Canvas& canvas, const RankDiagram& ranks, const Layout& layout) {
  double y = kFirstClique;
  for (const std::vector<std::size_t>& clique : ranks.cliques) {
    double low = layout.ranks, high = 1.0;
    for (const std::size_t method : clique) {
      low = std::min(low, ranks.mean_ranks[method]);
      high = std::max(high, ranks.mean_ranks[method]);
    }
    canvas.rect(layout.x(low) - 3.0, y - 2.0, layout.x(high) - layout.x(low) + 6.0, 4.0,
                "f-bar strong", "not told apart");
    y += kCliqueStep;
  }
}

// A line from the axis down to the method's row, then outwards to its name.
void draw_method(Canvas& canvas, const RankDiagram& ranks, const Layout& layout, std::size_t method,
                 double y, bool is_left) {
  const double edge = is_left ? layout.side + 4.0 : canvas.width() - layout.side - 4.0;
  canvas.path(fmt::format("M{} {}V{}H{}", pixels(layout.x(ranks.mean_ranks[method])), pixels(kAxis),
                          pixels(y), pixels(edge)),
              "f-line s0", ranks.names[method]);
  canvas.text(is_left ? layout.side : canvas.width() - layout.side, y + 4.0,
              name_text(ranks, method, layout.side), "name", is_left ? "end" : "start");
}

}  // namespace

std::string rank_chart(const Figure& figure, const Format& format) {
  require_drawable(figure);
  if (!figure.ranks || figure.ranks->names.size() < 2) return "";
  const RankDiagram& ranks = *figure.ranks;
  if (!std::all_of(ranks.mean_ranks.begin(), ranks.mean_ranks.end(),
                   [](double rank) { return std::isfinite(rank); })) {
    return "";
  }
  std::vector<std::size_t> order(ranks.names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return ranks.mean_ranks[a] < ranks.mean_ranks[b];
  });
  const std::size_t num_left = (order.size() + 1) / 2;
  const double first_row =
      kFirstClique + kCliqueStep * static_cast<double>(ranks.cliques.size()) + 14.0;
  const double height = first_row + kRow * static_cast<double>(num_left - 1) + 14.0;
  const Layout layout = layout_of(ranks, format);
  Canvas canvas(format.width, height, format.css_class, figure.title);
  canvas.describe(figure.caption);
  draw_axis(canvas, ranks, layout);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool is_left = i < num_left;
    const std::size_t row = is_left ? i : order.size() - 1 - i;
    draw_method(canvas, ranks, layout, order[i], first_row + kRow * static_cast<double>(row),
                is_left);
  }
  draw_cliques(canvas, ranks, layout);
  return canvas.take();
}

}  // namespace trimtab
