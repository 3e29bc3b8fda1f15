#include "trimtab/space/functional_hash.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>
#include <limits>

namespace trimtab {
namespace {

std::uint64_t hash(std::initializer_list<double> values, int bits = 24) {
  FunctionalHasher hasher(bits);
  for (const double value : values) hasher.add(value);
  return hasher.value();
}

TEST(FunctionalHash, IsEqualForSumsInAnotherOrder) {
  EXPECT_NE(0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1);
  EXPECT_EQ(hash({0.1 + 0.2 + 0.3}), hash({0.3 + 0.2 + 0.1}));
  EXPECT_NE(hash({0.1 + 0.2 + 0.3}, 52), hash({0.3 + 0.2 + 0.1}, 52));
}

TEST(FunctionalHash, CarriesIntoTheExponent) {
  EXPECT_EQ(hash({std::nextafter(2.0, 0.0)}), hash({2.0}));
  EXPECT_EQ(hash({std::nextafter(2.0, 3.0)}), hash({2.0}));
}

TEST(FunctionalHash, TellsWhatDiffersInAKeptBit) {
  EXPECT_NE(hash({1.0}), hash({1.0 + std::ldexp(1.0, -23)}));
  EXPECT_EQ(hash({1.0}, 4), hash({1.0 + std::ldexp(1.0, -23)}, 4));
  EXPECT_NE(hash({1.0}, 1), hash({-1.0}, 1));
  EXPECT_NE(hash({1.0, 2.0}), hash({2.0, 1.0}));
  EXPECT_NE(hash({}), hash({0.0}));
}

TEST(FunctionalHash, TakesZerosAndNaNsAsOneEach) {
  EXPECT_EQ(hash({-0.0}), hash({0.0}));
  EXPECT_EQ(hash({std::numeric_limits<double>::denorm_min()}), hash({0.0}));
  EXPECT_EQ(hash({std::nan("1")}), hash({-std::nan("2")}));
  EXPECT_NE(hash({std::numeric_limits<double>::infinity()}), hash({std::nan("")}));
}

}  // namespace
}  // namespace trimtab
