#include "trimtab/science/hyperparameter_lottery/setting_draws.hpp"

#include <algorithm>
#include <string>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

// The chance that none of the `num_better` best of n settings is among m of them.
double miss_chance(std::size_t num_better, std::size_t n, std::size_t m) {
  if (num_better + m > n) return 0.0;
  double chance = 1.0;
  for (std::size_t i = 0; i < m; ++i) {
    chance *= static_cast<double>(n - num_better - i) / static_cast<double>(n - i);
  }
  return chance;
}

// The integral over t from 0 to 1 of the product of (above[b] + t at[b]), b != skipped: others that
// tie share a win evenly, as t^j gives 1 / (j + 1).
double shared_win(std::span<const double> above, std::span<const double> at, std::size_t skipped) {
  std::vector<double> polynomial = {1.0};
  for (std::size_t b = 0; b < above.size(); ++b) {
    if (b == skipped) continue;
    polynomial.push_back(0.0);
    for (std::size_t j = polynomial.size(); j-- > 0;) {
      polynomial[j] = polynomial[j] * above[b] + (j > 0 ? polynomial[j - 1] * at[b] : 0.0);
    }
  }
  double integral = 0.0;
  for (std::size_t j = 0; j < polynomial.size(); ++j) {
    integral += polynomial[j] / static_cast<double>(j + 1);
  }
  return integral;
}

}  // namespace

PlacedSettings place_settings(std::span<const std::vector<double>> losses) {
  PlacedSettings placed;
  for (const std::vector<double>& each : losses) {
    placed.losses.insert(placed.losses.end(), each.begin(), each.end());
  }
  std::sort(placed.losses.begin(), placed.losses.end());
  placed.losses.erase(std::unique(placed.losses.begin(), placed.losses.end()), placed.losses.end());
  for (const std::vector<double>& each : losses) {
    std::vector<std::size_t>& places = placed.places.emplace_back();
    for (const double loss : each) {
      const auto found = std::lower_bound(placed.losses.begin(), placed.losses.end(), loss);
      places.push_back(static_cast<std::size_t>(found - placed.losses.begin()));
    }
  }
  return placed;
}

DrawChances draw_chances(std::span<const std::vector<std::size_t>> places, std::size_t num_distinct,
                         std::size_t m) {
  DrawChances chances;
  for (const std::vector<std::size_t>& each : places) {
    if (m < 1 || m > each.size()) {
      throw BugError({.code = "hyperparameter_lottery.draws",
                      .what = "more settings are drawn than there are, or none",
                      .where = "draw_chances",
                      .got = std::to_string(m),
                      .expected = "1 to " + std::to_string(each.size()),
                      .hint = ""});
    }
    std::vector<std::size_t> counts(num_distinct, 0);
    for (const std::size_t place : each) ++counts[place];
    std::vector<double>& of_each = chances.emplace_back(num_distinct, 0.0);
    std::size_t num_better = 0;
    for (std::size_t d = 0; d < num_distinct; ++d) {
      if (counts[d] == 0) continue;
      const std::size_t num_until = num_better + counts[d];
      of_each[d] = miss_chance(num_better, each.size(), m) - miss_chance(num_until, each.size(), m);
      num_better = num_until;
    }
  }
  return chances;
}

double beat_chance(std::span<const double> first, std::span<const double> second) {
  double above = 0.0, chance = 0.0;  // summed from the worst: exactly 0 where nothing is worse
  for (std::size_t d = first.size(); d-- > 0;) {
    chance += first[d] * (above + 0.5 * second[d]);
    above += second[d];
  }
  return std::min(chance, 1.0);
}

std::vector<double> win_chances(const DrawChances& chances) {
  const std::size_t k = chances.size();
  std::vector<double> wins(k, 0.0), above(k, 0.0), at(k, 0.0);
  for (std::size_t d = chances.front().size(); d-- > 0;) {
    for (std::size_t a = 0; a < k; ++a) at[a] = chances[a][d];
    for (std::size_t a = 0; a < k; ++a) {
      if (at[a] > 0.0) wins[a] += at[a] * shared_win(above, at, a);
    }
    for (std::size_t a = 0; a < k; ++a) above[a] += at[a];
  }
  return wins;
}

double order_chance(const DrawChances& chances, std::span<const std::size_t> order) {
  // reached[j]: the first j of the order have the losses so far, the others larger ones.
  std::vector<double> reached(order.size() + 1, 0.0);
  reached[0] = 1.0;
  for (std::size_t d = 0; d < chances.front().size(); ++d) {
    for (std::size_t j = order.size(); j > 0; --j) {
      double tied = 1.0;
      for (std::size_t t = 1; t <= j; ++t) {
        tied *= chances[order[j - t]][d] / static_cast<double>(t);
        if (tied == 0.0) break;
        reached[j] += reached[j - t] * tied;
      }
    }
  }
  return reached.back();
}

}  // namespace trimtab
