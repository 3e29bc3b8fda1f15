#include "trimtab/numerics/statistics/anova.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/distributions.hpp"

namespace trimtab {
namespace {

void require(bool is_right, const char* where, const char* expected) {
  if (is_right) return;
  throw BugError({.code = "statistics.arguments",
                  .what = "an analysis of variance was asked of unsuitable data",
                  .where = where,
                  .got = "",
                  .expected = expected,
                  .hint = ""});
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// An orthonormal basis that grows by columns, and what of y lies outside of it.
class Projection {
 public:
  explicit Projection(std::span<const double> y) : rest_(y.begin(), y.end()) {}

  // Takes a column; returns the sum of squares of y that it explains, or nothing when aliased.
  bool take(std::vector<double> column, double& explained) {
    const double length = std::sqrt(dot(column, column));
    for (int pass = 0; pass < 2; ++pass) {
      for (const std::vector<double>& direction : basis_) remove(direction, column);
    }
    const double left = std::sqrt(dot(column, column));
    if (!(left > 1e-7 * length)) return false;
    for (double& value : column) value /= left;
    const double effect = remove(column, rest_);
    explained = effect * effect;
    basis_.push_back(std::move(column));
    return true;
  }

  std::size_t rank() const { return basis_.size(); }
  double residual_sum_of_squares() const { return dot(rest_, rest_); }

 private:
  static double remove(const std::vector<double>& direction, std::vector<double>& from) {
    const double length = dot(direction, from);
    for (std::size_t i = 0; i < from.size(); ++i) from[i] -= length * direction[i];
    return length;
  }

  std::vector<std::vector<double>> basis_;
  std::vector<double> rest_;
};

// Products of the indicators of every level but the first: the treatment contrasts of a term.
std::vector<std::vector<double>> contrasts(const AnovaTerm& term, std::span<const Factor> factors,
                                           std::size_t n) {
  std::vector<std::vector<double>> columns = {std::vector<double>(n, 1.0)};
  for (const std::size_t f : term) {
    std::vector<std::vector<double>> products;
    for (std::size_t level = 1; level < factors[f].num_levels; ++level) {
      for (const std::vector<double>& column : columns) {
        products.push_back(column);
        for (std::size_t i = 0; i < n; ++i) {
          if (factors[f].levels[i] != level) products.back()[i] = 0.0;
        }
      }
    }
    columns = std::move(products);
  }
  return columns;
}

AnovaRow take_term(const AnovaTerm& term, std::span<const Factor> factors, std::size_t n,
                   Projection& projection) {
  AnovaRow row;
  row.term = term;
  for (const std::size_t f : term) row.name += (row.name.empty() ? "" : ":") + factors[f].name;
  for (std::vector<double>& column : contrasts(term, factors, n)) {
    double explained = 0.0;
    if (!projection.take(std::move(column), explained)) continue;
    row.freedom += 1.0;
    row.sum_of_squares += explained;
  }
  return row;
}

bool contains(const AnovaTerm& outer, const AnovaTerm& inner) {
  return std::includes(outer.begin(), outer.end(), inner.begin(), inner.end());
}

void conclude(Anova& table) {
  const double mean_square = table.residual_mean_square();
  for (AnovaRow& row : table.rows) {
    row.f = row.sum_of_squares / row.freedom / mean_square;
    if (!(row.freedom > 0.0) || !(table.residual_freedom > 0.0)) row.f = std::nan("");
    row.p = std::isnan(row.f) ? row.f : f_upper_tail(row.f, row.freedom, table.residual_freedom);
    const double with_rest = row.sum_of_squares + table.residual_sum_of_squares;
    row.partial_eta_squared = with_rest > 0.0 ? row.sum_of_squares / with_rest : 0.0;
    row.omega_squared = (row.sum_of_squares - row.freedom * mean_square) /
                        (table.total_sum_of_squares + mean_square);
  }
}

Projection intercept(std::span<const double> y) {
  Projection projection(y);
  double explained = 0.0;
  projection.take(std::vector<double>(y.size(), 1.0), explained);
  return projection;
}

}  // namespace

std::vector<AnovaTerm> factorial_terms(std::size_t num_factors, std::size_t max_order) {
  std::vector<AnovaTerm> terms, previous = {{}};
  for (std::size_t order = 1; order <= std::min(max_order, num_factors); ++order) {
    std::vector<AnovaTerm> next;
    for (const AnovaTerm& shorter : previous) {
      for (std::size_t f = shorter.empty() ? 0 : shorter.back() + 1; f < num_factors; ++f) {
        next.push_back(shorter);
        next.back().push_back(f);
      }
    }
    terms.insert(terms.end(), next.begin(), next.end());
    previous = std::move(next);
  }
  return terms;
}

Anova anova(std::span<const double> y, std::span<const Factor> factors,
            std::span<const AnovaTerm> terms, SumsOfSquares sums) {
  require(y.size() >= 2, "anova", "at least two responses");
  for (const Factor& factor : factors) {
    require(factor.levels.size() == y.size(), "anova", "a level for every response");
    for (const std::size_t level : factor.levels) {
      require(level < factor.num_levels, "anova", "levels below their number");
    }
  }
  Projection full = intercept(y);
  Anova table;
  table.total_sum_of_squares = full.residual_sum_of_squares();
  for (const AnovaTerm& term : terms) {
    table.rows.push_back(take_term(term, factors, y.size(), full));
  }
  table.residual_sum_of_squares = full.residual_sum_of_squares();
  table.residual_freedom = static_cast<double>(y.size() - full.rank());
  for (AnovaRow& row : table.rows) {
    if (sums == SumsOfSquares::Sequential) break;
    Projection others = intercept(y);
    for (const AnovaTerm& term : terms) {
      if (!contains(term, row.term)) take_term(term, factors, y.size(), others);
    }
    row = take_term(row.term, factors, y.size(), others);
  }
  conclude(table);
  return table;
}

Anova one_way_anova(std::span<const std::vector<double>> samples) {
  require(samples.size() >= 2, "one_way_anova", "at least two samples");
  std::vector<double> y;
  Factor group = {"group", {}, samples.size()};
  for (std::size_t k = 0; k < samples.size(); ++k) {
    require(!samples[k].empty(), "one_way_anova", "samples that are not empty");
    y.insert(y.end(), samples[k].begin(), samples[k].end());
    group.levels.insert(group.levels.end(), samples[k].size(), k);
  }
  const std::vector<AnovaTerm> terms = {{0}};
  return anova(y, {&group, 1}, terms);
}

WelchAnova welch_anova(std::span<const std::vector<double>> samples) {
  require(samples.size() >= 2, "welch_anova", "at least two samples");
  double weight_sum = 0.0, centre = 0.0;
  std::vector<double> weights;
  for (const std::vector<double>& sample : samples) {
    require(sample.size() >= 2, "welch_anova", "at least two values in each sample");
    const double spread = variance(sample);
    require(spread > 0.0, "welch_anova", "samples with spread");
    weights.push_back(static_cast<double>(sample.size()) / spread);
    weight_sum += weights.back();
    centre += weights.back() * mean(sample);
  }
  centre /= weight_sum;
  const double k = static_cast<double>(samples.size());
  double between = 0.0, lack = 0.0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double offset = mean(samples[i]) - centre, share = 1.0 - weights[i] / weight_sum;
    between += weights[i] * offset * offset;
    lack += share * share / static_cast<double>(samples[i].size() - 1);
  }
  lack /= k * k - 1.0;
  WelchAnova result;
  result.f = between / (k - 1.0) / (1.0 + 2.0 * (k - 2.0) * lack);
  result.numerator_freedom = k - 1.0;
  result.denominator_freedom = 1.0 / (3.0 * lack);
  result.p = f_upper_tail(result.f, result.numerator_freedom, result.denominator_freedom);
  return result;
}

Interval eta_squared_interval(double f, double d1, double d2, double level) {
  require(level > 0.0 && level < 1.0, "eta_squared_interval", "a level in (0, 1)");
  const double n = d1 + d2 + 1.0;
  const double low = noncentral_f_noncentrality(f, d1, d2, 0.5 + level / 2.0);
  const double high = noncentral_f_noncentrality(f, d1, d2, 0.5 - level / 2.0);
  return {low / (low + n), high / (high + n)};
}

double anova_power(double num_groups, double n, double effect, double alpha) {
  require(num_groups >= 2.0 && n > 1.0, "anova_power", "groups and values in them");
  const double d1 = num_groups - 1.0, d2 = num_groups * (n - 1.0);
  const double critical = f_upper_quantile(alpha, d1, d2);
  const double nc = num_groups * n * effect * effect;
  // Far out the noncentral distribution is hard to evaluate and the power is 1.
  if (nc > 2000.0) return 1.0;
  return 1.0 - noncentral_f_cdf(critical, d1, d2, nc);
}

double anova_size(double num_groups, double effect, double power, double alpha) {
  require(effect > 0.0 && power > 0.0 && power < 1.0, "anova_size", "an effect and a power");
  double low = 2.0, high = 4.0;
  if (anova_power(num_groups, low, effect, alpha) >= power) return low;
  while (anova_power(num_groups, high, effect, alpha) < power) {
    low = high;
    high *= 2.0;
    if (high > 1e6) return std::numeric_limits<double>::infinity();
  }
  while (high - low > 1e-8 * high) {
    const double middle = 0.5 * (low + high);
    (anova_power(num_groups, middle, effect, alpha) < power ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace trimtab
