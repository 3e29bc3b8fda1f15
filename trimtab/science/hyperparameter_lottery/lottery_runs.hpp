#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "trimtab/science/hyperparameter_lottery/hyperparameter_lottery.hpp"

namespace trimtab {

/// The runs of a table, by task ("" without a column for it); at least two algorithms in each, with
/// at least two settings.
struct LotteryRuns {
  std::map<std::string, std::vector<AlgorithmRuns>> tasks;
  std::size_t num_dropped = 0;  ///< rows without a finite value
};

/// Reads one row per run from the columns that the analysis's options name.
/// @param objective  of the value column.
/// @throws UserError when a column is missing, a run stands there twice, or a task has too few
/// algorithms or settings. O(n log n).
LotteryRuns read_lottery_runs(const DataTable& table, const OptionValues& options,
                              const Objective& objective);

}  // namespace trimtab
