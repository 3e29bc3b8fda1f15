#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "trimtab/core/figure.hpp"
#include "trimtab/report/svg/frame.hpp"

namespace trimtab {

/// How one series of a figure looks and where it stands.
struct SeriesStyle {
  std::string color_class;  ///< "s0" to "s5", "strong" or "quiet"
  bool is_dashed = false;   ///< the palette was used up before
  double bar_width = 0.0;   ///< in the drawing's units
  double bar_offset = 0.0;  ///< of the middle of this series' bars from their place
};

/// Can the value stand on an axis at all? Not if it is not finite, near overflow, or not positive
/// on a logarithmic one.
bool is_drawable(double value, const FigureAxis& axis);

/// The indices of a series that are drawn: all, or `most` and a few, first and last and the
/// extremes of x and y among them, ascending.
std::vector<std::size_t> drawn_points(const FigureSeries& series, std::size_t most);

/// Draws a series into the frame of its figure: `draw_bands` of all series, `draw_marks` of all,
/// then what is written at the ends of lying bars.
void draw_bands(Frame& frame, const Figure& figure, const FigureSeries& series,
                const SeriesStyle& style);
void draw_marks(Frame& frame, const Figure& figure, const FigureSeries& series,
                const SeriesStyle& style);
void draw_labels(Frame& frame, const Figure& figure, const FigureSeries& series,
                 const SeriesStyle& style);

/// A sample of the mark for the key, 18 units wide, its middle at height y.
void draw_sample(Canvas& canvas, double x, double y, const FigureSeries& series,
                 const SeriesStyle& style);

}  // namespace trimtab
