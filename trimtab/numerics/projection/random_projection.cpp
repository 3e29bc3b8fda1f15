#include "trimtab/numerics/projection/random_projection.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/projection/fastfood.hpp"

namespace trimtab {
namespace {

class DenseProjection final : public RandomProjection {
 public:
  DenseProjection(Eigen::Index rows, Eigen::Index cols, Rng& rng) : matrix_(rows, cols) {
    for (Eigen::Index j = 0; j < cols; ++j) {
      for (Eigen::Index i = 0; i < rows; ++i) matrix_(i, j) = rng.normal();
      matrix_.col(j).normalize();
    }
  }
  Eigen::Index rows() const override { return matrix_.rows(); }
  Eigen::Index cols() const override { return matrix_.cols(); }
  Eigen::VectorXd product(const Eigen::VectorXd& z) const override { return matrix_ * z; }
  Eigen::VectorXd adjoint(const Eigen::VectorXd& y) const override {
    return matrix_.transpose() * y;
  }

 private:
  Eigen::MatrixXd matrix_;
};

class SparseProjection final : public RandomProjection {
 public:
  SparseProjection(Eigen::Index rows, Eigen::Index cols, Rng& rng) : rows_(rows) {
    const double density = 1.0 / std::sqrt(static_cast<double>(rows));
    for (Eigen::Index j = 0; j < cols; ++j) {
      const std::size_t begin = entries_.size();
      for (Eigen::Index i = next(-1, density, rng); i < rows; i = next(i, density, rng)) {
        entries_.push_back({i, rng.bernoulli(0.5) ? 1.0 : -1.0});
      }
      if (entries_.size() == begin) {
        const auto row = static_cast<Eigen::Index>(rng.below(static_cast<std::uint64_t>(rows)));
        entries_.push_back({row, rng.bernoulli(0.5) ? 1.0 : -1.0});
      }
      const double length = std::sqrt(static_cast<double>(entries_.size() - begin));
      for (std::size_t k = begin; k < entries_.size(); ++k) entries_[k].value /= length;
      ends_.push_back(entries_.size());
    }
  }
  Eigen::Index rows() const override { return rows_; }
  Eigen::Index cols() const override { return static_cast<Eigen::Index>(ends_.size()); }
  Eigen::VectorXd product(const Eigen::VectorXd& z) const override {
    Eigen::VectorXd y = Eigen::VectorXd::Zero(rows_);
    std::size_t k = 0;
    for (std::size_t j = 0; j < ends_.size(); ++j) {
      const double scale = z(static_cast<Eigen::Index>(j));
      for (; k < ends_[j]; ++k) y(entries_[k].row) += scale * entries_[k].value;
    }
    return y;
  }
  Eigen::VectorXd adjoint(const Eigen::VectorXd& y) const override {
    Eigen::VectorXd z = Eigen::VectorXd::Zero(cols());
    std::size_t k = 0;
    for (std::size_t j = 0; j < ends_.size(); ++j) {
      double sum = 0.0;
      for (; k < ends_[j]; ++k) sum += entries_[k].value * y(entries_[k].row);
      z(static_cast<Eigen::Index>(j)) = sum;
    }
    return z;
  }

 private:
  struct Entry {
    Eigen::Index row = 0;
    double value = 0.0;
  };

  // The next row that has an entry: the gaps are geometric.
  Eigen::Index next(Eigen::Index row, double density, Rng& rng) const {
    if (density >= 1.0) return row + 1;
    const double gap = std::floor(std::log1p(-rng.uniform01()) / std::log1p(-density));
    const auto most = static_cast<double>(rows_);
    return row + 1 + static_cast<Eigen::Index>(std::min(gap, most));
  }

  Eigen::Index rows_;
  std::vector<Entry> entries_;     // column by column
  std::vector<std::size_t> ends_;  // of each column's entries
};

}  // namespace

void walsh_hadamard(Eigen::Ref<Eigen::VectorXd> x) {
  const Eigen::Index n = x.size();
  double* const begin = x.data();
  for (Eigen::Index half = 1; half < n; half *= 2) {
    for (Eigen::Index i = 0; i < n; i += 2 * half) {
      for (Eigen::Index j = i; j < i + half; ++j) {
        const double a = begin[j], b = begin[j + half];
        begin[j] = a + b;
        begin[j + half] = a - b;
      }
    }
  }
}

std::unique_ptr<const RandomProjection> make_projection(ProjectionKind kind, Eigen::Index rows,
                                                        Eigen::Index cols, Rng& rng) {
  if (cols < 1 || rows < cols) {
    throw BugError({.code = "projection.arguments",
                    .what = "a subspace cannot be larger than its space",
                    .where = "make_projection",
                    .got = std::to_string(cols) + " of " + std::to_string(rows) + " dimensions",
                    .expected = "from 1 up to the space's",
                    .hint = ""});
  }
  switch (kind) {
    case ProjectionKind::Dense:
      return std::make_unique<DenseProjection>(rows, cols, rng);
    case ProjectionKind::Sparse:
      return std::make_unique<SparseProjection>(rows, cols, rng);
    default:
      return std::make_unique<FastfoodProjection>(rows, cols, rng);
  }
}

Eigen::MatrixXd materialised(const RandomProjection& projection) {
  Eigen::MatrixXd matrix(projection.rows(), projection.cols());
  for (Eigen::Index j = 0; j < projection.cols(); ++j) {
    matrix.col(j) = projection.product(Eigen::VectorXd::Unit(projection.cols(), j));
  }
  return matrix;
}

}  // namespace trimtab
