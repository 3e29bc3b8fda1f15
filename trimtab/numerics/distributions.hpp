#pragma once

namespace trimtab {

// Notation in this file
//   t, f, x    value of a statistic         df, d1, d2   degrees of freedom, > 0
//   nc         noncentrality                p, q         probabilities in (0, 1)

/// Distribution functions behind the tests, the one door to Boost.Math. Relative error of the
/// central ones below 1e-12 wherever the value is above 1e-300. @throws BugError for degrees of
/// freedom that are not above 0. O(1) but for the noncentral ones (about 10 us).

double normal_upper_tail(double x);
/// @param p  in [0, 1]; 0 and 1 give the infinities.
double normal_quantile(double p);
double student_t_upper_tail(double t, double df);
double student_t_quantile(double p, double df);
double f_upper_tail(double f, double d1, double d2);
double f_upper_quantile(double q, double d1, double d2);
double chi_squared_upper_tail(double x, double df);
/// P(X <= k) of n trials with success probability p; binomial_cdf(2, 4, 0.5) = 11 / 16 [tested].
double binomial_cdf(double k, double n, double p);
double noncentral_t_cdf(double t, double df, double nc);
double noncentral_f_cdf(double f, double d1, double d2, double nc);

/// The noncentrality at which P(T <= t) is `target`: bounds of standardised mean differences.
/// Found to 1e-12 (1 + |t|). |t| <= 1000.
double noncentral_t_noncentrality(double t, double df, double target);
/// The noncentrality >= 0 at which P(F <= f) is `target`; 0 when even that gives less.
double noncentral_f_noncentrality(double f, double d1, double d2, double target);

/// P(Q > q), Q the range of `num_groups` standard normals over an independent estimate of their
/// deviation: what Tukey's and Nemenyi's comparisons refer to.
///   studentized_range_upper_tail(3.5, 3, 10) = 0.0771033108  [tested]
/// Source: Tukey 1949; Copenhaver and Holland 1988, equation 1.1.
/// Differs: both integrals by the trapezoidal rule on the real line (the outer one over log s),
///   which converges exponentially for them.
/// @param num_groups  >= 2. @param df  > 0, or infinity for a known deviation.
/// Absolute error below 1e-12 (1e-10 for 50 groups). About 1 ms.
double studentized_range_upper_tail(double q, double num_groups, double df);
/// The q with P(Q > q) = p: studentized_range_upper_quantile(0.05, 4, inf) = 3.6331595818 [tested].
/// @param p  in (0, 1). Absolute error below 1e-9. About 20 ms.
double studentized_range_upper_quantile(double p, double num_groups, double df);

}  // namespace trimtab
