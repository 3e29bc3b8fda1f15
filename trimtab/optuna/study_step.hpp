#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trimtab/base/clock.hpp"
#include "trimtab/core/event.hpp"
#include "trimtab/optuna/study_picture.hpp"

namespace trimtab::optuna {

/// How a call ended; the numbers are gRPC's.
enum class CallStatus : std::uint8_t {
  Ok = 0,
  InvalidArgument = 3,
  NotFound = 5,
  AlreadyExists = 6,
  PermissionDenied = 7,
  ResourceExhausted = 8,
  FailedPrecondition = 9,
  Internal = 13,
  Unavailable = 14,
  Unauthenticated = 16,
};

/// Thrown by a step that refuses its call.
struct Refusal {
  CallStatus status;
  std::string message;
};

/// What one step of a study sees and says.
struct StudyStep {
  const StudyPicture& picture;  ///< caught up with the log
  std::vector<Event>& events;   ///< to append
  Timestamp now;
  std::int64_t worker;  ///< who runs the trials that this step starts
};

}  // namespace trimtab::optuna
