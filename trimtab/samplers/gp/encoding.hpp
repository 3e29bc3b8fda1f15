#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/numerics/gp/inputs.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab::gp {

/// Points of a space as features whose Euclidean distances the kernel compares.
///
/// - Numbers and ordered choices: their place in [-1/2, 1/2] on the scale of the dimension.
/// - Categories: one feature per choice, 1/sqrt(2) at the chosen one, so that any two choices are
///   1 apart (Hamming distance within the kernel).
/// - Conditional dimensions have one more feature, 1/2 when active and 0 when not. An inactive
///   number lies at 0, an inactive category in the middle of its choices. Hence two active values
///   are compared as usual, two inactive ones are equal, and an active and an inactive one are at
///   least 1/2 apart.
///
/// All features of a dimension share one length-scale. Dimensions of a single value have none.
/// Source: Levesque et al. 2017, "Bayesian optimization for conditional hyperparameter spaces";
///   Hutter and Osborne 2013, arXiv:1310.5738 (embeddings keep the kernel positive definite).
/// Differs: a straight embedding (lifted middle) instead of an arc of a circle, so that the kernel
///   of an unconditional space is the plain one.
class Encoding {
 public:
  explicit Encoding(const Space& space);

  const Axes& axes() const { return axes_; }
  std::size_t num_features() const { return axes_.num_features(); }
  /// @param features  (F), written
  void encode(PointView point, std::span<double> features) const;

  /// A dimension that a gradient can move: continuous, or a number of at least 12 values that
  /// belongs to no group.
  bool is_smooth(std::size_t dimension) const { return slots_[dimension].is_smooth; }
  /// The first feature of a dimension: of a number its place in [-1/2, 1/2]. That of its activity
  /// follows its last one.
  std::size_t feature_of(std::size_t dimension) const { return slots_[dimension].first; }

 private:
  struct Slot {
    std::size_t first = 0;        // feature
    std::size_t num_choices = 0;  // categorical; 0 = one number
    bool is_conditional = false;
    bool is_smooth = false;
    bool is_constant = false;
  };

  Space space_;
  Axes axes_;
  std::vector<Slot> slots_;  // per dimension
};

}  // namespace trimtab::gp
