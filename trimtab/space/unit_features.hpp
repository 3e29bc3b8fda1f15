#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/space/dimension.hpp"

namespace trimtab {

// Notation in this file
//   d, p   dimensions, features          u   a coordinate in [0, 1], by Dimension::to_unit
//   x (p)  the features of a point: u for a dimension with order; for one without, one feature per
//          choice, 1 for the choice taken and 0 for the others

/// Which features stand for a dimension.
struct FeatureBlock {
  std::size_t first = 0;
  std::size_t count = 1;
  bool is_one_hot = false;  ///< of an unordered dimension; `count` choices
};

/// Points as rows of numbers for models that know no categories, such as trees.
class UnitFeatures {
 public:
  explicit UnitFeatures(std::span<const Dimension> dimensions);

  std::size_t num_dimensions() const { return blocks_.size(); }
  std::size_t num_features() const { return owner_.size(); }
  const FeatureBlock& block(std::size_t dimension) const { return blocks_[dimension]; }
  /// The dimension that a feature belongs to.
  std::size_t owner(std::size_t feature) const { return owner_[feature]; }
  /// Writes the features of one dimension into a row. @param x  (p) or longer. O(choices).
  void write(std::size_t dimension, double u, std::span<double> x) const;
  /// The same for an inactive one: -1, apart from every value; no choice taken.
  void write_inactive(std::size_t dimension, std::span<double> x) const;

 private:
  std::vector<FeatureBlock> blocks_;
  std::vector<std::size_t> owner_;  // (p)
};

}  // namespace trimtab
