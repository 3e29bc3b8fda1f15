#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "trimtab/core/elite.hpp"
#include "trimtab/core/sampler.hpp"
#include "trimtab/core/tried_points.hpp"
#include "trimtab/space/genotype.hpp"

namespace trimtab {

/// A genetic algorithm for any space: two winners of tournaments among the best trials have a child
/// by crossover and mutation; the best survive.
///
/// Numbers are crossed by simulated binary crossover and mutated by a polynomial; categories and
/// groups (slots, subsets) come from one of the parents and are mutated to another value.
///
/// Source: Deb and Agrawal 1995, "Simulated binary crossover for continuous search space", and Deb
///   and Goyal 1996 (polynomial mutation), both with bounds; the
///   (mu + 1) survival: Whitley 1989, "The GENITOR algorithm".
/// Differs: survival happens when a trial is told, so that workers need not wait; categories and
///   groups as above; the size of the population follows the budget; a child that was tried before
///   is drawn again; a population that has become one point starts again.
/// Cost: a trial O(d + population); memory O(population d).
class Ga {
 public:
  Ga(const Space& space, const OptionValues& options, const SamplerSetting& setting);

  static Info info();
  static Capabilities capabilities();

  std::vector<Point> ask(std::size_t count, Rng& rng) const;
  void tell(std::span<const Observation> finished, std::span<const Observation> active);

  std::span<const Elite::Member> population() const { return elite_.members(); }

 private:
  Point child(Rng& rng) const;
  const Genotype& select(Rng& rng) const;
  void cross(Genotype& a, const Genotype& b, Rng& rng) const;
  void mutate(Genotype& genotype, Rng& rng) const;

  Space space_;
  Genome genome_;
  std::uint64_t seed_;
  double crossover_index_;
  double mutation_index_;
  bool has_restarts_;
  Elite elite_;
  TriedPoints tried_;
  std::size_t num_finished_ = 0;
  std::size_t num_running_ = 0;
};

/// Simulated binary crossover of two positions in [0, 1]: one of the two children, symmetric about
/// the parents' mean, within the bounds. @param index  eta >= 0; large = near the parents.
/// @param u  uniform in [0, 1). @param is_upper  which child.
double simulated_binary_crossover(double a, double b, double index, double u, bool is_upper);

/// Polynomial mutation of a position in [0, 1]; small steps are likelier for a large index.
/// @param u  uniform in [0, 1); 0.5 changes nothing.
double polynomial_mutation(double x, double index, double u);

}  // namespace trimtab
