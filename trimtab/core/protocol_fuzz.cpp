// Any bytes on a program's output must be read without harm, and what was understood must survive
// being said again.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "trimtab/core/protocol.hpp"

namespace {

bool is_same(double left, double right) {
  return left == right || (std::isnan(left) && std::isnan(right));
}

void check_round_trip(const trimtab::ProtocolReader& reader,
                      const trimtab::ProgramMessage& message) {
  const trimtab::ProgramLine again = reader.read_line(trimtab::render_line(message));
  if (!again.message || again.message->step != message.step) std::abort();
  for (const auto& [name, value] : message.metrics) {
    const auto found = again.message->metrics.find(name);
    if (found == again.message->metrics.end() || !is_same(found->second, value)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const trimtab::ProtocolReader reader({"auc", "loss"});
  trimtab::LineSplitter splitter;
  const auto sink = [&](std::string_view line) {
    if (line.empty() || line.size() > trimtab::LineSplitter::kMaxLine) std::abort();
    const trimtab::ProgramLine read = reader.read_line(line);
    if (read.message) check_round_trip(reader, *read.message);
  };
  // Two pieces, so that lines are cut in the middle.
  splitter.feed(bytes.substr(0, size / 2), sink);
  splitter.feed(bytes.substr(size / 2), sink);
  splitter.finish(sink);
  trimtab::ResultCollector collector;
  for (const trimtab::ProgramLine& line : reader.read_file(bytes)) collector.add(line);
  return 0;
}
