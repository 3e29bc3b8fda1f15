#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "trimtab/core/proposal_slots.hpp"
#include "trimtab/core/rank.hpp"
#include "trimtab/core/sampler.hpp"
#include "trimtab/core/tried_points.hpp"
#include "trimtab/space/genotype.hpp"

namespace trimtab {

/// Particle swarm optimisation for any space: particles fly on, drawn to the best point of their
/// own and to the best of their neighbours.
///
/// Notation: x position, v velocity, both per dimension with a range of width 1; omega inertia,
/// c1 and c2 attractions, r1 and r2 uniform in [0, 1) for every dimension:
///   v <- omega v + c1 r1 (own best - x) + c2 r2 (neighbours' best - x), |v| <= limit;  x <- x + v.
/// A number is reflected at its bounds, and rounded only to be run. A category or a group (slots,
/// subsets) stays or is taken over whole, with chances in the ratio omega : c1 r1 : c2 r2.
///
/// Source: Kennedy and Eberhart 1995; Clerc and Kennedy 2002 (omega, c1, c2 by constriction);
///   Bratton and Kennedy 2007 (ring of neighbours, asynchronous moves); Clerc 2012, "Standard
///   particle swarm optimisation", section 3 (first velocities).
/// Differs: a particle moves when its trial was told, whatever the others do, so that workers need
///   not wait; categories and groups as above, each with a small chance of a fresh value; the size
///   of the swarm follows the budget; omega is 0.6 instead of 0.7298, better at hundreds of trials;
///   a swarm whose bests have become one point starts again. A trial that no particle planned
///   replaces the worst own best if it is better.
/// Cost: a trial O(d + swarm); memory O(swarm d).
class Pso {
 public:
  Pso(const Space& space, const OptionValues& options, const SamplerSetting& setting);

  static Info info();
  static Capabilities capabilities();

  std::vector<Point> ask(std::size_t count, Rng& rng) const;
  void tell(std::span<const Observation> finished, std::span<const Observation> active);

  /// Particles, and how often the swarm started, for tests and explanations.
  std::size_t swarm_size() const { return particles_.size(); }
  std::size_t num_starts() const { return num_starts_; }

 private:
  struct Particle {
    Genotype position = {};
    std::vector<double> velocity = {};
    Genotype best = {};
    Rank rank = {};  // of its best
  };
  // Where a particle goes next, with the velocity that leads there.
  struct Move {
    Genotype position;
    std::vector<double> velocity;
  };

  void start();
  void add(const Observation& observation);
  void settle(std::size_t slot, const Observation& observation, const Rank& rank, Rng& rng);
  void arrive(std::size_t slot, const Rank& rank);
  void admit(const Observation& observation, const Rank& rank);
  bool has_converged() const;
  void plan_ahead(Rng& rng);
  void plan_move(std::size_t slot, Rng& rng);
  Move move_of(std::size_t slot, Rng& rng) const;
  void move_number(std::size_t j, const Particle& particle, const Genotype& guide, Move& move,
                   Rng& rng) const;
  const Particle& guide_of(std::size_t slot) const;

  Space space_;
  Genome genome_;
  std::uint64_t seed_;
  double inertia_;
  double own_;
  double social_;
  double limit_;
  bool is_ring_;
  bool has_restarts_;

  std::vector<Particle> particles_;
  ProposalSlots slots_;
  TriedPoints tried_;
  bool is_starting_ = true;  // the first points are not all told
  std::size_t num_finished_ = 0;
  std::size_t num_starts_ = 0;
};

}  // namespace trimtab
