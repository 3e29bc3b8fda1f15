#include "trimtab/numerics/distributions.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/non_central_f.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

void require(bool is_right, const char* where, const char* expected) {
  if (is_right) return;
  throw BugError({.code = "distributions.arguments",
                  .what = "a distribution was asked for unsuitable arguments",
                  .where = where,
                  .got = "",
                  .expected = expected,
                  .hint = ""});
}

// The noncentrality where a probability that falls in it crosses `target`, from a bracket.
template <typename Probability>
double crossing(const Probability& probability, double low, double high, double tolerance,
                double target) {
  for (int step = 0; step < 100 && high - low > tolerance; ++step) {
    const double middle = 0.5 * (low + high);
    (probability(middle) > target ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace

double normal_upper_tail(double x) { return 0.5 * std::erfc(x / std::sqrt(2.0)); }

double normal_quantile(double p) {
  require(p >= 0.0 && p <= 1.0, "normal_quantile", "a probability");
  if (p == 0.0 || p == 1.0) return p == 0.0 ? -kInfinity : kInfinity;
  return quantile(boost::math::normal(), p);
}

double student_t_upper_tail(double t, double df) {
  require(df > 0.0, "student_t_upper_tail", "degrees of freedom above 0");
  if (std::isinf(t)) return t > 0.0 ? 0.0 : 1.0;
  return cdf(complement(boost::math::students_t(df), t));
}

double student_t_quantile(double p, double df) {
  require(df > 0.0 && p > 0.0 && p < 1.0, "student_t_quantile", "df > 0 and p in (0, 1)");
  return quantile(boost::math::students_t(df), p);
}

double f_upper_tail(double f, double d1, double d2) {
  require(d1 > 0.0 && d2 > 0.0, "f_upper_tail", "degrees of freedom above 0");
  if (!(f > 0.0)) return 1.0;
  if (std::isinf(f)) return 0.0;
  return cdf(complement(boost::math::fisher_f(d1, d2), f));
}

double f_upper_quantile(double q, double d1, double d2) {
  require(d1 > 0.0 && d2 > 0.0 && q > 0.0 && q < 1.0, "f_upper_quantile",
          "degrees of freedom above 0 and q in (0, 1)");
  return quantile(complement(boost::math::fisher_f(d1, d2), q));
}

double chi_squared_upper_tail(double x, double df) {
  require(df > 0.0, "chi_squared_upper_tail", "degrees of freedom above 0");
  if (!(x > 0.0)) return 1.0;
  if (std::isinf(x)) return 0.0;
  return cdf(complement(boost::math::chi_squared(df), x));
}

double binomial_cdf(double k, double n, double p) {
  require(n >= 0.0 && p >= 0.0 && p <= 1.0, "binomial_cdf", "n >= 0 and a probability");
  if (k < 0.0) return 0.0;
  if (k >= n) return 1.0;
  return cdf(boost::math::binomial(n, p), std::floor(k));
}

double noncentral_t_cdf(double t, double df, double nc) {
  require(df > 0.0, "noncentral_t_cdf", "degrees of freedom above 0");
  return cdf(boost::math::non_central_t(df, nc), t);
}

double noncentral_f_cdf(double f, double d1, double d2, double nc) {
  require(d1 > 0.0 && d2 > 0.0 && nc >= 0.0, "noncentral_f_cdf", "df > 0 and nc >= 0");
  if (!(f > 0.0)) return 0.0;
  if (nc == 0.0) return cdf(boost::math::fisher_f(d1, d2), f);
  return cdf(boost::math::non_central_f(d1, d2, nc), f);
}

double noncentral_t_noncentrality(double t, double df, double target) {
  require(std::abs(t) <= 1000.0 && target > 0.0 && target < 1.0, "noncentral_t_noncentrality",
          "|t| <= 1000 and a target in (0, 1)");
  const auto probability = [&](double nc) { return noncentral_t_cdf(t, df, nc); };
  double low = t - 1.0, high = t + 1.0;
  for (double width = 1.0; probability(low) < target; width *= 2.0) low -= width;
  for (double width = 1.0; probability(high) > target; width *= 2.0) high += width;
  return crossing(probability, low, high, 1e-12 * (1.0 + std::abs(t)), target);
}

double noncentral_f_noncentrality(double f, double d1, double d2, double target) {
  require(target > 0.0 && target < 1.0, "noncentral_f_noncentrality", "a target in (0, 1)");
  const auto probability = [&](double nc) { return noncentral_f_cdf(f, d1, d2, nc); };
  if (probability(0.0) <= target) return 0.0;
  double high = d1 * f + 1.0;
  while (probability(high) > target) high *= 2.0;
  return crossing(probability, 0.0, high, 1e-12 * high, target);
}

}  // namespace trimtab
