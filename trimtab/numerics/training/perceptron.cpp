#include "trimtab/numerics/training/perceptron.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

// Notation: W, b of a layer; a its input (inputs, n); the gradient of what goes in is called delta.

using Layer = Perceptron::Layer;
using ConstMatrix = Eigen::Map<const Eigen::MatrixXf>;
using ConstVector = Eigen::Map<const Eigen::VectorXf>;

[[noreturn]] void refuse(const char* where, const char* expected) {
  throw BugError({.code = "perceptron.arguments",
                  .what = "the pieces of a network do not fit",
                  .where = where,
                  .got = "",
                  .expected = expected,
                  .hint = ""});
}

ConstMatrix weights(const Layer& layer, const Eigen::VectorXf& theta) {
  return {theta.data() + layer.begin, layer.outputs, layer.inputs};
}

ConstVector biases(const Layer& layer, const Eigen::VectorXf& theta) {
  return {theta.data() + layer.begin + layer.inputs * layer.outputs, layer.outputs};
}

// The inputs of every layer, and the logits behind them.
std::vector<Eigen::MatrixXf> forward(const std::vector<Layer>& layers, const Eigen::VectorXf& theta,
                                     Eigen::MatrixXf x) {
  std::vector<Eigen::MatrixXf> signals = {std::move(x)};
  for (const Layer& layer : layers) {
    Eigen::MatrixXf out(layer.outputs, signals.back().cols());
    out.noalias() = weights(layer, theta) * signals.back();
    out.colwise() += biases(layer, theta);
    if (&layer != &layers.back()) out = out.cwiseMax(0.0F);
    signals.push_back(std::move(out));
  }
  return signals;
}

// Logits become probabilities minus one-hot labels: the gradient of each case's loss.
double loss_and_delta(std::span<const std::size_t> items, const std::vector<int>& labels,
                      Eigen::MatrixXf& logits) {
  double sum = 0.0;
  for (Eigen::Index i = 0; i < logits.cols(); ++i) {
    auto column = logits.col(i);
    const Eigen::Index label = labels[items[static_cast<std::size_t>(i)]];
    column.array() -= column.maxCoeff();
    const float own = column(label);
    column = column.array().exp();
    const float total = column.sum();
    sum += std::log(static_cast<double>(total)) - static_cast<double>(own);
    column /= total;
    column(label) -= 1.0F;
  }
  return sum;
}

void backward(const std::vector<Layer>& layers, const Eigen::VectorXf& theta,
              const std::vector<Eigen::MatrixXf>& signals, Eigen::MatrixXf delta,
              Eigen::VectorXf& gradient) {
  for (std::size_t l = layers.size(); l-- > 0;) {
    const Layer& layer = layers[l];
    float* const begin = gradient.data() + layer.begin;
    Eigen::Map<Eigen::MatrixXf>(begin, layer.outputs, layer.inputs).noalias() =
        delta * signals[l].transpose();
    Eigen::Map<Eigen::VectorXf>(begin + layer.inputs * layer.outputs, layer.outputs) =
        delta.rowwise().sum();
    if (l == 0) break;
    Eigen::MatrixXf before(layer.inputs, delta.cols());
    before.noalias() = weights(layer, theta).transpose() * delta;
    delta = (signals[l].array() > 0.0F).select(before, 0.0F);
  }
}

Eigen::MatrixXf columns_of(const Eigen::MatrixXf& x, std::span<const std::size_t> items) {
  Eigen::MatrixXf chosen(x.rows(), static_cast<Eigen::Index>(items.size()));
  for (std::size_t i = 0; i < items.size(); ++i) {
    chosen.col(static_cast<Eigen::Index>(i)) = x.col(static_cast<Eigen::Index>(items[i]));
  }
  return chosen;
}

}  // namespace

Perceptron::Perceptron(const std::vector<Eigen::Index>& widths) {
  if (widths.size() < 2 || *std::min_element(widths.begin(), widths.end()) < 1) {
    refuse("Perceptron", "widths of features, hidden layers and classes, each at least 1");
  }
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    const Eigen::Index begin = l == 0 ? 0 : layers_.back().begin + layers_.back().size();
    layers_.push_back({widths[l], widths[l + 1], begin});
  }
}

Eigen::VectorXd Perceptron::random_start(Rng& rng) const {
  Eigen::VectorXd theta = Eigen::VectorXd::Zero(num_parameters());
  for (const Layer& layer : layers_) {
    const double deviation = std::sqrt(2.0 / static_cast<double>(layer.inputs));
    for (Eigen::Index i = 0; i < layer.inputs * layer.outputs; ++i) {
      theta(layer.begin + i) = deviation * rng.normal();
    }
  }
  return theta;
}

Eigen::MatrixXf Perceptron::logits(const Eigen::VectorXd& theta, const Eigen::MatrixXf& x) const {
  if (theta.size() < num_parameters() || x.rows() != layers_.front().inputs) {
    refuse("Perceptron::logits", "a parameter for each weight and a row for each feature");
  }
  return std::move(forward(layers_, theta.cast<float>(), x).back());
}

DifferentiableObjective cross_entropy(const Perceptron& network,
                                      std::shared_ptr<const LabelledCases> cases, bool with_scale) {
  const auto num_items = static_cast<std::size_t>(cases->x.cols());
  if (cases->x.rows() != network.layers().front().inputs || cases->labels.size() != num_items ||
      !std::all_of(cases->labels.begin(), cases->labels.end(),
                   [&](int label) { return label >= 0 && label < network.num_classes(); })) {
    refuse("cross_entropy", "a feature per input and a label per case");
  }
  const Eigen::Index size = network.num_parameters();
  return {.num_parameters = size + (with_scale ? 1 : 0),
          .num_items = num_items,
          .loss = [network, cases = std::move(cases), with_scale, size](
                      const Eigen::VectorXd& theta, std::span<const std::size_t> items,
                      Eigen::VectorXd& gradient) {
            const Eigen::VectorXf weights = theta.head(size).cast<float>();
            auto signals = forward(network.layers(), weights, columns_of(cases->x, items));
            Eigen::MatrixXf delta = std::move(signals.back());
            signals.pop_back();
            const auto count = static_cast<double>(items.size());
            const double scale = with_scale ? std::exp(theta(size)) : 1.0;
            delta *= static_cast<float>(scale);
            const Eigen::MatrixXf scaled = with_scale ? delta : Eigen::MatrixXf();
            const double sum = loss_and_delta(items, cases->labels, delta);
            gradient.resize(theta.size());
            if (with_scale) {
              gradient(size) = static_cast<double>(delta.cwiseProduct(scaled).sum()) / count;
            }
            delta *= static_cast<float>(scale / count);
            Eigen::VectorXf slopes(size);
            backward(network.layers(), weights, signals, std::move(delta), slopes);
            gradient.head(size) = slopes.cast<double>();
            return sum / count;
          }};
}

double accuracy_of(const Eigen::MatrixXf& logits, std::span<const int> labels) {
  std::size_t num_right = 0;
  for (Eigen::Index i = 0; i < logits.cols(); ++i) {
    Eigen::Index best = 0;
    logits.col(i).maxCoeff(&best);
    num_right += best == labels[static_cast<std::size_t>(i)] ? 1 : 0;
  }
  return static_cast<double>(num_right) / static_cast<double>(logits.cols());
}

double accuracy(const Perceptron& network, const Eigen::VectorXd& theta,
                const LabelledCases& cases) {
  return accuracy_of(network.logits(theta, cases.x), cases.labels);
}

}  // namespace trimtab
