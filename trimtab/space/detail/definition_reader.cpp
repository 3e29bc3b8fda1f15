#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "trimtab/base/text.hpp"
#include "trimtab/space/detail/choice_reader.hpp"
#include "trimtab/space/detail/definition.hpp"
#include "trimtab/space/detail/json_fields.hpp"
#include "trimtab/space/detail/number_reader.hpp"
#include "trimtab/space/detail/scalar.hpp"

namespace trimtab::space_detail {
namespace {

struct TypeKeys {
  const char* key;
  ParameterType type;
  std::vector<std::string> allowed;  ///< besides default, unit, when and the key itself
};

const std::array<TypeKeys, 9>& type_keys() {
  static const std::array<TypeKeys, 9> table = {{
      {"float", ParameterType::Float, {"log", "step", "levels", "prior"}},
      {"int", ParameterType::Int, {"log", "step", "prior"}},
      {"choice", ParameterType::Categorical, {"prior"}},
      {"ordinal", ParameterType::Ordinal, {"prior"}},
      {"permutation", ParameterType::Permutation, {}},
      {"subset", ParameterType::Subset, {"size"}},
      {"one_of", ParameterType::Categorical, {"prior"}},
      {"many_of", ParameterType::ManyOf, {"k", "distinct", "sorted"}},
      {"repeat", ParameterType::Repeat, {"space"}},
  }};
  return table;
}

std::vector<std::string> type_names() {
  std::vector<std::string> names;
  for (const TypeKeys& entry : type_keys()) names.emplace_back(entry.key);
  return names;
}

class DefinitionReader {
 public:
  explicit DefinitionReader(Problems& problems) : problems_(problems) {}

  SpaceDefinition read(const Json& definition);

 private:
  SubSpace read_sub_space(const Json& value, const std::string& path, int depth, bool is_root);
  void read_constraints(const Json& value, const std::string& key);
  bool check_name(const std::string& name, const std::string& path);
  std::optional<ParameterDefinition> read_parameter(const std::string& name, const Json& value,
                                                    const std::string& path, int depth);
  const TypeKeys* find_type(const Json& value, const std::string& path);
  void check_keys(const Json& value, const TypeKeys& type, const std::string& path);
  bool read_type(const JsonFields& fields, const TypeKeys& type, int depth,
                 ParameterDefinition& parameter);
  bool read_candidates(const JsonFields& fields, const std::string& key, int depth,
                       ParameterDefinition& parameter);
  bool read_repeat(const JsonFields& fields, int depth, ParameterDefinition& parameter);
  void read_when(const Json& value, const std::string& path, ParameterDefinition& parameter);

  Problems& problems_;
  SpaceDefinition result_;
};

SpaceDefinition DefinitionReader::read(const Json& definition) {
  if (!definition.is_object()) {
    problems_.add({.code = "space.not_a_table",
                   .what = "a space is a table of parameters",
                   .where = "",
                   .got = json_text(definition),
                   .expected = "a table whose keys are the names of parameters",
                   .hint = ""});
    return {};
  }
  SubSpace root = read_sub_space(definition, "", 0, true);
  result_.root = std::move(root);
  return std::move(result_);
}

SubSpace DefinitionReader::read_sub_space(const Json& value, const std::string& path, int depth,
                                          bool is_root) {
  SubSpace space;
  if (depth > kMaxDepth) {
    problems_.add({.code = "space.too_deep",
                   .what = "sub-spaces are nested too deeply",
                   .where = path,
                   .got = "",
                   .expected = "at most " + std::to_string(kMaxDepth) + " levels",
                   .hint = ""});
    return space;
  }
  for (const auto& [name, entry] : value.items()) {
    if (is_root && (name == "forbid" || name == "require")) {
      read_constraints(entry, name);
      continue;
    }
    const std::string entry_path = path.empty() ? name : path + "/" + name;
    if (!check_name(name, entry_path)) continue;
    if (auto parameter = read_parameter(name, entry, entry_path, depth)) {
      space.parameters.push_back(std::move(*parameter));
    } else {
      result_.broken.push_back(name);
    }
  }
  return space;
}

void DefinitionReader::read_constraints(const Json& value, const std::string& key) {
  const bool is_required = key == "require";
  if (value.is_string()) {
    result_.constraints.push_back({value.get<std::string>(), key, is_required});
    return;
  }
  bool is_wrong = !value.is_array();
  for (std::size_t i = 0; !is_wrong && i < value.size(); ++i) {
    is_wrong = !value[i].is_string();
    if (is_wrong) break;
    result_.constraints.push_back(
        {value[i].get<std::string>(), key + "/" + std::to_string(i), is_required});
  }
  if (!is_wrong) return;
  problems_.add({.code = "space.wrong_type",
                 .what = quote(key) + " holds expressions over the parameters",
                 .where = key,
                 .got = json_text(value),
                 .expected = "a text or a list of texts, e.g. [\"min_depth <= max_depth\"]",
                 .hint = ""});
}

bool DefinitionReader::check_name(const std::string& name, const std::string& path) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-' || c == '/' || c == ' ';
  };
  const bool is_good = !name.empty() && name.size() <= 200 && name.front() != ' ' &&
                       name.back() != ' ' && std::all_of(name.begin(), name.end(), is_allowed);
  if (is_good) return true;
  problems_.add({.code = "space.bad_name",
                 .what = name.empty() ? "a parameter needs a name"
                                      : "the name of a parameter has characters that are not "
                                        "allowed, or is too long",
                 .where = path,
                 .got = quote(name),
                 .expected = "1 to 200 characters out of A-Z a-z 0-9 _ . - / and inner spaces",
                 .hint = ""});
  return false;
}

const TypeKeys* DefinitionReader::find_type(const Json& value, const std::string& path) {
  const TypeKeys* found = nullptr;
  for (const TypeKeys& entry : type_keys()) {
    if (!value.contains(entry.key)) continue;
    if (found != nullptr) {
      problems_.add({.code = "space.two_types",
                     .what = "a parameter has exactly one type",
                     .where = path,
                     .got = quote(found->key) + " and " + quote(entry.key),
                     .expected = one_of(type_names()),
                     .hint = ""});
      return nullptr;
    }
    found = &entry;
  }
  if (found != nullptr) return found;
  std::string hint;
  for (const auto& [key, unused] : value.items()) {
    if (hint.empty()) hint = did_you_mean(key, type_names());
  }
  problems_.add({.code = "space.no_type",
                 .what = "a parameter needs a type",
                 .where = path,
                 .got = json_text(value),
                 .expected = "one of the keys " + one_of(type_names()).substr(7),
                 .hint = hint});
  return nullptr;
}

void DefinitionReader::check_keys(const Json& value, const TypeKeys& type,
                                  const std::string& path) {
  std::vector<std::string> known = {type.key, "default", "unit", "when"};
  known.insert(known.end(), type.allowed.begin(), type.allowed.end());
  for (const auto& [key, unused] : value.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    problems_.add({.code = "space.unknown_key",
                   .what = "a parameter of type " + std::string(type.key) + " has no such key",
                   .where = path + "/" + key,
                   .got = quote(key),
                   .expected = one_of(known),
                   .hint = did_you_mean(key, known)});
  }
}

std::optional<ParameterDefinition> DefinitionReader::read_parameter(const std::string& name,
                                                                    const Json& value,
                                                                    const std::string& path,
                                                                    int depth) {
  const std::optional<Json> expanded = expand_short_form(value, path, problems_);
  if (!expanded) return std::nullopt;
  const TypeKeys* type = find_type(*expanded, path);
  if (type == nullptr) return std::nullopt;
  check_keys(*expanded, *type, path);
  const JsonFields fields{*expanded, path, problems_};
  ParameterDefinition parameter;
  parameter.name = name;
  parameter.path = path;
  parameter.type = type->type;
  const bool is_good = read_type(fields, *type, depth, parameter);
  if (const auto unit = fields.text("unit")) parameter.unit = *unit;
  if (const Json* when = fields.find("when")) read_when(*when, path + "/when", parameter);
  if (!is_good) return std::nullopt;
  return parameter;
}

bool DefinitionReader::read_type(const JsonFields& fields, const TypeKeys& type, int depth,
                                 ParameterDefinition& parameter) {
  const std::string key = type.key;
  switch (type.type) {
    case ParameterType::Float:
      return read_float(fields, parameter);
    case ParameterType::Int:
      return read_int(fields, parameter);
    case ParameterType::Repeat:
      return read_repeat(fields, depth, parameter);
    default:
      break;
  }
  if (key == "one_of" || key == "many_of") {
    if (!read_candidates(fields, key, depth, parameter)) return false;
  } else if (!read_choices(fields, key, parameter)) {
    return false;
  }
  return read_choice_options(fields, parameter);
}

bool DefinitionReader::read_candidates(const JsonFields& fields, const std::string& key, int depth,
                                       ParameterDefinition& parameter) {
  const Json& value = *fields.find(key);
  if (!value.is_object()) return read_choices(fields, key, parameter);
  const std::string path = fields.path + "/" + key;
  if (value.empty()) {
    problems_.add({.code = "space.empty_choices",
                   .what = "a choice needs at least one candidate",
                   .where = path,
                   .got = "{}",
                   .expected = "a table of candidates or a list of labels",
                   .hint = ""});
    return false;
  }
  for (const auto& [label, sub_space] : value.items()) {
    const std::string label_path = path + "/" + label;
    parameter.choices.emplace_back(label);
    if (!sub_space.is_object()) {
      problems_.add({.code = "space.wrong_type",
                     .what = "a candidate is a table of the parameters that belong to it",
                     .where = label_path,
                     .got = json_text(sub_space),
                     .expected = "a table, {} when the candidate has no parameters",
                     .hint = ""});
      return false;
    }
    parameter.candidates.push_back(read_sub_space(sub_space, label_path, depth + 1, false));
  }
  return true;
}

bool DefinitionReader::read_repeat(const JsonFields& fields, int depth,
                                   ParameterDefinition& parameter) {
  if (!read_count_range(fields, "repeat", 1'000'000, parameter.shape)) return false;
  const bool has_good_default = read_number_default(fields, parameter.shape);
  const Json* part = fields.find("space");
  if (part == nullptr || !part->is_object()) {
    problems_.add({.code = "space.wrong_type",
                   .what = "a repeat needs the space that is repeated",
                   .where = fields.path + (part == nullptr ? "" : "/space"),
                   .got = part == nullptr ? "no \"space\"" : json_text(*part),
                   .expected = "\"space\": a table of parameters",
                   .hint = ""});
    return false;
  }
  parameter.part = read_sub_space(*part, fields.path + "/space", depth + 1, false);
  return has_good_default;
}

void DefinitionReader::read_when(const Json& value, const std::string& path,
                                 ParameterDefinition& parameter) {
  const char* const expected =
      "a table parent = value, [values], \">= 2\" or \"2..5\", e.g. {\"kernel\": \"rbf\"}";
  if (!value.is_object()) {
    problems_.add({.code = "space.wrong_type",
                   .what = "a condition names its parents",
                   .where = path,
                   .got = json_text(value),
                   .expected = expected,
                   .hint = ""});
    return;
  }
  for (const auto& [parent, allowed] : value.items()) {
    Condition condition{
        .parent = parent, .values = {}, .interval = {}, .path = path + "/" + parent};
    const Json list = allowed.is_array() ? allowed : Json::array({allowed});
    for (const Json& item : list) {
      if (auto scalar = scalar_from_json(item)) condition.values.push_back(std::move(*scalar));
    }
    if (condition.values.size() != list.size() || list.empty()) {
      problems_.add({.code = "space.wrong_type",
                     .what = "a condition lists values of its parent",
                     .where = condition.path,
                     .got = json_text(allowed),
                     .expected = expected,
                     .hint = ""});
      continue;
    }
    if (allowed.is_string()) condition.interval = parse_interval(allowed.get<std::string>());
    parameter.when.push_back(std::move(condition));
  }
}

}  // namespace

SpaceDefinition read_definition(const Json& definition, Problems& problems) {
  return DefinitionReader(problems).read(definition);
}

}  // namespace trimtab::space_detail
