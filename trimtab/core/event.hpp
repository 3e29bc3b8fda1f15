#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "trimtab/base/clock.hpp"
#include "trimtab/core/trial.hpp"

namespace trimtab {

/// Position of an event in its study's log: 1, 2, 3, ... without gaps.
using Sequence = std::int64_t;

/// A trial was created. Its number is the count of TrialCreated events before it.
struct TrialCreated {
  std::int64_t number = 0;
  TrialState state = TrialState::Running;  ///< Running (asked) or Waiting (enqueued)
  Purpose purpose = Purpose::Search;
  std::int64_t of_trial = -1;
  std::uint64_t seed = 0;
  std::int64_t worker = 0;  ///< process id of whoever runs it, 0 when waiting
  Point point = {};
  bool operator==(const TrialCreated&) const;
};

/// A waiting trial was taken (Running) or a running one was given back (Waiting).
struct TrialMoved {
  std::int64_t number = 0;
  TrialState state = TrialState::Running;
  std::int64_t worker = 0;
  bool operator==(const TrialMoved&) const = default;
};

struct TrialReported {
  std::int64_t number = 0;
  Report report = {};
};

struct TrialFinished {
  std::int64_t number = 0;
  Outcome outcome = {};
  std::int64_t copy_of = -1;  ///< the earlier trial whose result was reused, -1 when it ran
};

/// A parameter was added by a running program (define-by-run).
struct SpaceGrown {
  std::string name = {};
  std::string definition = {};  ///< JSON, see Space::parse
};

/// The engine moved to another stage or decided something worth explaining.
struct Note {
  std::string topic = {};  ///< "stage", "sampler", "stop", ...
  std::string text = {};
};

/// A user's attribute of a trial, or of the study (number -1).
struct Attribute {
  std::int64_t number = -1;
  std::string key = {};
  std::string value = {};  ///< JSON text
};

/// What an unfinished trial really used, where that differs from what it was asked (define-by-run).
struct TrialPlaced {
  std::int64_t number = 0;
  Point point = {};
};

/// `TrialReported` of a study with several objectives.
struct ObjectivesReported {
  std::int64_t number = 0;
  double step = 0.0;
  std::vector<double> values = {};  ///< one per objective, user's direction; NaN = not said
};

/// The pruner's decision that a running trial should end; the end itself follows as
/// `TrialFinished`.
struct PruneDecided {
  std::int64_t number = 0;
  double step = 0.0;        ///< the report that decided
  std::string reason = {};  ///< a few words
};

/// A trial has a result at a rung below the full fidelity and waits for its promotion, which is a
/// `TrialMoved` to Running.
struct TrialPaused {
  std::int64_t number = 0;
  Outcome outcome = {};  ///< Complete, at this rung
};

/// A client that brings its own parameters set one of an unfinished trial. The last one of a name
/// counts.
struct ParameterSet {
  std::int64_t number = 0;
  std::int64_t dimension = -1;  ///< of the study's space; -1 = the space cannot express the value
  std::string name = {};
  double value = 0.0;             ///< coordinate of the dimension, or the client's own encoding
  std::string distribution = {};  ///< the client's text; "" = as the last one given for this name
};

/// A worker lives: for `seconds` from now on its running trials are its own. Without another such
/// event, or a trial that it takes, the others may give them back to the queue.
struct LeaseRenewed {
  std::int64_t worker = 0;
  double seconds = 0.0;  ///< > 0
  bool operator==(const LeaseRenewed&) const = default;
};

/// The mechanism that guards the study's holdout has answered about a trial; the answer itself is
/// the trial's value, in the `TrialFinished` of the same step.
struct HoldoutAsked {
  std::int64_t number = 0;
  bool is_overrun = false;  ///< the holdout spoke: one less of its budget
  double offset = 0.0;      ///< HoldoutLedger::offset from now on; NaN = none
};

using EventBody = std::variant<TrialCreated, TrialMoved, TrialReported, TrialFinished, SpaceGrown,
                               Note, Attribute, TrialPlaced, ObjectivesReported, PruneDecided,
                               TrialPaused, ParameterSet, LeaseRenewed, HoldoutAsked>;

struct Event {
  Timestamp time = 0;
  EventBody body = {};
};

/// Appends the event's binary form (docs/storage-format.md, format version 1). O(size).
void encode(const Event& event, std::string& bytes);

/// Reads what `encode` wrote. @throws EnvironmentError "event.corrupt" on anything else; never
/// reads outside `bytes`, never allocates more than a small multiple of its size.
Event decode_event(std::string_view bytes);

}  // namespace trimtab
