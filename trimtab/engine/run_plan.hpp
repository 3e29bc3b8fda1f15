#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "trimtab/core/study.hpp"
#include "trimtab/core/trial.hpp"
#include "trimtab/engine/split_dealer.hpp"

namespace trimtab {

/// What the study's protocol gives to each run of a trial, whoever runs it: how many runs, and for
/// each its seed, scenario and rows.
class RunPlan {
 public:
  /// Reads the study's table when its rows are dealt here. @throws UserError as SplitDealer.
  explicit RunPlan(const StudySpec& spec);

  std::int64_t tuning_seeds() const { return tuning_seeds_; }
  /// One for a fresh run of the confirm stage, else the tuning seeds.
  std::int64_t num_runs(const Trial& trial) const;
  /// @param run  0.. O(1).
  std::uint64_t seed(const Trial& trial, std::int64_t run) const;
  /// "" when the study has no scenarios.
  std::string scenario(const Trial& trial) const;
  /// Nothing when the study's rows are not dealt here. O(rows log rows).
  std::shared_ptr<const RowSplit> split(const Trial& trial, std::int64_t run) const;

 private:
  std::uint64_t seed_;
  std::int64_t tuning_seeds_;
  std::optional<Scenario> scenario_;
  std::optional<SplitDealer> dealer_;
};

}  // namespace trimtab
