#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <variant>
#include <vector>

#include "trimtab/workloads/value_dynamics/support_vector_regression.hpp"
#include "trimtab/workloads/value_dynamics/survey.hpp"

namespace trimtab::values {

struct NoRegressor {};
struct Ridge {
  double penalty = 1.0;  ///< > 0, per standardised feature
};
struct Forest {
  int num_trees = 100;
  int max_depth = 8;
};
using Regressor = std::variant<NoRegressor, Ridge, SvrOptions, Forest>;

/// What the second stage knows of each ego: first answers, the dynamics' prediction, the mean first
/// answers of the friends (weighted), log of the number of friends, share of ties within the bound.
/// Nobody's later answers. (egos, 17), in the order of `Survey::egos`.
Eigen::MatrixXd features_of(const Survey& survey, const std::vector<Scores>& predicted,
                            double epsilon);

/// Learns the later answers of `train` and predicts `test` (positions in `egos`); features are
/// standardised by `train`. The target is what the dynamics' prediction misses, so that a regressor
/// that learns nothing leaves the prediction as it is. NoRegressor returns the prediction.
/// @param seed  of the forest's samples.
std::vector<Scores> predict(const Survey& survey, const Eigen::MatrixXd& features,
                            const std::vector<Scores>& predicted, const Regressor& regressor,
                            const std::vector<std::size_t>& train,
                            const std::vector<std::size_t>& test, std::uint64_t seed);

/// Mean squared error over the tuning egos, each predicted by the fold that did not see it.
/// @param num_folds  cut by `seed`.
double cross_validated_error(const Survey& survey, const Eigen::MatrixXd& features,
                             const std::vector<Scores>& predicted, const Regressor& regressor,
                             std::size_t num_folds, std::uint64_t seed);

}  // namespace trimtab::values
