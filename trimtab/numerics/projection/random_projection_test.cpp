#include "trimtab/numerics/projection/random_projection.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/projection/fastfood.hpp"

namespace trimtab {
namespace {

constexpr ProjectionKind kKinds[] = {ProjectionKind::Dense, ProjectionKind::Sparse,
                                     ProjectionKind::Fastfood};

Eigen::VectorXd gaussian(Eigen::Index n, Rng& rng) {
  Eigen::VectorXd x(n);
  for (Eigen::Index i = 0; i < n; ++i) x(i) = rng.normal();
  return x;
}

Eigen::MatrixXd hadamard(Eigen::Index n) {
  Eigen::MatrixXd h = Eigen::MatrixXd::Ones(1, 1);
  while (h.rows() < n) {
    Eigen::MatrixXd twice(2 * h.rows(), 2 * h.rows());
    twice << h, h, h, -h;
    h = twice;
  }
  return h;
}

TEST(WalshHadamard, IsTheMatrixOfSigns) {
  Eigen::VectorXd x(4);
  x << 1, 0, 0, 1;
  walsh_hadamard(x);
  EXPECT_EQ(x, (Eigen::VectorXd(4) << 2, 0, 0, 2).finished());
  Rng rng(1);
  for (const Eigen::Index n : {1, 2, 64}) {
    Eigen::VectorXd y = gaussian(n, rng);
    const Eigen::VectorXd expected = hadamard(n) * y;
    walsh_hadamard(y);
    EXPECT_LT((y - expected).norm(), 1e-12 * static_cast<double>(n));
  }
}

// <P z, y> = <z, P' y>, and every column has length 1 over all rows together.
RC_GTEST_PROP(RandomProjection, HasAnAdjointAndColumnsOfLengthOne, (std::uint64_t seed)) {
  Rng rng(seed);
  const auto cols = static_cast<Eigen::Index>(1 + rng.below(40));
  const auto rows = cols + static_cast<Eigen::Index>(rng.below(200));
  for (const ProjectionKind kind : kKinds) {
    const auto p = make_projection(kind, rows, cols, rng);
    RC_ASSERT(p->rows() == rows);
    RC_ASSERT(p->cols() == cols);
    const Eigen::VectorXd z = gaussian(cols, rng), y = gaussian(rows, rng);
    const Eigen::MatrixXd matrix = materialised(*p);
    RC_ASSERT((p->product(z) - matrix * z).norm() < 1e-10 * z.norm());
    RC_ASSERT(std::abs(p->product(z).dot(y) - z.dot(p->adjoint(y))) < 1e-10 * z.norm() * y.norm());
    for (Eigen::Index j = 0; j < cols; ++j) {
      RC_ASSERT(std::abs(matrix.col(j).norm() - 1.0) < 1e-12);
    }
  }
}

TEST(RandomProjection, IsDrawnOnceAndFromItsSeedAlone) {
  Rng rng(3);
  const Eigen::VectorXd z = gaussian(30, rng);
  for (const ProjectionKind kind : kKinds) {
    Rng first(7), second(7), third(8);
    const auto a = make_projection(kind, 500, 30, first);
    const auto b = make_projection(kind, 500, 30, second);
    EXPECT_EQ(a->product(z), a->product(z));
    EXPECT_EQ(a->product(z), b->product(z));
    EXPECT_NE(a->product(z), make_projection(kind, 500, 30, third)->product(z));
  }
}

// The cosine of two columns has deviation 1 / sqrt(D), here 0.016; Fastfood's is sqrt(2) times
// that, since the squares of its Gaussian diagonal, not signs alone, are what must cancel.
TEST(RandomProjection, HasColumnsThatAreNearlyOrthogonal) {
  for (const ProjectionKind kind : kKinds) {
    Rng rng(11);
    const Eigen::MatrixXd p = materialised(*make_projection(kind, 4000, 60, rng));
    Eigen::MatrixXd gram = p.transpose() * p;
    gram.diagonal().setZero();
    const double expected = std::sqrt((kind == ProjectionKind::Fastfood ? 2.0 : 1.0) / 4000.0);
    EXPECT_LT(gram.cwiseAbs().maxCoeff(), 6.0 * expected);
    EXPECT_NEAR(std::sqrt(gram.squaredNorm() / (60.0 * 59.0)), expected, 0.1 * expected);
  }
}

TEST(RandomProjection, OfTheSparseKindHasAboutTheRootOfDEntriesPerColumn) {
  Rng rng(5);
  const Eigen::MatrixXd p = materialised(*make_projection(ProjectionKind::Sparse, 10000, 50, rng));
  // 5000 expected, binomial deviation 70.
  EXPECT_NEAR(static_cast<double>((p.array() != 0.0).count()), 5000.0, 420.0);
  Rng tiny(6);
  EXPECT_EQ(std::abs(materialised(*make_projection(ProjectionKind::Sparse, 1, 1, tiny))(0, 0)),
            1.0);
}

TEST(Fastfood, EqualsTheProductOfItsFactors) {
  for (const auto& [rows, cols] :
       {std::pair<Eigen::Index, Eigen::Index>{128, 16}, {101, 13}, {1000, 100}, {40, 37}}) {
    Rng rng(static_cast<std::uint64_t>(rows));
    const FastfoodProjection p(rows, cols, rng);
    const auto n = static_cast<Eigen::Index>(p.blocks().front().signs.size());
    const Eigen::MatrixXd h = hadamard(n);
    Eigen::MatrixXd expected(rows, cols);
    for (const FastfoodProjection::Block& block : p.blocks()) {
      Eigen::MatrixXd permutation = Eigen::MatrixXd::Zero(n, n);
      for (Eigen::Index i = 0; i < n; ++i) {
        permutation(i, block.from[static_cast<std::size_t>(i)]) = 1.0;
      }
      const Eigen::MatrixXd whole =
          h * block.gaussian.asDiagonal() * permutation * h * block.signs.asDiagonal();
      expected.middleRows(block.begin, block.num_rows) = whole.topLeftCorner(block.num_rows, cols);
    }
    expected *= p.shrink().asDiagonal();
    EXPECT_LT((materialised(p) - expected).cwiseAbs().maxCoeff(), 1e-12);
    const Eigen::VectorXd y = gaussian(rows, rng);
    EXPECT_LT((p.adjoint(y) - expected.transpose() * y).norm(), 1e-10);
  }
}

double seconds_of_product(Eigen::Index rows, Eigen::Index cols) {
  Rng rng(1);
  const auto p = make_projection(ProjectionKind::Fastfood, rows, cols, rng);
  const Eigen::VectorXd z = gaussian(cols, rng);
  double best = 1e300, sum = 0.0;
  for (int repeat = 0; repeat < 15; ++repeat) {
    const auto begin = std::chrono::steady_clock::now();
    sum += p->product(z)(0);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count());
  }
  EXPECT_TRUE(std::isfinite(sum));
  return best;
}

// With d = D / 16 throughout, D log d grows 16 * 14 / 10 = 22.4 times; D d would 256 times. The
// factor 2.5 is for caches and a busy machine.
TEST(FastfoodSlow, GrowsNotFasterThanDLogD) {
  const double small = seconds_of_product(1 << 14, 1 << 10);
  const double large = seconds_of_product(1 << 18, 1 << 14);
  EXPECT_LT(large / small, 2.5 * 22.4);
}

TEST(RandomProjection, RefusesASubspaceLargerThanTheSpace) {
  Rng rng(1);
  EXPECT_THROW(make_projection(ProjectionKind::Dense, 3, 4, rng), BugError);
  EXPECT_THROW(make_projection(ProjectionKind::Sparse, 3, 0, rng), BugError);
}

}  // namespace
}  // namespace trimtab
