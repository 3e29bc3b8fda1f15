#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trimtab {

/// A table of named columns from somewhere else (measurements, leaderboards, predictions): what
/// analyses read that do not, or not only, ask about studies.
struct DataTable {
  std::string source;                             ///< the file, for messages
  std::vector<std::string> names;                 ///< of the columns, distinct
  std::vector<std::vector<std::string>> columns;  ///< names.size() columns of num_rows() cells

  std::size_t num_rows() const { return columns.empty() ? 0 : columns.front().size(); }
  bool has(std::string_view name) const;

  /// The cells of a column. @throws UserError "table.unknown_column" with the nearest name.
  const std::vector<std::string>& texts(std::string_view name) const;

  /// The column as numbers; an empty cell, "nan" and "NA" are NaN; "inf" and "-inf" are infinite.
  /// @throws UserError as texts(), or "table.not_a_number" with the row.
  std::vector<double> numbers(std::string_view name) const;
};

/// Reads comma separated values with a header line (RFC 4180; lines may end in \n or \r\n; blank
/// lines are skipped).
///   parse_csv("a,b\n1,\"x, y\"\n", "t").texts("b") = {"x, y"}  [tested]
/// @throws UserError "table.format" with the line: ragged rows, open quotes, repeated or no
/// columns. O(size).
DataTable parse_csv(std::string_view text, std::string source);

/// parse_csv of files, one below the other; one whose name ends in .tsv has tabs instead of commas.
/// @param paths  at least one. @throws UserError as parse_csv, when a file cannot be read, or
/// "table.headers" when two have different headers.
DataTable read_data_tables(const std::vector<std::string>& paths);

}  // namespace trimtab
