#include "trimtab/engine/run_plan.hpp"

#include <algorithm>

#include "trimtab/engine/seeds.hpp"

namespace trimtab {
namespace {

bool is_fresh(const Trial& trial) { return trial.purpose == Purpose::Confirm; }

}  // namespace

RunPlan::RunPlan(const StudySpec& spec)
    : seed_(spec.seed),
      tuning_seeds_(std::max<std::int64_t>(1, spec.validity.tuning_seeds)),
      scenario_(spec.validity.scenario) {
  if (spec.data.split) dealer_.emplace(spec.data, spec.seed);
}

std::int64_t RunPlan::num_runs(const Trial& trial) const {
  return is_fresh(trial) ? 1 : tuning_seeds_;
}

std::uint64_t RunPlan::seed(const Trial& trial, std::int64_t run) const {
  if (run == 0) return trial.seed;
  const bool is_replicate = trial.purpose == Purpose::Enqueued && trial.of_trial >= 0;
  return tuning_seed(is_replicate ? trial.seed : seed_, run);
}

std::string RunPlan::scenario(const Trial& trial) const {
  if (!scenario_) return "";
  return is_fresh(trial) ? scenario_->evaluate : scenario_->tune;
}

std::shared_ptr<const RowSplit> RunPlan::split(const Trial& trial, std::int64_t run) const {
  if (!dealer_) return nullptr;
  return is_fresh(trial) ? dealer_->evaluation(trial.seed) : dealer_->tuning(trial.number, run);
}

}  // namespace trimtab
