#include "trimtab/numerics/distributions.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Distributions, HoldTheirFixedPoints) {
  EXPECT_NEAR(binomial_cdf(2, 4, 0.5), 11.0 / 16.0, 1e-15);
  EXPECT_EQ(binomial_cdf(4, 4, 0.5), 1.0);
  EXPECT_EQ(binomial_cdf(-1, 4, 0.5), 0.0);
  EXPECT_NEAR(normal_upper_tail(1.959963984540054), 0.025, 1e-15);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-13);
  EXPECT_EQ(normal_quantile(1.0), kInfinity);
  EXPECT_NEAR(student_t_upper_tail(1.0, 1.0), 0.25, 1e-15);  // Cauchy
  EXPECT_EQ(student_t_upper_tail(-kInfinity, 3.0), 1.0);
  EXPECT_NEAR(chi_squared_upper_tail(2.0, 2.0), std::exp(-1.0), 1e-15);
  EXPECT_NEAR(f_upper_tail(1.0, 7.0, 7.0), 0.5, 1e-14);
  EXPECT_NEAR(f_upper_tail(f_upper_quantile(0.01, 3, 17), 3, 17), 0.01, 1e-12);
}

TEST(Distributions, RefuseDegreesOfFreedomThatAreNone) {
  EXPECT_THROW(student_t_upper_tail(1.0, 0.0), BugError);
  EXPECT_THROW(chi_squared_upper_tail(1.0, -1.0), BugError);
  EXPECT_THROW(studentized_range_upper_tail(1.0, 1.0, 5.0), BugError);
}

TEST(Noncentral, IsInvertedByItsNoncentrality) {
  const double nc = noncentral_t_noncentrality(2.0, 9.0, 0.975);
  EXPECT_NEAR(noncentral_t_cdf(2.0, 9.0, nc), 0.975, 1e-10);
  const double of_f = noncentral_f_noncentrality(5.0, 2.0, 20.0, 0.025);
  EXPECT_NEAR(noncentral_f_cdf(5.0, 2.0, 20.0, of_f), 0.025, 1e-10);
  EXPECT_EQ(noncentral_f_noncentrality(0.01, 2.0, 20.0, 0.975), 0.0);
}

// R: ptukey(q, k, df, lower.tail = FALSE).
TEST(StudentizedRange, EqualsR) {
  EXPECT_NEAR(studentized_range_upper_tail(3.5, 3, 10), 0.077103310838660399, 1e-8);
  EXPECT_NEAR(studentized_range_upper_tail(3.5, 3, kInfinity), 0.035557041863443883, 1e-8);
  EXPECT_NEAR(studentized_range_upper_tail(0.5, 8, 30), 0.9999581927070238, 1e-8);
  EXPECT_NEAR(studentized_range_upper_tail(5, 20, 60), 0.07853608559791414, 1e-8);
}

// The double integral by mpmath's quadrature with 20 digits. R's ptukey is off by 1.4e-4, 8e-8 and
// 3e-7 here: its own documentation warns of few degrees of freedom and many groups.
TEST(StudentizedRange, IsRightWhereRIsNot) {
  EXPECT_NEAR(studentized_range_upper_tail(20, 5, 2), 0.015211926316533, 1e-13);
  EXPECT_NEAR(studentized_range_upper_tail(6.5, 4, 4), 0.033562920294035, 1e-13);
  EXPECT_NEAR(studentized_range_upper_tail(4, 50, 200), 0.76327981253137, 1e-10);
}

TEST(StudentizedRange, OfTwoGroupsIsStudentsT) {
  for (const double df : {1.0, 2.0, 7.5, 60.0, 5000.0}) {
    SCOPED_TRACE(df);
    for (const double q : {0.3, 2.0, 5.0, 12.0}) {
      EXPECT_NEAR(studentized_range_upper_tail(q, 2, df),
                  2.0 * student_t_upper_tail(q / std::sqrt(2.0), df), 1e-12);
    }
  }
}

// R: qtukey(p, k, df), which stops at a relative 1e-4 / 50.
TEST(StudentizedRange, HasTheQuantilesOfR) {
  EXPECT_NEAR(studentized_range_upper_quantile(0.05, 4, kInfinity), 3.633159581795852, 1e-5);
  EXPECT_NEAR(studentized_range_upper_quantile(0.05, 3, 10), 3.8767767491915595, 1e-5);
  EXPECT_NEAR(studentized_range_upper_quantile(0.01, 5, 20), 5.2932525116882481, 1e-5);
  const double q = studentized_range_upper_quantile(0.05, 20, kInfinity);
  EXPECT_NEAR(q, 5.0116887946867648, 1e-5);
  EXPECT_NEAR(studentized_range_upper_tail(q, 20, kInfinity), 0.05, 1e-10);
}

TEST(StudentizedRange, IsAProbabilityAtTheEnds) {
  EXPECT_EQ(studentized_range_upper_tail(0.0, 3, 10), 1.0);
  EXPECT_EQ(studentized_range_upper_tail(kInfinity, 3, 10), 0.0);
  EXPECT_NEAR(studentized_range_upper_tail(200.0, 3, 10), 0.0, 1e-12);
}

}  // namespace
}  // namespace trimtab
