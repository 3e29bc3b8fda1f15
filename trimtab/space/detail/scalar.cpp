#include "trimtab/space/detail/scalar.hpp"

#include <nlohmann/json.hpp>

#include "trimtab/base/text.hpp"

namespace trimtab::space_detail {

std::optional<Scalar> scalar_from_json(const Json& value) {
  if (value.is_null()) return Scalar();
  if (value.is_boolean()) return Scalar(value.get<bool>());
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) {
    return Scalar(value.get<double>());
  }
  if (value.is_number_integer()) return Scalar(value.get<std::int64_t>());
  if (value.is_number()) return Scalar(value.get<double>());
  if (value.is_string()) return Scalar(value.get<std::string>());
  return std::nullopt;
}

Json scalar_to_json(const Scalar& scalar) {
  return std::visit(
      [](const auto& value) {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>) {
          return Json(nullptr);
        } else {
          return Json(value);
        }
      },
      scalar);
}

std::string scalar_text(const Scalar& scalar) {
  if (const auto* text = std::get_if<std::string>(&scalar)) return *text;
  return scalar_json_text(scalar);
}

std::string scalar_json_text(const Scalar& scalar) {
  if (const auto* number = std::get_if<double>(&scalar)) return format_number(*number);
  return scalar_to_json(scalar).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<double> scalar_number(const Scalar& scalar) {
  if (const auto* integer = std::get_if<std::int64_t>(&scalar)) {
    return static_cast<double>(*integer);
  }
  if (const auto* number = std::get_if<double>(&scalar)) return *number;
  return std::nullopt;
}

bool same_scalar(const Scalar& left, const Scalar& right) {
  if (left.index() == right.index()) return left == right;
  const std::optional<double> left_number = scalar_number(left);
  return left_number.has_value() && left_number == scalar_number(right);
}

std::optional<std::size_t> find_choice(std::span<const Scalar> choices, const Scalar& value) {
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (same_scalar(choices[i], value)) return i;
  }
  return std::nullopt;
}

std::string choice_hint(const Json& value, std::span<const Scalar> choices) {
  const std::optional<Scalar> scalar = scalar_from_json(value);
  if (!scalar) return "";
  std::vector<std::string> texts;
  for (const Scalar& choice : choices) texts.push_back(scalar_text(choice));
  return did_you_mean(scalar_text(*scalar), texts);
}

std::vector<std::string> choice_texts(std::span<const Scalar> choices) {
  std::vector<std::string> texts;
  for (const Scalar& choice : choices) texts.push_back(scalar_json_text(choice));
  return texts;
}

}  // namespace trimtab::space_detail
