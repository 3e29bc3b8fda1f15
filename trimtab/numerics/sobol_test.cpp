#include "trimtab/numerics/sobol.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include "trimtab/base/rng.hpp"

namespace trimtab {
namespace {

TEST(Sobol, StartsAsPublished) {
  const double expected[][3] = {{0, 0, 0},
                                {0.5, 0.5, 0.5},
                                {0.75, 0.25, 0.25},
                                {0.25, 0.75, 0.75},
                                {0.375, 0.375, 0.625},
                                {0.875, 0.875, 0.125},
                                {0.625, 0.125, 0.875},
                                {0.125, 0.625, 0.375},
                                {0.1875, 0.3125, 0.9375}};
  for (std::uint32_t i = 0; i < 9; ++i) {
    for (std::size_t j = 0; j < 3; ++j) EXPECT_EQ(sobol(i, j) * 0x1p-32, expected[i][j]);
  }
}

// Numbers of scipy.stats.qmc.Sobol(256, scramble=False, bits=32), version 1.17.1.
TEST(Sobol, AgreesWithAnIndependentImplementation) {
  const std::size_t dimensions[] = {0, 1, 2, 3, 10, 99, 177, 254, 255};
  const std::uint32_t at_100[] = {1778384896, 1107296256, 3321888768, 3120562176, 1979711488,
                                  3791650816, 905969664,  1040187392, 2449473536};
  const std::uint32_t at_1023[] = {4194304,    3233808384, 2629828608, 624951296, 2915041280,
                                   2277507072, 2982150144, 1463812096, 3619684352};
  for (std::size_t k = 0; k < 9; ++k) {
    EXPECT_EQ(sobol(100, dimensions[k]), at_100[k]) << "dimension " << dimensions[k];
    EXPECT_EQ(sobol(1023, dimensions[k]), at_1023[k]) << "dimension " << dimensions[k];
  }
}

// The first two dimensions are a (0, 2)-sequence: every block of 2^8 points has one point in each
// of the elementary rectangles of area 2^-8, scrambled or not.
TEST(Sobol, FillsEveryElementaryRectangleOnce) {
  for (const std::uint32_t first : {0U, 256U, 4096U}) {
    for (const std::uint64_t key : {0U, 1U, 2U}) {
      for (unsigned wide = 0; wide <= 8; ++wide) {
        std::set<std::pair<double, double>> filled;
        for (std::uint32_t i = first; i < first + 256; ++i) {
          const double x = key == 0 ? sobol(i, 0) * 0x1p-32 : scrambled_sobol(i, 0, key);
          const double y = key == 0 ? sobol(i, 1) * 0x1p-32 : scrambled_sobol(i, 1, key);
          filled.emplace(std::floor(std::ldexp(x, static_cast<int>(wide))),
                         std::floor(std::ldexp(y, static_cast<int>(8 - wide))));
        }
        EXPECT_EQ(filled.size(), 256U) << "from " << first << ", key " << key;
      }
    }
  }
}

TEST(Sobol, StratifiesEveryDimensionAloneBeyondTheTableToo) {
  for (std::size_t j = 0; j < 600; j += 7) {
    std::set<int> cells;
    for (std::uint32_t i = 64; i < 128; ++i) {
      cells.insert(static_cast<int>(64.0 * scrambled_sobol(i, j, 5)));
    }
    EXPECT_EQ(cells.size(), 64U) << "dimension " << j;
  }
}

TEST(Sobol, DoesNotRepeatADimensionInTheNextRound) {
  int num_equal_cells = 0;
  for (std::uint32_t i = 0; i < 256; ++i) {
    const auto cell = [&](std::size_t j) { return std::floor(16.0 * scrambled_sobol(i, j, 9)); };
    num_equal_cells += cell(3) == cell(3 + kSobolDimensions) ? 1 : 0;
  }
  EXPECT_LT(num_equal_cells, 64);  // 16 expected of independent dimensions, 256 of equal ones
}

RC_GTEST_PROP(OwenScramble, KeepsCommonPrefixesAndSplitsWhereTheyEnd, ()) {
  const auto a = *rc::gen::arbitrary<std::uint32_t>();
  const auto flipped = *rc::gen::inRange<unsigned>(0, 32);
  const auto tail = *rc::gen::arbitrary<std::uint32_t>();
  const auto key = *rc::gen::arbitrary<std::uint64_t>();
  // b shares the bits above `flipped`, differs there, and is arbitrary below.
  const std::uint32_t below = (std::uint32_t{1} << flipped) - 1;
  const std::uint32_t b = ((a ^ (std::uint32_t{1} << flipped)) & ~below) | (tail & below);
  const std::uint32_t difference = owen_scramble(a, key) ^ owen_scramble(b, key);
  RC_ASSERT(std::bit_width(difference) == static_cast<int>(flipped) + 1);
}

// The mean of 2 000 keys is uniform: within 5 standard errors of 1/2 (false alarm 6e-7, fixed
// keys).
TEST(OwenScramble, IsUniformOverKeys) {
  double sum = 0.0;
  for (std::uint64_t key = 0; key < 2000; ++key) sum += scrambled_sobol(5, 4, key) / 2000.0;
  EXPECT_NEAR(sum, 0.5, 5.0 * std::sqrt(1.0 / 12.0 / 2000.0));
}

// Centred L2 discrepancy, squared. Source: Hickernell 1998, equation 1.4.
double discrepancy(const std::vector<std::vector<double>>& points) {
  const auto n = static_cast<double>(points.size());
  const std::size_t d = points.front().size();
  double single = 0.0;
  double pairs = 0.0;
  for (const std::vector<double>& x : points) {
    double product = 1.0;
    for (const double v : x) {
      const double z = std::abs(v - 0.5);
      product *= 1.0 + 0.5 * z - 0.5 * z * z;
    }
    single += product;
    for (const std::vector<double>& y : points) {
      double pair = 1.0;
      for (std::size_t j = 0; j < d; ++j) {
        pair *= 1.0 + 0.5 * std::abs(x[j] - 0.5) + 0.5 * std::abs(y[j] - 0.5) -
                0.5 * std::abs(x[j] - y[j]);
      }
      pairs += pair;
    }
  }
  return std::pow(13.0 / 12.0, static_cast<double>(d)) - 2.0 / n * single + pairs / (n * n);
}

TEST(Sobol, IsMoreEvenThanRandomPoints) {
  constexpr std::size_t kNumPoints = 256;
  double largest = 0.0;
  double smallest_random = 1.0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    std::vector<std::vector<double>> even;
    std::vector<std::vector<double>> random;
    Rng rng(seed);
    for (std::uint32_t i = 0; i < kNumPoints; ++i) {
      even.emplace_back();
      random.emplace_back();
      for (std::size_t j = 0; j < 6; ++j) {
        even.back().push_back(scrambled_sobol(i, j, seed));
        random.back().push_back(rng.uniform01());
      }
    }
    largest = std::max(largest, discrepancy(even));
    smallest_random = std::min(smallest_random, discrepancy(random));
  }
  EXPECT_LT(largest, smallest_random / 5.0);
}

}  // namespace
}  // namespace trimtab
