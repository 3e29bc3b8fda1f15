#include "trimtab/executors/process/process_run.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <limits>
#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/executors/process/process_tree.hpp"
#include "trimtab/executors/process/trial_files.hpp"

namespace trimtab {
namespace {

constexpr double kMemoryCheckSeconds = 0.02;
constexpr std::size_t kMaxResultFile = std::size_t{1} << 20;
constexpr std::size_t kMaxErrorLine = 300;
constexpr double kResultCheckSeconds = 0.25;
// Between the answer "stop" and SIGTERM, for programs that end by themselves.
constexpr double kAnswerSeconds = 1.0;
constexpr int kTryAgain = 75;  // EX_TEMPFAIL of sysexits.h

struct Pipe {
  UniqueFd reading;
  UniqueFd writing;
};

Pipe make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) == 0) return {UniqueFd(ends[0]), UniqueFd(ends[1])};
  throw EnvironmentError({.code = "process.pipe",
                          .what = "no pipe for a program's output: " + describe_errno(errno),
                          .where = "process executor",
                          .got = "",
                          .expected = "",
                          .hint = "lower the number of parallel trials or raise ulimit -n"});
}

}  // namespace

ProcessRun::ProcessRun(const RunRequest& request, Launcher::Launch launch, MetricsSocket socket,
                       std::optional<ControlGroup> group, const Setup& setup)
    : request_(request),
      result_file_(std::move(launch.result_file)),
      program_(launch.plan.arguments.empty() ? "" : launch.plan.arguments.front()),
      directory_(launch.plan.directory),
      cores_(launch.plan.cores),
      reader_(setup.reader),
      objectives_(setup.objectives),
      limits_(setup.limits),
      max_result_bytes_(setup.max_output_bytes),
      socket_(std::move(socket)),
      control_group_(std::move(group)) {
  Pipe output = make_pipe();
  Pipe errors = make_pipe();
  output_.emplace(std::move(output.reading), launch.folder + "/stdout", setup.max_output_bytes);
  errors_.emplace(std::move(errors.reading), launch.folder + "/stderr", setup.max_output_bytes);
  if (launch.plan.program.empty()) return;
  if (control_group_) launch.plan.control_group = control_group_->entrance();
  launch.plan.output = output.writing.get();
  launch.plan.errors = errors.writing.get();
  supervisor_.emplace(Supervisor::start(launch.plan));
}

void ProcessRun::add_to(std::vector<pollfd>& polled) const {
  if (supervisor_) polled.push_back({supervisor_->descriptor(), POLLIN, 0});
  for (const auto* capture : {&*output_, &*errors_}) {
    if (!capture->has_ended()) polled.push_back({capture->descriptor(), POLLIN, 0});
  }
  socket_.add_to(polled);
}

double ProcessRun::seconds_to_deadline() const {
  if (!supervisor_) return 0.0;
  double deadline = std::numeric_limits<double>::infinity();
  if (socket_.has_unanswered()) return 0.0;
  if (kill_at_) deadline = *kill_at_;
  if (terminate_at_) deadline = std::min(deadline, *terminate_at_);
  if (limits_.wall_seconds && cause_ == EndCause::None) {
    deadline = std::min(deadline, *limits_.wall_seconds);
  }
  if (limits_.memory_bytes) deadline = std::min(deadline, next_memory_check_);
  deadline = std::min(deadline, next_result_check_);
  return std::max(0.0, deadline - elapsed_.seconds());
}

bool ProcessRun::serve(std::vector<RunUpdate>& updates) {
  SupervisorReport report;
  if (!supervisor_) {
    report.start_error = ENOENT;
    RunResult result = finish(report, updates);
    updates.push_back(std::move(result));
    return true;
  }
  read_output(updates, /*is_last=*/false);
  enforce_limits();
  if (!supervisor_->read_report(report)) return false;
  RunResult result = finish(report, updates);
  updates.push_back(std::move(result));
  return true;
}

void ProcessRun::read_output(std::vector<RunUpdate>& updates, bool is_last) {
  const LineSplitter::Sink say_line = [&](std::string_view line) { say(line, updates); };
  const LineSplitter::Sink keep_line = [&](std::string_view line) {
    if (!trim(line).empty()) last_error_line_ = line.substr(0, kMaxErrorLine);
  };
  const OutputCapture::Sink output = [&](std::string_view bytes) {
    output_lines_.feed(bytes, say_line);
  };
  const OutputCapture::Sink errors = [&](std::string_view bytes) {
    error_lines_.feed(bytes, keep_line);
  };
  if (!is_last) {
    socket_.serve(say_line, cause_ != EndCause::None);
    output_->read_some(output);
    errors_->read_some(errors);
    return;
  }
  socket_.finish(say_line);
  output_->finish(output);
  errors_->finish(errors);
  output_lines_.finish(say_line);
  error_lines_.finish(keep_line);
}

void ProcessRun::say(std::string_view text, std::vector<RunUpdate>& updates) {
  const ProgramLine line = reader_.read_line(text);
  collector_.add(line);
  if (line.message && line.message->step && reports_.accepts(elapsed_.seconds())) {
    updates.push_back(
        RunReport{request_.trial, request_.run, *line.message->step, line.message->metrics});
  }
}

void ProcessRun::stop(StopKind kind) { end(EndCause::Stop, kind == StopKind::Graceful); }

// The first cause is the one that is told; a later, harder one may still speed the end up.
void ProcessRun::end(EndCause cause, bool is_graceful) {
  if (!supervisor_) return;
  if (cause_ == EndCause::None) cause_ = cause;
  if (!is_graceful) {
    supervisor_->kill();
    was_killed_ = true;
    terminate_at_.reset();
    kill_at_.reset();
  } else if (!kill_at_ && !was_killed_) {
    say_stop();
  }
}

// A program that has asked is answered first, so that it may end without a signal.
void ProcessRun::say_stop() {
  double now = elapsed_.seconds();
  if (cause_ == EndCause::Stop && socket_.has_unanswered()) {
    socket_.answer(/*should_stop=*/true);
    now += std::min(kAnswerSeconds, limits_.grace_seconds);
    terminate_at_ = now;
  } else {
    supervisor_->terminate();
  }
  kill_at_ = now + limits_.grace_seconds;
}

void ProcessRun::enforce_limits() {
  const double now = elapsed_.seconds();
  if (terminate_at_ && now >= *terminate_at_) {
    supervisor_->terminate();
    terminate_at_.reset();
  }
  if (kill_at_ && now >= *kill_at_) end(cause_, /*is_graceful=*/false);
  if (cause_ == EndCause::None && limits_.wall_seconds && now >= *limits_.wall_seconds) {
    end(EndCause::TimeOut, /*is_graceful=*/true);
  }
  if (limits_.memory_bytes && now >= next_memory_check_) watch_memory();
  if (now >= next_result_check_) watch_result_file();
}

void ProcessRun::watch_memory() {
  const double before = elapsed_.seconds();
  const double memory = descendants_memory(supervisor_->pid(), *limits_.memory_bytes);
  const double now = elapsed_.seconds();
  // Thousands of threads take long to look at: at most a tenth of our time goes there.
  next_memory_check_ = now + std::max(kMemoryCheckSeconds, 10.0 * (now - before));
  peak_memory_ = std::max(peak_memory_, memory);
  if (memory > *limits_.memory_bytes) end(EndCause::Memory, /*is_graceful=*/false);
}

// A file that grows without end fills the disk; what it holds would not be read anyway.
void ProcessRun::watch_result_file() {
  next_result_check_ = elapsed_.seconds() + kResultCheckSeconds;
  if (size_of_trial_file(result_file_) <= static_cast<double>(max_result_bytes_)) return;
  end(EndCause::ResultFile, /*is_graceful=*/false);
}

RunResult ProcessRun::finish(const SupervisorReport& report, std::vector<RunUpdate>& updates) {
  // Nobody else has this socket's path, and every process of the run was told it.
  if (report.is_lost) kill_by_environment("TRIMTAB_SOCKET=" + socket_.path());
  read_output(updates, /*is_last=*/true);
  read_result_file();
  RunEnding ending{.report = report, .cause = cause_, .limits = limits_};
  double group_cpu_seconds = 0.0;
  if (control_group_) {
    ending.is_out_of_memory = control_group_->was_out_of_memory();
    peak_memory_ = std::max(peak_memory_, control_group_->peak_memory_bytes());
    group_cpu_seconds = control_group_->cpu_seconds();
  }
  ending.peak_memory_bytes = peak_memory_;
  ending.program = program_;
  ending.directory = directory_;
  ending.last_error_line = last_error_line_;
  ending.problem = problem();
  ending.missing = missing_objective();
  RunResult result;
  result.trial = request_.trial;
  result.run = request_.run;
  result.metrics = collector_.metrics();
  result.failure = failure_of(ending);
  const bool is_exit = report.start_error == 0 && WIFEXITED(report.status);
  const int code = is_exit ? WEXITSTATUS(report.status) : -1;
  result.should_retry = cause_ == EndCause::None && code == kTryAgain;
  // A program that was done before SIGKILL reached it was not stopped: its result is whole.
  result.was_stopped = cause_ == EndCause::Stop && !(was_killed_ && code == 0);
  result.resources.wall_seconds = elapsed_.seconds();
  result.resources.cpu_seconds = std::max(report.cpu_seconds, group_cpu_seconds);
  result.resources.peak_memory_bytes = std::max(report.peak_memory_bytes, peak_memory_);
  return result;
}

void ProcessRun::read_result_file() {
  const TrialFile file = read_trial_file(result_file_, "result file", kMaxResultFile);
  if (!file.problem.empty()) {
    collector_.add({{}, file.problem});
    if (size_of_trial_file(result_file_) > kMaxResultFile) unlink(result_file_.c_str());
    return;
  }
  for (const ProgramLine& line : reader_.read_file(file.content)) collector_.add(line);
}

// Why less than a result may have arrived.
std::string ProcessRun::problem() const {
  if (!collector_.problem().empty()) return collector_.problem();
  if (!output_lines_.has_skipped()) return "";
  return "a line of its output was longer than " + std::to_string(LineSplitter::kMaxLine / 1024) +
         " KiB and was not read";
}

// The first objective without a value, or "". Energy is not the program's to say.
std::string ProcessRun::missing_objective() const {
  const std::map<std::string, double> metrics = collector_.metrics();
  for (const Objective& objective : objectives_) {
    if (is_energy_metric(objective.name)) continue;
    if (!metrics.contains(objective.name)) return objective.name;
  }
  return "";
}

}  // namespace trimtab
