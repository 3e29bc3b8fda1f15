#include <cmath>

#include "trimtab/base/rng.hpp"
#include "trimtab/workloads/nas_bench_201/cell.hpp"

namespace trimtab::nas_bench_201 {
namespace {

// Notation in this file
//   image (4, 8, 8)   channel, row, column; one vector, the column fastest

constexpr int kChannels = 4;
constexpr int kSide = 8;
constexpr int kPixels = kSide * kSide;
using Image = std::vector<double>;

Image normal_numbers(std::size_t count, double deviation, Rng rng) {
  Image numbers(count);
  for (double& number : numbers) number = deviation * rng.normal();
  return numbers;
}

double pixel(const Image& image, int channel, int row, int column) {
  const bool is_inside = row >= 0 && row < kSide && column >= 0 && column < kSide;
  return is_inside ? image[static_cast<std::size_t>(channel * kPixels + row * kSide + column)]
                   : 0.0;
}

Image squashed(Image image) {
  for (double& value : image) value = std::tanh(value);
  return image;
}

// @param weights  (out, in, 2 reach + 1, 2 reach + 1); zeros around the image.
Image convolve(const Image& image, const Image& weights, int reach) {
  Image result(image.size(), 0.0);
  const Image bent = squashed(image);
  std::size_t out_pixel = 0;
  for (int out = 0; out < kChannels; ++out) {
    for (int row = 0; row < kSide; ++row) {
      for (int column = 0; column < kSide; ++column, ++out_pixel) {
        const int width = 2 * reach + 1;
        auto weight = static_cast<std::size_t>(out * kChannels * width * width);
        for (int in = 0; in < kChannels; ++in) {
          for (int i = -reach; i <= reach; ++i) {
            for (int j = -reach; j <= reach; ++j) {
              result[out_pixel] += weights[weight++] * pixel(bent, in, row + i, column + j);
            }
          }
        }
      }
    }
  }
  return result;
}

// The mean over the part of each 3 x 3 window that lies inside.
Image pool(const Image& image) {
  const Image bent = squashed(image);
  Image result(image.size());
  std::size_t index = 0;
  for (int channel = 0; channel < kChannels; ++channel) {
    for (int row = 0; row < kSide; ++row) {
      for (int column = 0; column < kSide; ++column, ++index) {
        double sum = 0.0;
        for (int i = -1; i <= 1; ++i) {
          for (int j = -1; j <= 1; ++j) sum += pixel(bent, channel, row + i, column + j);
        }
        const bool is_edge_row = row == 0 || row == kSide - 1;
        const bool is_edge_column = column == 0 || column == kSide - 1;
        result[index] = sum / ((is_edge_row ? 2.0 : 3.0) * (is_edge_column ? 2.0 : 3.0));
      }
    }
  }
  return result;
}

struct Weights {
  explicit Weights(std::uint64_t seed)
      : conv1(normal_numbers(kChannels * kChannels, 0.7, Rng(seed, 0, "nor_conv_1x1"))),
        conv3(normal_numbers(kChannels * kChannels * 9, 0.25, Rng(seed, 0, "nor_conv_3x3"))) {}
  Image conv1, conv3;
};

Image apply(Operation operation, const Image& image, const Weights& weights) {
  switch (operation) {
    case Operation::Zero:
      return Image(image.size(), 0.0);
    case Operation::Skip:
      return image;
    case Operation::Conv1:
      return convolve(image, weights.conv1, 0);
    case Operation::Conv3:
      return convolve(image, weights.conv3, 1);
    case Operation::Pool:
      return pool(image);
  }
  return image;
}

}  // namespace

std::vector<double> probe(const Cell& cell, std::size_t num_examples, std::uint64_t seed) {
  const Weights weights(seed);
  std::vector<double> output;
  for (std::size_t example = 0; example < num_examples; ++example) {
    std::array<Image, 4> nodes;
    nodes[0] = normal_numbers(kChannels * kPixels, 1.0, Rng(seed, example, "example"));
    std::size_t edge = 0;
    for (std::size_t target = 1; target <= 3; ++target) {
      nodes[target].assign(nodes[0].size(), 0.0);
      for (std::size_t source = 0; source < target; ++source) {
        const Image brought = apply(cell[edge++], nodes[source], weights);
        for (std::size_t i = 0; i < brought.size(); ++i) nodes[target][i] += brought[i];
      }
    }
    output.insert(output.end(), nodes[3].begin(), nodes[3].end());
  }
  return output;
}

}  // namespace trimtab::nas_bench_201
