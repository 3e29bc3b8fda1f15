#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace trimtab::morl {

// Notation in this folder
//   r = (treasure, -1)   reward of a step: what is found there, and the time that it takes
//   G = (G1, G2)         return of an episode, sum of r; discounted: sum gamma^t r
//   w                    weights of a linear preference, w >= 0, sum 1
//   Q(s, a) (2)          expected return of both objectives

using Reward = std::array<double, 2>;

/// A submarine looks for treasure: deeper is richer, and takes longer. 11 x 11 cells, start at the
/// top left; an episode ends at a treasure. A step out of the sea stays where it is.
/// Source: Vamplew et al. 2011, "Empirical evaluation methods for multiobjective reinforcement
///   learning algorithms" (concave); Yang, Sun and Narasimhan 2019 (convex values); maps of
///   MO-Gymnasium (Felten et al. 2023).
/// Differs: none in the maps.
class DeepSeaTreasure {
 public:
  static constexpr std::size_t kSide = 11;
  static constexpr std::size_t kStates = kSide * kSide;
  static constexpr std::size_t kActions = 4;  ///< up, down, left, right

  /// @param map  "convex" or "concave". @throws BugError for another.
  explicit DeepSeaTreasure(std::string_view map);

  static constexpr std::size_t start() { return 0; }
  struct Step {
    std::size_t state = 0;
    Reward reward = {};
    bool is_end = false;
  };
  Step step(std::size_t state, std::size_t action) const;

  /// The Pareto front of undiscounted returns, (n, 2) row-major, by time.
  std::vector<double> front(double gamma = 1.0) const;

 private:
  bool is_sea(std::size_t row, std::size_t column) const;

  std::array<std::size_t, kSide> floor_ = {};  // row of each column's treasure
  std::array<double, kSide> treasure_ = {};    // 0 = none in this column
};

}  // namespace trimtab::morl
