#include "trimtab/core/pruning/ranked_losses.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace trimtab {
namespace {

double or_worst(double loss) {
  return std::isnan(loss) ? std::numeric_limits<double>::infinity() : loss;
}

std::vector<double> or_worst(std::span<const double> losses) {
  std::vector<double> result;
  for (const double loss : losses) result.push_back(or_worst(loss));
  return result;
}

// Between order statistics `low` and `high`; infinities do not turn into NaN.
double interpolate(double low, double high, double share) {
  if (share == 0.0 || low == high) return low;
  return std::isinf(high) || std::isinf(low) ? (share < 1.0 && std::isinf(low) ? low : high)
                                             : low + share * (high - low);
}

}  // namespace

// Without branches: among many members half of them would be mispredicted.
bool RankedLosses::dominates(std::size_t member, std::span<const double> losses) const {
  const double* mine = members_.data() + member * num_objectives_;
  bool is_no_worse = true;
  bool is_smaller = false;
  for (std::size_t k = 0; k < num_objectives_; ++k) {
    is_no_worse &= mine[k] <= losses[k];
    is_smaller |= mine[k] < losses[k];
  }
  return is_no_worse && is_smaller;
}

bool RankedLosses::is_dominated(std::size_t member, std::span<const double> losses) const {
  const double* mine = members_.data() + member * num_objectives_;
  bool is_no_better = true;
  bool is_larger = false;
  for (std::size_t k = 0; k < num_objectives_; ++k) {
    is_no_better &= mine[k] >= losses[k];
    is_larger |= mine[k] > losses[k];
  }
  return is_no_better && is_larger;
}

void RankedLosses::change_count(std::size_t member, int by) {
  --with_count_[counts_[member]];
  counts_[member] = static_cast<std::uint32_t>(static_cast<int>(counts_[member]) + by);
  if (counts_[member] >= with_count_.size()) with_count_.resize(counts_[member] + 1);
  ++with_count_[counts_[member]];
}

void RankedLosses::insert(std::span<const double> losses) {
  if (num_objectives_ == 1) {
    const double loss = or_worst(losses[0]);
    sorted_.insert(std::upper_bound(sorted_.begin(), sorted_.end(), loss), loss);
    return;
  }
  const auto count = static_cast<std::uint32_t>(num_better(losses));
  const std::vector<double> known = or_worst(losses);
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (is_dominated(i, known)) change_count(i, 1);
  }
  members_.insert(members_.end(), known.begin(), known.end());
  counts_.push_back(count);
  if (count >= with_count_.size()) with_count_.resize(count + 1);
  ++with_count_[count];
}

void RankedLosses::erase(std::span<const double> losses) {
  if (num_objectives_ == 1) {
    const auto range = std::equal_range(sorted_.begin(), sorted_.end(), or_worst(losses[0]));
    if (range.first != range.second) sorted_.erase(range.first);
    return;
  }
  const std::vector<double> known = or_worst(losses);
  const auto is_same = [&](std::size_t i) {
    return std::equal(known.begin(), known.end(),
                      members_.begin() + static_cast<std::ptrdiff_t>(i * num_objectives_));
  };
  std::size_t found = 0;
  while (found < counts_.size() && !is_same(found)) ++found;
  if (found == counts_.size()) return;
  --with_count_[counts_[found]];
  counts_.erase(counts_.begin() + static_cast<std::ptrdiff_t>(found));
  const auto row = members_.begin() + static_cast<std::ptrdiff_t>(found * num_objectives_);
  members_.erase(row, row + static_cast<std::ptrdiff_t>(num_objectives_));
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (is_dominated(i, known)) change_count(i, -1);
  }
}

std::size_t RankedLosses::num_better(std::span<const double> losses) const {
  if (num_objectives_ == 1) {
    const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), or_worst(losses[0]));
    return static_cast<std::size_t>(at - sorted_.begin());
  }
  std::size_t count = 0;
  const std::vector<double> known = or_worst(losses);
  if (num_objectives_ == 2) {  // the usual number, in a loop that the compiler can vectorise
    const double x = known[0];
    const double y = known[1];
    for (const double* mine = members_.data(); mine != members_.data() + members_.size();
         mine += 2) {
      count += static_cast<std::size_t>((mine[0] <= x) & (mine[1] <= y) &
                                        ((mine[0] < x) | (mine[1] < y)));
    }
    return count;
  }
  for (std::size_t i = 0; i < counts_.size(); ++i) count += dominates(i, known) ? 1 : 0;
  return count;
}

// The count of the member that is `rank`-th when members are sorted by their counts.
double RankedLosses::count_at(std::size_t rank) const {
  std::size_t seen = 0;
  for (std::size_t count = 0; count < with_count_.size(); ++count) {
    seen += with_count_[count];
    if (seen > rank) return static_cast<double>(count);
  }
  return std::numeric_limits<double>::quiet_NaN();
}

double RankedLosses::quantile(double q) const {
  if (size() == 0) return std::numeric_limits<double>::quiet_NaN();
  const double position = q * static_cast<double>(size() - 1);
  const auto low = static_cast<std::size_t>(position);
  const std::size_t high = std::min(low + 1, size() - 1);
  const double share = position - static_cast<double>(low);
  if (num_objectives_ == 1) return interpolate(sorted_[low], sorted_[high], share);
  return interpolate(count_at(low), count_at(high), share);
}

bool RankedLosses::is_beyond_quantile(std::span<const double> losses, double q) const {
  if (size() == 0) return false;
  if (num_objectives_ == 1) return or_worst(losses[0]) > quantile(q);
  return static_cast<double>(num_better(losses)) > quantile(q);
}

bool RankedLosses::is_among_best(std::span<const double> losses, std::size_t k) const {
  if (size() == 0) return true;
  const std::size_t last = std::min(k, size()) - 1;
  if (num_objectives_ == 1) return or_worst(losses[0]) <= sorted_[last];
  return static_cast<double>(num_better(losses)) <= count_at(last);
}

}  // namespace trimtab
