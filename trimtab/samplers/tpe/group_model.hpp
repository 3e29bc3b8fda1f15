#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/core/rank.hpp"
#include "trimtab/samplers/tpe/axis.hpp"
#include "trimtab/samplers/tpe/bad_density.hpp"
#include "trimtab/samplers/tpe/mixture.hpp"

namespace trimtab::tpe {

struct ModelSettings {
  double good_fraction = 0.1;  ///< of the observations; the good are at most max_good
  std::size_t max_good = 25;
  std::size_t num_candidates = 24;
  double smallest_good = 0.01;  ///< good deviations never fall below this
  SpreadRule spread;
  BadDensitySettings bad;
};

/// One tree-structured Parzen estimator over axes that are always active together: the density l
/// of the best observations, the density g of all others, and a draw that makes l / g large.
///
/// The i-th best of n good observations has the weight log((n + 1) / i), scaled to n in all.
///
/// Source: Bergstra et al. 2011, section 4; joint kernels and one bandwidth per axis: Falkner et
///   al. 2018; rank weights as in Hansen 2016, arXiv:1604.00772, equation 49.
/// Differs: the published good kernels have equal weights and widths from their neighbours or a
///   magic floor of 1 / (n + 2); ours measured better (bench/tpe_quality).
class GroupModel {
 public:
  GroupModel(std::vector<Axis> axes, const ModelSettings& settings);

  /// One more observation; a failed one is never good, equal ranks go by arrival. Call `refresh`
  /// after the last one. O(d + max_good).
  void add(std::span<const double> position, Rank rank, std::int64_t number);
  /// Brings both densities up to date. O(max_good d) when the best changed, else O(1).
  void refresh();

  /// @param running  (r, d) positions of trials without a result; they count as bad.
  /// @param position  result (d).
  void suggest(std::span<const double> running, Rng& rng, std::span<double> position) const;

  std::size_t size() const { return bad_.size(); }

 private:
  struct Good {
    Rank rank;
    std::size_t arrival = 0;
    std::vector<double> position;
  };
  std::size_t num_good() const;
  void fit_good();

  std::vector<Axis> axes_;
  ModelSettings settings_;
  std::vector<Good> best_;      // at most max_good, best first
  std::size_t num_fitted_ = 0;  // the good ones that `good_` was fitted to
  bool is_fitted_ = false;
  ProductMixture good_;
  BadDensity bad_;
};

}  // namespace trimtab::tpe
