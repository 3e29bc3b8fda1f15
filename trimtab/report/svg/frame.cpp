#include "trimtab/report/svg/frame.hpp"

#include <algorithm>
#include <limits>

#include "trimtab/report/detail/text_layout.hpp"

namespace trimtab {
namespace {

constexpr double kCharacter = 6.4;  // of the 11.5 unit text, on average
constexpr double kTickSpace = 52.0, kWideTickSpace = 80.0;
constexpr double kWide = 500.0;

double widest_label(const Scale& scale, std::size_t most) {
  double width = 0.0;
  for (const Tick& tick : scale.ticks(most)) width = std::max(width, text_width(tick.label));
  return width;
}

std::size_t y_ticks(double height) {
  return std::max<std::size_t>(3, static_cast<std::size_t>(height / 45.0));
}

}  // namespace

double text_width(std::string_view text) {
  return kCharacter * static_cast<double>(num_characters(text));
}

double name_width(std::string_view text) { return text_width(text) * 12.5 / 11.5; }

std::string fit_text(std::string_view text, double width) {
  const auto most = static_cast<std::size_t>(std::max(1.0, width / kCharacter));
  if (num_characters(text) <= most) return std::string(text);
  return left(text, most);
}

Frame::Frame(const Format& format, Scale x, Scale y, std::string_view x_name,
             std::string_view y_name, std::string_view label, double head)
    : canvas_(format.width, format.height, format.css_class, label),
      x_(std::move(x)),
      y_(std::move(y)),
      head_(head),
      left_(0.0),
      right_(format.width - 12.0),
      top_(head + (y_name.empty() ? 10.0 : 26.0)),
      bottom_(format.height - (x_name.empty() ? 24.0 : 40.0)) {
  const double label_width = widest_label(y_, y_ticks(format.height - head));
  left_ = 12.0 + std::min(label_width, format.width * (y_.is_categorical() ? 0.38 : 0.25));
  draw_y_axis(y_name);
  draw_x_axis(x_name);
}

void Frame::draw_x_axis(std::string_view name) {
  const double width = right_ - left_;
  const auto most = std::max<std::size_t>(
      2, static_cast<std::size_t>(width / (width < kWide ? kTickSpace : kWideTickSpace)));
  const double cell =
      x_.is_categorical()
          ? width / static_cast<double>(std::max<std::size_t>(x_.num_categories(), 1))
          : width;
  double free_from = -std::numeric_limits<double>::infinity();
  for (const Tick& tick : x_.ticks(most)) {
    const double at = left_ + tick.unit * width;
    if (!x_.is_categorical()) canvas_.line(at, top_, at, bottom_, "grid");
    const std::string label = fit_text(tick.label, std::max(cell - 4.0, 26.0));
    const double half = 0.5 * text_width(label);
    const double centre = std::min(at, canvas_.width() - half);
    if (centre - half < free_from) continue;
    canvas_.text(centre, bottom_ + 15.0, label, "tick", "middle");
    free_from = centre + half + 6.0;
  }
  if (!name.empty()) {
    canvas_.text(right_, canvas_.height() - 6.0, fit_text(name, width), "axis", "end");
  }
}

void Frame::draw_y_axis(std::string_view name) {
  double free_below = std::numeric_limits<double>::infinity();
  for (const Tick& tick : y_.ticks(y_ticks(canvas_.height() - head_))) {
    const double at = bottom_ - tick.unit * (bottom_ - top_);
    canvas_.line(left_, at, right_, at, "grid");
    if (at > free_below) continue;
    canvas_.text(left_ - 6.0, at + 4.0, fit_text(tick.label, left_ - 8.0), "tick", "end");
    free_below = at - 13.0;
  }
  if (!name.empty()) canvas_.text(0.0, head_ + 12.0, fit_text(name, canvas_.width()), "axis");
}

}  // namespace trimtab
