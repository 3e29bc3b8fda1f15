#pragma once

#include <cstdint>

#include "trimtab/workloads/tabular_diagnosis/model.hpp"

namespace trimtab::diagnosis {

enum class Distance : std::uint8_t { Euclidean, Manhattan, Chebyshev };

struct NeighbourOptions {
  int k = 5;  ///< cut to the number of cases
  Distance distance = Distance::Euclidean;
};

/// The class shares of the k nearest training cases; equal distances in the order of the cases.
/// Source: Cover and Hart 1967.  Differs: shares instead of a vote; label ties go to the first
/// class. Cost: nothing to fit, O(n p) per case to predict.
Model fit_neighbours(const TrainingSet& data, const NeighbourOptions& options);

}  // namespace trimtab::diagnosis
