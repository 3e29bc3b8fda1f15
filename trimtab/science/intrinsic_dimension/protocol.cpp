#include "trimtab/science/intrinsic_dimension/protocol.hpp"

#include <string>

#include "trimtab/science/intrinsic_dimension/dimension_search.hpp"

namespace trimtab {

std::vector<SubspaceRun> run_dimension_protocol(const SubspaceTask& task,
                                                const DimensionProtocol& protocol) {
  std::vector<SubspaceRun> runs;
  double sum = 0.0;
  for (std::size_t replicate = 0; replicate < protocol.num_replicates; ++replicate) {
    const double score =
        score_of_direct_training(task, protocol.training, protocol.seed, replicate);
    runs.push_back({0, std::to_string(replicate), score});
    sum += score;
  }
  const double baseline = sum / static_cast<double>(protocol.num_replicates);
  DimensionSearch search(
      protocol.grid, protocol.num_replicates,
      protocol.threshold.absolute.value_or(protocol.threshold.fraction * baseline));
  while (const auto query = search.ask()) {
    const double score = score_in_subspace(task, protocol.training, query->dimension, protocol.seed,
                                           query->replicate);
    runs.push_back({query->dimension, std::to_string(query->replicate), score});
    search.tell(*query, score);
  }
  return runs;
}

}  // namespace trimtab
