#include "trimtab/space/detail/choice_reader.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "trimtab/base/text.hpp"
#include "trimtab/space/detail/number_reader.hpp"
#include "trimtab/space/detail/scalar.hpp"

namespace trimtab::space_detail {
namespace {

// Numbers that are equal must collide, whatever their type (1 and 1.0).
std::string identity(const Scalar& scalar) {
  const std::optional<double> number = scalar_number(scalar);
  return number ? format_number(*number) : scalar_json_text(scalar);
}

std::optional<std::size_t> choice_index(const JsonFields& fields, const std::string& path,
                                        const Json& value, std::span<const Scalar> choices) {
  if (const auto scalar = scalar_from_json(value)) {
    if (const auto index = find_choice(choices, *scalar)) return index;
  }
  fields.problems.add({.code = "space.default_outside",
                       .what = "the default is not among the choices",
                       .where = path,
                       .got = json_text(value),
                       .expected = one_of(choice_texts(choices)),
                       .hint = choice_hint(value, choices)});
  return std::nullopt;
}

bool read_index_default(const JsonFields& fields, ParameterDefinition& parameter) {
  const Json* given = fields.find("default");
  if (given == nullptr) return true;
  const auto index = choice_index(fields, fields.path + "/default", *given, parameter.choices);
  if (index) parameter.shape.default_value = static_cast<double>(*index);
  return index.has_value();
}

// The default of a permutation, subset or many_of: a list of choices, as indices.
std::optional<std::vector<std::size_t>> read_list_default(const JsonFields& fields,
                                                          const ParameterDefinition& parameter) {
  const Json& given = *fields.find("default");
  if (!given.is_array()) {
    fields.wrong_type("default", "a list of choices");
    return std::nullopt;
  }
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto index = choice_index(fields, fields.path + "/default/" + std::to_string(i), given[i],
                                    parameter.choices);
    if (!index) return std::nullopt;
    indices.push_back(*index);
  }
  return indices;
}

bool refuse_list_default(const JsonFields& fields, const std::string& expected) {
  fields.problems.add({.code = "space.default_outside",
                       .what = "the default is not a value of the parameter",
                       .where = fields.path + "/default",
                       .got = json_text(*fields.find("default")),
                       .expected = expected,
                       .hint = ""});
  return false;
}

bool read_slots_default(const JsonFields& fields, ParameterDefinition& parameter) {
  if (fields.find("default") == nullptr) return true;
  const auto indices = read_list_default(fields, parameter);
  if (!indices) return false;
  const std::vector<std::size_t>& list = *indices;
  const std::unordered_set<std::size_t> different(list.begin(), list.end());
  const bool is_good = list.size() == parameter.num_slots &&
                       (!parameter.is_distinct || different.size() == list.size()) &&
                       (!parameter.is_sorted || std::is_sorted(list.begin(), list.end()));
  if (!is_good) {
    return refuse_list_default(fields,
                               "a list of " + std::to_string(parameter.num_slots) + " choices" +
                                   (parameter.is_distinct ? ", none twice" : "") +
                                   (parameter.is_sorted ? ", in the order of the candidates" : ""));
  }
  parameter.member_defaults.assign(list.begin(), list.end());
  return true;
}

bool read_subset_default(const JsonFields& fields, ParameterDefinition& parameter) {
  if (fields.find("default") == nullptr) return true;
  const auto indices = read_list_default(fields, parameter);
  if (!indices) return false;
  parameter.member_defaults.assign(parameter.choices.size(), 0.0);
  for (const std::size_t index : *indices) parameter.member_defaults[index] = 1.0;
  const auto size = static_cast<std::size_t>(
      std::count(parameter.member_defaults.begin(), parameter.member_defaults.end(), 1.0));
  if (size == indices->size() && size >= parameter.min_size && size <= parameter.max_size) {
    return true;
  }
  const std::string most = std::to_string(parameter.max_size);
  const std::string range = parameter.min_size == parameter.max_size
                                ? most
                                : std::to_string(parameter.min_size) + " to " + most;
  return refuse_list_default(
      fields, "a list of " + range + (most == "1" ? " choice" : " choices") + ", none twice");
}

bool read_subset(const JsonFields& fields, ParameterDefinition& parameter) {
  const std::size_t num_choices = parameter.choices.size();
  parameter.shape.high = 1.0;
  parameter.max_size = num_choices;
  if (fields.find("size") != nullptr) {
    Dimension sizes;
    if (!read_count_range(fields, "size", static_cast<std::int64_t>(num_choices), sizes)) {
      return false;
    }
    parameter.min_size = static_cast<std::size_t>(sizes.low);
    parameter.max_size = static_cast<std::size_t>(sizes.high);
  }
  return read_subset_default(fields, parameter);
}

bool read_many_of(const JsonFields& fields, ParameterDefinition& parameter) {
  if (fields.find("k") == nullptr) {
    fields.problems.add({.code = "space.wrong_type",
                         .what = "a many_of needs the number of its slots",
                         .where = fields.path,
                         .got = "no \"k\"",
                         .expected = "\"k\": a whole number, at least 1",
                         .hint = ""});
    return false;
  }
  const std::optional<std::int64_t> num_slots = fields.integer("k", 1);
  if (!num_slots) return false;
  parameter.num_slots = static_cast<std::size_t>(*num_slots);
  parameter.is_distinct = fields.boolean("distinct").value_or(true);
  parameter.is_sorted = fields.boolean("sorted").value_or(false);
  const std::size_t num_choices = parameter.choices.size();
  if (parameter.is_distinct && parameter.num_slots > num_choices) {
    fields.problems.add({.code = "space.bad_size",
                         .what = "there are more slots than distinct candidates",
                         .where = fields.path + "/k",
                         .got = std::to_string(parameter.num_slots),
                         .expected = "at most " + std::to_string(num_choices),
                         .hint = "\"distinct\": false allows repetitions"});
    return false;
  }
  return read_slots_default(fields, parameter);
}

bool read_weights(const JsonFields& fields, ParameterDefinition& parameter) {
  const Json* prior = fields.find("prior");
  if (prior == nullptr) return true;
  const std::size_t num_choices = parameter.choices.size();
  const Json* list = nullptr;
  if (prior->is_object() && prior->size() == 1 && prior->contains("weights")) {
    list = &prior->at("weights");
  }
  bool is_good = list != nullptr && list->is_array() && list->size() == num_choices;
  double sum = 0.0;
  std::vector<double> weights;
  for (std::size_t i = 0; is_good && i < num_choices; ++i) {
    const std::optional<double> weight = finite_number((*list)[i]);
    is_good = weight && *weight >= 0.0;
    if (!is_good) break;
    sum += *weight;
    weights.push_back(*weight);
  }
  if (!is_good || !(sum > 0.0)) {
    fields.wrong("prior", "is not a prior of a parameter with choices",
                 "{\"weights\": [...]} with one number >= 0 for each of the " +
                     std::to_string(num_choices) + " choices, not all 0");
    return false;
  }
  parameter.shape.prior.shape = Prior::Shape::Weights;
  parameter.shape.prior.weights = std::move(weights);
  return true;
}

}  // namespace

bool read_choices(const JsonFields& fields, const std::string& key,
                  ParameterDefinition& parameter) {
  const Json& list = *fields.find(key);
  if (!list.is_array() || list.empty()) {
    fields.problems.add({.code = list.is_array() ? "space.empty_choices" : "space.wrong_type",
                         .what = quote(key) + " needs at least one choice",
                         .where = fields.path + "/" + key,
                         .got = json_text(list),
                         .expected = "a list of texts, numbers or booleans",
                         .hint = ""});
    return false;
  }
  std::unordered_set<std::string> seen;
  bool is_good = true;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string path = fields.path + "/" + key + "/" + std::to_string(i);
    const std::optional<Scalar> choice = scalar_from_json(list[i]);
    if (!choice || (list[i].is_number() && !finite_number(list[i]))) {
      fields.problems.add({.code = "space.wrong_type",
                           .what = "a choice is a text, a number, a boolean or null",
                           .where = path,
                           .got = json_text(list[i]),
                           .expected = "a scalar",
                           .hint = list[i].is_object() && (key == "one_of" || key == "many_of")
                                       ? "candidates with parameters: a table label = {...}"
                                       : ""});
      is_good = false;
      continue;
    }
    if (!seen.insert(identity(*choice)).second) {
      fields.problems.add({.code = "space.duplicate_choice",
                           .what = "the same choice stands twice in the list",
                           .where = path,
                           .got = json_text(list[i]),
                           .expected = "every choice once",
                           .hint = "weights belong into \"prior\""});
      is_good = false;
      continue;
    }
    parameter.choices.push_back(*choice);
  }
  return is_good;
}

bool read_choice_options(const JsonFields& fields, ParameterDefinition& parameter) {
  Dimension& shape = parameter.shape;
  shape.kind = parameter.type == ParameterType::Ordinal ? Kind::Ordinal : Kind::Categorical;
  shape.low = 0.0;
  shape.high = static_cast<double>(parameter.choices.size() - 1);
  switch (parameter.type) {
    case ParameterType::Subset:
      return read_subset(fields, parameter);
    case ParameterType::ManyOf:
      return read_many_of(fields, parameter);
    case ParameterType::Permutation:
      parameter.num_slots = parameter.choices.size();
      parameter.is_distinct = true;
      return read_slots_default(fields, parameter);
    default:
      return read_weights(fields, parameter) && read_index_default(fields, parameter);
  }
}

}  // namespace trimtab::space_detail
