#include "trimtab/science/scaling_law/loss_law.hpp"

#include <algorithm>
#include <cmath>

namespace trimtab {
namespace {

// ln of the third term at loss L.
double log_training_term(const LossLaw& law, double log_loss, double log_steps, double log_batch) {
  const double log_ratio = law.log_bs - law.inverse_alpha_b * log_loss - log_batch;
  // ln(1 + e^r) without overflow.
  const double log_factor = log_ratio > 30.0 ? log_ratio : std::log1p(std::exp(log_ratio));
  return law.alpha_s * (law.log_sc + log_factor - log_steps);
}

double log_sum(double a, double b) {
  const double larger = std::max(a, b);
  return std::isinf(larger) ? larger : larger + std::log1p(std::exp(std::min(a, b) - larger));
}

double optimum_loss(const LossLaw& law, double log_n, double compute, double batch_tokens) {
  const double n = std::exp(log_n);
  return law.loss(n, compute / (6.0 * n * batch_tokens), batch_tokens);
}

double best_log_size(const LossLaw& law, double compute, double batch_tokens) {
  constexpr double kGolden = 0.6180339887498949;
  double low = std::log(1e2), high = std::log(1e15);
  double left = high - kGolden * (high - low), right = low + kGolden * (high - low);
  double at_left = optimum_loss(law, left, compute, batch_tokens);
  double at_right = optimum_loss(law, right, compute, batch_tokens);
  while (high - low > 1e-6) {
    if (at_left < at_right) {
      high = right;
      right = left;
      at_right = at_left;
      left = high - kGolden * (high - low);
      at_left = optimum_loss(law, left, compute, batch_tokens);
    } else {
      low = left;
      left = right;
      at_left = at_right;
      right = low + kGolden * (high - low);
      at_right = optimum_loss(law, right, compute, batch_tokens);
    }
  }
  return 0.5 * (low + high);
}

}  // namespace

double LossLaw::limit(double num_parameters) const {
  return irreducible + std::exp(alpha_n * (log_nc - std::log(num_parameters)));
}

double LossLaw::critical_batch(double loss) const {
  return std::exp(log_bs - inverse_alpha_b * std::log(loss));
}

double LossLaw::loss(double num_parameters, double steps, double batch_tokens) const {
  return std::exp(log_loss(std::log(num_parameters), std::log(steps), std::log(batch_tokens), 0.0));
}

// h(u) = u - ln(limit + T(u)) rises from below 0 at ln limit, because T falls with L: Newton's
// steps within a bracket.
double LossLaw::log_loss(double log_parameters, double log_steps, double log_batch,
                         double guess) const {
  const double log_limit = std::log(irreducible + std::exp(alpha_n * (log_nc - log_parameters)));
  double low = log_limit;
  double high = log_sum(log_limit, log_training_term(*this, low, log_steps, log_batch));
  double u = guess > low && guess < high ? guess : 0.5 * (low + high);
  for (int i = 0; i < 200; ++i) {
    const double log_term = log_training_term(*this, u, log_steps, log_batch);
    const double right = log_sum(log_limit, log_term);
    const double h = u - right;
    if (h == 0.0) break;
    (h < 0.0 ? low : high) = u;
    const double excess = log_bs - inverse_alpha_b * u - log_batch;
    const double share = 1.0 / (1.0 + std::exp(-excess));  // b / (1 + b), b = Bcrit / B
    const double slope = 1.0 + std::exp(log_term - right) * alpha_s * inverse_alpha_b * share;
    double next = u - h / slope;
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    const double change = std::abs(next - u);
    u = next;
    if (change <= 1e-16 * std::max(1.0, std::abs(u))) break;
  }
  return u;
}

BatchTradeoff tradeoff(const LossLaw& law, double num_parameters, double loss) {
  const double room = loss - law.limit(num_parameters);
  BatchTradeoff result;
  result.critical_batch = law.critical_batch(loss);
  result.min_steps = room > 0.0 ? std::exp(law.log_sc - std::log(room) / law.alpha_s)
                                : std::numeric_limits<double>::infinity();
  result.min_tokens = result.min_steps * result.critical_batch;
  return result;
}

ComputeOptimum compute_optimum(const LossLaw& law, double compute, double batch_tokens) {
  ComputeOptimum optimum;
  optimum.num_parameters = std::exp(best_log_size(law, compute, batch_tokens));
  optimum.steps = compute / (6.0 * optimum.num_parameters * batch_tokens);
  optimum.loss = law.loss(optimum.num_parameters, optimum.steps, batch_tokens);
  const double factor = 1.01;
  const double more = optimum_loss(law, best_log_size(law, factor * compute, batch_tokens),
                                   factor * compute, batch_tokens);
  const double less = optimum_loss(law, best_log_size(law, compute / factor, batch_tokens),
                                   compute / factor, batch_tokens);
  optimum.exponent = -std::log(more / less) / (2.0 * std::log(factor));
  return optimum;
}

}  // namespace trimtab
