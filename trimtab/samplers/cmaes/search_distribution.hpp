#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/samplers/cmaes/selection.hpp"

namespace trimtab::cmaes {

/// An interval of a coordinate; infinite ends are open.
struct Cell {
  double low = 0.0;
  double high = 0.0;
  double centre = 0.0;  ///< of the value that the cell stands for
};

/// The Gaussian part: x = m + sigma a y with y of N(0, C), and its adaptation.
///
/// Source: Hansen 2016, arXiv:1604.00772, figure 7 (active covariance, both paths, step size);
///   Hansen 2011, "Injecting external solutions into CMA-ES", arXiv:1110.4181 (limited lengths);
///   Hamano, Saito, Nomura and Shirakawa 2022, "CMA-ES with margin", section 4 (the margin and a).
/// Differs: the limit of an injected solution's length is sqrt(n) + 3 instead of
///   sqrt(n) + 2n/(n + 2) and holds for every trial, because a trial does not tell where it comes
///   from; a candidate of ours exceeds it once in 10 000. The paths are scaled by the mu_eff of the
///   weights after ties are shared. The mean stays within a quarter of a deviation of [0, 1] and
///   the paths see the step that it has really taken, so that an optimum on a bound stops neither
///   the step size nor the way back. No deviation grows beyond 1, the width of the space.
/// Cost: draw O(n^2); update O(lambda n^2), and O(n^3) every 1 / (10 n (c_1 + c_mu)) generations;
///   O(n) and O(lambda n) if diagonal.
class SearchDistribution {
 public:
  SearchDistribution() = default;
  SearchDistribution(std::vector<double> mean, double sigma, bool is_diagonal);
  /// @param covariance  (n, n), or (n) if diagonal; positive definite. O(n^3).
  SearchDistribution(std::vector<double> mean, double sigma, std::vector<double> covariance,
                     bool is_diagonal);

  std::size_t n() const { return mean_.size(); }
  std::span<const double> mean() const { return mean_; }
  double sigma() const { return sigma_; }
  /// (n, n), or (n) if diagonal.
  std::span<const double> covariance() const { return covariance_; }
  /// Of coordinate j: sigma a_j sqrt(C_jj).
  double deviation(std::size_t j) const;
  /// Largest over smallest eigenvalue of C at the last decomposition.
  double condition() const;

  void draw(Rng& rng, std::span<double> x) const;

  /// One generation. @param x  (lambda, n), row by row.
  void update(std::span<const double> x, const Selection& selection, const Constants& constants);

  /// Widens coordinate j and moves its mean so that the mean's cell is left with a probability of
  /// at least `alpha` (half of it to either side where there are two).
  void keep_margin(std::size_t j, const Cell& cell, double alpha);

 private:
  void limit_lengths(std::vector<double>& y, std::vector<double>& lengths) const;
  void whiten(std::span<const double> y, std::span<double> z) const;
  void move_mean(std::vector<double>& step);
  bool advance_paths(std::span<const double> step, double mu_eff, const Constants& constants);
  void adapt_sigma(const Constants& constants);
  void adapt_covariance(const std::vector<double>& y, const std::vector<double>& lengths,
                        const Selection& selection, const Constants& constants, bool is_stalled);
  void decompose();
  double variance(std::size_t j) const;

  bool is_diagonal_ = false;
  std::vector<double> mean_;
  double sigma_ = 1.0;
  std::vector<double> widening_;  // a
  std::vector<double> covariance_;
  std::vector<double> basis_;   // eigenvectors in columns, (n, n) column-major; empty if diagonal
  std::vector<double> scales_;  // square roots of the eigenvalues
  std::vector<double> path_sigma_;
  std::vector<double> path_c_;
  std::size_t generation_ = 0;
  std::size_t decomposed_ = 0;  // generation of the last decomposition
};

}  // namespace trimtab::cmaes
