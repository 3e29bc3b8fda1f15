#pragma once

#include <string>
#include <string_view>

namespace trimtab {

/// The text as content or attribute of HTML and XML: &, <, >, quotes escaped; characters that XML
/// forbids, and bytes that are not UTF-8, replaced.
std::string escape(std::string_view text);

/// A coordinate with at most one decimal: "12", "12.5".
std::string pixels(double value);

/// A drawing: shapes are styled by classes alone, so that one style sheet serves light and dark.
class Canvas {
 public:
  /// @param label  what the drawing shows, for people who do not see it.
  Canvas(double width, double height, std::string_view css_class, std::string_view label);

  /// A longer description, for people who do not see the drawing; "" = none. Before any shape.
  void describe(std::string_view text);

  void line(double x1, double y1, double x2, double y2, std::string_view css_class);
  /// @param title  shown when a pointer rests on the shape; "" = nothing.
  void rect(double x, double y, double width, double height, std::string_view css_class,
            std::string_view title = {});
  void circle(double x, double y, double radius, std::string_view css_class,
              std::string_view title = {});
  /// @param d  path data made of `pixels` only.
  void path(std::string_view d, std::string_view css_class, std::string_view title = {});
  /// @param anchor  "start", "middle" or "end".
  void text(double x, double y, std::string_view content, std::string_view css_class,
            std::string_view anchor = "start");

  double width() const { return width_; }
  double height() const { return height_; }
  /// The complete <svg> element.
  std::string take();

 private:
  void close(std::string_view element, std::string_view title);

  double width_;
  double height_;
  std::string out_;
};

}  // namespace trimtab
