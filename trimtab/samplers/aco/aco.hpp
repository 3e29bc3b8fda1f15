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

/// Ant colony optimisation for any space: new points are drawn around the points of an archive of
/// the best, good ones more often, as wide as the archive still is.
///
/// Notation: k points in the archive, l = 1..k their ranks, q locality, xi evaporation.
///   Weight of a point: omega_l = exp(-(l - 1)^2 / (2 q^2 k^2)).
///   Number: normal around the point's value, deviation xi times its mean distance from the values
///   of the others. Category: value v has weight omega of the best point that has it over the
///   number of points that have it, plus q over the number of values that no point has.
///
/// Source: Socha and Dorigo 2008, "Ant colony optimization for continuous domains", equations 3 to
///   9; categories: Liao, Socha, Montes de Oca, Stuetzle and Dorigo 2014, "Ant colony optimization
///   for mixed-variable optimization problems", equations 2 to 4.
/// Differs: the archive is renewed when a trial is told, not after a colony of ants; a category is
///   that of the point walked around with probability 0.8, which keeps combinations together, and
///   drawn by the source's weights otherwise, with a small chance of a fresh value; groups (slots,
///   subsets) likewise, from another point as a whole; a number beyond its bounds is drawn again, a
///   few times; the archive's size follows the budget; an archive that has become one point starts
///   again.
/// Cost: a trial O(d k); memory O(k d).
class Aco {
 public:
  Aco(const Space& space, const OptionValues& options, const SamplerSetting& setting);

  static Info info();
  static Capabilities capabilities();

  std::vector<Point> ask(std::size_t count, Rng& rng) const;
  void tell(std::span<const Observation> finished, std::span<const Observation> active);

  std::span<const Elite::Member> archive() const { return archive_.members(); }
  /// The chance of every value of a category (not of a group's), for tests. (count), they sum to 1.
  std::vector<double> chances(std::size_t dimension) const;

 private:
  Point ant(Rng& rng) const;
  std::size_t draw_rank(Rng& rng) const;
  void change(const Gene& gene, Genotype& genotype, Rng& rng) const;
  double draw_number(std::size_t j, const Genotype& around, Rng& rng) const;

  Space space_;
  Genome genome_;
  std::uint64_t seed_;
  double locality_;
  double evaporation_;
  bool has_restarts_;
  Elite archive_;
  TriedPoints tried_;
  std::size_t num_finished_ = 0;
  std::size_t num_running_ = 0;
  std::vector<double> weights_;  // omega, by rank, of a full archive
};

}  // namespace trimtab
