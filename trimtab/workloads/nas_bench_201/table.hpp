#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trimtab::nas_bench_201 {

/// Accuracies on one data set by cell number (index_of), per cent. (15 625)
struct Table {
  std::vector<double> validation;
  std::vector<double> test;
};

/// Reads the CSV with columns DATASET-val, DATASET-test and cellstr, one row per cell.
/// @param where  for messages. @throws UserError "nas_bench_201.malformed" naming the line: missing
/// columns, numbers that are none, cells missing or given twice.
Table parse_table(std::string_view text, const std::string& dataset, const std::string& where);

}  // namespace trimtab::nas_bench_201
