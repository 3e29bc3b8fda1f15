// Points as JSON and text: what people and programs see.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/space/detail/json_fields.hpp"
#include "trimtab/space/detail/problems.hpp"
#include "trimtab/space/detail/scalar.hpp"
#include "trimtab/space/detail/space_data.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {
namespace {

using space_detail::json_text;

bool is_list(const Parameter& parameter) {
  return parameter.type == ParameterType::Permutation || parameter.type == ParameterType::Subset ||
         parameter.type == ParameterType::ManyOf;
}

// Dimension of the i-th slot or item.
std::size_t member_at(const SpaceData& data, const Parameter& parameter, std::size_t i) {
  return data.groups[data.facts[parameter.first].group].members[i];
}

std::size_t num_members(const SpaceData& data, const Parameter& parameter) {
  return data.groups[data.facts[parameter.first].group].members.size();
}

const Scalar& choice_at(const Parameter& parameter, double index) {
  return parameter.choices[static_cast<std::size_t>(index)];
}

Json list_to_json(const SpaceData& data, const Parameter& parameter, PointView point) {
  Json list = Json::array();
  for (std::size_t i = 0; i < num_members(data, parameter); ++i) {
    const double coordinate = point[member_at(data, parameter, i)];
    if (parameter.type != ParameterType::Subset) {
      list.push_back(space_detail::scalar_to_json(choice_at(parameter, coordinate)));
    } else if (coordinate == 1.0) {
      list.push_back(space_detail::scalar_to_json(parameter.choices[i]));
    }
  }
  return list;
}

Json value_to_json(const SpaceData& data, const Parameter& parameter, PointView point) {
  if (is_list(parameter)) return list_to_json(data, parameter, point);
  const double coordinate = point[parameter.first];
  switch (parameter.type) {
    case ParameterType::Float:
      return Json(coordinate);
    case ParameterType::Int:
    case ParameterType::Repeat:
      return Json(static_cast<std::int64_t>(coordinate));
    default:
      return space_detail::scalar_to_json(choice_at(parameter, coordinate));
  }
}

// Reads one parameter's JSON value into the coordinates it owns.
class ValueReader {
 public:
  ValueReader(const SpaceData& data, space_detail::Problems& problems)
      : data_(data), problems_(problems) {}

  void read(const Parameter& parameter, const Json& value, Point& point);

 private:
  void read_number(const Parameter& parameter, const Json& value, Point& point);
  void read_list(const Parameter& parameter, const Json& value, Point& point);
  std::optional<double> read_choice(const Parameter& parameter, const Json& value,
                                    const std::string& path);
  void refuse(const std::string& code, const std::string& what, const std::string& path,
              const Json& value, const std::string& expected, const std::string& hint = "");

  const SpaceData& data_;
  space_detail::Problems& problems_;
};

void ValueReader::refuse(const std::string& code, const std::string& what, const std::string& path,
                         const Json& value, const std::string& expected, const std::string& hint) {
  problems_.add({.code = code,
                 .what = what,
                 .where = path,
                 .got = json_text(value),
                 .expected = expected,
                 .hint = hint});
}

void ValueReader::read(const Parameter& parameter, const Json& value, Point& point) {
  if (is_list(parameter)) {
    read_list(parameter, value, point);
  } else if (!parameter.choices.empty()) {
    const auto index = read_choice(parameter, value, parameter.name);
    if (index) point[parameter.first] = *index;
  } else {
    read_number(parameter, value, point);
  }
}

void ValueReader::read_number(const Parameter& parameter, const Json& value, Point& point) {
  const Dimension& dimension = data_.dimensions[parameter.first];
  const bool is_integer = dimension.kind == Kind::Integer;
  std::string expected = std::string(is_integer ? "a whole number" : "a number") + " in [" +
                         format_number(dimension.low) + ", " + format_number(dimension.high) + "]";
  if (dimension.step > 0.0 && !(is_integer && dimension.step == 1.0)) {
    expected += " in steps of " + format_number(dimension.step);
  }
  const std::optional<double> number = space_detail::finite_number(value);
  if (!number) {
    refuse("space.wrong_type", "the value has the wrong type", parameter.name, value, expected);
    return;
  }
  // Decimal texts may have lost the last digit.
  const double slack = 1e-12 * std::max(std::abs(dimension.low), std::abs(dimension.high));
  if (*number < dimension.low - slack || *number > dimension.high + slack) {
    refuse("space.value_outside", "the value is outside the range", parameter.name, value,
           expected);
    return;
  }
  const double legal = dimension.clip(*number);
  const double tolerance = slack + 1e-9 * std::max(dimension.step, std::abs(legal));
  if (std::abs(legal - *number) > tolerance) {
    refuse("space.value_off_step", "the value is between two legal values", parameter.name, value,
           expected, "the nearest legal value is " + format_number(legal));
    return;
  }
  point[parameter.first] = legal;
}

std::optional<double> ValueReader::read_choice(const Parameter& parameter, const Json& value,
                                               const std::string& path) {
  if (const auto scalar = space_detail::scalar_from_json(value)) {
    const auto index = space_detail::find_choice(parameter.choices, *scalar);
    if (index) return static_cast<double>(*index);
  }
  refuse("space.unknown_choice", "the value is not among the choices", path, value,
         one_of(space_detail::choice_texts(parameter.choices)),
         space_detail::choice_hint(value, parameter.choices));
  return std::nullopt;
}

void ValueReader::read_list(const Parameter& parameter, const Json& value, Point& point) {
  const Group& group = data_.groups[data_.facts[parameter.first].group];
  const bool is_subset = group.type == Group::Type::Count;
  const std::size_t least = is_subset ? group.min_count : group.members.size();
  const std::size_t most = is_subset ? group.max_count : group.members.size();
  const std::string expected = "a list of " + std::to_string(least) +
                               (least == most ? "" : " to " + std::to_string(most)) + " choices" +
                               (is_subset || group.is_distinct ? ", none twice" : "") +
                               (group.is_sorted ? ", in the order of the candidates" : "");
  if (!value.is_array() || value.size() < least || value.size() > most) {
    refuse(value.is_array() ? "space.value_outside" : "space.wrong_type",
           "the value is not a list of the right length", parameter.name, value, expected);
    return;
  }
  std::vector<bool> is_used(parameter.choices.size(), false);
  double last = -1.0;
  for (const std::size_t member : group.members) {
    if (is_subset) point[member] = 0.0;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::string path = parameter.name + "/" + std::to_string(i);
    const auto index = read_choice(parameter, value[i], path);
    if (!index) continue;
    const auto choice = static_cast<std::size_t>(*index);
    if (is_used[choice] && (is_subset || group.is_distinct)) {
      refuse("space.value_twice", "the same choice stands twice in the list", path, value[i],
             expected);
      continue;
    }
    is_used[choice] = true;
    // Sorting here would part the slots from the parameters that are given for them.
    if (group.is_sorted && *index < std::exchange(last, *index)) {
      refuse("space.value_unsorted", "the choices are not in the order of the candidates", path,
             value[i], expected);
      return;
    }
    if (is_subset) {
      point[group.members[choice]] = 1.0;
    } else {
      point[group.members[i]] = *index;
    }
  }
}

}  // namespace

Json Space::to_json(PointView point) const {
  Json::object_t values;
  // Names are unique: appending to the underlying list avoids a search for every key.
  Json::object_t::Container& entries = values;
  entries.reserve(data_->parameters.size());
  for (const Parameter& parameter : data_->parameters) {
    if (!is_active(point[parameter.first])) continue;
    entries.emplace_back(parameter.name, value_to_json(*data_, parameter, point));
  }
  return Json(std::move(values));
}

Point Space::from_json(const Json& values, const Locator& where) const {
  space_detail::Problems problems(where);
  Point point(num_dimensions(), kInactive);
  ValueReader reader(*data_, problems);
  std::vector<const Parameter*> given;
  if (!values.is_object()) {
    problems.add({.code = "space.wrong_type",
                  .what = "the values of a point are a table",
                  .where = "",
                  .got = json_text(values),
                  .expected = "a table parameter = value",
                  .hint = ""});
    problems.throw_if_any();
  }
  for (const auto& [name, value] : values.items()) {
    const Parameter* parameter = find_parameter(name);
    if (parameter != nullptr) {
      given.push_back(parameter);
      reader.read(*parameter, value, point);
      continue;
    }
    std::vector<std::string> names;
    for (const Parameter& known : data_->parameters) names.push_back(known.name);
    problems.add({.code = "space.unknown_parameter",
                  .what = "the space has no such parameter",
                  .where = name,
                  .got = quote(name),
                  .expected = one_of(names),
                  .hint = did_you_mean(name, names)});
  }
  problems.throw_if_any();
  canonicalise(point);
  for (const Parameter* parameter : given) {
    if (is_active(point[parameter->first])) continue;
    const Dimension& dimension = data_->dimensions[parameter->first];
    std::string parents;
    for (const Clause& clause : dimension.when) {
      parents += (parents.empty() ? "" : ", ") + data_->dimensions[clause.parent].name;
    }
    problems.add({.code = "space.inactive_parameter",
                  .what = "the parameter is switched off by its condition",
                  .where = parameter->name,
                  .got = json_text(values.at(parameter->name)),
                  .expected = "no value, or other values of " + parents,
                  .hint = ""});
  }
  problems.throw_if_any();
  return point;
}

std::optional<std::string> Space::value_text(PointView point, const Parameter& parameter) const {
  if (!is_active(point[parameter.first])) return std::nullopt;
  if (parameter.type == ParameterType::Float) return format_number(point[parameter.first]);
  const Json value = value_to_json(*data_, parameter, point);
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace trimtab
