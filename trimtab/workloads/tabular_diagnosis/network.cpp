#include "trimtab/workloads/tabular_diagnosis/network.hpp"

#include <cmath>
#include <numeric>
#include <utility>

#include "trimtab/base/rng.hpp"

namespace trimtab::diagnosis {
namespace {

// Notation in this file: cases are columns
//   x (p, b)   a hidden units after rectification (u, b)   q class probabilities (K, b)

constexpr Eigen::Index kBatch = 32;

// Weights with their Adam moments.
struct Layer {
  Eigen::MatrixXd w;  // (out, in + 1), the last column is the bias
  Eigen::MatrixXd mean, square;

  Layer(Eigen::Index out, Eigen::Index in, Rng& rng) : w(Eigen::MatrixXd::Zero(out, in + 1)) {
    const double bound = std::sqrt(6.0 / static_cast<double>(in + out));
    for (Eigen::Index j = 0; j < in; ++j) {
      for (Eigen::Index i = 0; i < out; ++i) w(i, j) = rng.uniform(-bound, bound);
    }
    mean = square = Eigen::MatrixXd::Zero(out, in + 1);
  }

  Eigen::MatrixXd forward(const Eigen::MatrixXd& in) const {
    return (w.leftCols(in.rows()) * in).colwise() + w.col(in.rows());
  }

  // `slope` is the gradient with respect to the layer's output, (out, b).
  Eigen::MatrixXd gradient(const Eigen::MatrixXd& slope, const Eigen::MatrixXd& in,
                           double decay) const {
    Eigen::MatrixXd g(w.rows(), w.cols());
    g.leftCols(in.rows()).noalias() = slope * in.transpose();
    g.leftCols(in.rows()) += decay * w.leftCols(in.rows());
    g.col(in.rows()) = slope.rowwise().sum();
    return g;
  }

  void step(const Eigen::MatrixXd& g, double rate, double step) {
    constexpr double kMean = 0.9, kSquare = 0.999, kEpsilon = 1e-8;
    mean = kMean * mean + (1.0 - kMean) * g;
    square = kSquare * square + (1.0 - kSquare) * g.cwiseAbs2();
    const double mean_scale = 1.0 / (1.0 - std::pow(kMean, step));
    const double square_scale = 1.0 / (1.0 - std::pow(kSquare, step));
    w.array() -=
        rate * mean_scale * mean.array() / ((square_scale * square.array()).sqrt() + kEpsilon);
  }
};

Eigen::MatrixXd softmax(Eigen::MatrixXd score) {
  const Eigen::RowVectorXd top = score.colwise().maxCoeff();
  score = (score.rowwise() - top).array().exp();
  const Eigen::RowVectorXd total = score.colwise().sum();
  score.array().rowwise() /= total.array();
  return score;
}

struct Network {
  Layer hidden;
  Layer output;

  Eigen::MatrixXd activate(const Eigen::MatrixXd& x) const {
    return hidden.forward(x).cwiseMax(0.0);
  }

  void learn(const Eigen::MatrixXd& x, const Eigen::MatrixXd& target, double decay, double rate,
             double step) {
    const Eigen::MatrixXd a = activate(x);
    const Eigen::MatrixXd slope =
        (softmax(output.forward(a)) - target) / static_cast<double>(x.cols());
    Eigen::MatrixXd back = output.w.leftCols(a.rows()).transpose() * slope;
    back = (a.array() > 0.0).select(back, 0.0);
    const Eigen::MatrixXd output_gradient = output.gradient(slope, a, decay);
    const Eigen::MatrixXd hidden_gradient = hidden.gradient(back, x, decay);
    output.step(output_gradient, rate, step);
    hidden.step(hidden_gradient, rate, step);
  }
};

}  // namespace

Model fit_network(const TrainingSet& data, const NetworkOptions& options, std::uint64_t seed) {
  Rng rng(seed, 0, "network");
  const Eigen::Index n = data.x.rows();
  const Eigen::MatrixXd x = data.x.transpose();
  Eigen::MatrixXd target = Eigen::MatrixXd::Zero(data.num_classes, n);
  for (Eigen::Index i = 0; i < n; ++i) target(data.label[static_cast<std::size_t>(i)], i) = 1.0;

  Layer hidden(options.num_units, x.rows(), rng);
  Layer output(data.num_classes, options.num_units, rng);
  Network network{std::move(hidden), std::move(output)};
  const double decay = options.weight_decay / static_cast<double>(n);
  std::vector<Eigen::Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  double step = 0.0;
  for (int epoch = 0; epoch < options.num_epochs; ++epoch) {
    rng.shuffle(std::span(order));
    for (Eigen::Index first = 0; first < n; first += kBatch) {
      const auto begin = order.begin() + first;
      const std::vector<Eigen::Index> batch(begin, begin + std::min(kBatch, n - first));
      network.learn(x(Eigen::all, batch), target(Eigen::all, batch), decay, options.learning_rate,
                    ++step);
    }
  }
  return [network = std::move(network)](const Eigen::MatrixXd& cases) {
    Prediction prediction;
    prediction.probability =
        softmax(network.output.forward(network.activate(cases.transpose()))).transpose();
    prediction.label = most_probable(prediction.probability);
    return prediction;
  };
}

}  // namespace trimtab::diagnosis
