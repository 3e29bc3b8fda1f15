#include <nlohmann/json.hpp>

#include "trimtab/base/text.hpp"
#include "trimtab/space/detail/definition.hpp"

namespace trimtab::space_detail {
namespace {

constexpr const char* kShortForms =
    "a table such as {\"float\": [0.0, 1.0]}, two numbers, a list of choices, or one of "
    "uniform(low, high), loguniform(low, high), int(low, high), choice(a, b)";

void refuse(const Json& value, const std::string& path, Problems& problems) {
  problems.add({.code = "space.not_a_parameter",
                .what = "this is not the definition of a parameter",
                .where = path,
                .got = value.dump(-1, ' ', false, Json::error_handler_t::replace),
                .expected = kShortForms,
                .hint = value.is_primitive() && !value.is_string()
                            ? "a constant belongs into the command, not into the space"
                            : ""});
}

std::optional<Json> expand_array(const Json& value) {
  bool all_numbers = true;
  bool all_integers = true;
  for (const Json& item : value) {
    if (item.is_structured()) return std::nullopt;
    all_numbers = all_numbers && item.is_number();
    all_integers = all_integers && item.is_number_integer();
  }
  if (value.empty()) return std::nullopt;
  if (!all_numbers) return Json::object({{"choice", value}});
  if (value.size() != 2) return std::nullopt;
  return Json::object({{all_integers ? "int" : "float", value}});
}

// "choice(a, 2, true)": words are texts, everything that reads as a JSON scalar is that scalar.
Json argument(std::string_view text) {
  long long integer = 0;
  double number = 0.0;
  if (parse_int(text, integer)) return Json(static_cast<std::int64_t>(integer));
  if (parse_double(text, number)) return Json(number);
  if (text == "true" || text == "false") return Json(text == "true");
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
      text.back() == text.front()) {
    return Json(std::string(text.substr(1, text.size() - 2)));
  }
  return Json(std::string(text));
}

std::optional<Json> expand_text(const std::string& text) {
  const std::string_view trimmed = trim(text);
  const std::size_t open = trimmed.find('(');
  if (open == std::string_view::npos || trimmed.back() != ')') return std::nullopt;
  const std::string_view function = trim(trimmed.substr(0, open));
  const std::string_view inside = trimmed.substr(open + 1, trimmed.size() - open - 2);
  Json arguments = Json::array();
  for (const std::string_view part : split(inside, ',')) arguments.push_back(argument(trim(part)));
  if (function == "uniform") return Json::object({{"float", arguments}});
  if (function == "loguniform") return Json::object({{"float", arguments}, {"log", true}});
  if (function == "int") return Json::object({{"int", arguments}});
  if (function == "choice") return Json::object({{"choice", arguments}});
  return std::nullopt;
}

}  // namespace

std::optional<Json> expand_short_form(const Json& value, const std::string& path,
                                      Problems& problems) {
  if (value.is_object()) return value;
  std::optional<Json> expanded;
  if (value.is_array()) expanded = expand_array(value);
  if (value.is_string()) expanded = expand_text(value.get_ref<const std::string&>());
  if (!expanded) refuse(value, path, problems);
  return expanded;
}

std::optional<Condition::Interval> parse_interval(const std::string& text) {
  const std::string_view trimmed = trim(text);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Condition::Interval interval{.low = -kInfinity, .high = kInfinity};
  const std::size_t dots = trimmed.find("..");
  if (dots != std::string_view::npos) {
    if (!parse_double(trim(trimmed.substr(0, dots)), interval.low)) return std::nullopt;
    if (!parse_double(trim(trimmed.substr(dots + 2)), interval.high)) return std::nullopt;
    return interval;
  }
  if (trimmed.size() < 2 || (trimmed[0] != '<' && trimmed[0] != '>')) return std::nullopt;
  const bool is_open = trimmed[1] != '=';
  double bound = 0.0;
  if (!parse_double(trim(trimmed.substr(is_open ? 1 : 2)), bound)) return std::nullopt;
  if (trimmed[0] == '<') {
    interval.high = bound;
    interval.is_high_open = is_open;
  } else {
    interval.low = bound;
    interval.is_low_open = is_open;
  }
  return interval;
}

}  // namespace trimtab::space_detail
