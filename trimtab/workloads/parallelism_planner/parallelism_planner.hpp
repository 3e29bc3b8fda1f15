#pragma once

#include "trimtab/core/workload.hpp"

namespace trimtab {

/// How to lay a large language model out over the devices of a Frontier-like machine: tensor,
/// pipeline and data parallelism, micro-batch, accumulation, ZeRO-1. A simulator: every figure is
/// computed from formulas, none was measured. Much of the space runs out of memory, which is a
/// failure or, if asked for, a metric to constrain.
/// Source: Dash et al. 2023, "Optimizing distributed training on Frontier for large language
///   models"; the formulas' sources stand at parallelism::simulate.
WorkloadEntry parallelism_planner_entry();

}  // namespace trimtab
