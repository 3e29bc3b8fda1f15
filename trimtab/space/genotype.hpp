#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "trimtab/space/space.hpp"

namespace trimtab {

/// A point as population methods see it: one number per dimension, never NaN. Numbers and ordinals
/// are positions in [0, 1] on their scale, categories the index of the choice. A dimension that is
/// inactive in the point keeps the value that it had in the parent, ready for when it wakes up.
using Genotype = std::vector<double>;

/// What crossover takes from one parent as a whole.
struct Gene {
  enum class Type : std::uint8_t {
    Number,    ///< one ordered dimension, moved by arithmetic
    Category,  ///< one dimension without order
    Group,     ///< slots of a permutation or many_of, or the items of a subset
  };
  Type type = Type::Number;
  std::vector<std::size_t> members;  ///< dimensions; one unless a group
  std::size_t group = 0;             ///< Group: index in Space::groups()
};

/// The genes of a space, and the way between points and genotypes.
class Genome {
 public:
  explicit Genome(const Space& space);

  /// In the order of their first dimension; dimensions of one value are in none.
  std::span<const Gene> genes() const { return genes_; }

  /// From the priors, inactive dimensions too. Cost: that of Space::sample, and O(d).
  Genotype sample(Rng& rng) const;

  /// @param inherited  gives the values of what is inactive in the point. O(d).
  Genotype encode(PointView point, const Genotype& inherited) const;

  /// The canonical point. The genotype takes over what had to be repaired; a number that is only
  /// rounded keeps its position. Constraints are not looked at. O(d).
  ///   [tested] space.contains(express(g)) for every g in [0, 1]^d without constraints.
  Point express(Genotype& genotype) const;

  /// A fresh value for one gene: a number from its prior; another choice, all alike; one slot
  /// changed or two exchanged; one item of a subset turned, or two if its size allows no other.
  /// O(1), or O(items).
  void mutate(const Gene& gene, Genotype& genotype, Rng& rng) const;

  /// Whether both are the same place: numbers within `tolerance` on their scale, discrete ones and
  /// choices equal. O(d).
  bool is_same(const Genotype& a, const Genotype& b, double tolerance) const;

 private:
  double encode_at(std::size_t j, double value) const;
  void mutate_slots(const Group& group, Genotype& genotype, Rng& rng) const;
  void mutate_items(const Group& group, Genotype& genotype, Rng& rng) const;

  Space space_;
  std::vector<Gene> genes_;
};

}  // namespace trimtab
