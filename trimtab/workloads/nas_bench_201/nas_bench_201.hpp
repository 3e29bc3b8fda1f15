#pragma once

#include "trimtab/core/workload.hpp"

namespace trimtab {

/// The recorded accuracies of NAS-Bench-201: 15 625 cells of a network, each trained on three data
/// sets. A trial looks its cell up; the probe runs a tiny cell, so that cells that compute the same
/// can be known as such.
/// Source: Dong and Yang 2020, "NAS-Bench-201: extending the scope of reproducible neural
///   architecture search"; the table in its small form (one validation and test accuracy per cell).
WorkloadEntry nas_bench_201_entry();

}  // namespace trimtab
