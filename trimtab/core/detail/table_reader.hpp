#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/base/document.hpp"
#include "trimtab/base/error.hpp"
#include "trimtab/base/json.hpp"

namespace trimtab::detail {

/// Everything that is wrong with a document, collected while it is read.
class ProblemList {
 public:
  explicit ProblemList(const Document& document) : document_(document) {}

  /// `info.where` is a path of the document here ("study/budget"); it becomes a place.
  void add(ErrorInfo info);
  /// Takes over problems that have their place already.
  void append(const std::vector<ErrorInfo>& infos);
  /// @throws UserError with all problems, sorted by line and column; returns when there are none.
  void throw_if_any();

  std::string where(std::string_view path) const { return document_.where(path); }

 private:
  const Document& document_;
  std::vector<ErrorInfo> infos_ = {};
};

/// The JSON of a value for the field `got`, cut when long.
std::string show(const Json& value);

/// A table of a study file with its own set of keys. Each read of a value that is absent leaves the
/// target as it was; a value that is wrong is noted and leaves it too.
class TableReader {
 public:
  /// Notes when `table` is no table, and each key that is not among `known`. A null table is empty.
  /// @param path  of the table in the document, e.g. "study/budget".
  /// @param known  keys in the order in which messages list them; empty = any key is fine (and a
  /// whole document that is no table is not noted again).
  TableReader(const Json& table, std::string path, std::vector<std::string> known,
              ProblemList& problems);

  const Json* find(std::string_view key) const;
  std::string path_of(std::string_view key) const;

  struct IntegerRange {
    std::int64_t low = std::numeric_limits<std::int64_t>::min();
    std::int64_t high = std::numeric_limits<std::int64_t>::max();
  };
  void integer(std::string_view key, IntegerRange range, std::int64_t& target);
  void integer(std::string_view key, IntegerRange range, std::optional<std::int64_t>& target);
  /// A finite number.
  void number(std::string_view key, std::optional<double>& target);
  /// A finite number above zero.
  void positive_number(std::string_view key, std::optional<double>& target);
  /// Seconds: a number, or a text such as "20m". At least zero; above zero unless `may_be_zero`.
  void duration(std::string_view key, bool may_be_zero, std::optional<double>& target);
  /// Joules as a number or a text ("50Wh"), above 0.
  void energy(std::string_view key, std::optional<double>& target);
  /// Bytes: a number, or a text such as "2G". Above zero.
  void bytes(std::string_view key, std::optional<double>& target);
  /// A text that is not empty, of at most `kMaxText` bytes, without NUL.
  void text(std::string_view key, std::string& target);

  /// Notes a wrong value. @param what  follows the key: `"seed" is negative`.
  void wrong(std::string_view key, const std::string& code, const std::string& what,
             const std::string& expected, const std::string& hint = "");

  static constexpr std::size_t kMaxText = 100'000;

 private:
  void check_keys(const std::vector<std::string>& known);
  // Reads a number or a text with a unit; `parse` is parse_duration or parse_bytes.
  void quantity(std::string_view key, bool (*parse)(std::string_view, double&), bool may_be_zero,
                const char* what, const char* expected, std::optional<double>& target);

  const Json* table_ = nullptr;  // nullptr when it is no table
  std::string path_;
  ProblemList& problems_;
};

/// "[study]" for "study", "budget.stop of [study]" for "study/budget/stop", "the file" for "".
std::string describe_table(const std::string& path);

}  // namespace trimtab::detail
