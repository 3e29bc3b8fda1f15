#include "trimtab/workloads/tabular_diagnosis/neighbours.hpp"

#include <algorithm>
#include <utility>

namespace trimtab::diagnosis {
namespace {

// Distances of one case to all training cases (rows); squared when Euclidean, the order is the
// same.
Eigen::VectorXd distances(const Eigen::MatrixXd& x, const Eigen::RowVectorXd& to, Distance kind) {
  const Eigen::MatrixXd difference = x.rowwise() - to;
  switch (kind) {
    case Distance::Euclidean:
      return difference.rowwise().squaredNorm();
    case Distance::Manhattan:
      return difference.cwiseAbs().rowwise().sum();
    case Distance::Chebyshev:
      break;
  }
  return difference.cwiseAbs().rowwise().maxCoeff();
}

}  // namespace

Model fit_neighbours(const TrainingSet& data, const NeighbourOptions& options) {
  return [data, options](const Eigen::MatrixXd& cases) {
    const auto k = std::min<Eigen::Index>(options.k, data.x.rows());
    Prediction prediction;
    prediction.probability = Eigen::MatrixXd::Zero(cases.rows(), data.num_classes);
    std::vector<std::pair<double, Eigen::Index>> order(data.label.size());
    for (Eigen::Index i = 0; i < cases.rows(); ++i) {
      const Eigen::VectorXd d = distances(data.x, cases.row(i), options.distance);
      for (Eigen::Index t = 0; t < d.size(); ++t) order[static_cast<std::size_t>(t)] = {d(t), t};
      std::nth_element(order.begin(), order.begin() + (k - 1), order.end());
      for (Eigen::Index t = 0; t < k; ++t) {
        const Eigen::Index near = order[static_cast<std::size_t>(t)].second;
        prediction.probability(i, data.label[static_cast<std::size_t>(near)]) +=
            1.0 / static_cast<double>(k);
      }
    }
    prediction.label = most_probable(prediction.probability);
    return prediction;
  };
}

}  // namespace trimtab::diagnosis
