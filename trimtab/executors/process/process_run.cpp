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

namespace trimtab {
namespace {

constexpr double kMemoryCheckSeconds = 0.02;
constexpr std::size_t kMaxResultFile = std::size_t{1} << 20;
constexpr std::size_t kMaxDetail = 300;
constexpr int kTryAgain = 75;    // EX_TEMPFAIL of sysexits.h
constexpr int kInfeasible = 77;  // EX_NOPERM there; "skip" in many test tools

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

std::string signal_name(int number) {
  const char* name = sigabbrev_np(number);
  return name == nullptr ? "signal " + std::to_string(number) : std::string("SIG") + name;
}

// One printable line: programs write colours and worse.
std::string printable(std::string_view line) {
  std::string result;
  for (const char c : line.substr(0, kMaxDetail)) {
    const auto byte = static_cast<unsigned char>(c);
    result += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  std::size_t offset = 0;
  if (!is_utf8(result, offset)) {
    // Cut in the middle of a character, or never text at all.
    std::replace_if(
        result.begin(), result.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; },
        '?');
  }
  return std::string(trim(result));
}

}  // namespace

ProcessRun::ProcessRun(const RunRequest& request, Launcher::Launch launch, MetricsSocket socket,
                       const Setup& setup)
    : request_(request),
      result_file_(std::move(launch.result_file)),
      program_(launch.plan.arguments.empty() ? "" : launch.plan.arguments.front()),
      directory_(launch.plan.directory),
      cores_(launch.plan.cores),
      reader_(setup.reader),
      objectives_(setup.objectives),
      limits_(setup.limits),
      socket_(std::move(socket)) {
  Pipe output = make_pipe();
  Pipe errors = make_pipe();
  output_.emplace(std::move(output.reading), launch.folder + "/stdout", setup.max_output_bytes);
  errors_.emplace(std::move(errors.reading), launch.folder + "/stderr", setup.max_output_bytes);
  if (launch.plan.program.empty()) return;
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
  if (kill_at_) deadline = *kill_at_;
  if (limits_.wall_seconds && cause_ == Cause::None) {
    deadline = std::min(deadline, *limits_.wall_seconds);
  }
  if (limits_.memory_bytes) deadline = std::min(deadline, next_memory_check_);
  return std::max(0.0, deadline - elapsed_.seconds());
}

bool ProcessRun::serve(std::vector<RunUpdate>& updates) {
  SupervisorReport report;
  if (!supervisor_) {
    report.start_error = ENOENT;
    updates.push_back(finish(report, updates));
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
    if (!trim(line).empty()) last_error_line_ = line.substr(0, kMaxDetail);
  };
  const OutputCapture::Sink output = [&](std::string_view bytes) {
    output_lines_.feed(bytes, say_line);
  };
  const OutputCapture::Sink errors = [&](std::string_view bytes) {
    error_lines_.feed(bytes, keep_line);
  };
  socket_.serve(say_line, cause_ != Cause::None);
  if (!is_last) {
    output_->read_some(output);
    errors_->read_some(errors);
    return;
  }
  output_->finish(output);
  errors_->finish(errors);
  output_lines_.finish(say_line);
  error_lines_.finish(keep_line);
}

void ProcessRun::say(std::string_view text, std::vector<RunUpdate>& updates) {
  const ProgramLine line = reader_.read_line(text);
  collector_.add(line);
  if (line.message && line.message->step) {
    updates.push_back(
        RunReport{request_.trial, request_.run, *line.message->step, line.message->metrics});
  }
}

void ProcessRun::stop(StopKind kind) { end(Cause::Stop, kind == StopKind::Graceful); }

// The first cause is the one that is told; a later, harder one may still speed the end up.
void ProcessRun::end(Cause cause, bool is_graceful) {
  if (!supervisor_) return;
  if (cause_ == Cause::None) cause_ = cause;
  if (!is_graceful) {
    supervisor_->kill();
    kill_at_.reset();
  } else if (!kill_at_) {
    supervisor_->terminate();
    kill_at_ = elapsed_.seconds() + limits_.grace_seconds;
  }
}

void ProcessRun::enforce_limits() {
  const double now = elapsed_.seconds();
  if (kill_at_ && now >= *kill_at_) end(cause_, /*is_graceful=*/false);
  if (cause_ == Cause::None && limits_.wall_seconds && now >= *limits_.wall_seconds) {
    end(Cause::TimeOut, /*is_graceful=*/true);
  }
  if (limits_.memory_bytes && now >= next_memory_check_) watch_memory();
}

void ProcessRun::watch_memory() {
  const double memory = descendants_memory(supervisor_->pid(), *limits_.memory_bytes);
  next_memory_check_ = elapsed_.seconds() + kMemoryCheckSeconds;
  peak_memory_ = std::max(peak_memory_, memory);
  if (memory > *limits_.memory_bytes) end(Cause::Memory, /*is_graceful=*/false);
}

RunResult ProcessRun::finish(const SupervisorReport& report, std::vector<RunUpdate>& updates) {
  read_output(updates, /*is_last=*/true);
  read_result_file();
  RunResult result;
  result.trial = request_.trial;
  result.run = request_.run;
  result.metrics = collector_.metrics();
  result.failure = failure_of(report);
  const bool is_exit = report.start_error == 0 && WIFEXITED(report.status);
  result.should_retry = cause_ == Cause::None && is_exit && WEXITSTATUS(report.status) == kTryAgain;
  result.was_stopped = cause_ == Cause::Stop;
  result.resources.wall_seconds = elapsed_.seconds();
  result.resources.cpu_seconds = report.cpu_seconds;
  result.resources.peak_memory_bytes = std::max(report.peak_memory_bytes, peak_memory_);
  return result;
}

void ProcessRun::read_result_file() {
  if (access(result_file_.c_str(), F_OK) != 0) return;
  try {
    for (const ProgramLine& line : reader_.read_file(read_file(result_file_, kMaxResultFile))) {
      collector_.add(line);
    }
  } catch (const UserError& error) {
    collector_.add({{}, "the result file was not read: " + error.info().what});
  }
}

Failure ProcessRun::failure_of(const SupervisorReport& report) const {
  if (report.start_error != 0) return start_failure(report.start_error, report.is_directory);
  const bool is_signal = WIFSIGNALED(report.status);
  const int code = is_signal ? WTERMSIG(report.status) : WEXITSTATUS(report.status);
  if (cause_ == Cause::TimeOut) {
    return {FailureReason::TimeOut, code,
            "ran longer than " + format_duration(*limits_.wall_seconds)};
  }
  if (cause_ == Cause::Memory) {
    return {FailureReason::Memory, code,
            "held " + format_short(peak_memory_ / (1024.0 * 1024.0)) + " MiB, more than the limit"};
  }
  if (cause_ == Cause::Stop && (is_signal || code != 0)) {
    return {FailureReason::Interrupted, code, "stopped"};
  }
  if (is_signal) return {FailureReason::Signal, code, "killed by " + signal_name(code)};
  if (code != 0) return exit_failure(code);
  const std::string missing = missing_objective();
  if (missing.empty() || collector_.problem().empty()) return {};
  return {FailureReason::NoResult, 0,
          "the program never reported " + missing + "; " + printable(collector_.problem())};
}

Failure ProcessRun::start_failure(int error, bool is_directory) const {
  std::string detail = "cannot start " + quote(program_) + ": ";
  if (is_directory) {
    detail = "cannot enter the directory " + quote(directory_) + ": " + describe_errno(error);
  } else if (program_.empty()) {
    detail = "the command is empty for this configuration";
  } else if (error == ENOEXEC) {
    detail += "neither a binary nor a script with a #! line";
  } else {
    detail += describe_errno(error);
  }
  return {FailureReason::Start, error, detail};
}

Failure ProcessRun::exit_failure(int code) const {
  if (code == kInfeasible) {
    return {FailureReason::Infeasible, code, printable(last_error_line_)};
  }
  std::string detail = "exit code " + std::to_string(code);
  if (code == kTryAgain) detail += " (try again later)";
  const std::string line = printable(last_error_line_);
  return {FailureReason::ExitCode, code, line.empty() ? detail : detail + ": " + line};
}

// The first objective without a value, or "".
std::string ProcessRun::missing_objective() const {
  const std::map<std::string, double> metrics = collector_.metrics();
  for (const Objective& objective : objectives_) {
    if (!metrics.contains(objective.name)) return objective.name;
  }
  return "";
}

}  // namespace trimtab
