#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "trimtab/core/proposal_slots.hpp"
#include "trimtab/core/rank.hpp"
#include "trimtab/core/sampler.hpp"
#include "trimtab/core/tried_points.hpp"
#include "trimtab/samplers/de/success_memory.hpp"
#include "trimtab/space/genotype.hpp"

namespace trimtab {

/// Differential evolution for any space: every member of the population is challenged by a mix of
/// itself and a mutant x + F (best - x) + F (a - b); F and CR learn from what improved, and the
/// population shrinks as the budget is used up.
///
/// A category of the mutant comes from one of the best with probability F, and where the two
/// members of the difference disagree it is the first one's with probability F; groups (slots,
/// subsets) likewise, as a whole. Inactive parameters take part with the values they had. A trial
/// that nobody's plan explains (enqueued, or a random replacement) challenges the worst member.
///
/// Source: Tanabe and Fukunaga 2014, "L-SHADE" (current-to-pbest/1/bin, archive, memory, linear
///   population size reduction); asynchronous selection as in Zhabitskaya and Zhabitsky 2013.
/// Differs: selection happens when a trial is told, not at the end of a generation, so that workers
///   need not wait; categories and groups as above, each with a small chance of a fresh value; the
///   first size follows the budget, because tuning has hundreds of trials where the source has ten
///   thousand per parameter; a population that has become one point starts again.
/// Cost: a trial O(d + NP log NP); memory O(NP d).
class De {
 public:
  De(const Space& space, const OptionValues& options, const SamplerSetting& setting);

  static Info info();
  static Capabilities capabilities();

  std::vector<Point> ask(std::size_t count, Rng& rng) const;
  void tell(std::span<const Observation> finished, std::span<const Observation> active);

  /// Size of the population now, and how often it started, for tests and explanations.
  std::size_t population_size() const { return members_.size(); }
  std::size_t num_starts() const { return num_starts_; }

 private:
  struct Member {
    Genotype genotype = {};
    Rank rank = {};
    de::Rates rates = {};  // of the trial that challenges it
  };

  void start();
  void add(const Observation& observation);
  void fill(std::size_t slot, const Observation& observation, const Rank& rank);
  void challenge(std::size_t slot, const Rank& rank);
  void admit(const Observation& observation, const Rank& rank);
  void finish_generation();
  void shrink();
  bool has_converged() const;
  void sort_order();
  void plan_ahead(Rng& rng);
  void plan_trial(std::size_t slot, Rng& rng);
  Genotype trial_of(std::size_t target, const de::Rates& rates, Rng& rng) const;

  Space space_;
  Genome genome_;
  std::uint64_t seed_;
  double num_budgeted_;  // trials, 0 = unknown
  std::size_t first_size_;
  bool has_restarts_;

  std::vector<Member> members_;
  std::vector<std::size_t> order_;  // of the members, best first
  std::vector<Genotype> archive_;   // members that were improved upon
  ProposalSlots slots_;
  de::SuccessMemory memory_;
  TriedPoints tried_;
  std::size_t num_finished_ = 0;
  bool is_starting_ = true;            // the first points are not all told
  std::size_t num_in_generation_ = 0;  // trials told since the last one ended
  std::size_t num_starts_ = 0;
};

}  // namespace trimtab
