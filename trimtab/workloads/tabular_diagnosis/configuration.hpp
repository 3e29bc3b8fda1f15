#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "trimtab/space/space.hpp"
#include "trimtab/workloads/tabular_diagnosis/logistic_regression.hpp"
#include "trimtab/workloads/tabular_diagnosis/neighbours.hpp"
#include "trimtab/workloads/tabular_diagnosis/network.hpp"
#include "trimtab/workloads/tabular_diagnosis/preprocessing.hpp"
#include "trimtab/workloads/tabular_diagnosis/support_vectors.hpp"
#include "trimtab/workloads/tabular_diagnosis/trees.hpp"

namespace trimtab::diagnosis {

using LearnerOptions = std::variant<LogisticOptions, SingleTreeOptions, ForestOptions,
                                    BoostingOptions, SvmOptions, NeighbourOptions, NetworkOptions>;

/// A complete recipe: what is done to the features, which algorithm, with what.
struct Configuration {
  PreprocessingOptions preprocessing = {};
  LearnerOptions learner = LogisticOptions{};
};

/// The search space for tables of p features: `preprocessing` and `algorithm`, each with the
/// parameters of the chosen value only (combined algorithm selection and hyperparameter tuning).
/// The default is logistic regression on z-scores, and every algorithm's own defaults are the usual
/// ones (C = 1, 100 trees, square root of p candidates, gamma = 1 / p, k = 5, ...).
/// Source: Thornton et al. 2013, "Auto-WEKA", equation 1.  Differs: the learners.
Space search_space(std::size_t num_features);

/// Reads a point of any space that uses the names of `search_space`; what the space leaves out, or
/// the point leaves inactive, has its default.
/// @throws UserError when `algorithm` or another choice has an unknown value.
Configuration configuration_of(const Space& space, PointView point, std::size_t num_features);

/// Preprocessing and learner, fitted to the same cases.
/// @param x  NaN = missing. @param seed  used by forest and network.
Model fit(const Configuration& configuration, const Eigen::MatrixXd& x,
          const std::vector<int>& label, int num_classes, std::uint64_t seed);

}  // namespace trimtab::diagnosis
