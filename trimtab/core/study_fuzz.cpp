// Any bytes as a study file: a UserError or a study whose canonical form reads back, nothing else.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "trimtab/base/error.hpp"
#include "trimtab/core/study.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using trimtab::Document;
  if (size == 0) return 0;
  const auto format = static_cast<Document::Format>(data[0] % 3);
  const std::string_view content(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    const trimtab::StudySpec spec = trimtab::parse_study(Document::parse(content, format, "study"));
    const trimtab::Json json = spec.to_json();
    if (trimtab::study_from_json(json).to_json().dump() != json.dump()) std::abort();
  } catch (const trimtab::UserError&) {
    // the expected answer to most bytes
  }
  return 0;
}
