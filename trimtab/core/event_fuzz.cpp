// Any bytes as an event, and as a log of events: an EnvironmentError or an event whose encoding is
// read back alike, nothing else; and a history never takes what contradicts it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "trimtab/base/error.hpp"
#include "trimtab/core/event.hpp"
#include "trimtab/core/history.hpp"

namespace {

constexpr std::size_t kDimensions = 2;

void check_round_trip(const trimtab::Event& event) {
  std::string once, twice;
  trimtab::encode(event, once);
  trimtab::encode(trimtab::decode_event(once), twice);
  if (once != twice) std::abort();
}

void check_history(const trimtab::History& history) {
  std::int64_t num_trials = 0;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    const trimtab::Observation seen = history.observe(number);
    if (seen.point.size() != kDimensions) std::abort();
    const bool has_end = trimtab::is_finished(seen.state);
    if (has_end == (history.running().count(number) + history.waiting().count(number) > 0)) {
      std::abort();
    }
    ++num_trials;
  }
  if (num_trials != history.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  // A log: each event behind one byte that says its length.
  trimtab::History history(kDimensions, {trimtab::Objective{}});
  for (std::size_t begin = 0; begin < size;) {
    const std::size_t length = data[begin];
    const std::string_view piece = bytes.substr(begin + 1, length);
    begin += 1 + length;
    try {
      const trimtab::Event event = trimtab::decode_event(piece);
      check_round_trip(event);
      history.apply(history.last_sequence() + 1, event);
    } catch (const trimtab::EnvironmentError&) {
      // the expected answer to most bytes
    }
  }
  check_history(history);
  try {
    check_round_trip(trimtab::decode_event(bytes));
  } catch (const trimtab::EnvironmentError&) {
    // as above
  }
  return 0;
}
