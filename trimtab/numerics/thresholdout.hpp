#pragma once

#include <cstdint>
#include <optional>

#include "trimtab/base/rng.hpp"

namespace trimtab {

// Notation in this file
//   phi      a query: a value in [0, 1] of every item (was this item classified rightly?)
//   T        threshold        sigma   scale of the noise        B   budget of overruns

enum class HoldoutNoise { Laplace, Gaussian };

struct ThresholdoutOptions {
  double threshold = 0.04;   ///< T > 0; 4 / sqrt(n) for n holdout items
  double noise = 0.0025;     ///< sigma > 0; 1 / (4 sqrt(n))
  std::int64_t budget = 50;  ///< B >= 1: how often the holdout may answer
  HoldoutNoise family = HoldoutNoise::Laplace;
};

/// What the mechanism remembers between questions.
struct HoldoutLedger {
  std::int64_t num_queries = 0;
  std::int64_t num_overruns = 0;  ///< answers that came from the holdout
  /// gamma over sigma; nothing before the first question, and after an overrun.
  std::optional<double> offset = {};
  bool operator==(const HoldoutLedger&) const = default;
};

/// An answer of the mechanism.
struct HoldoutAnswer {
  double value = 0.0;
  bool is_from_holdout = false;  ///< the training value was off by more than the threshold
};

/// A holdout that may be asked again and again, by questions that depend on its earlier answers:
/// it speaks only when the training value is clearly wrong, and then through noise, so that nobody
/// can fit it. What it gives away is counted, and when the budget is gone it answers no more.
///
/// Source: Dwork, Feldman, Hardt, Pitassi, Reingold and Roth 2015, "The reusable holdout:
///   preserving validity in adaptive data analysis", Thresholdout: overrun when |train - holdout| >
///   T + gamma + eta with eta ~ Lap(4 sigma) per query and gamma ~ Lap(2 sigma) after each overrun,
///   then the answer is the holdout's value + Lap(sigma).
/// Differs: `Gaussian` is the form of the authors' demonstration: N(0, sigma) for the threshold and
///   for the answer.
/// The generator must be secret and never reused with another question: who can predict the noise
/// can undo it. O(1) per query.
class Thresholdout {
 public:
  /// @param ledger  where an earlier object stopped.
  /// @throws UserError "holdout.options" for a threshold, noise or budget that is not positive.
  Thresholdout(const ThresholdoutOptions& options, Rng rng, const HoldoutLedger& ledger = {});

  /// @param train    the query's mean over the training items.
  /// @param holdout  its mean over the holdout items.
  /// @throws UserError "holdout.exhausted" when the budget is gone: not one more answer, not even
  /// the training value, because that it is given would tell.
  HoldoutAnswer ask(double train, double holdout);

  const HoldoutLedger& ledger() const { return ledger_; }
  std::int64_t num_queries() const { return ledger_.num_queries; }
  std::int64_t num_overruns() const { return ledger_.num_overruns; }
  std::int64_t remaining() const { return options_.budget - ledger_.num_overruns; }

 private:
  double draw(double laplace_scale);

  ThresholdoutOptions options_;
  Rng rng_;
  HoldoutLedger ledger_;
};

/// A Laplace variable of scale 1: density exp(-|x|) / 2.
double laplace(Rng& rng);

}  // namespace trimtab
