#include "trimtab/numerics/soup/learned_soup.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/training/adam.hpp"

namespace trimtab {
namespace {

[[noreturn]] void refuse(const char* where, const char* expected) {
  throw BugError({.code = "learned_soup.arguments",
                  .what = "these ingredients cannot be mixed",
                  .where = where,
                  .got = "",
                  .expected = expected,
                  .hint = ""});
}

// (k, groups) from logits, column by column.
Eigen::MatrixXd softmax(const Eigen::MatrixXd& logits) {
  Eigen::MatrixXd weights(logits.rows(), logits.cols());
  for (Eigen::Index g = 0; g < logits.cols(); ++g) {
    weights.col(g) = (logits.col(g).array() - logits.col(g).maxCoeff()).exp();
    weights.col(g) /= weights.col(g).sum();
  }
  return weights;
}

class Mixture {
 public:
  Mixture(std::vector<Eigen::VectorXd> ingredients, std::vector<Eigen::Index> groups)
      : groups_(std::move(groups)) {
    if (ingredients.empty()) refuse("mixing_objective", "at least one ingredient");
    models_.resize(ingredients.front().size(), static_cast<Eigen::Index>(ingredients.size()));
    for (std::size_t i = 0; i < ingredients.size(); ++i) {
      if (ingredients[i].size() != models_.rows()) {
        refuse("mixing_objective", "ingredients of equal length");
      }
      models_.col(static_cast<Eigen::Index>(i)) = ingredients[i];
    }
    if (groups_.empty() || groups_.front() != 0 ||
        !std::is_sorted(groups_.begin(), groups_.end()) || groups_.back() >= models_.rows()) {
      refuse("mixing_objective", "ascending groups that begin with 0");
    }
    groups_.push_back(models_.rows());
  }

  Eigen::Index num_parameters() const { return models_.rows(); }
  Eigen::Index num_ingredients() const { return models_.cols(); }
  Eigen::Index num_groups() const { return static_cast<Eigen::Index>(groups_.size()) - 1; }

  Eigen::MatrixXd weights_of(const Eigen::VectorXd& logits) const {
    return softmax(
        Eigen::Map<const Eigen::MatrixXd>(logits.data(), num_ingredients(), num_groups()));
  }

  Eigen::VectorXd mixed(const Eigen::MatrixXd& weights) const {
    Eigen::VectorXd theta(num_parameters());
    for (Eigen::Index g = 0; g < num_groups(); ++g) {
      theta.segment(begin(g), size(g)) = models_.middleRows(begin(g), size(g)) * weights.col(g);
    }
    return theta;
  }

  // The gradient by the logits, from that by the mixed parameters.
  Eigen::MatrixXd by_logits(const Eigen::MatrixXd& weights, const Eigen::VectorXd& by_theta) const {
    Eigen::MatrixXd result(weights.rows(), weights.cols());
    for (Eigen::Index g = 0; g < num_groups(); ++g) {
      const Eigen::VectorXd by_weight =
          models_.middleRows(begin(g), size(g)).transpose() * by_theta.segment(begin(g), size(g));
      result.col(g) = weights.col(g).array() * (by_weight.array() - by_weight.dot(weights.col(g)));
    }
    return result;
  }

 private:
  Eigen::Index begin(Eigen::Index g) const { return groups_[static_cast<std::size_t>(g)]; }
  Eigen::Index size(Eigen::Index g) const { return begin(g + 1) - begin(g); }

  Eigen::MatrixXd models_;            // (D, k)
  std::vector<Eigen::Index> groups_;  // begins, and D
};

DifferentiableObjective objective_of(DifferentiableObjective objective,
                                     std::shared_ptr<const Mixture> mixture) {
  const Eigen::Index size = mixture->num_parameters();
  const Eigen::Index num_logits = mixture->num_ingredients() * mixture->num_groups();
  const Eigen::Index num_extras = objective.num_parameters - size;
  if (num_extras < 0) refuse("mixing_objective", "an objective of the ingredients' parameters");
  const std::size_t num_items = objective.num_items;
  return {.num_parameters = num_logits + num_extras,
          .num_items = num_items,
          .loss = [objective = std::move(objective), mixture = std::move(mixture), num_logits,
                   num_extras](const Eigen::VectorXd& x, std::span<const std::size_t> items,
                               Eigen::VectorXd& gradient) {
            const Eigen::MatrixXd weights = mixture->weights_of(x);
            Eigen::VectorXd full(objective.num_parameters), by_full;
            full << mixture->mixed(weights), x.tail(num_extras);
            const double loss = objective.loss(full, items, by_full);
            gradient.resize(x.size());
            gradient.head(num_logits) =
                mixture->by_logits(weights, by_full.head(mixture->num_parameters())).reshaped();
            gradient.tail(num_extras) = by_full.tail(num_extras);
            return loss;
          }};
}

}  // namespace

DifferentiableObjective mixing_objective(DifferentiableObjective objective,
                                         std::vector<Eigen::VectorXd> ingredients,
                                         std::vector<Eigen::Index> groups) {
  return objective_of(std::move(objective),
                      std::make_shared<const Mixture>(std::move(ingredients), std::move(groups)));
}

LearnedSoup learn_soup(const DifferentiableObjective& objective,
                       std::span<const Eigen::VectorXd> ingredients,
                       const std::vector<Eigen::Index>& groups, const LearnedSoupOptions& options,
                       Rng& rng) {
  const auto mixture = std::make_shared<const Mixture>(
      std::vector<Eigen::VectorXd>(ingredients.begin(), ingredients.end()), groups);
  const DifferentiableObjective mixing = objective_of(objective, mixture);
  const std::size_t batch = std::clamp(options.batch_size, std::size_t{1}, objective.num_items);
  Eigen::VectorXd x = Eigen::VectorXd::Zero(mixing.num_parameters);
  train(mixing,
        {.adam = {.learning_rate = options.learning_rate},
         .num_steps = options.num_epochs * (objective.num_items / batch),
         .batch_size = batch},
        rng, x);
  LearnedSoup soup = {.weights = mixture->weights_of(x), .theta = {}, .extras = {}};
  soup.theta = mixture->mixed(soup.weights);
  soup.extras = x.tail(x.size() - soup.weights.size());
  return soup;
}

}  // namespace trimtab
