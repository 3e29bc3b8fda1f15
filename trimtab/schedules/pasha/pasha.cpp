// Notation in this file
//   k   trials with a result at the highest rung in use

#include "trimtab/schedules/pasha/pasha.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "trimtab/core/registry.hpp"

TRIMTAB_SCHEDULE(pasha, Pasha)

namespace trimtab {
namespace {

std::vector<std::size_t> order_of(const std::vector<double>& losses) {
  std::vector<std::size_t> order(losses.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order,
                           [&](std::size_t a, std::size_t b) { return losses[a] < losses[b]; });
  return order;
}

double median_distance(std::vector<double> losses) {
  std::ranges::sort(losses);
  std::vector<double> distances;
  for (std::size_t i = 1; i < losses.size(); ++i) distances.push_back(losses[i] - losses[i - 1]);
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::ranges::nth_element(distances, middle);
  return *middle;
}

}  // namespace

bool is_same_soft_order(const std::vector<double>& above, const std::vector<double>& below,
                        double epsilon) {
  const std::vector<std::size_t> by_above = order_of(above);
  const std::vector<std::size_t> by_below = order_of(below);
  for (std::size_t place = 0; place < above.size(); ++place) {
    if (std::abs(below[by_above[place]] - below[by_below[place]]) > epsilon) return false;
  }
  return true;
}

Info Pasha::info() {
  Info info;
  info.name = "pasha";
  info.purpose = "asha that raises the maximum only while the ranking still changes";
  info.source = "Bohdal et al. 2023, algorithm 1";
  info.options = {{"epsilon", 0.0,
                   "losses this close count as equal; 0 = the median distance of neighbours", 0.0,
                   1e300}};
  return info;
}

Pasha::Pasha(const OptionValues& options, const ScheduleSetting& setting)
    : ladder_(setting), epsilon_(options.number("epsilon")), highest_(std::min(1, ladder_.top())) {}

void Pasha::tell(const LevelEvent& event) {
  ladder_.tell(event);
  const bool is_result = event.kind == LevelEvent::Kind::Paused;
  if (!is_result || event.level != highest_ || highest_ == ladder_.top()) return;
  if (!agrees_with_rung_below()) ++highest_;
}

bool Pasha::agrees_with_rung_below() const {
  std::map<std::int64_t, double> losses_below;
  for (const auto& [trial, loss] : ladder_.results(highest_ - 1)) losses_below[trial] = loss;
  std::vector<double> above, below;
  for (const auto& [trial, loss] : ladder_.results(highest_)) {
    const auto found = losses_below.find(trial);
    if (found == losses_below.end()) continue;
    above.push_back(loss);
    below.push_back(found->second);
  }
  if (above.size() < 2) return true;
  return is_same_soft_order(above, below, epsilon_ > 0.0 ? epsilon_ : median_distance(below));
}

std::optional<std::int64_t> Pasha::promotion(bool is_growing) const {
  if (const auto trial = ladder_.next_at_once(highest_, /*is_closing=*/false)) return trial;
  if (is_growing || !ladder_.is_idle()) return std::nullopt;
  if (const auto trial = ladder_.next_at_once(highest_, /*is_closing=*/true)) return trial;
  return ladder_.last_resort();
}

}  // namespace trimtab
