#pragma once

#include <Eigen/Core>
#include <vector>

#include "trimtab/numerics/projection/random_projection.hpp"

namespace trimtab {

/// See make_projection.
class FastfoodProjection final : public RandomProjection {
 public:
  FastfoodProjection(Eigen::Index rows, Eigen::Index cols, Rng& rng);

  Eigen::Index rows() const override { return rows_; }
  Eigen::Index cols() const override { return shrink_.size(); }
  Eigen::VectorXd product(const Eigen::VectorXd& z) const override;
  Eigen::VectorXd adjoint(const Eigen::VectorXd& y) const override;

  struct Block {
    Eigen::VectorXd signs;           ///< B, (n)
    std::vector<Eigen::Index> from;  ///< Q: entry i comes from entry from[i]
    Eigen::VectorXd gaussian;        ///< G times s, (n)
    Eigen::Index begin = 0;          ///< first of its rows
    Eigen::Index num_rows = 0;       ///< n, or fewer in the last block
  };
  /// Before the columns are made equally long: s H G Q H B, for comparison.
  const std::vector<Block>& blocks() const { return blocks_; }
  /// What each column was multiplied by, (d).
  const Eigen::VectorXd& shrink() const { return shrink_; }

 private:
  Eigen::VectorXd squared_lengths() const;

  Eigen::Index rows_ = 0;
  Eigen::Index n_ = 0;
  std::vector<Block> blocks_;
  Eigen::VectorXd shrink_;
};

}  // namespace trimtab
