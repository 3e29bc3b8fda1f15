#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "trimtab/samplers/gp/acquisition.hpp"
#include "trimtab/samplers/gp/encoding.hpp"
#include "trimtab/samplers/gp/observations.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab::gp {

/// Points of a finite space that are allowed and not taken, in the order of enumeration. Empty when
/// there is none, and for spaces of more than 100 000 points, which no study exhausts.
/// @param limit  of points returned. Cost: O(size of the space), 1 us a point.
std::vector<Point> untried_points(const Space& space,
                                  const std::function<bool(PointView)>& is_taken,
                                  std::size_t limit);

/// Looks for the point of largest acquisition: many candidates at once (uniform ones, and changes
/// of the best trials at every scale), the best of them polished along the gradient in the
/// coordinates that have one, and improved value by value in the others.
///
/// Every candidate is a legal point before it is valued, so rounding and conditions cost nothing
/// afterwards.
/// Source: Balandat et al. 2020, "BoTorch", section 4 (candidates, then gradients); Hutter et al.
///   2011, "SMAC", section 4.3 (search among neighbours of the best trials).
/// Differs: both in turn on one candidate.
/// Cost: bounded numbers of acquisition values and gradients, see the constants.
class ProposalSearch {
 public:
  /// @param is_taken  points that must not be proposed again
  ProposalSearch(const Space& space, const Encoding& encoding, const Observations& observations,
                 const Acquisition& acquisition, const std::function<bool(PointView)>& is_taken);

  Point run(Rng& rng) const;

 private:
  struct Candidate {
    Point point;
    double value = 0.0;
  };

  std::vector<Point> candidates(Rng& rng) const;
  std::vector<Point> incumbents() const;
  Point change(PointView point, Rng& rng) const;
  bool is_allowed(PointView point) const;
  std::vector<double> encode(std::span<const Point> points) const;
  std::vector<Candidate> best_of(std::vector<Point> points, std::size_t count) const;
  std::vector<Candidate> apart(std::vector<Candidate> sorted, std::size_t count) const;
  void polish(Candidate& candidate, std::size_t max_evaluations) const;
  bool step_to_neighbour(Candidate& candidate, Rng& rng) const;
  std::vector<Point> neighbours(PointView point, Rng& rng) const;
  void add_neighbours(PointView point, std::size_t j, Rng& rng, std::vector<Point>& found) const;

  const Space& space_;
  const Encoding& encoding_;
  const Observations& observations_;
  const Acquisition& acquisition_;
  const std::function<bool(PointView)>& is_taken_;
  bool is_large_;  // so many trials that exact values are scarce
  bool has_priors_;
};

}  // namespace trimtab::gp
