#pragma once

#include <optional>
#include <string>

#include "trimtab/base/json.hpp"
#include "trimtab/space/detail/problems.hpp"

namespace trimtab::space_detail {

/// One line of JSON for a message, cut after 80 bytes.
std::string json_text(const Json& value);

/// The table of one parameter, read key by key; what has the wrong type becomes a problem.
struct JsonFields {
  const Json& table;
  std::string path;
  Problems& problems;

  /// nullptr when absent.
  const Json* find(const std::string& key) const;
  /// Nothing when absent or wrong.
  std::optional<bool> boolean(const std::string& key) const;
  std::optional<double> number(const std::string& key) const;
  std::optional<std::string> text(const std::string& key) const;
  /// A whole number >= `least`.
  std::optional<std::int64_t> integer(const std::string& key, std::int64_t least) const;

  void wrong_type(const std::string& key, const std::string& expected) const {
    wrong(key, "has the wrong type", expected);
  }
  /// @param what  follows the key: `"levels" is too small`.
  void wrong(const std::string& key, const std::string& what, const std::string& expected) const;
};

/// A finite number; `is_whole` says whether it has no fraction and fits 2^53 exactly.
std::optional<double> finite_number(const Json& value);
bool is_whole(double value);

}  // namespace trimtab::space_detail
