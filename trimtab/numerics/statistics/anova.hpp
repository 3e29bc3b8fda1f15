#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "trimtab/numerics/statistics.hpp"

namespace trimtab {

// Notation in this file
//   y    responses, (n)              SS   sum of squares, unit of y squared
//   MS   SS / freedom                F    MS of a term / MS of the residuals

/// A treatment with a few levels: which one each response had.
struct Factor {
  std::string name;
  std::vector<std::size_t> levels;  ///< (n), in 0..num_levels-1; every level may be absent
  std::size_t num_levels = 0;       ///< >= 1
};

/// A main effect {a} or an interaction {a, b, ...}: indices of factors, ascending.
using AnovaTerm = std::vector<std::size_t>;

/// All main effects and interactions of up to `max_order` factors, main effects first, in R's
/// order.
std::vector<AnovaTerm> factorial_terms(std::size_t num_factors, std::size_t max_order);

/// What a term is adjusted for. Sequential (type I): the terms before it. Marginal (type II): every
/// term that does not contain it. The same for balanced data.
enum class SumsOfSquares { Sequential, Marginal };

struct AnovaRow {
  AnovaTerm term;
  std::string name;      ///< "supp", "supp:dose"
  double freedom = 0.0;  ///< 0 when the term is aliased with what it is adjusted for
  double sum_of_squares = 0.0;
  double f = 0.0;                    ///< NaN without residual freedom or when freedom is 0
  double p = 1.0;                    ///< NaN as above
  double partial_eta_squared = 0.0;  ///< SS / (SS + SS of the residuals)
  double omega_squared = 0.0;        ///< of all variance, bias corrected; may be below 0
};

struct Anova {
  std::vector<AnovaRow> rows;
  double residual_freedom = 0.0;
  double residual_sum_of_squares = 0.0;
  double total_sum_of_squares = 0.0;  ///< about the mean
  double residual_mean_square() const { return residual_sum_of_squares / residual_freedom; }
};

/// Fixed-effects analysis of variance of any factorial design, balanced or not.
/// Source: Fisher 1925; Yates 1934 (marginal); omega squared of Hays 1963.
/// Differs: columns of treatment contrasts are orthogonalised in order (Gram-Schmidt, twice), and
///   one that keeps less than 1e-7 of its length counts as aliased, as R's lm has it.
///   R's `aov(yield ~ block + N*P*K, npk)`: p of N = 0.0043718118  [tested]
/// @param factors  each with y.size() levels. @param terms  of `factors`, in order of entry.
/// @throws BugError when lengths disagree, a level is out of range, or n < 2. O(n c^2) for c
/// columns (sequential), times the number of terms (marginal).
Anova anova(std::span<const double> y, std::span<const Factor> factors,
            std::span<const AnovaTerm> terms, SumsOfSquares sums = SumsOfSquares::Sequential);

/// One factor: do the means of k samples agree?
/// R's `aov(weight ~ feed, chickwts)`: F = 15.3648, p = 5.936e-10  [tested]
/// @throws BugError for fewer than 2 samples or an empty one. O(n).
Anova one_way_anova(std::span<const std::vector<double>> samples);

struct WelchAnova {
  double f = 0.0;
  double numerator_freedom = 0.0;
  double denominator_freedom = 0.0;
  double p = 1.0;
};

/// One factor without the assumption of equal variances.
/// Source: Welch 1951.  Differs: none.  R's `oneway.test(weight ~ feed, chickwts)`: p = 1.177e-08
/// [tested]
/// @throws BugError for fewer than 2 samples, one of fewer than 2 values or without spread. O(n).
WelchAnova welch_anova(std::span<const std::vector<double>> samples);

/// Interval of eta squared, the share of variance that a term explains, from its F.
/// Source: Steiger 2004, noncentral F.  Differs: none.
/// @return bounds in [0, 1). About 1 ms.
Interval eta_squared_interval(double f, double d1, double d2, double level = 0.95);

/// Power of a one-way analysis of variance.
/// Source: Cohen 1988, chapter 8.  Differs: none.
/// @param n       per group, > 1. @param effect  Cohen's f: deviation of the true means (divisor k)
/// over the deviation within. anova_power(4, 5, 0.5, 0.05) = 0.3535594 [tested].
double anova_power(double num_groups, double n, double effect, double alpha);

/// The n per group at which that power is reached, not rounded, at least 2: anova_size(4, 0.5, 0.8,
/// 0.05) = 11.9261 [tested]. Infinity beyond 1e6.
/// @param effect  > 0. @param power  in (0, 1).
double anova_size(double num_groups, double effect, double power, double alpha);

}  // namespace trimtab
