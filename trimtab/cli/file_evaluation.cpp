#include "trimtab/cli/file_evaluation.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/protocol.hpp"
#include "trimtab/executors/process/supervisor.hpp"

extern char** environ;

namespace trimtab {
namespace {

constexpr const char* kHole = "file";

ErrorInfo problem(const std::string& path, const std::string& what, const std::string& got,
                  const std::string& expected) {
  return {.code = "soup.evaluation",
          .what = what,
          .where = "--evaluate of " + quote(path),
          .got = got,
          .expected = expected,
          .hint = ""};
}

struct Pipe {
  UniqueFd reading, writing;
};

Pipe make_pipe(const std::string& path) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
    throw EnvironmentError(problem(path, "there is no pipe to be had", describe_errno(errno), ""));
  }
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Reads what is there. Returns false at the end.
bool drain(int reading, std::string& text) {
  char buffer[1 << 14];
  while (true) {
    const ssize_t count = ::read(reading, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count != 0;
    text.append(buffer, static_cast<std::size_t>(count));
  }
}

SpawnPlan plan_of(std::vector<std::string> arguments, int output) {
  SpawnPlan plan;
  plan.program = "/usr/bin/env";  // looks the program up on the PATH
  plan.arguments = std::move(arguments);
  plan.arguments.insert(plan.arguments.begin(), "env");
  for (char** each = environ; *each != nullptr; ++each) plan.environment.emplace_back(*each);
  plan.output = output;
  plan.errors = STDERR_FILENO;
  return plan;
}

// The lines of a program, in bounded memory: each is read once, only metrics are kept.
class ScoreReader {
 public:
  explicit ScoreReader(const std::string& score) : reader_({score}) {}

  void add(std::string& text, bool is_end) {
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos;
         begin = end + 1, end = text.find('\n', begin)) {
      results_.add(reader_.read_line(std::string_view(text).substr(begin, end - begin)));
    }
    text.erase(0, begin);
    if (is_end && !text.empty()) results_.add(reader_.read_line(text));
    if (text.size() > LineSplitter::kMaxLine) text.clear();
  }
  const ResultCollector& results() const { return results_; }

 private:
  ProtocolReader reader_;
  ResultCollector results_;
};

// Runs until the program has ended and everything that it said is read.
SupervisorReport follow(Supervisor& supervisor, int reading, ScoreReader& reader) {
  SupervisorReport report;
  std::string text;
  bool has_output = true;
  while (!supervisor.read_report(report)) {
    pollfd polled[] = {{supervisor.descriptor(), POLLIN, 0},
                       {has_output ? reading : -1, POLLIN, 0}};
    if (::poll(polled, 2, -1) < 0 && errno != EINTR) break;
    if (polled[1].revents != 0) has_output = drain(reading, text);
    reader.add(text, /*is_end=*/false);
  }
  drain(reading, text);
  reader.add(text, /*is_end=*/true);
  return report;
}

}  // namespace

FileEvaluation::FileEvaluation(const std::string& command, std::string score)
    : command_(CommandTemplate::parse(command, "--evaluate")), score_(std::move(score)) {
  bool has_file = false;
  for (const Placeholder& hole : command_.placeholders()) {
    has_file = has_file || hole.name == kHole;
    if (hole.name == kHole) continue;
    throw UserError({.code = "soup.evaluation",
                     .what = "the command has a hole that nothing fills",
                     .where = "--evaluate",
                     .got = "{" + hole.name + "}",
                     .expected = "{file}",
                     .hint = ""});
  }
  if (has_file) return;
  throw UserError({.code = "soup.evaluation",
                   .what = "the command does not say where the file goes",
                   .where = "--evaluate",
                   .got = quote(command),
                   .expected = "a command with {file}",
                   .hint = ""});
}

double FileEvaluation::operator()(const std::string& path) const {
  const auto value_of = [&](const std::string&) { return std::optional<std::string>(path); };
  Pipe pipe = make_pipe(path);
  // The program may write as slowly as it likes: its end of the pipe blocks.
  ::fcntl(pipe.writing.get(), F_SETFL, 0);
  Supervisor supervisor =
      Supervisor::start(plan_of(command_.arguments(value_of), pipe.writing.get()));
  pipe.writing.reset();
  ScoreReader reader(score_);
  const SupervisorReport report = follow(supervisor, pipe.reading.get(), reader);
  if (report.start_error != 0 || report.is_lost || report.status != 0) {
    throw EnvironmentError(problem(path, "the evaluation failed",
                                   WIFEXITED(report.status)
                                       ? fmt::format("exit code {}", WEXITSTATUS(report.status))
                                       : "a signal",
                                   "exit code 0"));
  }
  const auto metrics = reader.results().metrics();
  const auto found = metrics.find(score_);
  if (found == metrics.end() || std::isnan(found->second)) {
    throw UserError(problem(path, "the evaluation did not say how good the file is",
                            found == metrics.end() ? reader.results().problem() : "nan",
                            score_ + "=NUMBER in a line of its output"));
  }
  return found->second;
}

}  // namespace trimtab
