#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "trimtab/core/sampler.hpp"

namespace trimtab {

/// A scrambled Sobol sequence: fills the space evenly, better than random draws for a first look
/// and for few important parameters among many. Trial n gets the n-th point of the sequence that
/// satisfies the constraints; finished and running trials of any origin count.
///
/// Every dimension of the space has its own coordinate, also when its conditions leave it out, so
/// that the points of every branch of a conditional space are evenly spread as well.
///
/// Source: Sobol 1967; Joe and Kuo 2008 (direction numbers); Owen 1995 (scrambling).
/// Differs: see trimtab/numerics/sobol.hpp for more than 256 dimensions; where fewer than about one
///   point in 1 000 satisfies the constraints, the trial gets a random draw.
/// Cost: tell O(d (finished + running)) with constraints, else O(1); ask O(d).
class SobolSampler {
 public:
  SobolSampler(const Space& space, const OptionValues& options, const SamplerSetting& setting);

  static Info info();
  static Capabilities capabilities();

  std::vector<Point> ask(std::size_t count, Rng& rng) const;
  void tell(std::span<const Observation> finished, std::span<const Observation> active);

 private:
  Point point_at(std::uint32_t index) const;
  std::optional<Point> take(std::uint32_t& index) const;
  void skip(std::uint32_t& index, std::size_t count) const;

  Space space_;
  std::uint64_t key_;
  bool is_scrambled_;
  std::uint32_t after_finished_ = 0;  // the next index, had only the finished trials been asked
  std::uint32_t next_ = 0;            // the next index
};

}  // namespace trimtab
