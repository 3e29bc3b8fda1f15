#pragma once

#include <limits>

namespace trimtab {

// Notation in this file
//   N   parameters without embeddings      S   steps of the optimiser      B   tokens in a batch
//   L   loss, nats per token               C   compute, 6 N B S operations
//   A   (Nc / N)^aN, what is left after endless training
//   S_min, E_min   steps with endless batches, tokens with tiny batches, to reach a loss

/// The loss of a training run at any step, for any model size and batch:
///   L = E + (Nc / N)^aN + (Sc (1 + Bcrit(L) / B) / S)^aS,    Bcrit(L) = Bs / L^(1 / aB).
/// Constants are held as logarithms.
/// Source: Kaplan et al. 2020, equations 1.5, 1.6 and 5.4; Su et al. 2024, "Unraveling the mystery
///   of scaling laws: part I", the trajectory as an implicit equation.
/// Differs: an irreducible term E may be added; 0 in the source.
struct LossLaw {
  double log_nc = 0.0;
  double alpha_n = 0.0;
  double log_sc = 0.0;
  double alpha_s = 0.0;
  double log_bs = -std::numeric_limits<double>::infinity();  ///< -infinity: batches do not matter
  double inverse_alpha_b = 0.0;                              ///< 1 / aB
  double irreducible = 0.0;                                  ///< E, >= 0

  /// A + E: the loss after endless training.
  double limit(double num_parameters) const;
  /// Bcrit at a loss > 0, tokens.
  double critical_batch(double loss) const;
  /// The loss after S steps of B tokens; the root of the equation, unique, to 1e-14 relative.
  double loss(double num_parameters, double steps, double batch_tokens) const;
  /// ln of it, from logarithms. @param guess  of the result; a good one saves time, no more.
  double log_loss(double log_parameters, double log_steps, double log_batch, double guess) const;
};

/// What it takes to reach a loss: any pair of steps and tokens on a hyperbola,
/// (S / S_min - 1) (E / E_min - 1) = 1.  [tested]
/// Source: McCandlish et al. 2018, "An empirical model of large-batch training", equation 2.11.
/// Differs: none.
struct BatchTradeoff {
  double min_steps = 0.0;
  double min_tokens = 0.0;
  double critical_batch = 0.0;  ///< E_min / S_min

  double steps(double batch_tokens) const {
    return min_steps * (1.0 + critical_batch / batch_tokens);
  }
  double tokens(double batch_tokens) const {
    return min_tokens * (1.0 + batch_tokens / critical_batch);
  }
};

/// @return infinite steps when the size never reaches the loss.
BatchTradeoff tradeoff(const LossLaw& law, double num_parameters, double loss);

/// The best use of a budget of compute at a batch size.
struct ComputeOptimum {
  double num_parameters = 0.0;
  double steps = 0.0;
  double loss = 0.0;
  double exponent = 0.0;  ///< -d ln L / d ln C there: L falls as C^-exponent
};

/// Which N makes L smallest for C = 6 N B S. Golden section over N in [1e2, 1e15], to 1e-6 of ln N.
/// @param compute, batch_tokens  > 0.
ComputeOptimum compute_optimum(const LossLaw& law, double compute, double batch_tokens);

}  // namespace trimtab
