#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trimtab/core/storage.hpp"
#include "trimtab/optuna/stored_study.hpp"

namespace trimtab::optuna {

/// What a stored study becomes.
struct ImportPlan {
  std::string spec = {};                  ///< of the study's record
  Storage::Batch events = {};             ///< its whole log, encoded
  std::int64_t num_native = 0;            ///< parameters of the space
  std::int64_t num_foreign = 0;           ///< parameters of trials that are Optuna's alone
  bool is_dynamic = false;                ///< the trials have not all the same parameters
  std::vector<std::string> foreign = {};  ///< names of parameters that the space does not have
};

/// Says a stored study as a study file and events, such that Optuna's clients see in it what was
/// stored, and Trimtab as much as its space can express:
/// - a parameter's range in the space spans all ranges that trials had for it;
/// - when every complete or pruned trial has the same parameters, they are the study file's space.
///   Otherwise the study is one whose parameters are found as programs run (an empty space that the
///   log's first events grow), and a parameter is inactive where a trial has none;
/// - choices that are no JSON scalars, names that no space has, and distributions that contradict
///   the first one of their name are Optuna's alone;
/// - constraints (`constraints`, `constraints:KEY`) are also metrics with the limit 0.
///
/// @param fallback  the time of what has none, where no earlier trial has one either. The same
///   stored study and fallback give the same plan.
/// @throws UserError where the study cannot be said at all: directions, distributions.
/// Cost: O(size of the study).
ImportPlan plan_import(const StoredStudy& stored, const std::string& name, Timestamp fallback);

}  // namespace trimtab::optuna
