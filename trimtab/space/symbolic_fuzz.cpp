// Any bytes as a template: a UserError, or a template whose points come back from their documents.

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "trimtab/base/error.hpp"
#include "trimtab/space/symbolic.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using trimtab::SymbolicDocument;
  if (size == 0) return 0;
  const auto format = static_cast<SymbolicDocument::Format>(data[0] % 4);
  const std::string_view content(reinterpret_cast<const char*>(data) + 1, size - 1);
  SymbolicDocument document;
  trimtab::Point point;
  try {
    document = SymbolicDocument::parse(content, format, "template");
    point = document.space().default_point();
  } catch (const trimtab::UserError&) {
    return 0;  // the expected answer to most bytes
  }
  const std::string text = document.materialise(point);
  // Candidates may give equal documents, so the point may differ, but not what it stands for.
  if (document.materialise(document.recover(text)) != text) __builtin_trap();
  return 0;
}
