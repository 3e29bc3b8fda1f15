#include "trimtab/optuna/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab::optuna {
namespace {

using Type = Distribution::Type;

[[noreturn]] void refuse(const std::string& what, std::string_view text) {
  throw UserError({.code = "optuna.distribution",
                   .what = what,
                   .where = "distribution",
                   .got = std::string(text.substr(0, 200)),
                   .expected = "the JSON of an Optuna distribution",
                   .hint = ""});
}

// How each class of Optuna's, old and new, names what it has.
struct ClassForm {
  std::string_view name;
  Type type;
  bool is_always_log;
  std::string_view step;
};
constexpr ClassForm kForms[] = {
    {"FloatDistribution", Type::Float, false, "step"},
    {"IntDistribution", Type::Int, false, "step"},
    {"CategoricalDistribution", Type::Categorical, false, ""},
    {"UniformDistribution", Type::Float, false, ""},
    {"LogUniformDistribution", Type::Float, true, ""},
    {"DiscreteUniformDistribution", Type::Float, false, "q"},
    {"IntUniformDistribution", Type::Int, false, "step"},
    {"IntLogUniformDistribution", Type::Int, true, "step"},
};

double number_of(const PythonValue& attributes, std::string_view key, std::string_view text) {
  const PythonValue* value = attributes.find(key);
  const bool is_number = value != nullptr && (value->type == PythonValue::Type::Int ||
                                              value->type == PythonValue::Type::Float);
  if (!is_number || std::isnan(value->number)) refuse("a bound is missing or no number", text);
  return value->number;
}

void read_range(const PythonValue& attributes, const ClassForm& form, std::string_view text,
                Distribution& distribution) {
  distribution.low = number_of(attributes, "low", text);
  distribution.high = number_of(attributes, "high", text);
  if (!(distribution.low <= distribution.high)) refuse("low is above high", text);
  const PythonValue* step = form.step.empty() ? nullptr : attributes.find(form.step);
  if (step != nullptr && step->type != PythonValue::Type::Null) {
    distribution.step = number_of(attributes, form.step, text);
    if (!(distribution.step > 0.0)) refuse("the step is not above zero", text);
  } else if (form.type == Type::Int) {
    distribution.step = 1.0;
  }
  const PythonValue* log = attributes.find("log");
  distribution.is_log = form.is_always_log || (log != nullptr && log->number != 0.0);
}

Json bound(const Distribution& distribution, double value) {
  if (distribution.type == Type::Int) return static_cast<std::int64_t>(value);
  return value;
}

bool is_whole(double value) { return std::abs(value) < 0x1p53 && std::floor(value) == value; }

std::string define_range(const Distribution& distribution) {
  const bool is_int = distribution.type == Type::Int;
  if (is_int && !(is_whole(distribution.low) && is_whole(distribution.high))) return "";
  if (!std::isfinite(distribution.low) || !std::isfinite(distribution.high)) return "";
  Json definition = {
      {is_int ? "int" : "float",
       {bound(distribution, distribution.low), bound(distribution, distribution.high)}}};
  if (distribution.is_log) definition["log"] = true;
  const bool is_plain = is_int ? distribution.step == 1.0 : distribution.step == 0.0;
  if (!is_plain) definition["step"] = bound(distribution, distribution.step);
  return definition.dump();
}

std::string define_choices(const std::vector<PythonValue>& choices) {
  Json list = Json::array();
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const PythonValue& choice = choices[i];
    const auto is_same = [&](const PythonValue& other) { return is_equal(choice, other); };
    if (std::any_of(choices.begin(), choices.begin() + static_cast<std::ptrdiff_t>(i), is_same)) {
      return "";
    }
    switch (choice.type) {
      case PythonValue::Type::Null:
        list.push_back(nullptr);
        break;
      case PythonValue::Type::Bool:
        list.push_back(choice.number != 0.0);
        break;
      case PythonValue::Type::Int:
        if (!is_whole(choice.number)) return "";
        list.push_back(static_cast<std::int64_t>(choice.number));
        break;
      case PythonValue::Type::Float:
        if (!std::isfinite(choice.number)) return "";
        list.push_back(choice.number);
        break;
      case PythonValue::Type::Text:
        list.push_back(choice.text);
        break;
      default:
        return "";
    }
  }
  return Json{{"choice", std::move(list)}}.dump();
}

std::string scalar_text(const Scalar& scalar) {
  struct Writer {
    std::string operator()(std::monostate) const { return "null"; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return python_float(value); }
    std::string operator()(const std::string& value) const { return python_quote(value); }
  };
  return std::visit(Writer(), scalar);
}

std::vector<Scalar> choices_of(const Dimension& dimension, const Parameter* parameter) {
  const auto count = static_cast<std::size_t>(dimension.high) + 1;
  if (parameter != nullptr && parameter->type == ParameterType::Subset) return {false, true};
  if (parameter != nullptr && parameter->choices.size() == count) return parameter->choices;
  std::vector<Scalar> choices;
  for (std::size_t i = 0; i < count; ++i) choices.emplace_back(static_cast<std::int64_t>(i));
  return choices;
}

std::string bool_text(bool value) { return value ? "true" : "false"; }

std::string integer_text(double value) { return std::to_string(static_cast<std::int64_t>(value)); }

}  // namespace

Distribution parse_distribution(std::string_view text) {
  const std::optional<PythonValue> json = parse_python_json(text);
  const PythonValue* name = json ? json->find("name") : nullptr;
  const PythonValue* attributes = json ? json->find("attributes") : nullptr;
  if (name == nullptr || attributes == nullptr) refuse("that is no distribution", text);
  const auto* form = std::find_if(std::begin(kForms), std::end(kForms),
                                  [&](const ClassForm& known) { return known.name == name->text; });
  if (form == std::end(kForms)) refuse("there is no such distribution", text);
  Distribution distribution{.type = form->type};
  if (form->type == Type::Categorical) {
    const PythonValue* choices = attributes->find("choices");
    if (choices == nullptr || choices->items.empty()) refuse("there are no choices", text);
    distribution.choices = choices->items;
  } else {
    read_range(*attributes, *form, text, distribution);
  }
  return distribution;
}

bool is_compatible(const Distribution& a, const Distribution& b) {
  if (a.type != b.type) return false;
  if (a.type != Type::Categorical) return a.is_log == b.is_log;
  return std::ranges::equal(a.choices, b.choices, is_equal);
}

std::string native_definition(const Distribution& distribution) {
  return distribution.type == Type::Categorical ? define_choices(distribution.choices)
                                                : define_range(distribution);
}

std::string distribution_text(const Dimension& dimension, const Parameter* parameter) {
  if (dimension.kind == Kind::Real) {
    const bool has_step = dimension.step > 0.0 && !dimension.is_log;
    return R"({"name": "FloatDistribution", "attributes": {"step": )" +
           (has_step ? python_float(dimension.step) : "null") + R"(, "low": )" +
           python_float(dimension.low) + R"(, "high": )" + python_float(dimension.high) +
           R"(, "log": )" + bool_text(dimension.is_log) + "}}";
  }
  if (dimension.kind == Kind::Integer) {
    return R"({"name": "IntDistribution", "attributes": {"log": )" + bool_text(dimension.is_log) +
           R"(, "step": )" + integer_text(dimension.is_log ? 1.0 : dimension.step) +
           R"(, "low": )" + integer_text(dimension.low) + R"(, "high": )" +
           integer_text(dimension.high) + "}}";
  }
  std::string choices;
  for (const Scalar& choice : choices_of(dimension, parameter)) {
    choices += (choices.empty() ? "" : ", ") + scalar_text(choice);
  }
  return R"({"name": "CategoricalDistribution", "attributes": {"choices": [)" + choices + "]}}";
}

}  // namespace trimtab::optuna
