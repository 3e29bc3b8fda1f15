#include "trimtab/numerics/projection/fastfood.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>

namespace trimtab {
namespace {

using Block = FastfoodProjection::Block;

Block random_block(Eigen::Index n, Rng& rng) {
  Block block = {.signs = Eigen::VectorXd(n),
                 .from = std::vector<Eigen::Index>(static_cast<std::size_t>(n)),
                 .gaussian = Eigen::VectorXd(n)};
  for (Eigen::Index i = 0; i < n; ++i) {
    block.signs(i) = rng.bernoulli(0.5) ? 1.0 : -1.0;
    block.gaussian(i) = rng.normal();
  }
  std::iota(block.from.begin(), block.from.end(), Eigen::Index{0});
  rng.shuffle(std::span<Eigen::Index>(block.from));
  block.gaussian /= std::sqrt(static_cast<double>(n)) * block.gaussian.norm();
  return block;
}

// G Q H B x and then H; x has n entries.
Eigen::VectorXd times(const Block& block, const Eigen::VectorXd& x) {
  Eigen::VectorXd mixed = block.signs.cwiseProduct(x);
  walsh_hadamard(mixed);
  Eigen::VectorXd result(x.size());
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    result(i) = block.gaussian(i) * mixed(block.from[static_cast<std::size_t>(i)]);
  }
  walsh_hadamard(result);
  return result;
}

// B H Q' G H y.
Eigen::VectorXd transposed_times(const Block& block, Eigen::VectorXd y) {
  walsh_hadamard(y);
  Eigen::VectorXd result(y.size());
  for (Eigen::Index i = 0; i < y.size(); ++i) {
    result(block.from[static_cast<std::size_t>(i)]) = block.gaussian(i) * y(i);
  }
  walsh_hadamard(result);
  return block.signs.cwiseProduct(result);
}

}  // namespace

FastfoodProjection::FastfoodProjection(Eigen::Index rows, Eigen::Index cols, Rng& rng)
    : rows_(rows), n_(static_cast<Eigen::Index>(std::bit_ceil(static_cast<std::uint64_t>(cols)))) {
  for (Eigen::Index begin = 0; begin < rows; begin += n_) {
    blocks_.push_back(random_block(n_, rng));
    blocks_.back().begin = begin;
    blocks_.back().num_rows = std::min(n_, rows - begin);
  }
  shrink_ = Eigen::VectorXd::Ones(cols);
  shrink_ = squared_lengths().cwiseSqrt().cwiseInverse();
}

// A whole block's columns have length 1; a cut one's are measured, along its shorter side.
Eigen::VectorXd FastfoodProjection::squared_lengths() const {
  const auto num_blocks = static_cast<double>(blocks_.size());
  const Block& last = blocks_.back();
  if (last.num_rows == n_) return Eigen::VectorXd::Constant(cols(), num_blocks);
  Eigen::VectorXd sums = Eigen::VectorXd::Constant(cols(), num_blocks - 1.0);
  if (last.num_rows < cols()) {
    for (Eigen::Index i = 0; i < last.num_rows; ++i) {
      sums += transposed_times(last, Eigen::VectorXd::Unit(n_, i)).head(cols()).cwiseAbs2();
    }
  } else {
    for (Eigen::Index j = 0; j < cols(); ++j) {
      sums(j) += times(last, Eigen::VectorXd::Unit(n_, j)).head(last.num_rows).squaredNorm();
    }
  }
  return sums;
}

Eigen::VectorXd FastfoodProjection::product(const Eigen::VectorXd& z) const {
  Eigen::VectorXd padded = Eigen::VectorXd::Zero(n_);
  padded.head(cols()) = z.cwiseProduct(shrink_);
  Eigen::VectorXd y(rows_);
  for (const Block& block : blocks_) {
    y.segment(block.begin, block.num_rows) = times(block, padded).head(block.num_rows);
  }
  return y;
}

Eigen::VectorXd FastfoodProjection::adjoint(const Eigen::VectorXd& y) const {
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(n_);
  for (const Block& block : blocks_) {
    Eigen::VectorXd padded = Eigen::VectorXd::Zero(n_);
    padded.head(block.num_rows) = y.segment(block.begin, block.num_rows);
    sum += transposed_times(block, std::move(padded));
  }
  return sum.head(cols()).cwiseProduct(shrink_);
}

}  // namespace trimtab
