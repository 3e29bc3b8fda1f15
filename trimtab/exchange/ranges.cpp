#include "trimtab/exchange/ranges.hpp"

#include <algorithm>
#include <cmath>

#include "trimtab/base/text.hpp"

namespace trimtab::exchange {
namespace {

constexpr double kDeviations = 4.0;
constexpr double kLargestWhole = 0x1p53;

// k steps, without the error of a product where a step is one part of a whole (0.1, 0.25).
double steps(double k, double step) {
  const double parts = std::round(1.0 / step);
  const bool is_part = step < 1.0 && std::abs(parts * step - 1.0) < 1e-12;
  return is_part ? k / parts : k * step;
}

void align(StudyDraft& draft, std::string_view path, Range& range) {
  const double first = std::round(range.low / range.step);
  const double last = std::round(range.high / range.step);
  double low = steps(first, range.step);
  const double high = steps(last, range.step);
  if (range.is_log && low <= 0.0) low = range.step;
  const auto is_near = [&](double a, double b) { return std::abs(a - b) <= 1e-9 * range.step; };
  if (!is_near(low, range.low) || !is_near(high, range.high)) {
    draft.note(path, "rounded to multiples of " + format_number(range.step) +
                         " its values go from " + format_number(low) + " to " +
                         format_number(high));
  }
  range.low = low;
  range.high = high;
}

Json bound(const Range& range, double value) {
  if (range.is_int) return static_cast<std::int64_t>(value);
  return value;
}

}  // namespace

Range normal_range(StudyDraft& draft, std::string_view path, double mean, double deviation,
                   bool is_log) {
  if (!(deviation > 0.0) || !std::isfinite(mean) || !std::isfinite(deviation)) {
    draft.refuse(path, "the deviation of a normal distribution is not above 0",
                 format_number(deviation), "a number above 0");
    return {};
  }
  draft.note(path, std::string("the ") + (is_log ? "lognormal" : "normal") +
                       " distribution is a prior, cut at four deviations; samplers that learn "
                       "leave it");
  Range range{.low = mean - kDeviations * deviation, .high = mean + kDeviations * deviation};
  if (is_log) range = {.low = std::exp(range.low), .high = std::exp(range.high), .is_log = true};
  range.normal = {mean, deviation};
  return range;
}

Json parameter_of(StudyDraft& draft, std::string_view path, Range range) {
  const bool is_finite = std::isfinite(range.low) && std::isfinite(range.high);
  if (!is_finite || range.low > range.high ||
      (range.is_log && range.low <= 0.0 && range.step == 0.0)) {
    draft.refuse(path, "the range is empty",
                 format_number(range.low) + " to " + format_number(range.high),
                 range.is_log ? "min < max, both above 0" : "min < max");
    return Json::object();
  }
  if (range.step < 0.0)
    draft.refuse(path, "the step is below 0", format_number(range.step), "above 0");
  if (range.step > 0.0) align(draft, path, range);
  range.is_int =
      range.is_int && std::max(std::abs(range.low), std::abs(range.high)) < kLargestWhole;
  if (range.low == range.high) return {{"choice", Json::array({bound(range, range.low)})}};
  Json parameter = {
      {range.is_int ? "int" : "float", {bound(range, range.low), bound(range, range.high)}}};
  if (range.is_log) parameter["log"] = true;
  const bool is_plain = range.is_int ? range.step <= 1.0 : range.step == 0.0;
  if (!is_plain) parameter["step"] = bound(range, range.step);
  if (range.normal) parameter["prior"] = {{"normal", {range.normal->first, range.normal->second}}};
  return parameter;
}

Json choice_of(StudyDraft& draft, std::string_view path, const Json& list, const Json& weights) {
  if (!list.is_array() || list.empty()) {
    draft.refuse(path, "there are no values", list.dump(), "a list of values");
    return Json::object();
  }
  const bool has_weights = weights.is_array() && weights.size() == list.size();
  Json choices = Json::array(), kept = Json::array();
  for (std::size_t i = 0; i < list.size(); ++i) {
    Json value = list[i];
    const std::string place = join(path, std::to_string(i));
    if (value.is_null() || value.is_structured()) {
      value = value.is_null() ? "None" : value.dump();
      draft.note(place, "the value becomes the text " + value.dump());
    }
    if (std::ranges::find(choices, value) != choices.end()) {
      draft.note(place, "the value " + value.dump() + " stands twice; once here");
      continue;
    }
    choices.push_back(std::move(value));
    if (has_weights) kept.push_back(weights[i]);
  }
  Json parameter = {{"choice", std::move(choices)}};
  if (has_weights) parameter["prior"] = {{"weights", std::move(kept)}};
  return parameter;
}

}  // namespace trimtab::exchange
