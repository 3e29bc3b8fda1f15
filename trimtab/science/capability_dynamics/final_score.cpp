#include "trimtab/science/capability_dynamics/final_score.hpp"

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <set>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

// Notation in this file
//   x   scores at the early step (c, p)     y   final scores (c)     a   penalty
constexpr double kPenalties[] = {1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3};

struct Rows {
  Eigen::MatrixXd x;
  Eigen::VectorXd y;
  std::vector<double> sizes;
};

struct Parts {
  Rows kept, held;
};

Rows rows_at(const Rows& rows, const std::vector<Eigen::Index>& at) {
  Rows result = {rows.x(at, Eigen::all), rows.y(at), {}};
  for (const Eigen::Index i : at) result.sizes.push_back(rows.sizes[static_cast<std::size_t>(i)]);
  return result;
}

Parts without_size(const Rows& rows, double size) {
  std::vector<Eigen::Index> kept, held;
  for (std::size_t i = 0; i < rows.sizes.size(); ++i) {
    (rows.sizes[i] == size ? held : kept).push_back(static_cast<Eigen::Index>(i));
  }
  return {rows_at(rows, kept), rows_at(rows, held)};
}

Eigen::VectorXd predict(const Rows& train, const Eigen::MatrixXd& at, double penalty) {
  const Eigen::RowVectorXd centre = train.x.colwise().mean();
  Eigen::MatrixXd z = train.x.rowwise() - centre;
  Eigen::RowVectorXd spread =
      (z.colwise().squaredNorm() / static_cast<double>(z.rows())).cwiseSqrt();
  spread = (spread.array() > 0.0).select(spread, 1.0);
  z.array().rowwise() /= spread.array();
  const double level = train.y.mean();
  Eigen::MatrixXd gram = z.transpose() * z;
  gram.diagonal().array() += penalty;
  const Eigen::VectorXd right = z.transpose() * (train.y.array() - level).matrix();
  const Eigen::VectorXd weights = gram.ldlt().solve(right);
  const Eigen::MatrixXd shifted = at.rowwise() - centre;
  const Eigen::MatrixXd scaled = (shifted.array().rowwise() / spread.array()).matrix();
  return ((scaled * weights).array() + level).matrix();
}

double best_penalty(const Rows& rows) {
  const std::set<double> sizes(rows.sizes.begin(), rows.sizes.end());
  double best = 0.0, smallest = std::numeric_limits<double>::infinity();
  for (const double penalty : kPenalties) {
    double loss = 0.0;
    for (const double size : sizes) {
      const Parts parts = without_size(rows, size);
      loss += (predict(parts.kept, parts.held.x, penalty) - parts.held.y).squaredNorm();
    }
    if (loss < smallest) {
      smallest = loss;
      best = penalty;
    }
  }
  return best;
}

}  // namespace

std::size_t num_sizes(const TaskCurves& curves) {
  std::set<double> sizes;
  for (const Configuration& each : curves.configurations) sizes.insert(each.size);
  return sizes.size();
}

FinalPrediction predict_final_scores(const TaskCurves& curves, std::size_t target,
                                     std::span<const std::size_t> predictors, std::size_t early) {
  if (num_sizes(curves) < 4 || predictors.empty()) {
    throw BugError({.code = "capability_dynamics.arguments",
                    .what = "a prediction was asked of too little",
                    .where = "predict_final_scores",
                    .got = "",
                    .expected = "four sizes and a predictor",
                    .hint = ""});
  }
  const std::size_t num = curves.configurations.size();
  Rows rows = {
      Eigen::MatrixXd(static_cast<Eigen::Index>(num), static_cast<Eigen::Index>(predictors.size())),
      Eigen::VectorXd(static_cast<Eigen::Index>(num)),
      {}};
  for (std::size_t c = 0; c < num; ++c) {
    const auto row = static_cast<Eigen::Index>(c);
    for (std::size_t j = 0; j < predictors.size(); ++j) {
      rows.x(row, static_cast<Eigen::Index>(j)) = curves.scores[predictors[j]][c][early];
    }
    rows.y(row) = curves.scores[target][c][curves.last()];
    rows.sizes.push_back(curves.configurations[c].size);
  }
  FinalPrediction result;
  double loss = 0.0, last_loss = 0.0;
  for (std::size_t c = 0; c < num; ++c) {
    const auto row = static_cast<Eigen::Index>(c);
    const Parts parts = without_size(rows, rows.sizes[c]);
    const double predicted = predict(parts.kept, rows.x.row(row), best_penalty(parts.kept))(0);
    result.predicted.push_back(predicted);
    loss += std::pow(predicted - rows.y(row), 2);
    last_loss += std::pow(curves.scores[target][c][early] - rows.y(row), 2);
  }
  const double spread = (rows.y.array() - rows.y.mean()).square().sum();
  result.error = std::sqrt(loss / static_cast<double>(num));
  result.last_value_error = std::sqrt(last_loss / static_cast<double>(num));
  result.r2 = 1.0 - loss / spread;
  return result;
}

}  // namespace trimtab
