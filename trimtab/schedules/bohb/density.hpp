#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"

namespace trimtab::bohb {

// Notation in this file
//   n, d   observations, coordinates
//   k_j    number of categories of coordinate j, 0 = a number in [0, 1]
//   h_j    bandwidth of coordinate j

/// A kernel density over mixed coordinates: Gaussian kernels for numbers, Aitchison-Aitken's for
/// categories, h_j = 1.06 std_j n^(-1 / (4 + d)) (normal reference), at least `min_bandwidth`.
///
/// Source: Falkner et al. 2018, "BOHB", section 4 and appendix; Silverman 1986 (normal reference);
///   Aitchison and Aitken 1976 (categories: 1 - h when equal, h / (k - 1) when not).
/// Differs: none. `is_product` is the other member of the hierarchy, as in TPE: the product of d
///   densities of one coordinate each instead of one density of products.
/// Cost: O(n d) an evaluation.
class Density {
 public:
  /// @param rows  (n, d), row-major; n >= 1.
  Density(std::vector<double> rows, std::vector<std::size_t> num_categories, bool is_product,
          double min_bandwidth = 1e-3);

  double operator()(std::span<const double> x) const;
  std::span<const double> bandwidths() const { return bandwidths_; }
  /// A point near a random observation: numbers from a normal of width factor * h_j truncated to
  /// [0, 1], categories kept with probability 1 - h_j.
  std::vector<double> sample(double factor, Rng& rng) const;

 private:
  double kernel(std::size_t j, double at, double x) const;

  std::vector<double> rows_;
  std::vector<std::size_t> num_categories_;
  bool is_product_;
  std::size_t n_ = 0;
  std::vector<double> bandwidths_;
};

}  // namespace trimtab::bohb
