#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace trimtab {

/// Which rows of the study's table a run may train on, and which it is judged on. Rows count from 0
/// below the header; the two lists are disjoint and rise.
struct RowSplit {
  std::string table = {};  ///< the file
  std::vector<std::int64_t> train = {};
  std::vector<std::int64_t> validation = {};
  /// Classes of the validation rows that training has none of, when whole classes are dealt.
  std::vector<std::string> hidden_classes = {};

  /// {"table": ..., "train": [...], "validation": [...], "hidden_classes": [...]}. O(rows).
  std::string to_json() const;
};

}  // namespace trimtab
