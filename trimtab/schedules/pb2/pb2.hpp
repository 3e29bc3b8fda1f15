#pragma once

#include "trimtab/core/fidelity/population.hpp"

namespace trimtab {

/// Population based bandits: as population based training, but where a member takes over another
/// one, the new numbers are those that a drifting Gaussian process expects to improve it most.
///
/// The process learns how much each segment improved on its parent. The next point maximises
/// mean + sqrt(beta) deviation, beta = max(0, 0.2 ln(0.4 n)), where the deviation knows of the
/// segments that run now.
/// Source: Parker-Holder et al. 2020, "Provably efficient online hyperparameter optimization with
///   population-based bandits", algorithm 1 and section 4; constants of the authors' program.
/// Differs: see Population and DriftingProcess; the last 100 segments are learnt from; categories
///   are drawn anew with probability 0.25; the maximum is the best of 500 random points and 100
///   near the parameters taken over; several objectives: improvement of the first one.
/// Cost: a takeover O(36 n^3 + 600 n^2), n <= 100: some 0.05 s.
class Pb2 final : public Population {
 public:
  Pb2(const OptionValues& options, const ScheduleSetting& setting);
  static Info info();

 private:
  struct Improvements {
    std::vector<std::vector<double>> points = {};
    std::vector<double> times = {};
    std::vector<double> values = {};  // standardised
  };
  Improvements improvements(const Space& space) const;
  Point explore(const Segment& from, int level, const Space& space, Rng& rng) const override;
};

}  // namespace trimtab
