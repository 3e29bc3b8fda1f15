#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trimtab/base/files.hpp"

namespace trimtab {

/// Everything a program needs to start, prepared before the fork.
struct SpawnPlan {
  std::string program = {};  ///< path for execve
  std::vector<std::string> arguments = {};
  std::vector<std::string> environment = {};          ///< "NAME=value"
  std::string directory = {};                         ///< "" = as here
  std::vector<int> cores = {};                        ///< processors it may run on; empty = as here
  std::string control_group = {};                     ///< file to enter one through; "" = none
  std::optional<std::uint64_t> max_data_bytes = {};   ///< RLIMIT_DATA of each process
  std::optional<std::uint64_t> max_cpu_seconds = {};  ///< RLIMIT_CPU of each process
  int output = -1;                                    ///< becomes descriptor 1
  int errors = -1;                                    ///< becomes descriptor 2
};

/// How a supervised program ended; sent by its supervisor when nothing of it is left.
struct SupervisorReport {
  int start_error = 0;             ///< errno when the program could not be started, else 0
  bool is_directory = false;       ///< the start failed in chdir, not in execve
  int status = 0;                  ///< wait status of the program
  double cpu_seconds = 0.0;        ///< of the program and all it started
  double peak_memory_bytes = 0.0;  ///< largest resident size of a single process
  bool is_lost = false;            ///< somebody killed the supervisor; others may still run
};

/// A small process between us and the program. It adopts everything that the program leaves behind
/// (PR_SET_CHILD_SUBREAPER), so that no process outlives the run, whatever sessions or groups it
/// moved to; and it ends the program when we die, however we die, because the control socket
/// closes.
class Supervisor {
 public:
  /// Starts a program. Does not wait for it: even a failed start is told by `read_report`.
  /// @throws EnvironmentError when there is no process or socket to be had.
  /// Cost: one fork of this process (its time grows with resident memory) and one vfork.
  static Supervisor start(const SpawnPlan& plan);

  Supervisor(Supervisor&& other) noexcept;
  Supervisor& operator=(Supervisor&&) = delete;
  /// Kills what still runs and waits until it is gone.
  ~Supervisor();

  /// Becomes readable when there is a report (or when the supervisor was killed).
  int descriptor() const { return control_.get(); }
  pid_t pid() const { return pid_; }

  /// SIGTERM to the program's process group.
  void terminate();
  /// SIGKILL to everything that the program started.
  void kill();

  /// Takes the report when there is one and collects the supervisor. A supervisor that somebody
  /// killed gives a report with status SIGKILL.
  /// @returns false when there is none yet. Never blocks longer than the supervisor takes to exit.
  bool read_report(SupervisorReport& report);

 private:
  Supervisor(pid_t pid, UniqueFd control) : pid_(pid), control_(std::move(control)) {}
  void send(char command);

  pid_t pid_ = -1;  // -1 once collected
  UniqueFd control_;
};

}  // namespace trimtab
