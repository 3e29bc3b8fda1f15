#pragma once

#include <string>
#include <string_view>

#include "trimtab/report/svg/markup.hpp"
#include "trimtab/report/svg/scale.hpp"

namespace trimtab {

/// How big a drawing is. Wide ones are drawn twice, for screens and for phones.
struct Format {
  double width = 960.0;
  double height = 320.0;
  std::string_view css_class = "wide";
};
inline constexpr Format kScreen = {960.0, 320.0, "wide"};
inline constexpr Format kPhone = {360.0, 260.0, "narrow"};
inline constexpr Format kTile = {320.0, 210.0, "tile"};

/// A canvas with two axes, their grid lines and labels that do not run into one another.
class Frame {
 public:
  /// @param head  room that stays free above the axes, for a key.
  Frame(const Format& format, Scale x, Scale y, std::string_view x_name, std::string_view y_name,
        std::string_view label, double head = 0.0);

  double x(double value) const { return left_ + x_.unit(value) * (right_ - left_); }
  double y(double value) const { return bottom_ - y_.unit(value) * (bottom_ - top_); }
  const Scale& x_scale() const { return x_; }
  const Scale& y_scale() const { return y_; }
  double left() const { return left_; }
  double right() const { return right_; }
  double top() const { return top_; }
  double bottom() const { return bottom_; }
  Canvas& canvas() { return canvas_; }
  std::string take() { return canvas_.take(); }

 private:
  void draw_x_axis(std::string_view name);
  void draw_y_axis(std::string_view name);

  Canvas canvas_;
  Scale x_, y_;
  double head_, left_, right_, top_, bottom_;
};

/// About how wide a label is at the size of the drawings' text, in their units.
double text_width(std::string_view text);

/// The same for text of the class "name", which is larger.
double name_width(std::string_view text);

/// The text cut to about `width` units.
std::string fit_text(std::string_view text, double width);

}  // namespace trimtab
