#include "trimtab/workloads/tabular_diagnosis/logistic_regression.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace trimtab::diagnosis {
namespace {

// Notation in this file
//   z      features with a last column of ones, (n, p + 1)
//   beta   weights, then the intercept, (p + 1)
//   a      weight of a case times C, (n)
//   g, h   gradient and Hessian of the smooth part

constexpr int kMaxSteps = 50;
constexpr int kMaxSweeps = 200;
constexpr double kTolerance = 1e-8;  // of the objective's decrease, relative

double softplus(double t) {
  return t > 0.0 ? t + std::log1p(std::exp(-t)) : std::log1p(std::exp(t));
}

double shrink(double t, double by) { return std::copysign(std::max(0.0, std::abs(t) - by), t); }

class Problem {
 public:
  Problem(const Eigen::MatrixXd& x, const Eigen::VectorXd& sign, const LogisticOptions& options)
      : z_(x.rows(), x.cols() + 1), sign_(sign), penalty_(options.penalty) {
    z_.leftCols(x.cols()) = x;
    z_.col(x.cols()).setOnes();
    a_ = Eigen::VectorXd::Constant(x.rows(), options.c);
    if (!options.is_balanced) return;
    const double n = static_cast<double>(x.rows());
    const double positives = static_cast<double>((sign.array() > 0.0).count());
    for (Eigen::Index i = 0; i < a_.size(); ++i) {
      a_(i) *= n / (2.0 * (sign(i) > 0.0 ? positives : n - positives));
    }
  }

  Eigen::Index size() const { return z_.cols(); }

  double objective(const Eigen::VectorXd& beta) const {
    const Eigen::VectorXd margin = sign_.cwiseProduct(z_ * beta);
    double sum = 0.0;
    for (Eigen::Index i = 0; i < margin.size(); ++i) sum += a_(i) * softplus(-margin(i));
    return sum + penalty(beta);
  }

  /// The step of the quadratic model with the penalty.
  Eigen::VectorXd direction(const Eigen::VectorXd& beta) const {
    const Eigen::VectorXd margin = sign_.cwiseProduct(z_ * beta);
    const Eigen::VectorXd miss = (-margin).unaryExpr(&sigmoid);  // 1 - P(own class)
    Eigen::VectorXd g = -(z_.transpose() * (a_.cwiseProduct(sign_).cwiseProduct(miss)));
    const Eigen::VectorXd curvature = a_.array() * miss.array() * (1.0 - miss.array());
    const Eigen::MatrixXd scaled = z_.array().colwise() * curvature.array().sqrt();
    Eigen::MatrixXd h = Eigen::MatrixXd::Zero(size(), size());
    h.selfadjointView<Eigen::Lower>().rankUpdate(scaled.transpose());
    h.triangularView<Eigen::StrictlyUpper>() = h.transpose();
    h.diagonal().array() += 1e-10 * (1.0 + h.diagonal().array());
    if (penalty_ == Penalty::L1) return l1_step(g, h, beta);
    const Eigen::Index p = size() - 1;
    g.head(p) += beta.head(p);
    h.diagonal().head(p).array() += 1.0;
    return h.ldlt().solve(-g);
  }

 private:
  double penalty(const Eigen::VectorXd& beta) const {
    const auto w = beta.head(size() - 1);
    return penalty_ == Penalty::L1 ? w.lpNorm<1>() : 0.5 * w.squaredNorm();
  }

  // Coordinate descent on g d + d h d / 2 + |w + d|_1; the intercept is not shrunk.
  Eigen::VectorXd l1_step(const Eigen::VectorXd& g, const Eigen::MatrixXd& h,
                          const Eigen::VectorXd& beta) const {
    Eigen::VectorXd d = Eigen::VectorXd::Zero(size());
    Eigen::VectorXd slope = g;  // g + h d
    for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
      double gain = 0.0;
      for (Eigen::Index j = 0; j < size(); ++j) {
        const double here = beta(j) + d(j);
        const double free = here - slope(j) / h(j, j);
        const double next = j + 1 == size() ? free : shrink(free, 1.0 / h(j, j));
        const double move = next - here;
        if (move == 0.0) continue;
        d(j) += move;
        slope += move * h.col(j);
        gain = std::max(gain, h(j, j) * move * move);
      }
      if (gain < 1e-10) break;
    }
    return d;
  }

  Eigen::MatrixXd z_;
  Eigen::VectorXd sign_;
  Eigen::VectorXd a_;
  Penalty penalty_;
};

}  // namespace

LinearScore fit_logistic(const Eigen::MatrixXd& x, const Eigen::VectorXd& sign,
                         const LogisticOptions& options) {
  const Problem problem(x, sign, options);
  Eigen::VectorXd beta = Eigen::VectorXd::Zero(problem.size());
  double objective = problem.objective(beta);
  for (int step = 0; step < kMaxSteps; ++step) {
    const Eigen::VectorXd d = problem.direction(beta);
    double length = 1.0;
    double next = problem.objective(beta + d);
    while (!(next < objective) && length > 1e-6) {
      length /= 2.0;
      next = problem.objective(beta + length * d);
    }
    if (!(next < objective)) break;
    beta += length * d;
    const bool is_done = objective - next <= kTolerance * std::max(1.0, std::abs(next));
    objective = next;
    if (is_done) break;
  }
  return {beta.head(x.cols()), beta(x.cols())};
}

Model fit_logistic_regression(const TrainingSet& data, const LogisticOptions& options) {
  return one_against_rest(
      data, [&](const Eigen::MatrixXd& x, const Eigen::VectorXd& sign) -> BinaryModel {
        return [linear = fit_logistic(x, sign, options)](const Eigen::MatrixXd& cases) {
          return Eigen::VectorXd((cases * linear.weight).array() + linear.intercept);
        };
      });
}

}  // namespace trimtab::diagnosis
