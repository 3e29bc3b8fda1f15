#pragma once

#include "trimtab/core/workload.hpp"

namespace trimtab {

/// Diagnosis from a table of measurements: which algorithm, with which hyperparameters, by nested
/// cross-validation. docs/workloads.md has the protocol, the metrics and measured figures.
///
/// Metrics of a run: `inner_*` from cross-validation inside the training part (what is tuned), and
/// `outer_*` from held-out cases that tuning must not look at; `optimism` is how much better the
/// inner value of the objective is than the outer one.
WorkloadEntry tabular_diagnosis();

}  // namespace trimtab
