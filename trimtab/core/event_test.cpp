#include "trimtab/core/event.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <limits>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

std::string bytes_of(const Event& event) {
  std::string bytes;
  encode(event, bytes);
  return bytes;
}

std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4];
    text += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

// Any bit pattern: NaNs with payload, infinities, denormals, minus zero.
rc::Gen<double> any_double() {
  return rc::gen::map(rc::gen::arbitrary<std::uint64_t>(),
                      [](std::uint64_t bits) { return std::bit_cast<double>(bits); });
}

rc::Gen<std::vector<double>> any_doubles() {
  return rc::gen::container<std::vector<double>>(any_double());
}

rc::Gen<std::int64_t> any_integer() {
  return rc::gen::oneOf(rc::gen::arbitrary<std::int64_t>(),
                        rc::gen::element(std::int64_t{-1}, std::int64_t{0}, std::int64_t{63},
                                         std::int64_t{64}, std::int64_t{-64}, std::int64_t{-65},
                                         std::numeric_limits<std::int64_t>::max(),
                                         std::numeric_limits<std::int64_t>::min()));
}

rc::Gen<std::string> any_text() { return rc::gen::arbitrary<std::string>(); }

TrialState any_state() { return static_cast<TrialState>(*rc::gen::inRange(0, 5)); }

TrialFinished any_finished() {
  TrialFinished body;
  body.number = *any_integer();
  body.copy_of = *any_integer();
  body.outcome.state = any_state();
  body.outcome.values = *any_doubles();
  body.outcome.failure = {static_cast<FailureReason>(*rc::gen::inRange(0, 11)),
                          *rc::gen::arbitrary<int>(), *any_text()};
  body.outcome.resources = {*any_double(), *any_double(), *any_double()};
  const auto names = *rc::gen::container<std::vector<std::string>>(any_text());
  for (const std::string& name : names) body.outcome.metrics[name] = *any_double();
  return body;
}

EventBody any_body() {
  switch (*rc::gen::inRange(0, 14)) {
    case 0:
      return TrialCreated{*any_integer(),
                          any_state(),
                          static_cast<Purpose>(*rc::gen::inRange(0, 4)),
                          *any_integer(),
                          *rc::gen::arbitrary<std::uint64_t>(),
                          *any_integer(),
                          *any_doubles()};
    case 1:
      return TrialMoved{*any_integer(), any_state(), *any_integer()};
    case 2:
      return TrialReported{*any_integer(), {*any_double(), *any_double()}};
    case 3:
      return any_finished();
    case 4:
      return SpaceGrown{*any_text(), *any_text()};
    case 5:
      return Note{*any_text(), *any_text()};
    case 6:
      return Attribute{*any_integer(), *any_text(), *any_text()};
    case 7:
      return ObjectivesReported{*any_integer(), *any_double(), *any_doubles()};
    case 8:
      return PruneDecided{*any_integer(), *any_double(), *any_text()};
    case 9: {
      TrialFinished finished = any_finished();
      return TrialPaused{finished.number, std::move(finished.outcome)};
    }
    case 10:
      return ParameterSet{*any_integer(), *any_integer(), *any_text(), *any_double(), *any_text()};
    case 11:
      return LeaseRenewed{*any_integer(), *any_double()};
    case 12:
      return HoldoutAsked{*any_integer(), *rc::gen::arbitrary<bool>(), *any_double()};
    default:
      return TrialPlaced{*any_integer(), *any_doubles()};
  }
}

RC_GTEST_PROP(Event, ReadsBackWhatItWroteBitForBit, ()) {
  const Event event{.time = *any_integer(), .body = any_body()};
  const std::string bytes = bytes_of(event);
  const Event again = decode_event(bytes);
  RC_ASSERT(again.time == event.time);
  RC_ASSERT(again.body.index() == event.body.index());
  // The encoding says everything, doubles as bits; so equal bytes are equal events.
  RC_ASSERT(bytes_of(again) == bytes);
  if (const auto* created = std::get_if<TrialCreated>(&event.body)) {
    RC_ASSERT(std::get<TrialCreated>(again.body) == *created);
  }
  if (const auto* finished = std::get_if<TrialFinished>(&event.body)) {
    const Outcome& outcome = std::get<TrialFinished>(again.body).outcome;
    RC_ASSERT(outcome.failure.detail == finished->outcome.failure.detail);
    RC_ASSERT(outcome.metrics.size() == finished->outcome.metrics.size());
  }
}

RC_GTEST_PROP(Event, RefusesEveryBeginningOfItsBytesAndEveryByteMore, ()) {
  const std::string bytes = bytes_of({.time = *any_integer(), .body = any_body()});
  const auto cut = *rc::gen::inRange<std::size_t>(0, bytes.size());
  RC_ASSERT_THROWS_AS(decode_event(std::string_view(bytes).substr(0, cut)), EnvironmentError);
  RC_ASSERT_THROWS_AS(decode_event(bytes + '\0'), EnvironmentError);
}

RC_GTEST_PROP(Event, ReadsAnyBytesOrRefusesThem, (const std::string& noise)) {
  std::string bytes = bytes_of({.time = *any_integer(), .body = any_body()});
  for (std::size_t i = 0; i < noise.size() && i < 4; ++i) {
    bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = noise[i];
  }
  try {
    RC_ASSERT(decode_event(bytes).body.index() < std::variant_size_v<EventBody>);
  } catch (const EnvironmentError& error) {
    RC_ASSERT(error.info().code == "event.corrupt");
  }
}

struct Golden {
  const char* name;
  EventBody body;
  const char* hex;
};

class EventBytes : public ::testing::TestWithParam<Golden> {};

// The bytes of docs/storage-format.md, format version 1. They are in people's files: this test may
// gain cases, but a case may never change.
TEST_P(EventBytes, Permanence) {
  const Event event{.time = 1'700'000'000'000'000, .body = GetParam().body};
  EXPECT_EQ(hex(bytes_of(event)), GetParam().hex);
}

Outcome full_outcome() {
  return {.state = TrialState::Failed,
          .values = {1.5},
          .failure = {FailureReason::Signal, 9, "killed"},
          .resources = {2.0, 1.0, 4096.0},
          .metrics = {{"auc", 0.5}}};
}

INSTANTIATE_TEST_SUITE_P(
    Version1, EventBytes,
    ::testing::Values(
        Golden{
            "Created",
            TrialCreated{300, TrialState::Running, Purpose::Default, -1, 7, 4242, {0.5, -2.0}},
            "010000401e18240a0600d8040001010700000000000000a44204000000000000e03f00000000000000c0"},
        Golden{"Moved", TrialMoved{3, TrialState::Waiting, 0}, "010100401e18240a0600060400"},
        Golden{"Reported", TrialReported{3, {10.0, 0.25}},
               "010200401e18240a0600060000000000002440000000000000d03f"},
        Golden{"Finished", TrialFinished{3, full_outcome(), -1},
               "010300401e18240a060006010302000000000000f83f02120c6b696c6c6564000000000000004000000"
               "0000000f03f000000000000b0400206617563000000000000e03f"},
        Golden{"Grown", SpaceGrown{"x", R"([0,1])"}, "010400401e18240a060002780a5b302c315d"},
        Golden{"Noted", Note{"stage", "confirm"},
               "010500401e18240a06000a73746167650e636f6e6669726d"},
        Golden{"Attribute", Attribute{-1, "tag", R"("a")"},
               "010600401e18240a0600010674616706226122"},
        Golden{"Placed", TrialPlaced{1, {1.0}}, "010700401e18240a06000202000000000000f03f"},
        Golden{"ReportedObjectives", ObjectivesReported{3, 10.0, {0.25, -2.0}},
               "010800401e18240a06000600000000000024400"
               "4000000000000d03f00000000000000c0"},
        Golden{"PruneDecided", PruneDecided{3, 10.0, "worse"},
               "010900401e18240a06000600000000000024400a776f727365"},
        Golden{
            "Paused", TrialPaused{3, full_outcome()},
            "010a00401e18240a0600060302000000000000f83f02120c6b696c6c6564000000000000004000000000"
            "0000f03f000000000000b0400206617563000000000000e03f"},
        Golden{"ParameterSet", ParameterSet{3, 2, "x", 0.5, "{}"},
               "010b00401e18240a060006040278000000000000e03f047b7d"},
        Golden{"LeaseRenewed", LeaseRenewed{300, 60.0}, "010c00401e18240a0600d8040000000000004e40"},
        Golden{"HoldoutAsked", HoldoutAsked{3, true, -0.5},
               "010d00401e18240a06000601000000000000e0bf"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace trimtab
