#include "trimtab/workloads/nas_bench_201/table.hpp"

#include <algorithm>
#include <cmath>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/workloads/nas_bench_201/cell.hpp"

namespace trimtab::nas_bench_201 {
namespace {

[[noreturn]] void refuse(const std::string& where, const std::string& what, std::string_view got,
                         const std::string& expected) {
  throw UserError({.code = "nas_bench_201.malformed",
                   .what = what,
                   .where = where,
                   .got = quote(got, 200),
                   .expected = expected,
                   .hint = ""});
}

std::size_t column_of(const std::vector<std::string_view>& header, const std::string& name,
                      const std::string& where) {
  const auto found = std::ranges::find(header, name);
  if (found == header.end()) refuse(where + ":1", "the table lacks a column", name, "this column");
  return static_cast<std::size_t>(found - header.begin());
}

double accuracy(std::string_view text, const std::string& where) {
  double value = 0.0;
  if (!parse_double(text, value) || !(value >= 0.0 && value <= 100.0)) {
    refuse(where, "this is no accuracy", text, "a number from 0 to 100");
  }
  return value;
}

}  // namespace

Table parse_table(std::string_view text, const std::string& dataset, const std::string& where) {
  const std::vector<std::string_view> lines = split(text, '\n');
  const std::vector<std::string_view> header = split(trim(lines.front()), ',');
  const std::size_t validation = column_of(header, dataset + "-val", where);
  const std::size_t test = column_of(header, dataset + "-test", where);
  const std::size_t cell = column_of(header, "cellstr", where);
  Table table;
  table.validation.assign(kNumCells, std::nan(""));
  table.test = table.validation;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::string_view line = trim(lines[i]);
    if (line.empty()) continue;
    const std::string place = where + ":" + std::to_string(i + 1);
    const std::vector<std::string_view> fields = split(line, ',');
    if (fields.size() != header.size()) {
      refuse(place, "the row has another length than the header", line, "one field per column");
    }
    const std::size_t index = index_of(parse_cell(fields[cell]));
    if (!std::isnan(table.test[index])) {
      refuse(place, "the cell was given before", fields[cell], "one row per cell");
    }
    table.validation[index] = accuracy(fields[validation], place);
    table.test[index] = accuracy(fields[test], place);
  }
  const auto missing = std::ranges::find_if(table.test, [](double a) { return std::isnan(a); });
  if (missing != table.test.end()) {
    refuse(where, "the table lacks a cell",
           describe(cell_at(static_cast<std::size_t>(missing - table.test.begin()))),
           "all 15625 cells");
  }
  return table;
}

}  // namespace trimtab::nas_bench_201
