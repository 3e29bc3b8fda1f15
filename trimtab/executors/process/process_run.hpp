#pragma once

#include <poll.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trimtab/base/clock.hpp"
#include "trimtab/core/executor.hpp"
#include "trimtab/core/protocol.hpp"
#include "trimtab/core/study.hpp"
#include "trimtab/executors/process/control_group.hpp"
#include "trimtab/executors/process/launcher.hpp"
#include "trimtab/executors/process/metrics_socket.hpp"
#include "trimtab/executors/process/output_capture.hpp"
#include "trimtab/executors/process/run_failure.hpp"
#include "trimtab/executors/process/supervisor.hpp"

namespace trimtab {

/// One running program: its supervisor, its output, its socket, its limits.
class ProcessRun {
 public:
  struct Setup {
    const ProtocolReader& reader;
    const std::vector<Objective>& objectives;
    const Limits& limits;
    std::uint64_t max_output_bytes;  ///< of each of the files stdout, stderr and result
  };

  /// Starts the program. References must outlive the run.
  /// @throws EnvironmentError when no process can be had or a file cannot be created.
  ProcessRun(const RunRequest& request, Launcher::Launch launch, MetricsSocket socket,
             std::optional<ControlGroup> group, const Setup& setup);

  const std::vector<int>& cores() const { return cores_; }

  /// What to poll.
  void add_to(std::vector<pollfd>& polled) const;
  /// Seconds until `serve` has something to do on its own; infinite when never.
  double seconds_to_deadline() const;
  /// Reads what there is, enforces limits, appends updates. Never blocks.
  /// @returns true when the run is over; its RunResult is the last update.
  bool serve(std::vector<RunUpdate>& updates);
  void stop(StopKind kind);

 private:
  void say(std::string_view line, std::vector<RunUpdate>& updates);
  void end(EndCause cause, bool is_graceful);
  void say_stop();
  void enforce_limits();
  void watch_memory();
  void watch_result_file();
  RunResult finish(const SupervisorReport& report, std::vector<RunUpdate>& updates);
  void read_output(std::vector<RunUpdate>& updates, bool is_last);
  void read_result_file();
  std::string problem() const;
  std::string missing_objective() const;

  RunRequest request_;
  std::string result_file_;
  std::string program_;
  std::string directory_;
  std::vector<int> cores_;
  const ProtocolReader& reader_;
  const std::vector<Objective>& objectives_;
  const Limits& limits_;
  std::uint64_t max_result_bytes_;
  MetricsSocket socket_;
  ReportLimiter reports_;
  std::optional<OutputCapture> output_;
  std::optional<OutputCapture> errors_;
  LineSplitter output_lines_;
  LineSplitter error_lines_;
  std::string last_error_line_;
  ResultCollector collector_;
  // Before the supervisor, whose end empties it.
  std::optional<ControlGroup> control_group_;
  std::optional<Supervisor> supervisor_;  // nothing when the program is not on the PATH
  Stopwatch elapsed_;
  EndCause cause_ = EndCause::None;
  bool was_killed_ = false;             // by us, with SIGKILL
  std::optional<double> terminate_at_;  // on `elapsed_`; after the answer "stop"
  std::optional<double> kill_at_;       // on `elapsed_`; after a SIGTERM
  double next_memory_check_ = 0.0;
  double next_result_check_ = 0.0;
  double peak_memory_ = 0.0;
};

}  // namespace trimtab
