#include "trimtab/core/trial.hpp"

#include <array>

namespace trimtab {

std::string_view name_of(TrialState state) {
  constexpr std::array<std::string_view, 5> kNames = {"running", "complete", "pruned", "failed",
                                                      "waiting"};
  return kNames.at(static_cast<std::size_t>(state));
}

std::string_view name_of(FailureReason reason) {
  constexpr std::array<std::string_view, 11> kNames = {
      "none",      "exit code",  "signal",    "time-out", "memory",     "not a number",
      "no result", "infeasible", "exception", "start",    "interrupted"};
  return kNames.at(static_cast<std::size_t>(reason));
}

std::string_view name_of(Purpose purpose) {
  constexpr std::array<std::string_view, 4> kNames = {"search", "default", "enqueued", "confirm"};
  return kNames.at(static_cast<std::size_t>(purpose));
}

}  // namespace trimtab
