#include "trimtab/space/detail/number_reader.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/text.hpp"

namespace trimtab::space_detail {
namespace {

std::string range_text(double low, double high) {
  return "[" + format_number(low) + ", " + format_number(high) + "]";
}

// Reads [low, high] into the shape; low <= high.
bool read_bounds(const JsonFields& fields, const std::string& key, Dimension& shape) {
  const Json& value = *fields.find(key);
  const std::string path = fields.path + "/" + key;
  if (!value.is_array() || value.size() != 2) {
    fields.wrong_type(key, "two numbers: [low, high]");
    return false;
  }
  for (std::size_t i = 0; i < 2; ++i) {
    const std::optional<double> bound = finite_number(value[i]);
    if (!bound || (key == "int" && !is_whole(*bound))) {
      fields.problems.add(
          {.code = "space.wrong_type",
           .what = std::string(i == 0 ? "the low" : "the high") + " end of the range is not " +
                   (key == "int" ? "a whole number" : "a finite number"),
           .where = path + "/" + std::to_string(i),
           .got = json_text(value[i]),
           .expected = key == "int" ? "a whole number between -2^53 and 2^53" : "a finite number",
           .hint = ""});
      return false;
    }
    (i == 0 ? shape.low : shape.high) = *bound;
  }
  if (shape.low <= shape.high && std::isfinite(shape.high - shape.low)) return true;
  fields.problems.add(
      {.code = "space.empty_range",
       .what = shape.low > shape.high ? "the range is empty: low is above high"
                                      : "the range is too wide for a double",
       .where = path,
       .got = range_text(shape.low, shape.high),
       .expected = shape.low > shape.high ? "low <= high" : "a width that is a finite number",
       .hint = shape.low > shape.high ? "write " + range_text(shape.high, shape.low) : ""});
  return false;
}

bool read_log(const JsonFields& fields, const std::string& key, Dimension& shape) {
  shape.is_log = fields.boolean("log").value_or(false);
  if (!shape.is_log || shape.low > 0.0) return true;
  fields.problems.add({.code = "space.log_of_nonpositive",
                       .what = "a logarithmic range must be above 0",
                       .where = fields.path + "/" + key + "/0",
                       .got = format_number(shape.low),
                       .expected = "low > 0",
                       .hint = "drop \"log\", or start the range at a small positive number"});
  return false;
}

// Checks the step and cuts the high end to a multiple of it.
bool read_step(const JsonFields& fields, Dimension& shape) {
  const Json* given = fields.find("step");
  if (given == nullptr) return true;
  const std::optional<double> step = fields.number("step");
  if (!step) return false;
  const double width = shape.high - shape.low;
  const bool is_integer = shape.kind == Kind::Integer;
  if (*step <= 0.0 || *step > width || (is_integer && !is_whole(*step))) {
    fields.problems.add({.code = "space.bad_step",
                         .what = *step > width && *step > 0.0 ? "the step is wider than the range"
                                                              : "the step is not usable",
                         .where = fields.path + "/step",
                         .got = json_text(*given),
                         .expected = std::string(is_integer ? "a whole number" : "a number") +
                                     " above 0, at most " + format_number(width),
                         .hint = ""});
    return false;
  }
  const double num_steps = std::floor(width / *step + 1e-9);
  constexpr double kMostSteps = 9007199254740992.0;
  if (num_steps >= kMostSteps) {
    fields.problems.add({.code = "space.bad_step",
                         .what = "the step is too small for the range",
                         .where = fields.path + "/step",
                         .got = json_text(*given),
                         .expected = "at most 2^53 steps",
                         .hint = ""});
    return false;
  }
  shape.step = *step;
  // Far enough above the true value to be the last one whatever the rounding of the grid.
  Dimension wide = shape;
  wide.high = shape.low + (num_steps + 1.0) * *step;
  shape.high = std::min(shape.high, wide.value_at(static_cast<std::uint64_t>(num_steps)));
  return true;
}

bool read_levels(const JsonFields& fields, Dimension& shape) {
  if (fields.find("levels") == nullptr) return true;
  const std::optional<std::int64_t> levels = fields.integer("levels", 2);
  if (!levels) return false;
  if (shape.step > 0.0) {
    fields.problems.add({.code = "space.two_grids",
                         .what = "a parameter has a step or a number of levels, not both",
                         .where = fields.path + "/levels",
                         .got = std::to_string(*levels),
                         .expected = "either \"step\" or \"levels\"",
                         .hint = ""});
    return false;
  }
  shape.levels = static_cast<std::uint64_t>(*levels);
  return true;
}

void read_normal_prior(const JsonFields& fields, Dimension& shape) {
  const Json* prior = fields.find("prior");
  if (prior == nullptr) return;
  const Json* normal = nullptr;
  if (prior->is_object() && prior->size() == 1 && prior->contains("normal")) {
    normal = &prior->at("normal");
  }
  const bool is_pair = normal != nullptr && normal->is_array() && normal->size() == 2 &&
                       finite_number((*normal)[0]) && finite_number((*normal)[1]);
  if (!is_pair || (*normal)[1].get<double>() <= 0.0) {
    fields.wrong("prior", "is not a prior of a number",
                 "{\"normal\": [mean, deviation]} with deviation > 0");
    return;
  }
  shape.prior.shape = Prior::Shape::Normal;
  shape.prior.mean = (*normal)[0].get<double>();
  shape.prior.deviation = (*normal)[1].get<double>();
}

}  // namespace

bool read_number_default(const JsonFields& fields, Dimension& shape) {
  const Json* given = fields.find("default");
  if (given == nullptr) return true;
  const std::optional<double> value = fields.number("default");
  if (!value) return false;
  const bool is_integer = shape.kind == Kind::Integer;
  const bool is_inside = *value >= shape.low && *value <= shape.high;
  const double nearest_value = is_inside ? shape.clip(*value) : *value;
  const double tolerance = 1e-9 * std::max(shape.step, std::abs(*value) * 1e-3);
  const bool is_on_grid = shape.levels > 0 || std::abs(nearest_value - *value) <= tolerance;
  if (is_inside && is_on_grid) {
    shape.default_value = nearest_value;
    return true;
  }
  fields.problems.add(
      {.code = is_inside ? "space.default_off_step" : "space.default_outside",
       .what =
           is_inside ? "the default is not one of the values" : "the default is outside the range",
       .where = fields.path + "/default",
       .got = json_text(*given),
       .expected = std::string(is_integer ? "a whole number" : "a number") + " in " +
                   range_text(shape.low, shape.high) +
                   (shape.step > 0.0 && !(is_integer && shape.step == 1.0)
                        ? " in steps of " + format_number(shape.step)
                        : ""),
       .hint = is_inside ? "the nearest value is " + format_number(nearest_value) : ""});
  return false;
}

bool read_float(const JsonFields& fields, ParameterDefinition& parameter) {
  Dimension& shape = parameter.shape;
  shape.kind = Kind::Real;
  if (!read_bounds(fields, "float", shape)) return false;
  if (!read_log(fields, "float", shape)) return false;
  if (!read_step(fields, shape) || !read_levels(fields, shape)) return false;
  read_normal_prior(fields, shape);
  return read_number_default(fields, shape);
}

bool read_int(const JsonFields& fields, ParameterDefinition& parameter) {
  Dimension& shape = parameter.shape;
  shape.kind = Kind::Integer;
  shape.step = 1.0;
  if (!read_bounds(fields, "int", shape)) return false;
  if (!read_log(fields, "int", shape)) return false;
  if (!read_step(fields, shape)) return false;
  read_normal_prior(fields, shape);
  return read_number_default(fields, shape);
}

bool read_count_range(const JsonFields& fields, const std::string& key, std::int64_t most,
                      Dimension& shape) {
  const Json& value = *fields.find(key);
  shape.kind = Kind::Integer;
  shape.step = 1.0;
  const std::string expected = "[least, most] with 0 <= least <= most <= " + std::to_string(most);
  const Json pair = value.is_number() ? Json::array({value, value}) : value;
  if (!pair.is_array() || pair.size() != 2 || !finite_number(pair[0]) || !finite_number(pair[1])) {
    fields.wrong_type(key, expected);
    return false;
  }
  shape.low = pair[0].get<double>();
  shape.high = pair[1].get<double>();
  if (is_whole(shape.low) && is_whole(shape.high) && shape.low >= 0.0 && shape.low <= shape.high &&
      shape.high <= static_cast<double>(most)) {
    return true;
  }
  fields.problems.add({.code = "space.bad_size",
                       .what = quote(key) + " asks for an impossible number",
                       .where = fields.path + "/" + key,
                       .got = json_text(value),
                       .expected = expected,
                       .hint = ""});
  return false;
}

}  // namespace trimtab::space_detail
