#include "trimtab/science/surrogate_explanation/feature_ranking.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "trimtab/numerics/statistics/ranks.hpp"

namespace trimtab::explanation {
namespace {

std::vector<double> descending_ranks(const Eigen::VectorXd& values) {
  const Eigen::VectorXd negated = -values;
  return mid_ranks({negated.data(), static_cast<std::size_t>(negated.size())}).values;
}

std::vector<RankedFeature> by_mean_rank(const Eigen::VectorXd& permutation,
                                        const Eigen::VectorXd& sensitivity) {
  const std::vector<double> first = descending_ranks(permutation);
  const std::vector<double> second = descending_ranks(sensitivity);
  std::vector<RankedFeature> ranking;
  for (std::size_t j = 0; j < first.size(); ++j) {
    const auto row = static_cast<Eigen::Index>(j);
    ranking.push_back({j, permutation(row), sensitivity(row), 0.5 * (first[j] + second[j])});
  }
  std::ranges::stable_sort(ranking, {}, &RankedFeature::mean_rank);
  return ranking;
}

}  // namespace

std::vector<RankedFeature> rank_features(const BlackBox& black_box, const Eigen::MatrixXd& x,
                                         const Eigen::MatrixXd& y, std::size_t num_permutations,
                                         Rng& rng) {
  const auto n = static_cast<std::size_t>(x.rows());
  const Eigen::MatrixXd error = black_box.predict(x) - y;
  const Eigen::RowVectorXd typical = x.colwise().mean();
  Eigen::VectorXd permutation = Eigen::VectorXd::Zero(x.cols()), sensitivity = permutation;
  std::vector<std::size_t> partner(n);
  std::iota(partner.begin(), partner.end(), std::size_t{0});
  for (std::size_t repeat = 0; repeat < num_permutations; ++repeat) {
    rng.shuffle(std::span<std::size_t>(partner));
    for (std::size_t i = 0; i < n; ++i) {
      const auto row = static_cast<Eigen::Index>(i);
      const Eigen::MatrixXd step =
          black_box.effects(x.row(row), x.row(static_cast<Eigen::Index>(partner[i])));
      // |e + s|^2 - |e|^2
      permutation += step.rowwise().squaredNorm() + 2.0 * step * error.row(row).transpose();
    }
  }
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    sensitivity += black_box.effects(x.row(i), typical).cwiseAbs().rowwise().sum();
  }
  permutation /= static_cast<double>(n * num_permutations);
  sensitivity /= static_cast<double>(n);
  return by_mean_rank(permutation, sensitivity);
}

double jaccard(std::vector<std::size_t> a, std::vector<std::size_t> b) {
  std::ranges::sort(a);
  std::ranges::sort(b);
  std::vector<std::size_t> shared;
  std::ranges::set_intersection(a, b, std::back_inserter(shared));
  const std::size_t num_all = a.size() + b.size() - shared.size();
  return num_all == 0 ? 1.0 : static_cast<double>(shared.size()) / static_cast<double>(num_all);
}

}  // namespace trimtab::explanation
