#include "trimtab/samplers/tpe/group_model.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
#include <utility>

namespace trimtab::tpe {

GroupModel::GroupModel(std::vector<Axis> axes, const ModelSettings& settings)
    : axes_(std::move(axes)), settings_(settings), good_(axes_), bad_(axes_, settings.bad) {}

std::size_t GroupModel::num_good() const {
  const double share = std::ceil(settings_.good_fraction * static_cast<double>(bad_.size()));
  return std::min({settings_.max_good, best_.size(), static_cast<std::size_t>(share)});
}

void GroupModel::add(std::span<const double> position, Rank rank, std::int64_t number) {
  const std::size_t arrival = bad_.size();
  bad_.add(position, number);
  if (rank.tier == Rank::kFailed) return;
  const auto key = [](const Rank& r, std::size_t at) { return std::tuple(r.tier, r.loss, at); };
  const auto place = std::upper_bound(
      best_.begin(), best_.end(), key(rank, arrival),
      [&](const auto& k, const Good& good) { return k < key(good.rank, good.arrival); });
  const auto index = static_cast<std::size_t>(place - best_.begin());
  if (index >= settings_.max_good) return;
  best_.insert(place, Good{rank, arrival, {position.begin(), position.end()}});
  if (best_.size() > settings_.max_good) best_.pop_back();
  if (index < num_fitted_) is_fitted_ = false;
}

void GroupModel::refresh() {
  if (!is_fitted_ || num_good() != num_fitted_) fit_good();
  bad_.refresh();
}

void GroupModel::fit_good() {
  const std::size_t n = num_good();
  std::vector<std::size_t> arrivals(n);
  std::vector<double> positions;
  for (std::size_t i = 0; i < n; ++i) {
    arrivals[i] = best_[i].arrival;
    positions.insert(positions.end(), best_[i].position.begin(), best_[i].position.end());
  }
  std::vector<double> deviations;
  std::vector<double> weights;
  if (n > 0) {
    const auto count = static_cast<double>(n);
    const double smallest =
        std::max(settings_.smallest_good, 1.0 / ((count + 2.0) * (count + 2.0)));
    const std::vector<double> row = spread_deviations(
        axes_, positions, smallest, settings_.bad.smallest_cells, settings_.spread);
    for (std::size_t i = 0; i < n; ++i) {
      deviations.insert(deviations.end(), row.begin(), row.end());
      weights.push_back(std::log((count + 1.0) / static_cast<double>(i + 1)));
    }
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (double& weight : weights) weight *= count / total;
  }
  good_.fit(positions, deviations, weights, settings_.bad.prior_weight);
  std::sort(arrivals.begin(), arrivals.end());
  bad_.hide(arrivals);
  num_fitted_ = n;
  is_fitted_ = true;
}

void GroupModel::suggest(std::span<const double> running, Rng& rng,
                         std::span<double> position) const {
  const std::size_t d = axes_.size();
  const std::size_t m = settings_.num_candidates;
  std::vector<double> candidates(m * d);
  std::vector<double> bad(m);
  for (std::size_t c = 0; c < m; ++c) {
    good_.sample(rng, std::span(candidates).subspan(c * d, d));
  }
  bad_.log_densities(candidates, running, bad);
  std::size_t best = 0;
  double best_score = -HUGE_VAL;
  for (std::size_t c = 0; c < m; ++c) {
    const double score = good_.log_density(std::span(candidates).subspan(c * d, d)) - bad[c];
    if (score > best_score) {
      best_score = score;
      best = c;
    }
  }
  std::copy_n(candidates.begin() + static_cast<std::ptrdiff_t>(best * d), d, position.begin());
}

}  // namespace trimtab::tpe
