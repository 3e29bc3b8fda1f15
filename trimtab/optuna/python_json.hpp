#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trimtab::optuna {

/// A value of Python's JSON: like JSON, but with NaN, Infinity, -Infinity and integers of any size.
struct PythonValue {
  enum class Type { Null, Bool, Int, Float, Text, Array, Object };
  Type type = Type::Null;
  double number = 0.0;                  ///< Bool (0 or 1), Int (nearest double), Float
  std::string text = {};                ///< Text: UTF-8; Int: its digits without leading zeros
  std::vector<PythonValue> items = {};  ///< Array
  std::vector<std::pair<std::string, PythonValue>> members = {};  ///< Object, in order

  /// A member of an object; nullptr when there is none.
  const PythonValue* find(std::string_view key) const;
};

/// What Python calls equal: 1 == 1.0 == true; NaN equals NaN here, as Optuna wants it for choices.
bool is_equal(const PythonValue& a, const PythonValue& b);

/// Reads one value; nothing when the text is no JSON of Python's, or nests deeper than 64. Never
/// allocates more than a small multiple of the text. O(size).
std::optional<PythonValue> parse_python_json(std::string_view text);

/// A member of an object as it stands in the text.
struct PythonMember {
  std::string key;
  std::string_view raw;  ///< the value's own bytes, a view into the text
  PythonValue value;
};

/// Reads one object's members in order; nothing when the text is no object of Python's JSON.
/// O(size).
std::optional<std::vector<PythonMember>> split_python_object(std::string_view text);

/// A JSON string with Python's escapes: ASCII only, \uXXXX for the rest. `text` is UTF-8; bytes
/// that are none become U+FFFD.
std::string python_quote(std::string_view text);

/// A float as Python's repr writes it: "0.1", "1.0", "1e-05", "1e+16", "Infinity", "NaN".
std::string python_float(double value);

}  // namespace trimtab::optuna
