#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/numerics/training/objective.hpp"

namespace trimtab {

/// Cases of a classification task.
struct LabelledCases {
  Eigen::MatrixXf x;        ///< (features, n), a case per column
  std::vector<int> labels;  ///< n numbers from 0
};

/// A fully connected network with rectified hidden layers and one logit per class.
/// theta holds, layer by layer, the weights (outputs, inputs) in column-major order, then the
/// outputs' biases. Single precision inside.
class Perceptron {
 public:
  struct Layer {
    Eigen::Index inputs = 0, outputs = 0;
    Eigen::Index begin = 0;  ///< of its weights in theta
    Eigen::Index size() const { return (inputs + 1) * outputs; }
  };

  /// @param widths  features, hidden layers, classes: {64, 32, 10} has 2410 parameters [tested].
  /// @throws BugError with fewer than two widths or one below 1.
  explicit Perceptron(const std::vector<Eigen::Index>& widths);

  Eigen::Index num_parameters() const { return layers_.back().begin + layers_.back().size(); }
  Eigen::Index num_classes() const { return layers_.back().outputs; }
  const std::vector<Layer>& layers() const { return layers_; }

  /// Random weights of variance 2 / inputs, biases 0.
  /// Source: He et al. 2015, equation 10.  Differs: none.
  Eigen::VectorXd random_start(Rng& rng) const;

  /// (classes, n). @param theta  (D) or longer. Cost: 2 n D.
  Eigen::MatrixXf logits(const Eigen::VectorXd& theta, const Eigen::MatrixXf& x) const;

 private:
  std::vector<Layer> layers_;
};

/// The mean cross-entropy of softmax(logits), in nats, with its gradient by back-propagation.
/// @param with_scale  theta has one more entry at its end, s: the logits are multiplied by exp(s).
/// @throws BugError when the cases do not fit the network. Cost of a call: 6 items D.
DifferentiableObjective cross_entropy(const Perceptron& network,
                                      std::shared_ptr<const LabelledCases> cases,
                                      bool with_scale = false);

/// Share of columns whose largest logit is the label's; of ties the first class counts.
/// @param logits  (classes, n). @param labels  n of them.
double accuracy_of(const Eigen::MatrixXf& logits, std::span<const int> labels);

/// That of the network's logits.
double accuracy(const Perceptron& network, const Eigen::VectorXd& theta,
                const LabelledCases& cases);

}  // namespace trimtab
