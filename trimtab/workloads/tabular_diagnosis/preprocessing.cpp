#include "trimtab/workloads/tabular_diagnosis/preprocessing.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <vector>

#include "trimtab/numerics/statistics.hpp"

namespace trimtab::diagnosis {

Preprocessing::Preprocessing(const Eigen::MatrixXd& x, const PreprocessingOptions& options)
    : median_(Eigen::RowVectorXd::Zero(x.cols())) {
  std::vector<double> present;
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    present.clear();
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      if (!std::isnan(x(i, j))) present.push_back(x(i, j));
    }
    if (!present.empty()) median_(j) = quantile(present, 0.5);
  }
  if (options.scaling == Scaling::None) return;
  const Eigen::MatrixXd filled = fill(x);
  centre_ = filled.colwise().mean();
  const Eigen::MatrixXd centred = filled.rowwise() - centre_;
  const double n = static_cast<double>(x.rows());
  const Eigen::RowVectorXd deviation = (centred.colwise().squaredNorm() / n).cwiseSqrt();
  scale_ = deviation.unaryExpr([](double s) { return s > 0.0 ? 1.0 / s : 1.0; });
  if (options.scaling == Scaling::ZScore) return;
  const Eigen::MatrixXd z = centred.array().rowwise() * scale_.array();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(z.transpose() * z / n);
  const auto k = std::min<Eigen::Index>(options.num_components, x.cols());
  directions_ = solver.eigenvectors().rightCols(k);  // eigenvalues ascend
}

Eigen::MatrixXd Preprocessing::fill(const Eigen::MatrixXd& x) const {
  Eigen::MatrixXd filled = x;
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      if (std::isnan(filled(i, j))) filled(i, j) = median_(j);
    }
  }
  return filled;
}

Eigen::MatrixXd Preprocessing::apply(const Eigen::MatrixXd& x) const {
  Eigen::MatrixXd result = fill(x);
  if (centre_.size() == 0) return result;
  result = (result.rowwise() - centre_).array().rowwise() * scale_.array();
  if (directions_.size() == 0) return result;
  return result * directions_;
}

}  // namespace trimtab::diagnosis
