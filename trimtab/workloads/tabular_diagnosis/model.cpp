#include "trimtab/workloads/tabular_diagnosis/model.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace trimtab::diagnosis {

std::vector<int> most_probable(const Eigen::MatrixXd& probability) {
  std::vector<int> label(static_cast<std::size_t>(probability.rows()));
  for (Eigen::Index i = 0; i < probability.rows(); ++i) {
    Eigen::Index best = 0;
    probability.row(i).maxCoeff(&best);
    label[static_cast<std::size_t>(i)] = static_cast<int>(best);
  }
  return label;
}

double sigmoid(double t) {
  if (t >= 0.0) return 1.0 / (1.0 + std::exp(-t));
  const double e = std::exp(t);
  return e / (1.0 + e);
}

Prediction prediction_of_scores(const Eigen::MatrixXd& score) {
  Prediction prediction;
  if (score.cols() == 1) {
    prediction.probability.resize(score.rows(), 2);
    prediction.probability.col(1) = score.col(0).unaryExpr(&sigmoid);
    prediction.probability.col(0) = (-score.col(0)).unaryExpr(&sigmoid);
  } else {
    constexpr double kTiny = std::numeric_limits<double>::min();
    const Eigen::MatrixXd each = score.unaryExpr(&sigmoid).array() + kTiny;
    const Eigen::VectorXd total = each.rowwise().sum();
    prediction.probability = each.array().colwise() / total.array();
  }
  prediction.label = most_probable(prediction.probability);
  return prediction;
}

Model one_against_rest(
    const TrainingSet& data,
    const std::function<BinaryModel(const Eigen::MatrixXd& x, const Eigen::VectorXd& sign)>& fit) {
  std::vector<BinaryModel> models;
  for (int k = data.num_classes == 2 ? 1 : 0; k < data.num_classes; ++k) {
    Eigen::VectorXd sign(data.x.rows());
    for (Eigen::Index i = 0; i < sign.size(); ++i) {
      sign(i) = data.label[static_cast<std::size_t>(i)] == k ? 1.0 : -1.0;
    }
    models.push_back(fit(data.x, sign));
  }
  return [models = std::move(models)](const Eigen::MatrixXd& x) {
    Eigen::MatrixXd score(x.rows(), static_cast<Eigen::Index>(models.size()));
    for (std::size_t k = 0; k < models.size(); ++k) {
      score.col(static_cast<Eigen::Index>(k)) = models[k](x);
    }
    return prediction_of_scores(score);
  };
}

}  // namespace trimtab::diagnosis
