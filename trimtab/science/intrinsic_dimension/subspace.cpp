#include "trimtab/science/intrinsic_dimension/subspace.hpp"

#include <span>
#include <string>
#include <utility>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

Rng replicate_rng(std::uint64_t seed, std::uint64_t replicate) {
  return Rng(seed, replicate, "intrinsic_dimension");
}

Eigen::VectorXd start_of(const SubspaceTask& task, const Rng& rng) {
  Rng start = rng.derive("start");
  return task.random_start(start);
}

}  // namespace

DifferentiableObjective in_subspace(DifferentiableObjective objective, Eigen::VectorXd theta0,
                                    std::shared_ptr<const RandomProjection> projection) {
  if (theta0.size() != objective.num_parameters || projection->rows() != theta0.size()) {
    throw BugError({.code = "in_subspace.arguments",
                    .what = "the projection does not fit the objective",
                    .where = "in_subspace",
                    .got = std::to_string(projection->rows()) + " rows",
                    .expected = std::to_string(objective.num_parameters),
                    .hint = ""});
  }
  const Eigen::Index dimension = projection->cols();
  const std::size_t num_items = objective.num_items;
  return {.num_parameters = dimension,
          .num_items = num_items,
          .loss = [objective = std::move(objective), theta0 = std::move(theta0),
                   projection = std::move(projection)](const Eigen::VectorXd& z,
                                                       std::span<const std::size_t> items,
                                                       Eigen::VectorXd& gradient) {
            Eigen::VectorXd full;
            const double loss = objective.loss(theta0 + projection->product(z), items, full);
            gradient = projection->adjoint(full);
            return loss;
          }};
}

double score_of_direct_training(const SubspaceTask& task, const SubspaceTraining& training,
                                std::uint64_t seed, std::uint64_t replicate) {
  const Rng rng = replicate_rng(seed, replicate);
  Eigen::VectorXd theta = start_of(task, rng);
  TrainingOptions steps = training.steps;
  steps.adam.learning_rate = training.direct_learning_rate;
  Rng batches = rng.derive("batches");
  train(task.objective, steps, batches, theta);
  return task.score(theta);
}

double score_in_subspace(const SubspaceTask& task, const SubspaceTraining& training,
                         std::size_t dimension, std::uint64_t seed, std::uint64_t replicate) {
  const Rng rng = replicate_rng(seed, replicate);
  const Eigen::VectorXd theta0 = start_of(task, rng);
  Rng draws = rng.derive("projection", dimension);
  const std::shared_ptr<const RandomProjection> projection = make_projection(
      training.projection, theta0.size(), static_cast<Eigen::Index>(dimension), draws);
  Eigen::VectorXd z = Eigen::VectorXd::Zero(projection->cols());
  Rng batches = rng.derive("batches");
  train(in_subspace(task.objective, theta0, projection), training.steps, batches, z);
  return task.score(theta0 + projection->product(z));
}

}  // namespace trimtab
