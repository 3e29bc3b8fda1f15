#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_set>
#include <vector>

#include "trimtab/core/sampler.hpp"
#include "trimtab/samplers/gp/encoding.hpp"

namespace trimtab::gp {

/// What a finished trial says to the model.
enum class Verdict : std::uint8_t {
  Value,    ///< its loss
  AtLeast,  ///< pruned: its loss so far, and no better than the middle of the others
  Failure,  ///< that its place may fail
};

/// Finished trials in the order of the log, as columns. Only grows; a model of the first n trials
/// reads the first n rows.
class Observations {
 public:
  Observations(const Space& space, const Encoding& encoding, std::size_t num_constraints = 0);

  /// O(d).
  void add(const Observation& observation);

  std::size_t size() const { return verdicts_.size(); }
  Verdict verdict(std::size_t i) const { return verdicts_[i]; }
  double loss(std::size_t i) const { return losses_[i]; }  ///< NaN for failures
  std::size_t num_constraints() const { return num_constraints_; }
  /// Of an observed constraint, > 0 violates; NaN where it is not known.
  double violation(std::size_t i, std::size_t constraint) const {
    return violations_[i * num_constraints_ + constraint];
  }
  /// No constraint is known to be violated.
  bool is_feasible(std::size_t i) const;
  PointView point(std::size_t i) const;
  std::span<const double> features(std::size_t i) const;
  /// Tried before, in whatever order the inactive parameters were written.
  bool has_seen(PointView point) const;

 private:
  Space space_;
  Encoding encoding_;
  std::size_t num_constraints_;
  std::vector<double> points_;    // (n, dimensions)
  std::vector<double> features_;  // (n, F)
  std::vector<double> losses_;
  std::vector<double> violations_;  // (n, constraints)
  std::vector<Verdict> verdicts_;
  std::unordered_set<std::uint64_t> seen_;
};

}  // namespace trimtab::gp
