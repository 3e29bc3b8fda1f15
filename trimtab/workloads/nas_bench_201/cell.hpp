#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trimtab::nas_bench_201 {

// Notation in this file
//   a cell has nodes 0 (its input) to 3 (its output); edge e = (source, target) runs through
//   (0,1) (0,2) (1,2) (0,3) (1,3) (2,3), the order in which cells are written; a node is the sum of
//   what its edges bring

/// What an edge does. Names in the table: none, skip_connect, nor_conv_1x1, nor_conv_3x3,
/// avg_pool_3x3.
enum class Operation : std::uint8_t { Zero, Skip, Conv1, Conv3, Pool };

inline constexpr std::size_t kNumEdges = 6;
inline constexpr std::size_t kNumCells = 15'625;  ///< 5^6
using Cell = std::array<Operation, kNumEdges>;

std::string_view name_of(Operation operation);
/// The operation of each name, in the order of the enumeration.
std::vector<std::string> operation_names();

/// "|op~0|+|op~0|op~1|+|op~0|op~1|op~2|". @throws UserError "cell.malformed" with what is wrong.
Cell parse_cell(std::string_view text);
std::string describe(const Cell& cell);

/// 0..kNumCells-1: the operations as digits, the first edge most significant.
std::size_t index_of(const Cell& cell);
Cell cell_at(std::size_t index);

/// How much of a cell's writing is taken away before two are compared.
enum class Merge : std::uint8_t {
  Skips,          ///< a skip is its source: 12 751 classes
  SkipsAndZeros,  ///< and what comes from nothing is nothing, but keeps its place in a sum: 6 466
  Sums,  ///< and nothing disappears, sums of sums are one sum: 4 930; 341 cells put out nothing
};

/// A text that is equal for cells of one class. O(size of the expression).
/// Source: Dong and Yang 2020, "NAS-Bench-201", section 2 (6 466 unique cells); Merge::Sums ours.
std::string canonical_text(const Cell& cell, Merge merge);

/// What a tiny cell puts out: 8 x 8 images of 4 channels, weights by the role of the operation (all
/// 3x3 convolutions of all cells share theirs). (num_examples * 256). Cost: about 0.1 ms an
/// example. Differs from the benchmark's cells: tanh before each convolution and each pooling, no
/// batch normalisation. With rectifiers there are 4 540 functions instead of 4 930, because a
/// rectifier is homogeneous, conv(a + a) = 2 conv(a), and a mean is linear, pool(a + b) = pool(a) +
/// pool(b).
/// @param seed  of the weights and the examples
std::vector<double> probe(const Cell& cell, std::size_t num_examples, std::uint64_t seed);

}  // namespace trimtab::nas_bench_201
