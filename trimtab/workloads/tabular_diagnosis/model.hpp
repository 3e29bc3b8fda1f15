#pragma once

#include <Eigen/Core>
#include <functional>
#include <vector>

#include "trimtab/workloads/tabular_diagnosis/scores.hpp"

namespace trimtab::diagnosis {

/// Cases to learn from. Every class has at least one.
struct TrainingSet {
  Eigen::MatrixXd x;       ///< (n, p), finite
  std::vector<int> label;  ///< (n), 0..num_classes-1
  int num_classes = 2;
};

/// A fitted model: cases (m, p) to a prediction. Thread-safe.
using Model = std::function<Prediction(const Eigen::MatrixXd& x)>;

/// A model of two classes: cases (m, p) to the score of class 1, (m); positive = class 1.
using BinaryModel = std::function<Eigen::VectorXd(const Eigen::MatrixXd& x)>;

/// The classes whose probability is largest, (n); ties go to the first.
std::vector<int> most_probable(const Eigen::MatrixXd& probability);

/// 1 / (1 + exp(-t)), without overflow.
double sigmoid(double t);

/// Turns scores (log-odds) of one class against the rest into a prediction. With two classes one
/// column is enough: P(1) = sigmoid(score). With more, the sigmoids are divided by their sum.
/// @param score  (n, 1) for two classes, else (n, K).
Prediction prediction_of_scores(const Eigen::MatrixXd& score);

/// Fits one class against the rest: once for two classes (class 1), else once per class.
/// @param fit  from cases and signs (n) of +1 / -1 to a model of log-odds.
Model one_against_rest(
    const TrainingSet& data,
    const std::function<BinaryModel(const Eigen::MatrixXd& x, const Eigen::VectorXd& sign)>& fit);

}  // namespace trimtab::diagnosis
