#include "trimtab/science/intrinsic_dimension/dimension_search.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/statistics.hpp"

namespace trimtab {
namespace {

[[noreturn]] void refuse(const char* where, const char* expected) {
  throw BugError({.code = "dimension_search.arguments",
                  .what = "a search over dimensions was asked or told what it cannot use",
                  .where = where,
                  .got = "",
                  .expected = expected,
                  .hint = ""});
}

}  // namespace

std::vector<std::size_t> dimension_grid(std::size_t lowest, std::size_t highest,
                                        std::size_t per_octave) {
  if (lowest < 1 || highest < lowest || per_octave < 1) {
    refuse("dimension_grid", "1 <= lowest <= highest");
  }
  std::vector<std::size_t> grid = {lowest};
  for (std::size_t k = 1; grid.back() < highest; ++k) {
    const double factor = std::exp2(static_cast<double>(k) / static_cast<double>(per_octave));
    const auto next = std::llround(static_cast<double>(lowest) * factor);
    const std::size_t dimension = std::min(highest, static_cast<std::size_t>(next));
    if (dimension > grid.back()) grid.push_back(dimension);
  }
  return grid;
}

DimensionSearch::DimensionSearch(std::vector<std::size_t> grid, std::size_t num_replicates,
                                 double threshold)
    : grid_(std::move(grid)),
      num_replicates_(num_replicates),
      threshold_(threshold),
      scores_(grid_.size()) {
  if (grid_.empty() || !std::is_sorted(grid_.begin(), grid_.end()) || num_replicates < 1) {
    refuse("DimensionSearch", "an ascending grid and at least one replicate");
  }
}

bool DimensionSearch::reaches(std::size_t index) const {
  return mean(scores_[index]) >= threshold_;
}

// The first index whose replicate 0 reaches (grid_.size() when none does), or what that needs.
std::optional<DimensionSearch::Query> DimensionSearch::bisect(std::size_t& crossing) const {
  std::size_t low = 0;
  crossing = grid_.size();
  while (low < crossing) {
    const std::size_t middle = low + (crossing - low) / 2;
    if (scores_[middle].empty()) return Query{grid_[middle], 0};
    if (scores_[middle].front() >= threshold_) {
      crossing = middle;
    } else {
      low = middle + 1;
    }
  }
  return std::nullopt;
}

std::optional<DimensionSearch::Query> DimensionSearch::missing_in(const Window& window) const {
  for (std::size_t i = window.first; i <= window.last; ++i) {
    if (scores_[i].size() < num_replicates_) return Query{grid_[i], scores_[i].size()};
  }
  return std::nullopt;
}

std::optional<DimensionSearch::Query> DimensionSearch::ask() const {
  std::size_t crossing = 0;
  if (const auto query = bisect(crossing)) return query;
  const std::size_t end = grid_.size() - 1;
  Window window = {crossing == 0 ? 0 : crossing - 1, std::min(crossing, end)};
  while (true) {
    if (const auto query = missing_in(window)) return query;
    if (window.first > 0 && reaches(window.first)) {
      --window.first;
    } else if (window.last < end && !reaches(window.last)) {
      ++window.last;
    } else {
      break;
    }
  }
  return missing_in({window.first == 0 ? 0 : window.first - 1, std::min(window.last + 1, end)});
}

void DimensionSearch::tell(const Query& query, double score) {
  if (ask() != query) refuse("DimensionSearch::tell", "an answer to what was asked");
  const auto found = std::lower_bound(grid_.begin(), grid_.end(), query.dimension);
  scores_[static_cast<std::size_t>(found - grid_.begin())].push_back(score);
}

}  // namespace trimtab
