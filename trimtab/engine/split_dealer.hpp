#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "trimtab/core/data_table.hpp"
#include "trimtab/core/row_split.hpp"
#include "trimtab/core/validity.hpp"

namespace trimtab {

/// Of all cells of each row. (rows) O(size).
std::vector<std::uint64_t> row_hashes(const DataTable& table);

/// Deals the rows of a study's table to its runs (SplitPlan), the same way on every worker: a pure
/// function of the table, the plan, the study's seed and the run.
///
/// Rows that are equal in every column always stay together, so that no copy of a validation row is
/// trained on. Rows are dealt in proportion to their labels; whole classes as they come.
/// Source: hidden classes: Troisemaine et al. 2024, "A practical approach to novel class discovery
///   in tabular data", section 4 (k-fold over the known classes); new folds for each configuration:
///   Nagler, Schneider, Bischl and Feurer 2024, "Reshuffling resampling splits can improve
///   generalization of hyperparameter optimization"; nested: Varma and Simon 2006.
/// Differs: sealed rows are set aside before anything is dealt.
/// Memory: 8 bytes a row. Cost: O(rows log rows) for the table, and for each new set of folds.
class SplitDealer {
 public:
  /// Reads the table. @throws UserError "data.split" when it has too few rows or classes, or has no
  /// class of a given name; as read_data_tables when it cannot be read.
  /// @param data  with a split.
  SplitDealer(const DataAccount& data, std::uint64_t study_seed);

  /// @param run  0.. of the trial; run r is judged on fold r % folds of the (r / folds)-th set of
  /// folds. O(rows).
  std::shared_ptr<const RowSplit> tuning(std::int64_t trial, std::int64_t run) const;
  /// Trained on everything but the sealed rows and judged on those; without any on a fresh fold.
  /// @param seed  of the fresh run. O(rows).
  std::shared_ptr<const RowSplit> evaluation(std::uint64_t seed) const;

  /// Hashes of the rows that the search may see, and of the sealed ones. (rows), in their order
  std::vector<std::uint64_t> open_rows() const;
  std::vector<std::uint64_t> sealed_rows() const;

 private:
  using Folds = std::vector<std::int64_t>;  // (units) fold of each, -1 = sealed

  void seal(std::uint64_t seed);
  Folds deal(std::uint64_t seed, std::uint64_t stream, const char* purpose) const;
  std::vector<std::size_t> order(std::uint64_t seed, std::uint64_t stream,
                                 const char* purpose) const;
  std::shared_ptr<const RowSplit> split(const Folds& folds, std::int64_t validation_fold,
                                        bool is_sealed_judge) const;
  std::vector<std::uint64_t> hashes_where(bool is_sealed) const;

  std::string table_;
  SplitPlan plan_;
  std::uint64_t seed_;
  std::vector<std::uint64_t> hashes_;  // (rows) of all their cells
  std::vector<std::size_t> unit_of_;   // (rows) what is dealt as one: equal rows, or a class
  std::vector<std::string> labels_;    // (units)
  std::vector<bool> is_sealed_;        // (units)
  std::size_t num_open_ = 0;           // units that are not sealed
};

}  // namespace trimtab
