#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "trimtab/base/files.hpp"
#include "trimtab/base/rng.hpp"
#include "trimtab/science/model_soup/soup_sweep.hpp"

// Images of MNIST and its likes for the soup's test and benchmark.
namespace trimtab::testing {

/// (pixels, n), 0 to 1, of 28 x 28 images: means of pool x pool pixels.
/// @param part  "train" or "t10k": PART-images-idx3-ubyte and PART-labels-idx1-ubyte, unpacked.
inline LabelledCases read_images(const std::string& folder, const std::string& part,
                                 Eigen::Index pool) {
  const std::string images = read_file(folder + "/" + part + "-images-idx3-ubyte");
  const std::string labels = read_file(folder + "/" + part + "-labels-idx1-ubyte");
  const auto count = static_cast<Eigen::Index>(labels.size() - 8);
  const Eigen::Index side = 28 / pool;
  LabelledCases cases = {Eigen::MatrixXf::Zero(side * side, count), {}};
  for (Eigen::Index i = 0; i < count; ++i) {
    for (Eigen::Index r = 0; r < side * pool; ++r) {
      for (Eigen::Index c = 0; c < side * pool; ++c) {
        const auto at = static_cast<std::size_t>(16 + 784 * i + 28 * r + c);
        cases.x((r / pool) * side + c / pool, i) +=
            static_cast<float>(static_cast<unsigned char>(images.at(at))) /
            static_cast<float>(255 * pool * pool);
      }
    }
    cases.labels.push_back(labels[static_cast<std::size_t>(8 + i)]);
  }
  return cases;
}

/// What is drawn for one seed. The second test is the first with Gaussian noise on its pixels.
struct SoupSplit {
  std::size_t num_pretraining = 0, num_training = 0, num_validation = 0;
  double noise = 0.25;  ///< deviation
};

/// @param test  the first test; none = the rows of `cases` that are left.
inline SoupData draw_soup_data(const LabelledCases& cases, const LabelledCases* test,
                               const SoupSplit& split, Rng rng) {
  std::vector<std::size_t> rows(cases.labels.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  rng.shuffle(std::span<std::size_t>(rows));
  std::span<const std::size_t> left(rows);
  const auto take = [&](std::size_t count) {
    LabelledCases taken = {Eigen::MatrixXf(cases.x.rows(), static_cast<Eigen::Index>(count)), {}};
    for (std::size_t i = 0; i < count; ++i) {
      taken.x.col(static_cast<Eigen::Index>(i)) = cases.x.col(static_cast<Eigen::Index>(left[i]));
      taken.labels.push_back(cases.labels[left[i]]);
    }
    left = left.subspan(count);
    return taken;
  };
  SoupData data = {.pretraining = take(split.num_pretraining),
                   .training = take(split.num_training),
                   .validation = take(split.num_validation),
                   .test_names = {"test", "noisy test"},
                   .tests = {},
                   .num_classes = 10};
  data.tests.assign(2, test != nullptr ? *test : take(left.size()));
  for (float& pixel : data.tests[1].x.reshaped()) {
    pixel += static_cast<float>(split.noise * rng.normal());
  }
  return data;
}

}  // namespace trimtab::testing
