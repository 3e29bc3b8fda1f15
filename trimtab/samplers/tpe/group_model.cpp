#include "trimtab/samplers/tpe/group_model.hpp"

#include <algorithm>
#include <cmath>
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
  if (rank.tier >= 2) return;
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
  const std::size_t d = axes_.size();
  const std::size_t n = num_good();
  std::vector<std::size_t> arrivals(n);
  std::vector<double> positions;
  for (std::size_t i = 0; i < n; ++i) {
    arrivals[i] = best_[i].arrival;
    positions.insert(positions.end(), best_[i].position.begin(), best_[i].position.end());
  }
  std::vector<double> deviations(n * d);
  const double smallest =
      1.0 / std::min(settings_.largest_inverse_good, static_cast<double>(n) + 2.0);
  for (std::size_t j = 0; j < d; ++j) {
    if (axes_[j].is_categorical) continue;
    const double floor = std::max(smallest, settings_.bad.smallest_cells * axes_[j].cell);
    set_neighbour_deviations(positions, d, j, std::min(floor, 1.0), deviations);
  }
  good_.fit(positions, deviations, std::vector<double>(n, 1.0), settings_.bad.prior_weight);
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
