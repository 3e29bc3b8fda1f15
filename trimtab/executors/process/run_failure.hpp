#pragma once

#include <cstdint>
#include <string>

#include "trimtab/core/study.hpp"
#include "trimtab/core/trial.hpp"
#include "trimtab/executors/process/supervisor.hpp"

namespace trimtab {

/// Why we told a program to end, if we did.
enum class EndCause : std::uint8_t {
  None,
  Stop,  ///< asked for by the owner
  TimeOut,
  Memory,
  ResultFile,  ///< its result file grew without bound
};

/// All that decides how a run is judged.
struct RunEnding {
  SupervisorReport report = {};
  EndCause cause = EndCause::None;
  Limits limits = {};
  double peak_memory_bytes = 0.0;    ///< of all its processes together, as far as we looked
  bool is_out_of_memory = false;     ///< the kernel killed for its control group's limit
  std::string program = {};          ///< as the command names it
  std::string directory = {};        ///< where it had to start
  std::string last_error_line = {};  ///< of stderr
  std::string problem = {};          ///< why its messages said less than they should
  std::string missing = {};          ///< the first objective that it did not report, or ""
};

/// The failure of a run in one exact line; reason None when the program did its part.
Failure failure_of(const RunEnding& ending);

}  // namespace trimtab
