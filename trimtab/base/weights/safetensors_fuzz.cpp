// Any bytes as the header of a file of weights: a UserError, or tensors that tile the data and
// whose rendering is read back alike.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "trimtab/base/error.hpp"
#include "trimtab/base/weights/safetensors.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const trimtab::SafetensorsHeader header = trimtab::parse_safetensors_header(bytes, "fuzz");
    std::uint64_t end = 0;
    for (const trimtab::TensorEntry& tensor : header.tensors) {
      if (tensor.begin != end || header.find(tensor.name) != &tensor) std::abort();
      std::uint64_t numbers = 1;
      for (const std::uint64_t each : tensor.shape) numbers *= each;
      if (numbers != tensor.num_numbers) std::abort();
      end += tensor.num_bytes();
    }
    if (end != header.num_bytes()) std::abort();
    const std::string again = trimtab::render_safetensors_header(header).substr(8);
    const trimtab::SafetensorsHeader second = trimtab::parse_safetensors_header(again, "again");
    if (second.tensors != header.tensors || second.metadata != header.metadata) std::abort();
  } catch (const trimtab::UserError&) {
    // the expected answer to most bytes
  }
  return 0;
}
