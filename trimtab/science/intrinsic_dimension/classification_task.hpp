#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "trimtab/core/data_table.hpp"
#include "trimtab/numerics/training/perceptron.hpp"
#include "trimtab/science/intrinsic_dimension/subspace.hpp"

namespace trimtab {

struct ClassificationSplit {
  LabelledCases training, held_out;
  int num_classes = 0;
};

/// Reads the label column as classes and every other column as a feature, scaled to 0..1 over the
/// training rows. Rows are drawn at random.
/// @param num_train  rows; the others are held out.
/// @param shuffles_labels  the control: labels of the training rows are permuted among them.
/// @throws UserError "intrinsic_dimension.table": holes, a single class, no row left out.
ClassificationSplit read_split(const DataTable& table, const std::string& label,
                               std::size_t num_train, bool shuffles_labels, std::uint64_t seed);

/// A fully connected network on the training rows.
/// @param hidden  widths of its hidden layers. @param scores_training  accuracy is that on the
///   training rows, else on the held-out ones.
SubspaceTask perceptron_task(const ClassificationSplit& split,
                             const std::vector<Eigen::Index>& hidden, bool scores_training);

}  // namespace trimtab
