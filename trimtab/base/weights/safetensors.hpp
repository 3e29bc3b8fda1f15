#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/base/files.hpp"
#include "trimtab/base/weights/number_format.hpp"

namespace trimtab {

// The format (version-less; https://github.com/huggingface/safetensors): 8 bytes, little-endian,
// the length of the header; the header, a JSON object from names to
// {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]} and possibly "__metadata__",
// texts by text; then the data, which the tensors tile without holes or overlaps.

struct TensorEntry {
  std::string name;
  NumberFormat format = NumberFormat::F32;
  std::vector<std::uint64_t> shape = {};  ///< empty = a single number
  std::uint64_t begin = 0;                ///< in the data, bytes
  std::uint64_t num_numbers = 1;          ///< the product of the shape

  std::uint64_t num_bytes() const { return num_numbers * bytes_of(format); }
  bool operator==(const TensorEntry&) const = default;
};

struct SafetensorsHeader {
  std::vector<TensorEntry> tensors;                             ///< by their place in the data
  std::map<std::string, std::string> metadata;                  ///< empty when there is none
  std::map<std::string, std::size_t, std::less<>> places = {};  ///< of each name in tensors

  std::uint64_t num_bytes() const;  ///< of the data
  /// Null for an unknown name. O(log n).
  const TensorEntry* find(std::string_view name) const;
};

/// A longer header is refused before it is read.
constexpr std::uint64_t kMaxSafetensorsHeader = std::uint64_t{32} << 20;

/// Reads a header. Accepts any bytes; what it returns holds every promise above.
/// @param where  for messages. @throws UserError "safetensors.format": not JSON, a name or field
/// twice, missing or unknown, an unknown format of numbers, sizes that overflow or do not match
/// their offsets, tensors that overlap or leave holes. O(size log n).
SafetensorsHeader parse_safetensors_header(std::string_view json, const std::string& where);

/// The length and the JSON, padded with spaces to a multiple of 8 bytes; the tensors' begins and
/// places are ignored: they follow each other.
std::string render_safetensors_header(const SafetensorsHeader& header);

/// An open file: its header is in memory, its data stay on disk.
class SafetensorsFile {
 public:
  /// @throws UserError "files.unreadable", or "safetensors.format" as parse_safetensors_header and
  /// when the file is shorter or longer than its header says.
  explicit SafetensorsFile(std::string path);

  const std::string& path() const { return path_; }
  const SafetensorsHeader& header() const { return header_; }
  /// The first bytes of the file up to the data, as they stand there.
  const std::string& preamble() const { return preamble_; }

  /// Reads part of a tensor. @param offset  in the tensor, bytes.
  /// @throws EnvironmentError when the disk refuses or the file has become shorter.
  void read(const TensorEntry& tensor, std::uint64_t offset, std::span<std::byte> bytes) const;

 private:
  void read_at(std::uint64_t offset, char* bytes, std::size_t count) const;

  std::string path_;
  UniqueFd file_;
  std::string preamble_;
  SafetensorsHeader header_;
};

}  // namespace trimtab
