#pragma once

#include "trimtab/core/workload.hpp"

namespace trimtab {

/// The workload "morl": tabular Q-learning of policies for several preferences in the deep sea.
WorkloadEntry morl_entry();

}  // namespace trimtab
