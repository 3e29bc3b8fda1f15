#include "trimtab/executors/process/process_executor.hpp"

#include <poll.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>

#include "trimtab/base/clock.hpp"
#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"

namespace trimtab {
namespace {

std::vector<std::string> names_of(const std::vector<Objective>& objectives) {
  std::vector<std::string> names;
  for (const Objective& objective : objectives) names.push_back(objective.name);
  return names;
}

std::vector<int> own_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(static_cast<std::size_t>(core), &set)) cores.push_back(core);
  }
  return cores;
}

}  // namespace

ProcessExecutor::ProcessExecutor(const StudySpec& spec, const Space& space, Options options)
    : spec_(spec),
      options_(std::move(options)),
      launcher_(spec_, space, options_.folder),
      reader_(names_of(spec_.objectives)) {
  if (!spec_.program.limits.cpus) return;
  for (const int core : own_cores()) num_uses_[core] = 0;
}

ProcessExecutor::~ProcessExecutor() = default;

void ProcessExecutor::start(const RunRequest& request) {
  if (runs_.contains({request.trial, request.run})) {
    throw BugError({.code = "process.started_twice",
                    .what = "a run was started while it was running",
                    .where = "process executor",
                    .got = std::to_string(request.trial) + "-" + std::to_string(request.run),
                    .expected = "",
                    .hint = ""});
  }
  MetricsSocket socket(socket_path(request));
  Launcher::Launch launch = launcher_.prepare(request, socket.path());
  launch.plan.cores = least_used_cores();
  const ProcessRun::Setup setup{reader_, spec_.objectives, spec_.program.limits,
                                options_.max_output_bytes};
  const auto [entry, is_new] =
      runs_.try_emplace({request.trial, request.run}, request, std::move(launch), std::move(socket),
                        make_group(), setup);
  for (const int core : entry->second.cores()) ++num_uses_[core];
}

std::optional<ControlGroup> ProcessExecutor::make_group() {
  const Limits& limits = spec_.program.limits;
  if (!limits.memory_bytes && !limits.cpus) return std::nullopt;
  if (!has_looked_for_groups_) groups_ = ControlGroups::find(limits);
  has_looked_for_groups_ = true;
  if (!groups_) return std::nullopt;
  return groups_->make(socket_folder_->name() + "-" + std::to_string(num_groups_++), limits);
}

std::string ProcessExecutor::socket_path(const RunRequest& request) {
  if (!socket_folder_) socket_folder_ = std::make_unique<SocketFolder>();
  return socket_folder_->path() + "/" + std::to_string(request.trial) + "-" +
         std::to_string(request.run);
}

// The least used processors. Empty = all of them.
std::vector<int> ProcessExecutor::least_used_cores() const {
  std::vector<int> cores;
  if (!spec_.program.limits.cpus) return cores;
  for (const auto& [core, uses] : num_uses_) cores.push_back(core);
  const double wanted = std::max(1.0, std::ceil(*spec_.program.limits.cpus));
  if (wanted >= static_cast<double>(cores.size())) return {};
  std::stable_sort(cores.begin(), cores.end(),
                   [&](int left, int right) { return num_uses_.at(left) < num_uses_.at(right); });
  cores.resize(static_cast<std::size_t>(wanted));
  return cores;
}

std::vector<RunUpdate> ProcessExecutor::wait(double seconds) {
  const Stopwatch elapsed;
  std::vector<RunUpdate> updates;
  while (!runs_.empty()) {
    const bool has_ended = serve_all(updates);
    if (has_ended || !updates.empty() || elapsed.seconds() >= seconds) break;
    poll_until(seconds, elapsed);
  }
  return updates;
}

bool ProcessExecutor::serve_all(std::vector<RunUpdate>& updates) {
  bool has_ended = false;
  for (auto entry = runs_.begin(); entry != runs_.end();) {
    if (!entry->second.serve(updates)) {
      ++entry;
      continue;
    }
    for (const int core : entry->second.cores()) --num_uses_[core];
    entry = runs_.erase(entry);
    has_ended = true;
  }
  return has_ended;
}

void ProcessExecutor::poll_until(double deadline, const Stopwatch& elapsed) {
  std::vector<pollfd> polled;
  double seconds = deadline - elapsed.seconds();
  for (const auto& [key, run] : runs_) {
    run.add_to(polled);
    seconds = std::min(seconds, run.seconds_to_deadline());
  }
  // Rounded up: a wait that ends just before its deadline would be followed by a busy one.
  const int milliseconds = static_cast<int>(std::ceil(std::clamp(seconds, 0.0, 3600.0) * 1e3));
  poll(polled.data(), polled.size(), milliseconds);
}

void ProcessExecutor::discard_checkpoint(const std::string& study, std::int64_t trial,
                                         std::int64_t run) {
  if (runs_.contains({trial, run})) return;
  RunRequest request;
  request.study = study;
  request.trial = trial;
  request.run = run;
  launcher_.discard_checkpoint(request);
}

void ProcessExecutor::stop(std::int64_t trial, std::int64_t run, StopKind kind) {
  const auto found = runs_.find({trial, run});
  if (found != runs_.end()) found->second.stop(kind);
}

}  // namespace trimtab
