#include "trimtab/space/detail/json_fields.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/text.hpp"

namespace trimtab::space_detail {

std::string json_text(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  constexpr std::size_t kMaxLength = 80;
  if (text.size() > kMaxLength) text = text.substr(0, kMaxLength) + "...";
  return text;
}

std::optional<double> finite_number(const Json& value) {
  if (!value.is_number()) return std::nullopt;
  const double number = value.get<double>();
  if (!std::isfinite(number)) return std::nullopt;
  return number;
}

bool is_whole(double value) {
  constexpr double kLargestExact = 9007199254740992.0;  // 2^53
  return std::abs(value) <= kLargestExact && value == std::floor(value);
}

const Json* JsonFields::find(const std::string& key) const {
  const auto found = table.find(key);
  return found == table.end() ? nullptr : &*found;
}

void JsonFields::wrong(const std::string& key, const std::string& what,
                       const std::string& expected) const {
  problems.add({.code = "space.wrong_type",
                .what = quote(key) + " " + what,
                .where = path + "/" + key,
                .got = json_text(*find(key)),
                .expected = expected,
                .hint = ""});
}

std::optional<bool> JsonFields::boolean(const std::string& key) const {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  wrong_type(key, "true or false");
  return std::nullopt;
}

std::optional<double> JsonFields::number(const std::string& key) const {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  const std::optional<double> result = finite_number(*value);
  if (!result) wrong_type(key, "a finite number");
  return result;
}

std::optional<std::string> JsonFields::text(const std::string& key) const {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return value->get<std::string>();
  wrong_type(key, "a text");
  return std::nullopt;
}

std::optional<std::int64_t> JsonFields::integer(const std::string& key, std::int64_t least) const {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  const std::optional<double> result = finite_number(*value);
  const bool is_integer = result && is_whole(*result);
  if (is_integer && *result >= static_cast<double>(least)) {
    return static_cast<std::int64_t>(*result);
  }
  wrong(key, is_integer ? "is too small" : "is not a whole number",
        "a whole number, at least " + std::to_string(least));
  return std::nullopt;
}

}  // namespace trimtab::space_detail
