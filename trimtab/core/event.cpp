#include "trimtab/core/event.hpp"

#include <bit>
#include <cstring>
#include <limits>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

static_assert(std::endian::native == std::endian::little, "the log is little-endian");

// Bodies are told apart by their place in the variant; never reorder it (docs/storage-format.md).
constexpr std::uint8_t kFormatVersion = 1;

class Writer {
 public:
  explicit Writer(std::string& bytes) : bytes_(bytes) {}

  void byte(std::uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  template <typename Enum>
  void code(Enum value) {
    byte(static_cast<std::uint8_t>(value));
  }
  void fixed(std::uint64_t value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes_.append(raw, sizeof raw);
  }
  void number(double value) { fixed(std::bit_cast<std::uint64_t>(value)); }
  // Seven bits a byte, lowest first, zigzag so that -1 is short.
  void integer(std::int64_t value) {
    std::uint64_t rest =
        (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
    for (; rest >= 0x80; rest >>= 7) byte(static_cast<std::uint8_t>(rest | 0x80));
    byte(static_cast<std::uint8_t>(rest));
  }
  void text(std::string_view value) {
    integer(static_cast<std::int64_t>(value.size()));
    bytes_.append(value);
  }
  void numbers(const std::vector<double>& values) {
    integer(static_cast<std::int64_t>(values.size()));
    for (const double value : values) number(value);
  }

 private:
  std::string& bytes_;
};

[[noreturn]] void throw_corrupt(const char* what) {
  throw EnvironmentError({.code = "event.corrupt",
                          .what = what,
                          .where = "event log",
                          .got = "",
                          .expected = "an event of format version 1",
                          .hint = "the study's log is damaged or was written by a newer program"});
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t byte() { return static_cast<std::uint8_t>(take(1)[0]); }
  template <typename Enum>
  Enum code(Enum last) {
    const std::uint8_t value = byte();
    if (value > static_cast<std::uint8_t>(last)) throw_corrupt("an event has an unknown code");
    return static_cast<Enum>(value);
  }
  std::uint64_t fixed() {
    std::uint64_t value = 0;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  double number() { return std::bit_cast<double>(fixed()); }
  std::int64_t integer() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t part = byte();
      value |= static_cast<std::uint64_t>(part & 0x7F) << shift;
      if ((part & 0x80) == 0) {
        return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
      }
    }
    throw_corrupt("an event holds an integer without end");
  }
  std::string text() { return std::string(take(length(1))); }
  std::vector<double> numbers() {
    std::vector<double> values(length(sizeof(double)));
    for (double& value : values) value = number();
    return values;
  }
  // A count of items of at least `item_size` bytes each; never more than there can be.
  std::size_t length(std::size_t item_size) {
    const std::int64_t value = integer();
    if (value < 0 || static_cast<std::uint64_t>(value) > rest_.size() / item_size) {
      throw_corrupt("an event is cut short");
    }
    return static_cast<std::size_t>(value);
  }
  void finish() const {
    if (!rest_.empty()) throw_corrupt("an event has bytes after its end");
  }

 private:
  std::string_view take(std::size_t count) {
    if (count > rest_.size()) throw_corrupt("an event is cut short");
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::string_view rest_;
};

void write(Writer& out, const TrialCreated& body) {
  out.integer(body.number);
  out.code(body.state);
  out.code(body.purpose);
  out.integer(body.of_trial);
  out.fixed(body.seed);
  out.integer(body.worker);
  out.numbers(body.point);
}

void read(Reader& in, TrialCreated& body) {
  body.number = in.integer();
  body.state = in.code(TrialState::Waiting);
  body.purpose = in.code(Purpose::Confirm);
  body.of_trial = in.integer();
  body.seed = in.fixed();
  body.worker = in.integer();
  body.point = in.numbers();
}

void write(Writer& out, const TrialMoved& body) {
  out.integer(body.number);
  out.code(body.state);
  out.integer(body.worker);
}

void read(Reader& in, TrialMoved& body) {
  body.number = in.integer();
  body.state = in.code(TrialState::Waiting);
  body.worker = in.integer();
}

void write(Writer& out, const TrialReported& body) {
  out.integer(body.number);
  out.number(body.report.step);
  out.number(body.report.value);
}

void read(Reader& in, TrialReported& body) {
  body.number = in.integer();
  body.report.step = in.number();
  body.report.value = in.number();
}

void write(Writer& out, const Outcome& outcome) {
  out.code(outcome.state);
  out.numbers(outcome.values);
  out.code(outcome.failure.reason);
  out.integer(outcome.failure.code);
  out.text(outcome.failure.detail);
  out.number(outcome.resources.wall_seconds);
  out.number(outcome.resources.cpu_seconds);
  out.number(outcome.resources.peak_memory_bytes);
  out.integer(static_cast<std::int64_t>(outcome.metrics.size()));
  for (const auto& [name, value] : outcome.metrics) {
    out.text(name);
    out.number(value);
  }
}

void read(Reader& in, Outcome& outcome) {
  outcome.state = in.code(TrialState::Waiting);
  outcome.values = in.numbers();
  outcome.failure.reason = in.code(FailureReason::Interrupted);
  const std::int64_t failure_code = in.integer();
  if (failure_code != static_cast<int>(failure_code)) throw_corrupt("a failure's code is too big");
  outcome.failure.code = static_cast<int>(failure_code);
  outcome.failure.detail = in.text();
  outcome.resources.wall_seconds = in.number();
  outcome.resources.cpu_seconds = in.number();
  outcome.resources.peak_memory_bytes = in.number();
  for (std::size_t left = in.length(1 + sizeof(double)); left > 0; --left) {
    std::string name = in.text();
    outcome.metrics.insert_or_assign(std::move(name), in.number());
  }
}

void write(Writer& out, const TrialFinished& body) {
  out.integer(body.number);
  out.integer(body.copy_of);
  write(out, body.outcome);
}

void read(Reader& in, TrialFinished& body) {
  body.number = in.integer();
  body.copy_of = in.integer();
  read(in, body.outcome);
}

void write(Writer& out, const TrialPaused& body) {
  out.integer(body.number);
  write(out, body.outcome);
}

void read(Reader& in, TrialPaused& body) {
  body.number = in.integer();
  read(in, body.outcome);
}

void write(Writer& out, const SpaceGrown& body) {
  out.text(body.name);
  out.text(body.definition);
}

void read(Reader& in, SpaceGrown& body) {
  body.name = in.text();
  body.definition = in.text();
}

void write(Writer& out, const Note& body) {
  out.text(body.topic);
  out.text(body.text);
}

void read(Reader& in, Note& body) {
  body.topic = in.text();
  body.text = in.text();
}

void write(Writer& out, const Attribute& body) {
  out.integer(body.number);
  out.text(body.key);
  out.text(body.value);
}

void read(Reader& in, Attribute& body) {
  body.number = in.integer();
  body.key = in.text();
  body.value = in.text();
}

void write(Writer& out, const TrialPlaced& body) {
  out.integer(body.number);
  out.numbers(body.point);
}

void read(Reader& in, TrialPlaced& body) {
  body.number = in.integer();
  body.point = in.numbers();
}

void write(Writer& out, const ObjectivesReported& body) {
  out.integer(body.number);
  out.number(body.step);
  out.numbers(body.values);
}

void read(Reader& in, ObjectivesReported& body) {
  body.number = in.integer();
  body.step = in.number();
  body.values = in.numbers();
}

void write(Writer& out, const PruneDecided& body) {
  out.integer(body.number);
  out.number(body.step);
  out.text(body.reason);
}

void read(Reader& in, PruneDecided& body) {
  body.number = in.integer();
  body.step = in.number();
  body.reason = in.text();
}

void write(Writer& out, const ParameterSet& body) {
  out.integer(body.number);
  out.integer(body.dimension);
  out.text(body.name);
  out.number(body.value);
  out.text(body.distribution);
}

void read(Reader& in, ParameterSet& body) {
  body.number = in.integer();
  body.dimension = in.integer();
  body.name = in.text();
  body.value = in.number();
  body.distribution = in.text();
}

void write(Writer& out, const LeaseRenewed& body) {
  out.integer(body.worker);
  out.number(body.seconds);
}

void read(Reader& in, LeaseRenewed& body) {
  body.worker = in.integer();
  body.seconds = in.number();
}

void write(Writer& out, const HoldoutAsked& body) {
  out.integer(body.number);
  out.byte(body.is_overrun ? 1 : 0);
  out.number(body.offset);
}

void read(Reader& in, HoldoutAsked& body) {
  body.number = in.integer();
  const std::uint8_t flag = in.byte();
  if (flag > 1) throw_corrupt("an event has an unknown code");
  body.is_overrun = flag == 1;
  body.offset = in.number();
}

template <std::size_t kIndex = 0>
EventBody read_body(Reader& in, std::size_t index) {
  if constexpr (kIndex < std::variant_size_v<EventBody>) {
    if (index != kIndex) return read_body<kIndex + 1>(in, index);
    std::variant_alternative_t<kIndex, EventBody> body;
    read(in, body);
    return body;
  } else {
    throw_corrupt("an event is of an unknown kind");
  }
}

// Equal as bits, so that inactive coordinates (NaN) compare equal.
bool same_numbers(const Point& a, const Point& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

}  // namespace

bool TrialCreated::operator==(const TrialCreated& other) const {
  return number == other.number && state == other.state && purpose == other.purpose &&
         of_trial == other.of_trial && seed == other.seed && worker == other.worker &&
         same_numbers(point, other.point);
}

void encode(const Event& event, std::string& bytes) {
  Writer out(bytes);
  out.byte(kFormatVersion);
  out.byte(static_cast<std::uint8_t>(event.body.index()));
  out.fixed(static_cast<std::uint64_t>(event.time));
  std::visit([&](const auto& body) { write(out, body); }, event.body);
}

Event decode_event(std::string_view bytes) {
  Reader in(bytes);
  if (in.byte() != kFormatVersion) throw_corrupt("an event has an unknown format version");
  const std::size_t kind = in.byte();
  Event event;
  event.time = static_cast<Timestamp>(in.fixed());
  event.body = read_body(in, kind);
  in.finish();
  return event;
}

}  // namespace trimtab
