#include "trimtab/report/svg/marks.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "trimtab/base/text.hpp"

namespace trimtab {

void Dots::add(Canvas& canvas, double x, double y, const std::function<std::string()>& title) {
  if (has_titles_) {
    canvas.circle(x, y, 3.0, css_class_, title());
  } else {
    path_ += fmt::format("M{} {}h0", pixels(x), pixels(y));
  }
}

void Dots::draw(Canvas& canvas) const { canvas.path(path_, css_class_ + " dots"); }

std::vector<std::int64_t> thin(const std::vector<std::int64_t>& items, std::size_t most) {
  if (items.size() <= most || most < 2) return items;
  std::vector<std::int64_t> kept;
  for (std::size_t i = 0; i < most; ++i) kept.push_back(items[i * (items.size() - 1) / (most - 1)]);
  return kept;
}

std::vector<std::int64_t> valued_trials(const History& history) {
  std::vector<std::int64_t> trials;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    if (history.purpose(number) != Purpose::Confirm && !std::isnan(history.loss(number))) {
      trials.push_back(number);
    }
  }
  return trials;
}

std::string trial_title(const History& history, std::int64_t number) {
  return fmt::format("trial {}: {} {}{}", number, history.objectives().front().name,
                     format_short(history.value(number), 5),
                     history.state(number) == TrialState::Complete
                         ? ""
                         : fmt::format(" ({})", name_of(history.state(number))));
}

Scale value_scale(const History& history, const std::vector<std::int64_t>& trials) {
  std::vector<double> values;
  for (const std::int64_t number : trials) values.push_back(history.value(number));
  const bool is_minimised = history.objectives().front().goal == Goal::Minimise;
  return Scale::of_values(values, is_minimised ? Scale::Worse::High : Scale::Worse::Low);
}

Scale parameter_scale(const Parameter& parameter, const Dimension& dimension) {
  if (dimension.is_numeric()) {
    return dimension.is_log ? Scale::logarithmic(dimension.low, dimension.high)
                            : Scale::linear(dimension.low, dimension.high);
  }
  std::vector<std::string> labels;
  for (std::size_t k = 0; k < static_cast<std::size_t>(dimension.high) + 1; ++k) {
    labels.push_back(k < parameter.choices.size() ? scalar_text(parameter.choices[k])
                                                  : std::to_string(k));
  }
  return Scale::categories(std::move(labels));
}

std::string scalar_text(const Scalar& scalar) {
  if (const auto* flag = std::get_if<bool>(&scalar)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&scalar)) return std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&scalar)) return format_short(*number, 6);
  if (const auto* text = std::get_if<std::string>(&scalar)) return *text;
  return "null";
}

}  // namespace trimtab
