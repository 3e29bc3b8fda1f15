#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace trimtab::pb2 {

// Notation in this file
//   n, d    observations, parameters
//   x, t    a point in [0, 1]^d, when it was used (levels)
//   k       exp(-|x - x'|^2 / (2 l^2)) (1 - eps)^(|t - t'| / 2)
//   s       noise variance

/// A Gaussian process with mean 0 and variance 1 whose function drifts: what was seen at another
/// time says less.
///
/// Source: Parker-Holder et al. 2020, "Provably efficient online hyperparameter optimization with
///   population-based bandits", section 4.1; Bogunovic et al. 2016, equation 6 (kernel of time).
/// Differs: l, eps and s are the most likely ones of a small grid, not of a gradient search.
/// Cost: O(n^3) for each of 36 grid points; a prediction O(n^2).
class DriftingProcess {
 public:
  struct Kernel {
    double length = 0.4;    ///< l
    double drift = 0.05;    ///< eps
    double variance = 0.1;  ///< s
  };
  /// @param points  (n, d). @param times, values  (n); values standardised.
  DriftingProcess(std::vector<std::vector<double>> points, std::vector<double> times,
                  const std::vector<double>& values, const Kernel& kernel);
  /// With the kernel of the grid under which the values are most likely.
  static Kernel most_likely(const std::vector<std::vector<double>>& points,
                            const std::vector<double>& times, const std::vector<double>& values);
  ~DriftingProcess();
  DriftingProcess(const DriftingProcess&) = delete;
  DriftingProcess& operator=(const DriftingProcess&) = delete;

  struct Prediction {
    double mean = 0.0;
    double variance = 1.0;  ///< of the function, without noise
  };
  /// Two observations, by hand [tested].
  Prediction operator()(std::span<const double> point, double time) const;
  double log_likelihood() const;

 private:
  struct Solved;
  std::vector<std::vector<double>> points_;
  std::vector<double> times_;
  Kernel kernel_;
  std::unique_ptr<Solved> solved_;
};

}  // namespace trimtab::pb2
