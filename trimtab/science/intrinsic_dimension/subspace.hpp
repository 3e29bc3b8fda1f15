#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "trimtab/base/rng.hpp"
#include "trimtab/numerics/projection/random_projection.hpp"
#include "trimtab/numerics/training/adam.hpp"
#include "trimtab/numerics/training/objective.hpp"

namespace trimtab {

// Notation in this folder
//   theta     every trained parameter, biases too, (D)
//   P, z      theta = theta_0 + P z; P is (D, d), z is (d) and begins at 0; d is called dimension
//   score     what a training ends at, maximised; of direct training: the baseline
//   d_int     the smallest d whose score reaches the threshold, usually 0.9 times the baseline

/// The objective seen from the subspace: z has the loss of theta_0 + P z and the gradient P' g.
/// Only z moves: theta_0 and P are copied or shared, never written.
/// @throws BugError when lengths differ. Cost: the objective's, a product and an adjoint.
/// Source: Li, Farkhoor, Liu and Yosinski 2018, equation 2.  Differs: none.
DifferentiableObjective in_subspace(DifferentiableObjective objective, Eigen::VectorXd theta0,
                                    std::shared_ptr<const RandomProjection> projection);

/// What is trained, with its data inside.
struct SubspaceTask {
  DifferentiableObjective objective = {};
  std::function<Eigen::VectorXd(Rng&)> random_start = {};  ///< theta_0
  std::function<double(const Eigen::VectorXd& theta)> score = {};
};

struct SubspaceTraining {
  ProjectionKind projection = ProjectionKind::Sparse;
  TrainingOptions steps = {.adam = {.learning_rate = 1e-2}, .num_steps = 1500};
  double direct_learning_rate = 1e-3;  ///< of all parameters; steps and batches are the same
};

/// The score after training every parameter from the replicate's theta_0: the baseline.
/// @param seed, replicate  from which theta_0 and the order of the data come, here and below.
double score_of_direct_training(const SubspaceTask& task, const SubspaceTraining& training,
                                std::uint64_t seed, std::uint64_t replicate);

/// The score after training z alone; P is drawn for (seed, replicate, dimension).
double score_in_subspace(const SubspaceTask& task, const SubspaceTraining& training,
                         std::size_t dimension, std::uint64_t seed, std::uint64_t replicate);

}  // namespace trimtab
