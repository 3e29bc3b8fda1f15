#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "trimtab/core/sampler.hpp"
#include "trimtab/samplers/gp/encoding.hpp"
#include "trimtab/samplers/gp/expert_prior.hpp"
#include "trimtab/samplers/gp/observations.hpp"
#include "trimtab/samplers/gp/surrogate.hpp"

namespace trimtab {

/// Bayesian optimisation with a Gaussian process: the fewest trials, for dear ones.
///
/// The first trials are a scrambled Sobol sequence. Then a Gaussian process (Matern 5/2, a
/// length-scale per parameter) is conditioned on the losses of all trials, and a proposal is where
/// the logarithm of the expected improvement is largest. Numbers, categories and conditions are
/// handled by gp::Encoding; skewed losses by gp::OutputWarp; failures by a model of where trials
/// succeed; running trials are believed to give what is predicted. Where parameters carry priors,
/// the first trials are drawn from them, and gp::ExpertPrior leads the next ones.
///
/// Source: Jones et al. 1998, "Efficient global optimization"; Hvarfner et al. 2024 (priors); Ament
///   et al. 2023 (log-EI); the parts name theirs.
/// Differs: see the parts.
/// Cost: tell O(d) a trial; ask O(n^2) with n the number of trials up to max_points, and O(n^3)
///   where a fit is due (n_(k+1) = n_k + max(1, n_k / 20)).
class Gp {
 public:
  Gp(const Space& space, const OptionValues& options, const SamplerSetting& setting);

  static Info info();
  static Capabilities capabilities();

  std::vector<Point> ask(std::size_t count, Rng& rng) const;
  void tell(std::span<const Observation> finished, std::span<const Observation> active);

 private:
  Point initial_point(std::size_t index, Rng& rng) const;
  std::vector<double> encode(PointView point) const;

  Space space_;
  std::uint64_t key_;  // of the Sobol sequence's scramble
  std::size_t num_startup_;
  double prior_decay_;  // weight of the log prior after one trial
  gp::Encoding encoding_;
  gp::ExpertPrior prior_;
  gp::Observations observations_;
  std::unique_ptr<const gp::SurrogateMemo> memo_;
  std::vector<Point> running_;
};

}  // namespace trimtab
