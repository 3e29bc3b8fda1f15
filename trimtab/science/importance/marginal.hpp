#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/space/dimension.hpp"

namespace trimtab {

// Notation in this folder
//   k       cells of a dimension          q (k)  density of all trials over the cells, sums to 1
//   p (k)   density of the best trials    D(p||q) = sum q (p / q - 1)^2, Pearson's divergence

/// How the values of one dimension fall into cells: a cell per choice or whole value while there
/// are at most 50, else 50 equal cells on the dimension's scale.
class Cells {
 public:
  explicit Cells(const Dimension& dimension);

  std::size_t size() const { return size_; }
  bool is_ordered() const { return is_ordered_; }
  /// @param value  a legal, active coordinate. O(1).
  std::size_t cell_of(double value) const;

 private:
  const Dimension* dimension_;
  std::size_t size_;
  bool is_ordered_;
};

/// Density over cells from counts: Gaussian kernels of Scott's bandwidth that end at the edges when
/// the cells are ordered, relative frequencies otherwise, plus one uniform pseudo-trial.
/// @param counts  (k). @return (k), positive, sums to 1. O(k^2) ordered, O(k) otherwise.
std::vector<double> density(std::span<const double> counts, bool is_ordered);

/// D(p||q): 0 for equal densities; D((1, 0)||(1/2, 1/2)) = 1 [tested]. O(k).
double pearson_divergence(std::span<const double> p, std::span<const double> q);

}  // namespace trimtab
