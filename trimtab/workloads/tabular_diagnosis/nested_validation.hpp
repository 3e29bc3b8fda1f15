#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "trimtab/workloads/tabular_diagnosis/configuration.hpp"
#include "trimtab/workloads/tabular_diagnosis/folds.hpp"
#include "trimtab/workloads/tabular_diagnosis/scores.hpp"
#include "trimtab/workloads/tabular_diagnosis/table.hpp"

namespace trimtab::diagnosis {

/// How a table is cut. The outer parts depend on `split_seed` alone and are the same for every
/// trial; the inner ones on the trial's seed.
struct Protocol {
  int outer_folds = 5;  ///< test parts, 2..20
  int inner_folds = 5;  ///< validation parts of each outer training part, 2..20
  int repeats = 1;      ///< different shuffles of the outer cut
  int outer_fold = 0;   ///< the part held out, 0..outer_folds*repeats-1; -1 = each in turn
  std::uint64_t split_seed = 1;
};

/// The outer splits that one study works on: one, or all of them when protocol.outer_fold is -1.
/// @throws UserError when the table is too small for the folds.
std::vector<Split> outer_splits(const Table& table, const Protocol& protocol);

/// Mean scores. `outer` comes from cases that neither fitting nor validation of this outer fold
/// has seen.
struct NestedScores {
  Scores inner;
  Scores outer;
  bool is_complete = true;  ///< false when `should_go_on` ended it before the outer part
};

/// Evaluates one configuration: for each outer split, cross-validation inside the training part
/// (the inner score), then one fit on the whole training part that predicts the test part (outer).
/// Source: Stone (1974) and Varma and Simon (2006), nested cross-validation.
/// Differs: the inner and the outer score of the same configuration are given side by side, so that
/// the sampler sees the first only and the report shows the gap.
/// @param should_go_on  told the inner folds done so far and their mean scores; false = stop.
/// A pure function of its arguments. Cost: splits * (inner_folds + 1) fits.
NestedScores nested_validation(const Table& table, std::span<const Split> outer, int inner_folds,
                               const Configuration& configuration, std::uint64_t seed,
                               const std::function<bool(int, const Scores&)>& should_go_on);

/// Scores of one configuration on one split.
Scores evaluate(const Table& table, const Split& split, const Configuration& configuration,
                std::uint64_t seed);

}  // namespace trimtab::diagnosis
