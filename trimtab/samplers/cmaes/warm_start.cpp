#include "trimtab/samplers/cmaes/warm_start.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <utility>

namespace trimtab::cmaes {
namespace {

constexpr double kBestShare = 0.1;  // gamma of the source
constexpr double kSpread = 0.1;     // its alpha

}  // namespace

void WarmStart::add(std::vector<double> position, const Rank& rank) {
  if (rank.tier == Rank::kComplete) trials_.push_back({std::move(position), rank});
}

std::optional<SearchDistribution> WarmStart::distribution(bool is_diagonal) const {
  if (trials_.empty() || trials_.front().position.empty()) return std::nullopt;
  std::vector<const Trial*> order;
  for (const Trial& trial : trials_) order.push_back(&trial);
  std::stable_sort(order.begin(), order.end(),
                   [](const Trial* a, const Trial* b) { return a->rank < b->rank; });
  const auto num_best =
      static_cast<std::size_t>(std::ceil(kBestShare * static_cast<double>(order.size())));
  const auto n = static_cast<Eigen::Index>(order.front()->position.size());
  Eigen::MatrixXd best(n, static_cast<Eigen::Index>(num_best));
  for (std::size_t i = 0; i < num_best; ++i) {
    best.col(static_cast<Eigen::Index>(i)) =
        Eigen::Map<const Eigen::VectorXd>(order[i]->position.data(), n);
  }
  const Eigen::VectorXd mean = best.rowwise().mean();
  const Eigen::MatrixXd apart = best.colwise() - mean;
  Eigen::MatrixXd covariance = apart * apart.transpose() / static_cast<double>(num_best);
  covariance.diagonal().array() += kSpread * kSpread;
  if (is_diagonal) covariance = Eigen::MatrixXd(covariance.diagonal().asDiagonal());
  double log_determinant = 0.0;
  const Eigen::MatrixXd factor = covariance.llt().matrixL();
  for (Eigen::Index j = 0; j < n; ++j) log_determinant += 2.0 * std::log(factor(j, j));
  const double sigma = std::exp(log_determinant / (2.0 * static_cast<double>(n)));
  covariance /= sigma * sigma;
  std::vector<double> entries;
  if (is_diagonal) {
    for (Eigen::Index j = 0; j < n; ++j) entries.push_back(covariance(j, j));
  } else {
    entries.assign(covariance.data(), covariance.data() + covariance.size());
  }
  return SearchDistribution(std::vector<double>(mean.data(), mean.data() + n), sigma,
                            std::move(entries), is_diagonal);
}

}  // namespace trimtab::cmaes
