#pragma once

#include <cstddef>
#include <vector>

#include "trimtab/base/rng.hpp"

namespace trimtab::de {

// Notation in this room
//   NP       members of the population       x, u   a member and the trial that challenges it
//   F        scale of differences            CR     probability that a gene comes from the mutant
//   H        entries of the memory           p      share of the best that attract

/// F and CR of one trial.
struct Rates {
  double f = 0.5;
  double cr = 0.5;
};

/// What scales and crossover rates have led to improvements: a ring of H means, one of which is
/// renewed per generation.
///
/// Source: Tanabe and Fukunaga 2014, "Improving the search performance of SHADE using linear
///   population size reduction", algorithm 1 and equations 1 to 9 (terminal CR included).
/// Differs: an improvement that is not finite (from a failure, say) weighs as much as the largest
///   finite one of its generation, or 1.
class SuccessMemory {
 public:
  explicit SuccessMemory(std::size_t num_entries = 6);

  /// F from Cauchy(M_F, 0.1), again while <= 0, at most 1; CR from N(M_CR, 0.1), clipped to [0, 1].
  Rates draw(Rng& rng) const;

  /// @param improvement  loss of x minus loss of u, > 0, maybe infinite or NaN.
  void add(const Rates& rates, double improvement);
  /// Ends a generation: weighted Lehmer means replace the oldest entry, if anything improved.
  void finish_generation();

  double f(std::size_t entry) const { return entries_[entry].f; }
  double cr(std::size_t entry) const { return entries_[entry].cr; }  ///< negative = terminal, 0

 private:
  struct Success {
    Rates rates;
    double improvement = 0.0;
  };
  std::vector<Rates> entries_;
  std::size_t next_ = 0;
  std::vector<Success> successes_;
};

}  // namespace trimtab::de
