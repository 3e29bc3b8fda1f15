#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trimtab/core/storage.hpp"
#include "trimtab/core/study.hpp"

namespace trimtab {

/// A set of rows, remembered by the smallest of their hashes: enough to tell what share of it is in
/// another such set.
/// Source: bottom-k sketches, Cohen and Kaplan 2007, "Summarizing data using bottom-k sketches".
/// Differs: none. Sets of at most `kMaxKept` rows are kept whole, and compared exactly.
class RowSketch {
 public:
  static constexpr std::size_t kMaxKept = 1024;

  RowSketch() = default;
  /// @param hashes  of rows; equal ones count once. O(n log n).
  explicit RowSketch(std::vector<std::uint64_t> hashes);

  std::size_t num_rows() const { return num_rows_; }
  /// Share of this set's rows that are in the other, in [0, 1]; 0 for an empty set. Exact when both
  /// are kept whole; else from the rows that both would have kept, a deviation of at most
  /// 1 / (2 sqrt(that number)). O(kMaxKept).
  double share_in(const RowSketch& other) const;

  /// "1500:1f3a...,..." O(kMaxKept).
  std::string to_text() const;
  /// @throws UserError "data.fingerprint" for anything else.
  static RowSketch from_text(const std::string& text);
  bool operator==(const RowSketch&) const = default;

 private:
  // Every row with a hash up to this one is kept.
  std::uint64_t limit() const;

  std::size_t num_rows_ = 0;
  std::vector<std::uint64_t> kept_;  // ascending, distinct
};

/// Hashes of the rows of files: of a .csv or .tsv the cells of each below the header; of
/// another text each line that is not empty; of any other file all its bytes as one row; of a
/// folder those of the files in it.
/// @throws UserError when one cannot be read. O(size).
std::vector<std::uint64_t> rows_of_files(const std::vector<std::string>& paths);

/// Looks at the data of a study before it is created or gone on with, and fills in
/// `spec.data.fingerprint`.
/// @throws UserError "data.leak" when a row that is to judge is one that the search may see, or one
/// that the study of `warm_start` has tuned on, and "data.changed" when the study exists and its
/// data were others then.
/// Cost: O(size of the data) and O(kMaxKept) for each study of the storage.
void register_data(StudySpec& spec, const Storage& storage);

/// What other studies of the storage did with the same rows, one sentence each: that they tuned on
/// rows that judge here, or judged on rows that are tuned on here or judge again. Empty without
/// data. O(kMaxKept) for each study.
std::vector<std::string> data_findings(const StudySpec& spec, const Storage& storage);

}  // namespace trimtab
