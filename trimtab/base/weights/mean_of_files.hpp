#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace trimtab {

struct MeanOfFiles {
  std::uint64_t num_averaged = 0;                  ///< numbers
  std::vector<std::string> taken_from_first = {};  ///< tensors of whole numbers that differ
};

/// Writes the mean of files of weights (safetensors), number by number, summed in double and
/// rounded once. Numbers that all files share bit by bit stay as they are, infinities and NaN too:
/// k copies give the copy, byte for byte, header and all.  [tested] Tensors of whole numbers are
/// taken from the first file (counters, indices); they have no mean. Holds 64 Ki numbers at a time,
/// however large the tensors are. The output appears in one step; it may be one of the inputs.
/// @param paths  at least one. @throws UserError "safetensors.format", or "soup.tensors": the
/// files' tensors differ in names, shapes or formats, or hold 8-bit floating numbers that differ;
/// EnvironmentError when the disk refuses. Cost: reads every file once.
MeanOfFiles write_mean_of_files(std::span<const std::string> paths, const std::string& output);

}  // namespace trimtab
