#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "trimtab/numerics/statistics.hpp"
#include "trimtab/science/scaling_law/loss_law.hpp"
#include "trimtab/science/scaling_law/step_law.hpp"

namespace trimtab {

/// One point of a loss curve: the learning rate is already the best one.
struct LossPoint {
  double num_parameters = 0.0;
  double steps = 0.0;
  double batch_tokens = 0.0;
  double loss = 0.0;

  double num_tokens() const { return steps * batch_tokens; }
};

/// The run with the smallest loss of each (N, D, B), by N, D, B; steps = D / B.
std::vector<LossPoint> best_rates(std::span<const SweepRun> runs);

/// Which terms the law has.
enum class LossForm : std::uint8_t {
  Kaplan,       ///< as published
  Irreducible,  ///< with E
  NoBatch,      ///< batches do not matter
};

struct LossLawOptions {
  LossForm form = LossForm::Kaplan;
  double delta = 0.01;  ///< of Huber's loss, in ln L
  std::size_t num_resamples = 0;
};

struct LossLawFit {
  LossLaw law;
  double rms = 0.0;            ///< of ln(predicted / observed), over the points it is fitted to
  bool is_converged = false;   ///< the best start met its tolerance
  bool is_at_a_bound = false;  ///< a constant is only known to be extreme
  std::vector<LossLaw> resamples = {};
};

/// All constants at once, by robust least squares of ln L from eight starts.
/// Source: Su et al. 2024, section 3; Huber's loss of ln L with delta 0.01 after Hoffmann et al.
///   2022.
/// Differs: the source estimates term after term, each from runs of its own; here one fit to all
///   points. Bounds: aN in [0.01, 0.5], aS in [0.1, 2], 1/aB in [0.5, 40]. Starts are compared on
///   at most 150 evenly spread points. Resamples by one step (numerics/robust_least_squares.hpp).
/// @throws UserError "scaling_law.points" for fewer than 8 points, one N, or (Kaplan) one B.
/// Cost: O(n); 10 000 points in 0.3 s.
LossLawFit fit_loss_law(std::span<const LossPoint> points, const LossLawOptions& options, Rng& rng);

/// ln(predicted / observed) of each point.
std::vector<double> log_errors(const LossLaw& law, std::span<const LossPoint> points);

/// The rival that does not see batches: L = E + a N^-alpha + b D^-beta.
/// Source: Hoffmann et al. 2022, equation 2, fitted as there.  Differs: by robust_least_squares.
struct TokenLaw {
  double irreducible = 0.0, log_a = 0.0, alpha = 0.0, log_b = 0.0, beta = 0.0;
  double loss(double num_parameters, double num_tokens) const;
};
TokenLaw fit_token_law(std::span<const LossPoint> points, double delta);
std::vector<double> log_errors(const TokenLaw& law, std::span<const LossPoint> points);

}  // namespace trimtab
