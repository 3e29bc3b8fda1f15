#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "trimtab/base/json.hpp"

namespace trimtab {

using OptionValue = std::variant<bool, std::int64_t, double, std::string>;

/// One option of an implementation. From it come validation, --help, `trimtab list` and the docs.
struct OptionInfo {
  std::string name;
  OptionValue default_value;              ///< its type is the option's type
  std::string purpose;                    ///< meaning, unit, when to change it
  std::optional<double> low = {};         ///< smallest number, included
  std::optional<double> high = {};        ///< largest number, included
  std::vector<std::string> choices = {};  ///< allowed texts; empty = any
};

/// What an implementation says about itself.
struct Info {
  std::string name;
  std::string purpose;  ///< one line
  std::string source;   ///< authors, year, equation or algorithm
  std::vector<OptionInfo> options = {};
};

/// Options after validation: every declared option has a value of its type.
class OptionValues {
 public:
  /// @param given  JSON object as the user wrote it.
  /// @param where  place of the object for messages, e.g. "study.toml:14:1" or "sampler.tpe".
  /// @throws UserError with every problem: unknown option (nearest), wrong type, out of range.
  OptionValues(const Info& info, const Json& given, const std::string& where);

  bool flag(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  double number(std::string_view name) const;
  const std::string& text(std::string_view name) const;

 private:
  const OptionValue& at(std::string_view name) const;
  std::map<std::string, OptionValue, std::less<>> values_;
};

}  // namespace trimtab
