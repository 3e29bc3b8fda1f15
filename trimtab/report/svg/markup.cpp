#include "trimtab/report/svg/markup.hpp"

#include <fmt/core.h>

#include <cmath>

#include "trimtab/base/text.hpp"

namespace trimtab {

std::string escape(std::string_view text) {
  std::size_t bad_offset = 0;
  const bool is_valid = is_utf8(text, bad_offset);
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '"') {
      result += "&quot;";
    } else if (c == '\'') {
      result += "&#39;";
    } else if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F ||
               (byte >= 0x80 && !is_valid)) {
      result += '?';
    } else {
      result += c;
    }
  }
  return result;
}

std::string pixels(double value) {
  const double tenths = std::round(value * 10.0);
  const double whole = std::trunc(tenths / 10.0);
  if (tenths == whole * 10.0) return fmt::format("{}", static_cast<long long>(whole));
  return fmt::format("{:.1f}", tenths / 10.0);
}

Canvas::Canvas(double width, double height, std::string_view css_class, std::string_view label)
    : width_(width), height_(height) {
  out_ = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"{}\" viewBox=\"0 0 {} {}\" "
      "role=\"img\" aria-label=\"{}\">\n",
      css_class, pixels(width), pixels(height), escape(label));
}

void Canvas::close(std::string_view element, std::string_view title) {
  if (title.empty()) {
    out_ += "/>\n";
  } else {
    out_ += fmt::format("><title>{}</title></{}>\n", escape(title), element);
  }
}

void Canvas::describe(std::string_view text) {
  if (!text.empty()) out_ += "<desc>" + escape(text) + "</desc>\n";
}

void Canvas::line(double x1, double y1, double x2, double y2, std::string_view css_class) {
  out_ += fmt::format("<path class=\"{}\" d=\"M{} {}L{} {}\"/>\n", css_class, pixels(x1),
                      pixels(y1), pixels(x2), pixels(y2));
}

void Canvas::rect(double x, double y, double width, double height, std::string_view css_class,
                  std::string_view title) {
  out_ += fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", css_class,
                      pixels(x), pixels(y), pixels(width), pixels(height));
  close("rect", title);
}

void Canvas::circle(double x, double y, double radius, std::string_view css_class,
                    std::string_view title) {
  out_ += fmt::format("<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"{}\"", css_class, pixels(x),
                      pixels(y), pixels(radius));
  close("circle", title);
}

void Canvas::path(std::string_view d, std::string_view css_class, std::string_view title) {
  if (d.empty()) return;
  out_ += fmt::format("<path class=\"{}\" d=\"{}\"", css_class, d);
  close("path", title);
}

void Canvas::text(double x, double y, std::string_view content, std::string_view css_class,
                  std::string_view anchor) {
  out_ += fmt::format("<text class=\"{}\" x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text>\n",
                      css_class, pixels(x), pixels(y), anchor, escape(content));
}

std::string Canvas::take() {
  out_ += "</svg>\n";
  return std::move(out_);
}

}  // namespace trimtab
