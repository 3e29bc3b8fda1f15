#pragma once

#include <Eigen/Core>
#include <memory>

#include "trimtab/base/rng.hpp"

namespace trimtab {

// Notation in this folder
//   P   a random matrix, (D, d), d <= D, every column of length 1 over all D rows
//   z   a point of the subspace, (d);  y  a vector of the large space, (D)
//   n   the smallest power of two that is not below d
//   H   the Walsh-Hadamard matrix, (n, n), entries +-1

enum class ProjectionKind { Dense, Sparse, Fastfood };

/// A random linear map from few dimensions into many, drawn once and never changed.
class RandomProjection {
 public:
  virtual ~RandomProjection() = default;
  virtual Eigen::Index rows() const = 0;  ///< D
  virtual Eigen::Index cols() const = 0;  ///< d
  /// P z, (D). @param z  (d).
  virtual Eigen::VectorXd product(const Eigen::VectorXd& z) const = 0;
  /// P' y, (d). @param y  (D).
  virtual Eigen::VectorXd adjoint(const Eigen::VectorXd& y) const = 0;
};

/// Dense: Gaussian entries. O(D d) memory, and time per product.
/// Sparse: each entry is there with probability 1 / sqrt(D) and has a random sign; a column without
///   any gets one. O(d sqrt(D)) and O(D) for the result.
///   Source: Li et al. 2006, "Very sparse random projections", section 3.
/// Fastfood: blocks of n rows s H G Q H B, one below the other, the last one cut: signs B, a
///   permutation Q, Gaussian diagonal G and the scale s of the block. O(D log n) time, O(D) memory.
///   Source: Le, Sarlos and Smola 2013, equation 6, as used by Li, Farkhoor, Liu and Yosinski 2018.
///   Differs: s is one number per block (1 / (sqrt(n) |G|), which makes columns of whole blocks
///   equally long) where the paper draws one per row. Columns that the cut has made unequal are
///   measured once, O(min(d, m) n log n) for m rows of the last block.
/// All: columns are of length 1 over the whole vector, never layer by layer.
/// Source: Li et al. 2018, "Measuring the intrinsic dimension of objective landscapes", section 2
///   and supplement S7.
/// @throws BugError unless 1 <= d <= D.
std::unique_ptr<const RandomProjection> make_projection(ProjectionKind kind, Eigen::Index rows,
                                                        Eigen::Index cols, Rng& rng);

/// P itself, (D, d). Cost: d products.
Eigen::MatrixXd materialised(const RandomProjection& projection);

/// x <- H x for x of a power of two entries, x_i <- sum_j (-1)^popcount(i & j) x_j.
///   {1, 0, 0, 1} becomes {2, 0, 0, 2}  [tested]
/// Cost: n log n additions, in place.
void walsh_hadamard(Eigen::Ref<Eigen::VectorXd> x);

}  // namespace trimtab
