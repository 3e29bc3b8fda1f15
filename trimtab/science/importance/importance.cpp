#include "trimtab/science/importance/importance.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "trimtab/numerics/statistics.hpp"
#include "trimtab/science/importance/marginal.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kMinBest = 5;
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

// Indices by loss; as many as the quantile asks for, and everyone equal to the last of them.
std::vector<std::size_t> best_trials(std::span<const RankedTrial> trials, double quantile) {
  std::vector<std::size_t> order(trials.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return trials[a].loss < trials[b].loss; });
  const auto wanted =
      static_cast<std::size_t>(std::ceil(quantile * static_cast<double>(trials.size())));
  std::size_t count = std::min(std::max(wanted, kMinBest), order.size());
  while (count < order.size() && trials[order[count]].loss == trials[order[count - 1]].loss) {
    ++count;
  }
  order.resize(count);
  return order;
}

// (num_shuffles, d): divergences of random sets of the same size.
std::vector<std::vector<double>> shuffled_divergences(std::vector<Column>& columns,
                                                      std::size_t num_trials, std::size_t num_best,
                                                      std::size_t num_shuffles, Rng& rng) {
  std::vector<std::size_t> pool(num_trials);
  std::iota(pool.begin(), pool.end(), std::size_t{0});
  std::vector<std::vector<double>> all;
  for (std::size_t shuffle = 0; shuffle < num_shuffles; ++shuffle) {
    for (std::size_t i = 0; i < num_best; ++i) {
      std::swap(pool[i], pool[i + rng.below(num_trials - i)]);
    }
    std::vector<double>& row = all.emplace_back();
    for (Column& column : columns) row.push_back(column.divergence({pool.data(), num_best}));
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
  const std::vector<std::size_t> best = best_trials(trials, quantile);
  std::vector<DimensionImportance> found(dimensions.size());
  if (found.empty() || best.size() == trials.size()) return found;
  for (std::size_t d = 0; d < found.size(); ++d) found[d].divergence = columns[d].divergence(best);
  judge(found, shuffled_divergences(columns, trials.size(), best.size(), num_shuffles, rng));
  return found;
}

}  // namespace trimtab
