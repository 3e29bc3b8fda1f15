#include "trimtab/science/importance/ped_anova.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "trimtab/numerics/statistics.hpp"
#include "trimtab/science/importance/marginal.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kMinBest = 5;
constexpr std::size_t kBlockSize = 20;
constexpr std::size_t kInactiveCell = static_cast<std::size_t>(-1);

// One dimension of all trials, as cells, with the density of all of them.
class Column {
 public:
  Column(const Dimension& dimension, std::size_t index, std::span<const RankedTrial> trials)
      : cells_(dimension), counts_(cells_.size(), 0.0) {
    for (const RankedTrial& trial : trials) {
      const double value = trial.point[index];
      cell_of_trial_.push_back(is_active(value) ? cells_.cell_of(value) : kInactiveCell);
      if (is_active(value)) counts_[cell_of_trial_.back()] += 1.0;
    }
    reference_ = density(counts_, cells_.is_ordered());
  }

  // Divergence of the trials `best` from all; 0 when none of them has the dimension active.
  double divergence(std::span<const std::size_t> best) {
    std::fill(counts_.begin(), counts_.end(), 0.0);
    double num_active = 0.0;
    for (const std::size_t trial : best) {
      if (cell_of_trial_[trial] == kInactiveCell) continue;
      counts_[cell_of_trial_[trial]] += 1.0;
      num_active += 1.0;
    }
    if (num_active == 0.0 || cells_.size() < 2) return 0.0;
    return num_active / static_cast<double>(best.size()) *
           pearson_divergence(density(counts_, cells_.is_ordered()), reference_);
  }

 private:
  Cells cells_;
  std::vector<double> counts_;
  std::vector<std::size_t> cell_of_trial_;
  std::vector<double> reference_;
};

// Trials that were proposed at about the same time.
struct Block {
  std::size_t first = 0;
  std::size_t size = 0;
  std::size_t num_best = 0;
};

std::vector<Block> blocks_of(std::size_t num_trials) {
  const std::size_t count = std::max<std::size_t>(1, num_trials / kBlockSize);
  std::vector<Block> blocks;
  for (std::size_t b = 0; b < count; ++b) {
    const std::size_t first = b * num_trials / count;
    blocks.push_back({first, (b + 1) * num_trials / count - first, 0});
  }
  return blocks;
}

// The best of every block; as many as the quantile asks for, and everyone equal to the last of
// them. Sets the blocks' `num_best`.
std::vector<std::size_t> best_trials(std::span<const RankedTrial> trials, double quantile,
                                     std::vector<Block>& blocks) {
  std::vector<std::size_t> best;
  for (Block& block : blocks) {
    std::vector<std::size_t> order(block.size);
    std::iota(order.begin(), order.end(), block.first);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return trials[a].loss < trials[b].loss; });
    const auto wanted =
        static_cast<std::size_t>(std::ceil(quantile * static_cast<double>(block.size)));
    const std::size_t at_least = (kMinBest + blocks.size() - 1) / blocks.size();
    block.num_best = std::min(std::max(wanted, at_least), block.size);
    while (block.num_best < block.size &&
           trials[order[block.num_best]].loss == trials[order[block.num_best - 1]].loss) {
      ++block.num_best;
    }
    best.insert(best.end(), order.begin(),
                order.begin() + static_cast<std::ptrdiff_t>(block.num_best));
  }
  return best;
}

// (num_shuffles, d): divergences of random sets with as many trials of every block.
std::vector<std::vector<double>> shuffled_divergences(std::vector<Column>& columns,
                                                      std::size_t num_trials,
                                                      const std::vector<Block>& blocks,
                                                      std::size_t num_shuffles, Rng& rng) {
  std::vector<std::size_t> pool(num_trials), chosen;
  std::iota(pool.begin(), pool.end(), std::size_t{0});
  std::vector<std::vector<double>> all;
  for (std::size_t shuffle = 0; shuffle < num_shuffles; ++shuffle) {
    chosen.clear();
    for (const Block& block : blocks) {
      for (std::size_t i = 0; i < block.num_best; ++i) {
        std::size_t& place = pool[block.first + i];
        std::swap(place, pool[block.first + i + rng.below(block.size - i)]);
        chosen.push_back(place);
      }
    }
    std::vector<double>& row = all.emplace_back();
    for (Column& column : columns) row.push_back(column.divergence(chosen));
  }
  return all;
}

// Westfall and Young's step: compares every dimension with the largest standardised divergence that
// chance produced over all of them.
void judge(std::vector<DimensionImportance>& found,
           const std::vector<std::vector<double>>& chance) {
  std::vector<double> spread(found.size(), 0.0);
  for (std::size_t d = 0; d < found.size(); ++d) {
    std::vector<double> values;
    for (const std::vector<double>& row : chance) values.push_back(row[d]);
    found[d].noise = mean(values);
    spread[d] = std::sqrt(variance(values));
  }
  const auto standardised = [&](std::size_t d, double divergence) {
    return spread[d] > 0.0 ? (divergence - found[d].noise) / spread[d] : 0.0;
  };
  std::vector<double> largest;
  for (const std::vector<double>& row : chance) {
    double most = 0.0;
    for (std::size_t d = 0; d < row.size(); ++d) most = std::max(most, standardised(d, row[d]));
    largest.push_back(most);
  }
  const double threshold = quantile(largest, 0.95);
  for (std::size_t d = 0; d < found.size(); ++d) {
    found[d].is_above_noise = standardised(d, found[d].divergence) > threshold;
  }
}

}  // namespace

std::vector<DimensionImportance> dimension_importance(std::span<const Dimension> dimensions,
                                                      std::span<const RankedTrial> trials,
                                                      double quantile, std::size_t num_shuffles,
                                                      Rng& rng) {
  std::vector<Column> columns;
  for (std::size_t d = 0; d < dimensions.size(); ++d)
    columns.emplace_back(dimensions[d], d, trials);
  std::vector<Block> blocks = blocks_of(trials.size());
  const std::vector<std::size_t> best = best_trials(trials, quantile, blocks);
  std::vector<DimensionImportance> found(dimensions.size());
  if (found.empty() || best.size() == trials.size()) return found;
  for (std::size_t d = 0; d < found.size(); ++d) found[d].divergence = columns[d].divergence(best);
  judge(found, shuffled_divergences(columns, trials.size(), blocks, num_shuffles, rng));
  return found;
}

}  // namespace trimtab
