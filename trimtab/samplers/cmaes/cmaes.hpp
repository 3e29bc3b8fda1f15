#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_set>
#include <vector>

#include "trimtab/core/sampler.hpp"
#include "trimtab/samplers/cmaes/categories.hpp"
#include "trimtab/samplers/cmaes/coordinate.hpp"
#include "trimtab/samplers/cmaes/restarts.hpp"
#include "trimtab/samplers/cmaes/warm_start.hpp"

namespace trimtab {

/// CMA-ES for any space: a Gaussian over numeric and ordinal parameters and independent
/// distributions over the choices of categorical ones, adapted after every lambda finished trials,
/// with restarts of growing size.
///
/// Trials are asked one by one and come back in any order, with a point only. What was drawn for
/// them is rebuilt from the point: a coordinate is drawn again from the current distribution
/// restricted to what gives its value (see Coordinate). Given the value the loss does not depend on
/// which of these positions it was, so that the new draw has the law of the old one as far as
/// coordinates are independent. Running trials of the generation before, the default and enqueued
/// points are thus solutions from outside, of limited length. Binary parameters, permutations,
/// subsets and slots are categorical; slots that must differ are drawn without replacement.
///
/// Source: Hansen 2016, arXiv:1604.00772; Hansen 2009 (BIPOP); Hamano et al. 2022 (CMA-ES with
///   margin), 2024 and 2025 (CatCMA with margin, arXiv:2504.07884). See the parts of this folder.
/// Differs: as above and in SearchDistribution, Categories, Bipop, Stagnation. A
///   proposal that can repeat (all its values discrete or bounds) and was tried before is replaced
///   if possible.
/// Cost: a trial O(n^2), or O(n) if diagonal; a generation also O(n^3) at times.
class Cmaes {
 public:
  Cmaes(const Space& space, const OptionValues& options, const SamplerSetting& setting);

  static Info info();
  static Capabilities capabilities();

  std::vector<Point> ask(std::size_t count, Rng& rng) const;
  void tell(std::span<const Observation> finished, std::span<const Observation> active);

  /// The Gaussian part, its coordinates and the runs begun, for tests and explanations.
  const cmaes::SearchDistribution& distribution() const { return distribution_; }
  std::span<const cmaes::Coordinate> coordinates() const { return coordinates_; }
  std::size_t num_runs() const { return num_runs_; }

 private:
  struct Variable {
    std::size_t index = 0;         // dimension
    std::size_t group = SIZE_MAX;  // of slots that must differ
  };

  void split_dimensions();
  std::vector<double> first_mean() const;
  void begin(const cmaes::Run& run, std::vector<double> mean);
  void restart();
  void add_earlier(const Observation& observation);
  void add(const Observation& observation);
  void finish_generation();
  Point draw(Rng& rng) const;
  void draw_choices(Point& point, Rng& rng) const;
  Point propose(std::unordered_set<std::uint64_t>& proposed, Rng& rng) const;
  bool can_repeat(PointView point) const;
  std::uint64_t key_of(PointView point) const { return space_.hash(point).low; }

  Space space_;
  std::uint64_t seed_;
  bool is_diagonal_;
  bool has_restarts_;
  double alpha_ = 0.25;  // mass outside of the likeliest value of a discrete parameter
  std::vector<cmaes::Coordinate> coordinates_;
  std::vector<Variable> variables_;
  Point fixed_;  // dimensions of one value

  cmaes::WarmStart earlier_;
  cmaes::Bipop bipop_;
  cmaes::Run run_;
  cmaes::Constants constants_;
  cmaes::SearchDistribution distribution_;
  cmaes::Categories categories_;
  cmaes::Stagnation stagnation_;
  std::size_t num_runs_ = 0;
  std::size_t num_trials_ = 0;  // of this run

  std::vector<double> positions_;      // of the generation so far, (trials, n)
  std::vector<std::int32_t> choices_;  // (trials, variables)
  std::vector<Rank> ranks_;            // (trials)

  std::unordered_set<std::uint64_t> seen_;     // hashes of tried points that can repeat
  std::unordered_set<std::uint64_t> running_;  // and of running ones
};

}  // namespace trimtab
