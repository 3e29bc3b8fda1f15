#include "trimtab/workloads/morl/scalarised_q.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "trimtab/numerics/hypervolume.hpp"

namespace trimtab::morl {
namespace {

constexpr std::size_t kLongest = 100;  // steps of an episode
constexpr double kBeyond = 0.1;        // utopia above the best return seen

class Learner {
 public:
  Learner(const DeepSeaTreasure& sea, const QSettings& settings, const Reward& weights, Rng rng)
      : sea_(sea), settings_(settings), weights_(weights), rng_(rng) {
    for (auto& state : q_) {
      for (Reward& value : state) value = {settings.initial_treasure, 0.0};
    }
  }

  void learn() {
    std::size_t state = DeepSeaTreasure::start(), length = 0;
    Reward sum = {};
    for (std::size_t t = 0; t < settings_.steps_per_weight; ++t) {
      const bool explores = rng_.bernoulli(epsilon(t));
      const std::size_t action =
          explores ? static_cast<std::size_t>(rng_.below(DeepSeaTreasure::kActions)) : best(state);
      const DeepSeaTreasure::Step step = sea_.step(state, action);
      update(state, action, step);
      for (std::size_t k = 0; k < 2; ++k) sum[k] += step.reward[k];
      state = step.state;
      if (!step.is_end && ++length < kLongest) continue;
      for (std::size_t k = 0; k < 2; ++k) utopia_[k] = std::max(utopia_[k], sum[k] + kBeyond);
      state = DeepSeaTreasure::start();
      length = 0;
      sum = {};
    }
  }

  Reward greedy_return() const {
    Reward sum = {};
    std::size_t state = DeepSeaTreasure::start();
    for (std::size_t t = 0; t < kLongest; ++t) {
      const DeepSeaTreasure::Step step = sea_.step(state, best(state));
      for (std::size_t k = 0; k < 2; ++k) sum[k] += step.reward[k];
      if (step.is_end) break;
      state = step.state;
    }
    return sum;
  }

 private:
  double epsilon(std::size_t t) const {
    const double share = static_cast<double>(t) /
                         (settings_.decay * static_cast<double>(settings_.steps_per_weight));
    return settings_.first_epsilon +
           std::min(1.0, share) * (settings_.last_epsilon - settings_.first_epsilon);
  }
  double utility(const Reward& value) const {
    if (!settings_.is_chebyshev) return weights_[0] * value[0] + weights_[1] * value[1];
    double farthest = 0.0;
    for (std::size_t k = 0; k < 2; ++k) {
      farthest = std::max(farthest, weights_[k] * std::abs(utopia_[k] - value[k]));
    }
    return -farthest;
  }
  std::size_t best(std::size_t state) const {
    std::size_t found = 0;
    double highest = -std::numeric_limits<double>::infinity();
    for (std::size_t action = 0; action < DeepSeaTreasure::kActions; ++action) {
      const double value = utility(q_[state][action]);
      if (value > highest) {
        highest = value;
        found = action;
      }
    }
    return found;
  }
  void update(std::size_t state, std::size_t action, const DeepSeaTreasure::Step& step) {
    const Reward next = step.is_end ? Reward{} : q_[step.state][best(step.state)];
    Reward& value = q_[state][action];
    for (std::size_t k = 0; k < 2; ++k) {
      const double target = step.reward[k] + settings_.gamma * next[k];
      value[k] += settings_.learning_rate * (target - value[k]);
    }
  }

  const DeepSeaTreasure& sea_;
  const QSettings& settings_;
  const Reward weights_;
  Rng rng_;
  Reward utopia_ = {kBeyond, kBeyond - static_cast<double>(kLongest)};
  std::array<std::array<Reward, DeepSeaTreasure::kActions>, DeepSeaTreasure::kStates> q_;
};

double best_utility(const std::vector<double>& points, double weight) {
  double highest = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < points.size(); i += 2) {
    highest = std::max(highest, weight * points[i] + (1.0 - weight) * points[i + 1]);
  }
  return highest;
}

double weight_at(std::size_t i, std::size_t count) {
  return static_cast<double>(i) / static_cast<double>(count - 1);
}

}  // namespace

std::vector<double> learn_returns(const DeepSeaTreasure& sea, const QSettings& settings, Rng& rng) {
  std::vector<double> returns;
  for (std::size_t i = 0; i < settings.num_weights; ++i) {
    const double weight = weight_at(i, settings.num_weights);
    Learner learner(sea, settings, {weight, 1.0 - weight}, rng.derive("weight", i));
    learner.learn();
    const Reward found = learner.greedy_return();
    returns.insert(returns.end(), found.begin(), found.end());
  }
  return returns;
}

Indicators measure(const std::vector<double>& returns, const std::vector<double>& front,
                   std::size_t num_weights) {
  Indicators result;
  for (std::size_t i = 0; i < num_weights; ++i) {
    const double weight = weight_at(i, num_weights);
    const double reached = best_utility(returns, weight);
    result.expected_utility += reached / static_cast<double>(num_weights);
    result.largest_loss = std::max(result.largest_loss, best_utility(front, weight) - reached);
  }
  for (std::size_t i = 0; i < front.size(); i += 2) {
    double nearest = std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < returns.size(); j += 2) {
      nearest = std::min(nearest, std::hypot(front[i] - returns[j], front[i + 1] - returns[j + 1]));
    }
    result.distance += 2.0 * nearest / static_cast<double>(front.size());
  }
  result.cardinality = non_dominated(returns, 2).size();
  return result;
}

}  // namespace trimtab::morl
