#include "trimtab/executors/process/run_failure.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kMaxDetail = 300;
constexpr int kTryAgain = 75;    // EX_TEMPFAIL of sysexits.h
constexpr int kInfeasible = 77;  // EX_NOPERM there; "skip" in many test tools

std::string signal_name(int number) {
  const char* name = sigabbrev_np(number);
  return name == nullptr ? "signal " + std::to_string(number) : std::string("SIG") + name;
}

std::string mebibytes(double bytes) { return format_short(bytes / (1024.0 * 1024.0)) + " MiB"; }

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

Failure start_failure(const RunEnding& ending) {
  const int error = ending.report.start_error;
  std::string detail = "cannot start " + quote(ending.program) + ": ";
  if (ending.report.is_directory) {
    detail = "cannot enter the directory " + quote(ending.directory) + ": " + describe_errno(error);
  } else if (ending.program.empty()) {
    detail = "the command is empty for this configuration";
  } else if (error == ENOEXEC) {
    detail += "neither a binary nor a script with a #! line";
  } else {
    detail += describe_errno(error);
  }
  return {FailureReason::Start, error, detail};
}

Failure exit_failure(int code, std::string_view last_error_line) {
  const std::string line = printable(last_error_line);
  if (code == kInfeasible) return {FailureReason::Infeasible, code, line};
  std::string detail = "exit code " + std::to_string(code);
  if (code == kTryAgain) detail += " (try again later)";
  return {FailureReason::ExitCode, code, line.empty() ? detail : detail + ": " + line};
}

Failure memory_failure(const RunEnding& ending, int code) {
  const std::string limit = mebibytes(ending.limits.memory_bytes.value_or(0.0));
  if (ending.cause != EndCause::Memory) {
    return {FailureReason::Memory, code, "killed at its memory limit of " + limit};
  }
  return {FailureReason::Memory, code,
          "held " + mebibytes(ending.peak_memory_bytes) + " of memory, more than the limit of " +
              limit};
}

Failure no_result(const RunEnding& ending) {
  std::string detail = "the program never reported " + ending.missing;
  if (!ending.problem.empty()) detail += "; " + printable(ending.problem);
  return {FailureReason::NoResult, 0, detail};
}

}  // namespace

Failure failure_of(const RunEnding& ending) {
  if (ending.report.start_error != 0) return start_failure(ending);
  const int status = ending.report.status;
  const bool is_signal = WIFSIGNALED(status);
  const int code = is_signal ? WTERMSIG(status) : WEXITSTATUS(status);
  const bool is_bad = is_signal || code != 0;
  if (ending.cause == EndCause::TimeOut) {
    return {FailureReason::TimeOut, code,
            "ran longer than " + format_duration(ending.limits.wall_seconds.value_or(0.0))};
  }
  if (ending.cause == EndCause::Memory || (ending.is_out_of_memory && is_bad)) {
    return memory_failure(ending, code);
  }
  if (ending.cause == EndCause::ResultFile) {
    return {FailureReason::NoResult, code, "the result file grew without bound"};
  }
  if (ending.cause == EndCause::Stop && (is_bad || !ending.missing.empty())) {
    return {FailureReason::Interrupted, code, "stopped"};
  }
  if (is_signal && code == SIGXCPU) {
    return {FailureReason::TimeOut, code, "used more processor time than its limits allow"};
  }
  if (is_signal) return {FailureReason::Signal, code, "killed by " + signal_name(code)};
  if (code != 0) return exit_failure(code, ending.last_error_line);
  if (!ending.missing.empty()) return no_result(ending);
  return {};
}

}  // namespace trimtab
