#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"

namespace trimtab::cmaes {

/// The categorical part: independent distributions over choices, moved by the natural gradient with
/// a step that follows its signal-to-noise ratio.
///
/// Notation: q probabilities of one variable, K its choices, alpha as in `keep_margin`.
/// Source: Hamano et al. 2024, "CatCMA", arXiv:2405.09962, section 4, and 2025, "CatCMA with
///   margin", arXiv:2504.07884 (lower bound of q); Akimoto et al. 2019, "Adaptive stochastic
///   natural gradient method for one-shot neural architecture search", algorithm 1 and appendix B.
/// Differs: a variable that was inactive in a trial adds nothing to its gradient. The step is cut
/// so
///   that no q leaves [0, 1].
/// Cost: draw O(sum K), update O(lambda * variables + sum K).
class Categories {
 public:
  static constexpr std::int32_t kNoChoice = -1;

  Categories() = default;
  /// @param counts  choices of each variable, >= 2. @param alpha  in (0, 0.5): lowest probability
  /// of a variable's choices other than the likeliest, together.
  Categories(std::vector<std::size_t> counts, double alpha);

  std::size_t size() const { return counts_.size(); }
  std::span<const double> probabilities(std::size_t variable) const;

  /// A choice, those in `excluded` left out (empty = none). @throws BugError if all are left out.
  std::int32_t draw(std::size_t variable, std::span<const char> excluded, Rng& rng) const;

  /// @param choices  (lambda, size), kNoChoice = inactive. @param weights  (lambda), they sum to 1.
  void update(std::span<const std::int32_t> choices, std::span<const double> weights);

 private:
  std::vector<double> gradient_of(std::span<const std::int32_t> choices,
                                  std::span<const double> weights) const;
  std::vector<double> whitened(const std::vector<double>& gradient) const;
  double largest_step(const std::vector<double>& gradient) const;
  void keep_margin();

  double alpha_ = 0.0;
  std::vector<std::size_t> counts_;
  std::vector<std::size_t> first_;  // of each variable in q
  std::vector<double> q_;
  std::vector<double> path_;  // accumulated normalised gradient
  double expected_ = 0.0;     // squared length of `path_` if all were noise
  double caution_ = 1.0;      // the step is 1 / caution
};

}  // namespace trimtab::cmaes
