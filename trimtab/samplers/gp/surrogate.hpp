#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "trimtab/numerics/gp/classifier.hpp"
#include "trimtab/numerics/gp/evidence.hpp"
#include "trimtab/numerics/gp/posterior.hpp"
#include "trimtab/samplers/gp/constraint_models.hpp"
#include "trimtab/samplers/gp/encoding.hpp"
#include "trimtab/samplers/gp/observations.hpp"
#include "trimtab/samplers/gp/output_warp.hpp"

namespace trimtab::gp {

struct SurrogateSettings {
  std::size_t first_fit = 4;          ///< trials before the first fit
  std::size_t max_points = 1000;      ///< that the posterior is conditioned on, at a fit
  std::size_t max_fitted = 200;       ///< that the hyperparameters are fitted to
  std::size_t cold_evaluations = 40;  ///< of the evidence, per start from the prior
  std::size_t warm_evaluations = 15;  ///< of the evidence, from the fit before
  std::vector<double> strengths = {0.0, 1.0, 10.0, 100.0};  ///< of the output warps to choose from
  HyperPrior prior = {};
  ClassifierPrior feasibility_prior = {};
};

/// What is known after some number of trials.
struct Surrogate {
  std::optional<Posterior> objective;     ///< of the warped losses; absent without any loss
  std::optional<Classifier> feasibility;  ///< of success; absent without failures
  double recent_failures = 0.0;           ///< share of the latest trials
  ConstraintModels constraints;           ///< of observed constraints; empty without any
  bool has_best = false;                  ///< some conditioned point keeps the constraints
  double best = 0.0;                      ///< smallest fitted mean of such a point
  std::vector<std::size_t> points;        ///< rows of the observations in `objective`
  std::vector<double> fitted;             ///< their fitted means
};

/// The surrogate of the first n trials as a pure function of them.
///
/// Hyperparameters are fitted at n_0, n_1, ..., n_(k+1) = n_k + max(1, n_k / 20), at most
/// max_points / 20 apart. Every eighth fit starts from the prior and chooses the output warp by the
/// evidence of the losses; the others start from the fit before. Hence a history that is told at
/// once needs at most eight fits. Between fits, trials are appended to the factor of the
/// covariance. Answers are remembered: asking for the next n costs O(n^2), a fit
/// O(max_fitted^3 + max_points^3).
///
/// More losses than max_points: the better half of them stays, and the latest.
/// Observed constraints: a process for each. Failures: a classifier over success and failure,
/// refitted whenever the other is. Source: Hvarfner et al. 2024 (priors); Snelson et al. 2004,
/// "Warped Gaussian processes" (the
///   evidence of a warp); Gelbart et al. 2014 (probability of success).
/// Differs: none.
/// Thread safety: `at` may be called from several threads.
class SurrogateMemo {
 public:
  SurrogateMemo(Axes axes, SurrogateSettings settings);

  /// @param observations  the same, perhaps longer, at every call. The first n rows are used.
  Surrogate at(const Observations& observations) const;

  /// The largest number of trials <= n at which a fit is due, and which fit that is.
  struct Due {
    std::size_t count = 0;
    std::size_t index = 0;
  };
  Due due(std::size_t n) const;

 private:
  struct FitState {
    OutputWarp warp;
    double strength = 0.0;
    Hyperparameters theta;
  };
  struct State {
    std::optional<Due> due;
    FitState fit;
    Hyperparameters feasibility_theta;
    std::vector<Hyperparameters> constraint_thetas;
    Surrogate surrogate;
    std::size_t count = 0;  // trials in the surrogate
  };

  std::size_t step_after(std::size_t count) const;
  void refit(const Observations& observations, Due due) const;
  void fit_objective(const Observations& observations, std::size_t count, bool is_cold) const;
  void fit_feasibility(const Observations& observations, std::size_t count) const;
  void condition(const Observations& observations, std::size_t count) const;
  void advance(const Observations& observations, std::size_t count) const;
  void set_targets(const Observations& observations) const;

  Axes axes_;
  SurrogateSettings settings_;
  mutable std::mutex mutex_;
  mutable State state_;
};

}  // namespace trimtab::gp
