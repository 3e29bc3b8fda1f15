#include "trimtab/numerics/training/adam.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "trimtab/base/error.hpp"

namespace trimtab {

Adam::Adam(Eigen::Index num_parameters, const AdamOptions& options)
    : options_(options),
      mean_(Eigen::VectorXd::Zero(num_parameters)),
      square_(Eigen::VectorXd::Zero(num_parameters)) {}

void Adam::step(const Eigen::VectorXd& gradient, Eigen::VectorXd& x, double rate) {
  power1_ *= options_.beta1;
  power2_ *= options_.beta2;
  mean_ = options_.beta1 * mean_ + (1.0 - options_.beta1) * gradient;
  square_ = options_.beta2 * square_ + (1.0 - options_.beta2) * gradient.cwiseAbs2();
  const double now = rate * options_.learning_rate;
  if (options_.weight_decay > 0.0) x *= 1.0 - now * options_.weight_decay;
  const double root = std::sqrt(1.0 - power2_);
  x.array() -=
      now / (1.0 - power1_) * mean_.array() / (square_.array().sqrt() / root + options_.epsilon);
}

void train(const DifferentiableObjective& objective, const TrainingOptions& options, Rng& rng,
           Eigen::VectorXd& x) {
  if (x.size() != objective.num_parameters || objective.num_items == 0) {
    throw BugError({.code = "train.arguments",
                    .what = "the point does not fit the objective",
                    .where = "train",
                    .got = std::to_string(x.size()),
                    .expected = std::to_string(objective.num_parameters) + " parameters, items",
                    .hint = ""});
  }
  std::vector<std::size_t> order(objective.num_items);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t size = std::clamp(options.batch_size, std::size_t{1}, objective.num_items);
  Adam adam(x.size(), options.adam);
  Eigen::VectorXd gradient(x.size());
  std::size_t next = order.size();
  for (std::size_t step = 0; step < options.num_steps; ++step) {
    if (next + size > order.size()) {
      rng.shuffle(std::span<std::size_t>(order));
      next = 0;
    }
    objective.loss(x, std::span<const std::size_t>(order).subspan(next, size), gradient);
    const double share = static_cast<double>(step) / static_cast<double>(options.num_steps);
    adam.step(gradient, x, options.decays ? 0.5 + 0.5 * std::cos(std::numbers::pi * share) : 1.0);
    next += size;
  }
}

}  // namespace trimtab
