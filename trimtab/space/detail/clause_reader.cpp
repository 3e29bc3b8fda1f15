#include "trimtab/space/detail/clause_reader.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/text.hpp"
#include "trimtab/space/detail/scalar.hpp"

namespace trimtab::space_detail {
namespace {

std::string values_text(const Condition& condition) {
  std::string text;
  for (const Scalar& value : condition.values) {
    text += (text.empty() ? "" : ", ") + scalar_json_text(value);
  }
  return text;
}

std::nullopt_t refuse(const Condition& condition, const std::string& what,
                      const std::string& expected, const std::string& hint, Problems& problems) {
  problems.add({.code = "space.impossible_condition",
                .what = what,
                .where = condition.path,
                .got = values_text(condition),
                .expected = expected,
                .hint = hint});
  return std::nullopt;
}

bool is_inside(double value, const Condition::Interval& interval) {
  const bool is_above = interval.is_low_open ? value > interval.low : value >= interval.low;
  const bool is_below = interval.is_high_open ? value < interval.high : value <= interval.high;
  return is_above && is_below;
}

std::optional<Clause> interval_clause(const Condition& condition, std::size_t parent,
                                      const Dimension& dimension, Problems& problems) {
  const Condition::Interval& interval = *condition.interval;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Clause clause{.parent = parent, .allowed = {}, .low = interval.low, .high = interval.high};
  if (interval.is_low_open) clause.low = std::nextafter(interval.low, kInfinity);
  if (interval.is_high_open) clause.high = std::nextafter(interval.high, -kInfinity);
  clause.low = std::max(clause.low, dimension.low);
  clause.high = std::min(clause.high, dimension.high);
  if (dimension.kind == Kind::Integer && clause.low <= clause.high) {
    clause.low = std::ceil(clause.low);
    clause.high = std::floor(clause.high);
  }
  if (clause.low <= clause.high) return clause;
  return refuse(condition, quote(condition.parent) + " never has such a value",
                "a part of " + format_number(dimension.low) + ".." + format_number(dimension.high),
                "", problems);
}

std::optional<Clause> number_clause(const Condition& condition, std::size_t parent,
                                    const Dimension& dimension, Problems& problems) {
  if (condition.interval) return interval_clause(condition, parent, dimension, problems);
  std::vector<double> values;
  for (const Scalar& scalar : condition.values) {
    const std::optional<double> value = scalar_number(scalar);
    if (!value || dimension.clip(*value) != *value) {
      return refuse(condition, quote(condition.parent) + " never has such a value",
                    "values of " + quote(condition.parent) + ", i.e. numbers in " +
                        format_number(dimension.low) + ".." + format_number(dimension.high) +
                        ", or a range such as \">= 2\" or \"2..5\"",
                    "", problems);
    }
    values.push_back(*value);
  }
  std::sort(values.begin(), values.end());
  for (std::size_t i = 1; i < values.size(); ++i) {
    const double next = values[i - 1] + dimension.step;
    if (dimension.kind == Kind::Integer && values[i] <= next) continue;
    return refuse(condition, "the values of a numeric parent must be one range without gaps",
                  "a range such as \"" + format_number(values.front()) + ".." +
                      format_number(values.back()) + "\"",
                  "a list of single values needs a choice or ordinal as parent", problems);
  }
  return Clause{.parent = parent, .allowed = {}, .low = values.front(), .high = values.back()};
}

}  // namespace

std::optional<Clause> read_clause(const Condition& condition, std::size_t parent,
                                  const Dimension& parent_dimension,
                                  std::span<const Scalar> choices, Problems& problems) {
  if (choices.empty()) return number_clause(condition, parent, parent_dimension, problems);
  Clause clause{.parent = parent, .allowed = {}, .low = 0.0, .high = 0.0};
  clause.allowed.assign(choices.size(), false);
  for (const Scalar& value : condition.values) {
    const std::optional<std::size_t> index = find_choice(choices, value);
    if (index) {
      clause.allowed[*index] = true;
      continue;
    }
    bool is_any_inside = false;
    for (std::size_t i = 0; condition.interval && i < choices.size(); ++i) {
      const std::optional<double> number = scalar_number(choices[i]);
      if (!number || !is_inside(*number, *condition.interval)) continue;
      clause.allowed[i] = true;
      is_any_inside = true;
    }
    if (is_any_inside) continue;
    return refuse(condition, quote(condition.parent) + " never has such a value",
                  one_of(choice_texts(choices)), choice_hint(scalar_to_json(value), choices),
                  problems);
  }
  return clause;
}

}  // namespace trimtab::space_detail
