#pragma once

#include <Eigen/Core>
#include <cstdint>

namespace trimtab::diagnosis {

enum class Scaling : std::uint8_t { None, ZScore, Pca };

struct PreprocessingOptions {
  Scaling scaling = Scaling::ZScore;
  int num_components = 1;  ///< Pca: kept directions of largest variance after z-scoring
};

/// What was learned from training cases and is applied to any: medians for missing values, then
/// the scaling. Source: Jolliffe (2002), principal components of the correlation matrix.
/// Differs: nothing is learned from the cases it is applied to; a median replaces a missing value.
/// Cost: O(n p), with Pca O(n p^2 + p^3).
class Preprocessing {
 public:
  /// @param x  (n, p), NaN = missing. A feature without any value becomes 0; one without spread is
  /// only centred.
  Preprocessing(const Eigen::MatrixXd& x, const PreprocessingOptions& options);

  /// (m, p) to (m, p), or (m, num_components) with Pca; finite.
  Eigen::MatrixXd apply(const Eigen::MatrixXd& x) const;

 private:
  Eigen::MatrixXd fill(const Eigen::MatrixXd& x) const;

  Eigen::RowVectorXd median_;
  Eigen::RowVectorXd centre_;   // empty = no scaling
  Eigen::RowVectorXd scale_;    // 1 / deviation
  Eigen::MatrixXd directions_;  // (p, components); empty = all features
};

}  // namespace trimtab::diagnosis
