#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "trimtab/science/intrinsic_dimension/subspace.hpp"
#include "trimtab/science/intrinsic_dimension/threshold_crossing.hpp"

namespace trimtab {

struct DimensionProtocol {
  SubspaceTraining training = {};
  ScoreThreshold threshold = {};
  std::vector<std::size_t> grid = {};  ///< dimensions that may be tried, ascending, each <= D
  std::size_t num_replicates = 5;
  std::uint64_t seed = 0;
};

/// Direct training of every replicate, then a DimensionSearch in random subspaces: the runs, to be
/// read by threshold_crossing. Baselines (dimension 0) come first.
/// Cost: about num_replicates * 5 + log2(grid) trainings.
std::vector<SubspaceRun> run_dimension_protocol(const SubspaceTask& task,
                                                const DimensionProtocol& protocol);

}  // namespace trimtab
