#pragma once

#include <cstdint>

#include "trimtab/workloads/tabular_diagnosis/model.hpp"

namespace trimtab::diagnosis {

struct NetworkOptions {
  int num_units = 32;           ///< of the one hidden layer
  double learning_rate = 1e-2;  ///< of Adam
  double weight_decay = 1e-4;   ///< of sum w^2 / (2 n) beside the mean cross-entropy
  int num_epochs = 40;
};

/// A network of one hidden layer: rectified units, softmax output, cross-entropy, Adam on batches
/// of 32.
/// Source: Kingma and Ba 2015, "Adam", algorithm 1 (beta 0.9, 0.999, epsilon 1e-8); initial
/// weights:
///   Glorot and Bengio 2010, equation 16.
/// Differs: biases start at 0; a fixed number of epochs, no early stop.
/// @param seed  initial weights and the order of cases. Cost: O(epochs n (p + K) units).
Model fit_network(const TrainingSet& data, const NetworkOptions& options, std::uint64_t seed);

}  // namespace trimtab::diagnosis
