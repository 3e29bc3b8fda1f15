#pragma once

#include <cstdint>

namespace trimtab::bench {

/// Which schedule of a fidelity gets furthest in the same time, on curves of the LCBench surrogate?
/// Prints a table. @returns an exit code.
int compare_flows(std::uint64_t num_seeds, std::size_t num_instances);

}  // namespace trimtab::bench
