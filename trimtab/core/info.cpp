#include "trimtab/core/info.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

std::string range_text(const OptionInfo& option) {
  if (option.low && option.high) {
    return " in [" + format_number(*option.low) + ", " + format_number(*option.high) + "]";
  }
  if (option.low) return " >= " + format_number(*option.low);
  if (option.high) return " <= " + format_number(*option.high);
  return "";
}

std::string expected_text(const OptionInfo& option) {
  if (!option.choices.empty()) return one_of(option.choices);
  constexpr const char* kTypes[] = {"true or false", "an integer", "a number", "a text"};
  return kTypes[option.default_value.index()] + range_text(option);
}

bool in_range(const OptionInfo& option, double value) {
  return !(option.low && value < *option.low) && !(option.high && value > *option.high) &&
         value == value;
}

// Reads one option; returns false when the type or range is wrong.
bool read_option(const OptionInfo& option, const Json& given, OptionValue& value) {
  switch (option.default_value.index()) {
    case 0:
      if (!given.is_boolean()) return false;
      value = given.get<bool>();
      return true;
    case 1:
      if (!given.is_number_integer()) return false;
      value = given.get<std::int64_t>();
      return in_range(option, static_cast<double>(given.get<std::int64_t>()));
    case 2:
      if (!given.is_number()) return false;
      value = given.get<double>();
      return in_range(option, given.get<double>());
    default:
      if (!given.is_string()) return false;
      value = given.get<std::string>();
      return option.choices.empty() || std::find(option.choices.begin(), option.choices.end(),
                                                 given.get<std::string>()) != option.choices.end();
  }
}

}  // namespace

OptionValues::OptionValues(const Info& info, const Json& given, const std::string& where) {
  std::vector<ErrorInfo> problems;
  std::vector<std::string> names;
  for (const OptionInfo& option : info.options) {
    values_[option.name] = option.default_value;
    names.push_back(option.name);
  }
  for (const auto& [key, json] : given.items()) {
    const auto option = std::find_if(info.options.begin(), info.options.end(),
                                     [&key = key](const OptionInfo& o) { return o.name == key; });
    if (option == info.options.end()) {
      problems.push_back({.code = "option.unknown",
                          .what = quote(info.name) + " has no such option",
                          .where = where,
                          .got = quote(key),
                          .expected = names.empty() ? "no options" : one_of(names),
                          .hint = did_you_mean(key, names)});
    } else if (!read_option(*option, json, values_[key])) {
      problems.push_back({.code = "option.value",
                          .what = "option " + quote(key) + " of " + quote(info.name) + " is wrong",
                          .where = where,
                          .got = json.dump(),
                          .expected = expected_text(*option),
                          .hint = ""});
    }
  }
  if (!problems.empty()) throw UserError(std::move(problems));
}

const OptionValue& OptionValues::at(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) {
    throw BugError({.code = "option.undeclared",
                    .what = "an implementation reads an option that it does not declare",
                    .where = "OptionValues",
                    .got = quote(name),
                    .expected = "",
                    .hint = ""});
  }
  return found->second;
}

bool OptionValues::flag(std::string_view name) const { return std::get<bool>(at(name)); }
std::int64_t OptionValues::integer(std::string_view name) const {
  return std::get<std::int64_t>(at(name));
}
double OptionValues::number(std::string_view name) const { return std::get<double>(at(name)); }
const std::string& OptionValues::text(std::string_view name) const {
  return std::get<std::string>(at(name));
}

}  // namespace trimtab
