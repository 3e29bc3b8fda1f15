#pragma once

#include <cstddef>
#include <vector>

#include "trimtab/numerics/statistics/anova.hpp"

// Data that R ships as examples (package datasets, R 4.2.2), so that anyone can run the same calls.
namespace trimtab::testing {

inline constexpr double kRTolerance = 1e-8;

// sleep$extra of group 1 and of group 2: Student 1908.
inline const std::vector<double> kSleep1 = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
inline const std::vector<double> kSleep2 = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

// ToothGrowth$len: ten animals each for VC at 0.5, 1, 2 mg, then OJ at 0.5, 1, 2 mg.
inline const std::vector<double> kTooth = {
    4.2,  11.5, 7.3,  5.8,  6.4,  10,   11.2, 11.2, 5.2,  7,    16.5, 16.5, 15.2, 17.3, 22.5,
    17.3, 13.6, 14.5, 18.8, 15.5, 23.6, 18.5, 33.9, 25.5, 26.4, 32.5, 26.7, 21.5, 23.3, 29.5,
    15.2, 21.5, 17.6, 9.7,  14.5, 10,   8.2,  9.4,  16.5, 9.7,  19.7, 23.3, 23.6, 26.4, 20,
    25.2, 25.8, 21.2, 14.5, 27.3, 25.5, 26.4, 22.4, 24.5, 24.8, 30.9, 26.4, 27.3, 29.4, 23};

// warpbreaks$breaks: nine looms each for wool A at tension L, M, H, then wool B.
inline const std::vector<double> kWarp = {26, 30, 54, 25, 70, 52, 51, 26, 67, 18, 21, 29, 17, 12,
                                          18, 35, 30, 36, 36, 21, 24, 18, 10, 43, 28, 15, 26, 27,
                                          14, 29, 19, 29, 31, 41, 20, 44, 42, 26, 19, 16, 39, 28,
                                          21, 39, 29, 20, 21, 24, 17, 13, 15, 15, 16, 28};

// chickwts: weight by feed, in R's order of levels (casein, horsebean, linseed, meatmeal, soybean,
// sunflower).
inline const std::vector<std::vector<double>> kChick = {
    {368, 390, 379, 260, 404, 318, 352, 359, 216, 222, 283, 332},
    {179, 160, 136, 227, 217, 168, 108, 124, 143, 140},
    {309, 229, 181, 141, 260, 203, 148, 169, 213, 257, 244, 271},
    {325, 257, 303, 315, 380, 153, 263, 242, 206, 344, 258},
    {243, 230, 248, 327, 329, 250, 193, 271, 316, 267, 199, 171, 158, 248},
    {423, 340, 392, 339, 341, 226, 320, 295, 334, 322, 297, 318}};

// airquality$Ozone without missing values, by month, 5 to 9.
inline const std::vector<std::vector<double>> kOzone = {
    {41, 36, 12, 18, 28, 23, 19, 8, 7,  16, 11, 14,  18,
     14, 34, 6,  30, 11, 1,  11, 4, 32, 23, 45, 115, 37},
    {29, 71, 39, 23, 21, 37, 20, 12, 13},
    {135, 49, 32, 64, 40, 77, 97,  97, 85, 10, 27, 7,  48,
     35,  61, 79, 63, 16, 80, 108, 20, 52, 82, 50, 64, 59},
    {39, 9,  16, 78, 35, 66, 122, 89,  110, 44, 28,  65, 22,
     59, 23, 31, 44, 21, 9,  45,  168, 73,  76, 118, 84, 85},
    {96, 78, 73, 91, 47, 32, 20, 23, 21, 24, 44, 21, 28, 9, 13,
     46, 18, 13, 24, 16, 13, 23, 36, 7,  14, 30, 14, 18, 20}};

// InsectSprays$count by spray, A to F.
inline const std::vector<std::vector<double>> kInsects = {
    {10, 7, 20, 14, 14, 12, 10, 23, 17, 20, 14, 13},
    {11, 17, 21, 11, 16, 14, 17, 17, 19, 21, 7, 13},
    {0, 1, 7, 2, 3, 1, 2, 1, 3, 0, 1, 4},
    {3, 5, 12, 6, 4, 3, 5, 5, 5, 5, 2, 4},
    {3, 5, 3, 5, 3, 6, 1, 1, 3, 2, 6, 4},
    {11, 9, 15, 22, 15, 16, 13, 10, 26, 26, 24, 13}};

// npk: yield, block, and the presence of nitrogen, phosphate and potassium.
inline const std::vector<double> kNpkYield = {49.5, 62.8, 46.8, 57,   59.8, 58.5, 55.5, 56,
                                              62.8, 55.8, 69.5, 55,   62,   48.8, 45.5, 44.2,
                                              52,   51.5, 49.8, 48.8, 57.2, 59,   53.2, 56};
inline const std::vector<std::size_t> kNpkN = {0, 1, 0, 1, 1, 1, 0, 0, 0, 1, 1, 0,
                                               1, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 0};
inline const std::vector<std::size_t> kNpkP = {1, 1, 0, 0, 0, 1, 0, 1, 1, 1, 0, 0,
                                               0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0};
inline const std::vector<std::size_t> kNpkK = {1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1,
                                               0, 1, 1, 0, 0, 0, 1, 1, 1, 0, 1, 0};

// mtcars.
inline const std::vector<double> kMpg = {
    21,   21,   22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4,
    14.7, 32.4, 30.4, 33.9, 21.5, 15.5, 15.2, 13.3, 19.2, 27.3, 26,   30.4, 15.8, 19.7, 15,   21.4};
inline const std::vector<double> kWeight = {2.62,  2.875, 2.32,  3.215, 3.44,  3.46, 3.57,  3.19,
                                            3.15,  3.44,  3.44,  4.07,  3.73,  3.78, 5.25,  5.424,
                                            5.345, 2.2,   1.615, 1.835, 2.465, 3.52, 3.435, 3.84,
                                            3.845, 1.935, 2.14,  1.513, 3.17,  2.77, 3.57,  2.78};
inline const std::vector<double> kCylinders = {6, 6, 4, 6, 8, 6, 8, 4, 4, 6, 6, 8, 8, 8, 8, 8,
                                               8, 4, 4, 4, 4, 8, 8, 8, 8, 4, 4, 4, 8, 6, 8, 4};
inline const std::vector<double> kGears = {4, 4, 4, 3, 3, 3, 3, 4, 4, 4, 4, 3, 3, 3, 3, 3,
                                           3, 4, 4, 4, 3, 3, 3, 3, 3, 4, 5, 5, 5, 5, 5, 4};
inline const std::vector<std::size_t> kManual = {1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                                 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1};

// The example of ?wilcox.test: permeability of placental membranes.
inline const std::vector<double> kPermeable = {0.80, 0.83, 1.89, 1.04, 1.45,
                                               1.38, 1.91, 1.64, 0.73, 1.46};
inline const std::vector<double> kPermeableEarly = {1.15, 0.88, 0.90, 0.74, 1.21};

// LakeHuron[1:49], feet.
inline const std::vector<double> kHuron = {
    580.38, 581.86, 580.97, 580.8,  579.79, 580.39, 580.42, 580.82, 581.4,  581.32,
    581.44, 581.68, 581.17, 580.53, 580.01, 579.91, 579.14, 579.16, 579.55, 579.67,
    578.44, 578.24, 579.1,  579.09, 579.35, 578.82, 579.32, 579.01, 579,    579.8,
    579.83, 579.72, 579.89, 580.01, 579.37, 578.69, 578.19, 578.67, 579.55, 578.92,
    578.09, 579.37, 580.13, 580.14, 579.51, 579.24, 578.66, 578.86, 578.05};

// `levels` values of one factor in a cycle of blocks of `run` equal ones, over n responses.
inline std::vector<std::size_t> cycle(std::size_t levels, std::size_t run, std::size_t n) {
  std::vector<std::size_t> all(n);
  for (std::size_t i = 0; i < n; ++i) all[i] = i / run % levels;
  return all;
}

inline std::vector<double> part(const std::vector<double>& x, std::size_t first,
                                std::size_t count) {
  const auto begin = x.begin() + static_cast<std::ptrdiff_t>(first);
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

inline std::vector<Factor> warp_factors() {
  return {{"wool", cycle(2, 27, 54), 2}, {"tension", cycle(3, 9, 54), 3}};
}

inline std::vector<Factor> tooth_factors() {
  return {{"supp", cycle(2, 30, 60), 2}, {"dose", cycle(3, 10, 60), 3}};
}

inline std::vector<Factor> npk_factors() {
  return {{"block", cycle(6, 4, 24), 6}, {"N", kNpkN, 2}, {"P", kNpkP, 2}, {"K", kNpkK, 2}};
}

}  // namespace trimtab::testing
