#include "trimtab/workloads/morl/deep_sea_treasure.hpp"

#include <cmath>
#include <string>

#include "trimtab/base/error.hpp"

namespace trimtab::morl {
namespace {

constexpr std::size_t kTreasures = 10;
constexpr std::array<std::size_t, kTreasures> kRows = {1, 2, 3, 4, 4, 4, 7, 7, 9, 10};
constexpr std::array<double, kTreasures> kConvex = {0.7,  8.2,  11.5, 14.0, 15.1,
                                                    16.1, 19.6, 20.3, 22.4, 23.7};
constexpr std::array<double, kTreasures> kConcave = {1, 2, 3, 5, 8, 16, 24, 50, 74, 124};

}  // namespace

DeepSeaTreasure::DeepSeaTreasure(std::string_view map) {
  if (map != "convex" && map != "concave") {
    throw BugError({.code = "morl.map",
                    .what = "there is no such sea",
                    .where = "morl",
                    .got = std::string(map),
                    .expected = "convex or concave",
                    .hint = ""});
  }
  floor_.fill(kSide - 1);
  for (std::size_t column = 0; column < kTreasures; ++column) {
    floor_[column] = kRows[column];
    treasure_[column] = map == "convex" ? kConvex[column] : kConcave[column];
  }
}

bool DeepSeaTreasure::is_sea(std::size_t row, std::size_t column) const {
  return row < kSide && column < kSide && row <= floor_[column];
}

DeepSeaTreasure::Step DeepSeaTreasure::step(std::size_t state, std::size_t action) const {
  std::size_t row = state / kSide, column = state % kSide;
  const std::size_t new_row = action == 0 ? row - 1 : action == 1 ? row + 1 : row;
  const std::size_t new_column = action == 2 ? column - 1 : action == 3 ? column + 1 : column;
  if (is_sea(new_row, new_column)) {  // one below 0 wraps to a number beyond every side
    row = new_row;
    column = new_column;
  }
  const bool is_found = treasure_[column] > 0.0 && row == floor_[column];
  return {row * kSide + column, {is_found ? treasure_[column] : 0.0, -1.0}, is_found};
}

std::vector<double> DeepSeaTreasure::front(double gamma) const {
  std::vector<double> points;
  for (std::size_t column = 0; column < kTreasures; ++column) {
    const auto steps = static_cast<double>(column + floor_[column]);
    const double time = gamma == 1.0 ? steps : (1.0 - std::pow(gamma, steps)) / (1.0 - gamma);
    points.push_back(std::pow(gamma, steps - 1.0) * treasure_[column]);
    points.push_back(-time);
  }
  return points;
}

}  // namespace trimtab::morl
