#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "trimtab/core/executor.hpp"
#include "trimtab/core/protocol.hpp"
#include "trimtab/core/study.hpp"
#include "trimtab/executors/process/control_group.hpp"
#include "trimtab/executors/process/launcher.hpp"
#include "trimtab/executors/process/process_run.hpp"
#include "trimtab/executors/process/socket_folder.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {

/// Runs each trial as a program on this machine, one folder per run. The contract with the program:
/// docs/trial-protocol.md.
///
/// No thread of its own: everything happens in `wait`, which must be called often for limits to
/// hold in time. Nothing a program started outlives its run, nor this process (see Supervisor).
/// Limits: wall time (SIGTERM, grace, SIGKILL); memory of all its processes together, looked at
/// every 20 ms; `cpus` as a set of that many processors, the least used ones, rounded up. Where
/// this process may make control groups (see ControlGroups), the kernel enforces memory and
/// processor time as well. Behind them stand resource limits of each process, which hold even while
/// this process is suspended: twice the memory and 512 MiB as RLIMIT_DATA, and as RLIMIT_CPU the
/// time that wall limit and grace leave to all its processors. Besides bad programs, which are
/// results, `start` throws EnvironmentError when this machine has no processes, descriptors or disk
/// left.
class ProcessExecutor final : public Executor {
 public:
  struct Options {
    std::string folder = "trimtab-trials";                     ///< holds STUDY/TRIAL-RUN/
    std::uint64_t max_output_bytes = std::uint64_t{16} << 20;  ///< kept of stdout and of stderr
  };

  /// Creates no file. @throws UserError when the command or a file to render is wrong.
  ProcessExecutor(const StudySpec& spec, const Space& space, Options options);
  /// Kills what still runs.
  ~ProcessExecutor() override;
  ProcessExecutor(const ProcessExecutor&) = delete;
  ProcessExecutor& operator=(const ProcessExecutor&) = delete;

  void start(const RunRequest& request) override;
  std::vector<RunUpdate> wait(double seconds) override;
  void stop(std::int64_t trial, std::int64_t run, StopKind kind) override;
  void discard_checkpoint(const std::string& study, std::int64_t trial, std::int64_t run) override;
  std::size_t num_running() const override { return runs_.size(); }

 private:
  using Key = std::pair<std::int64_t, std::int64_t>;  // trial, run

  std::string socket_path(const RunRequest& request);
  std::vector<int> least_used_cores() const;
  std::optional<ControlGroup> make_group();
  bool serve_all(std::vector<RunUpdate>& updates);
  void poll_until(double deadline, const Stopwatch& elapsed);

  StudySpec spec_;
  Options options_;
  Launcher launcher_;
  ProtocolReader reader_;
  std::map<int, int> num_uses_;  // of each processor, when cpus are limited
  bool has_looked_for_groups_ = false;
  std::optional<ControlGroups> groups_;
  std::int64_t num_groups_ = 0;
  std::unique_ptr<SocketFolder> socket_folder_;  // made by the first start
  std::map<Key, ProcessRun> runs_;               // ends before the folder of its sockets
};

}  // namespace trimtab
