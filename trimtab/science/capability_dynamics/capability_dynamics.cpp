#include "trimtab/science/capability_dynamics/capability_dynamics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <numeric>

#include "trimtab/numerics/statistics/correlation.hpp"
#include "trimtab/numerics/statistics/ranks.hpp"

namespace trimtab {
namespace {

constexpr double kLevel = 0.05;
constexpr double kClear = 3.0;  // errors above chance

double upper_tail(double excess, double error) {
  if (error == 0.0) return excess > 0.0 ? 0.0 : 1.0;
  return 0.5 * std::erfc(excess / error / std::numbers::sqrt2);
}

// Ranks less their mean, of length 1: the product of two is Spearman's rho. Zeros for a constant.
std::vector<double> unit_ranks(std::span<const double> x) {
  std::vector<double> ranks = mid_ranks(x).values;
  const double centre = mean(ranks);
  double length = 0.0;
  for (double& rank : ranks) {
    rank -= centre;
    length += rank * rank;
  }
  if (length > 0.0) {
    for (double& rank : ranks) rank /= std::sqrt(length);
  }
  return ranks;
}

// Rho of every task of the smaller with every task of the larger; NaN without variation.
std::vector<std::vector<double>> rho_between(const TaskCurves& curves,
                                             std::span<const std::size_t> tasks, std::size_t small,
                                             std::size_t large) {
  std::vector<std::vector<double>> of_small, of_large, rho;
  for (const std::size_t t : tasks) {
    of_small.push_back(unit_ranks(curves.scores[t][small]));
    of_large.push_back(unit_ranks(curves.scores[t][large]));
  }
  const auto is_flat = [](const std::vector<double>& x) {
    return std::all_of(x.begin(), x.end(), [](double each) { return each == 0.0; });
  };
  for (const std::vector<double>& a : of_small) {
    auto& row = rho.emplace_back();
    for (const std::vector<double>& b : of_large) {
      row.push_back(is_flat(a) || is_flat(b)
                        ? std::numeric_limits<double>::quiet_NaN()
                        : std::inner_product(a.begin(), a.end(), b.begin(), 0.0));
    }
  }
  return rho;
}

double mean_of_known(std::span<const double> x) {
  double sum = 0.0;
  std::size_t num = 0;
  for (const double each : x) {
    if (std::isnan(each)) continue;
    sum += each;
    ++num;
  }
  return num > 0 ? sum / static_cast<double>(num) : std::numeric_limits<double>::quiet_NaN();
}

double tau_between(const std::vector<double>& x, const std::vector<double>& y) {
  return kendall_correlation(x, y, Alternative::TwoSided, NullDistribution::Approximate)
      .coefficient;
}

}  // namespace

std::vector<double> chance_levels(const TaskCurves& curves,
                                  const std::map<std::string, double>& given) {
  std::vector<double> chance;
  for (std::size_t t = 0; t < curves.tasks.size(); ++t) {
    double level = mean(curves.at(t, 0));
    std::size_t longest = 0;
    double of_longest = level;
    for (const auto& [beginning, value] : given) {
      if (!curves.tasks[t].starts_with(beginning) || beginning.size() < longest) continue;
      longest = beginning.size();
      of_longest = value;
    }
    chance.push_back(std::max(level, of_longest));
  }
  return chance;
}

std::vector<std::vector<bool>> above_chance(const TaskCurves& curves,
                                            std::span<const double> chance, std::size_t step) {
  const std::size_t num = curves.configurations.size();
  std::vector<double> p;
  for (std::size_t t = 0; t < curves.tasks.size(); ++t) {
    for (std::size_t c = 0; c < num; ++c) {
      p.push_back(upper_tail(curves.scores[t][c][step] - chance[t], curves.errors[t][c][step]));
    }
  }
  const std::vector<double> adjusted = holm(p);
  std::vector<std::vector<bool>> is_above(curves.tasks.size(), std::vector<bool>(num));
  for (std::size_t i = 0; i < adjusted.size(); ++i) {
    is_above[i / num][i % num] = adjusted[i] <= kLevel;
  }
  return is_above;
}

std::size_t emergence(std::span<const double> scores, std::span<const double> errors,
                      double chance) {
  std::size_t first = scores.size();
  while (first > 0 && scores[first - 1] - chance > kClear * errors[first - 1]) --first;
  return first;
}

std::vector<std::pair<std::size_t, std::size_t>> neighbours_in_size(const TaskCurves& curves) {
  std::map<std::string, std::size_t> latest;
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t c = 0; c < curves.configurations.size(); ++c) {
    const auto found = latest.find(curves.configurations[c].family);
    if (found != latest.end()) pairs.emplace_back(found->second, c);
    latest[curves.configurations[c].family] = c;
  }
  return pairs;
}

Similarity similarity_across_sizes(const TaskCurves& curves, std::span<const std::size_t> tasks,
                                   std::size_t num_shuffles, Rng& rng) {
  const auto pairs = neighbours_in_size(curves);
  std::vector<std::vector<std::vector<double>>> rho;
  for (const auto& [small, large] : pairs) rho.push_back(rho_between(curves, tasks, small, large));
  Similarity result;
  std::vector<double> seen;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    auto& row = result.rho.emplace_back();
    for (const auto& of_pair : rho) row.push_back(of_pair[i][i]);
    seen.insert(seen.end(), row.begin(), row.end());
  }
  result.mean = mean_of_known(seen);
  std::vector<std::size_t> order(tasks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::size_t num_as_similar = 0;
  double sum = 0.0;
  for (std::size_t k = 0; k < num_shuffles; ++k) {
    std::vector<double> shuffled;
    for (const auto& of_pair : rho) {
      rng.shuffle(std::span(order));
      for (std::size_t i = 0; i < order.size(); ++i) shuffled.push_back(of_pair[i][order[i]]);
    }
    const double similarity = mean_of_known(shuffled);
    if (!(similarity < result.mean)) ++num_as_similar;
    sum += similarity;
  }
  result.null_mean = sum / static_cast<double>(num_shuffles);
  result.p = static_cast<double>(1 + num_as_similar) / static_cast<double>(1 + num_shuffles);
  return result;
}

InformativeStep earliest_informative_step(const std::vector<std::vector<double>>& scores,
                                          double threshold, std::size_t num_resamples, Rng& rng) {
  const std::vector<double>& end = scores.back();
  InformativeStep found = {.step = scores.size() - 1};
  for (std::size_t s = 0; s + 1 < scores.size(); ++s) {
    const double tau = tau_between(scores[s], end);
    if (!(tau >= threshold)) continue;  // NaN: nothing varies yet
    found.step = s;
    found.tau = tau;
    break;
  }
  std::vector<double> taus, x(end.size()), y(end.size());
  for (std::size_t k = 0; k < num_resamples; ++k) {
    for (std::size_t i = 0; i < end.size(); ++i) {
      const std::size_t c = rng.below(end.size());
      x[i] = scores[found.step][c];
      y[i] = end[c];
    }
    const double tau = tau_between(x, y);
    if (!std::isnan(tau)) taus.push_back(tau);
  }
  if (!taus.empty()) found.interval = {quantile(taus, 0.025), quantile(taus, 0.975)};
  return found;
}

std::vector<std::vector<double>> mean_capability(const TaskCurves& curves,
                                                 std::span<const std::size_t> tasks,
                                                 std::span<const double> chance) {
  std::vector<std::vector<double>> result(curves.steps.size(),
                                          std::vector<double>(curves.configurations.size()));
  for (std::size_t s = 0; s < curves.steps.size(); ++s) {
    for (std::size_t c = 0; c < curves.configurations.size(); ++c) {
      for (const std::size_t t : tasks) {
        result[s][c] += (curves.scores[t][c][s] - chance[t]) / (1.0 - chance[t]) /
                        static_cast<double>(tasks.size());
      }
    }
  }
  return result;
}

}  // namespace trimtab
