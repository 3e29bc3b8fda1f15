#pragma once

#include <dirent.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "trimtab/executors/process/process_executor.hpp"

namespace trimtab {

/// Counts living processes whose environment holds `entry` ("NAME=value"), wherever they moved to.
inline int count_processes_with(const std::string& entry) {
  int count = 0;
  const std::unique_ptr<DIR, int (*)(DIR*)> processes(opendir("/proc"), closedir);
  while (const dirent* process = processes ? readdir(processes.get()) : nullptr) {
    if (process->d_name[0] < '0' || process->d_name[0] > '9') continue;
    std::ifstream file(std::string("/proc/") + process->d_name + "/environ", std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(file)), {});
    const std::size_t at = content.find(entry + '\0');
    if (at != std::string::npos && (at == 0 || content[at - 1] == '\0')) ++count;
  }
  return count;
}

/// The same count, once it is zero or two seconds have passed: a killed process takes its moment.
inline int count_left_with(const std::string& entry) {
  int count = count_processes_with(entry);
  for (int k = 0; k < 200 && count > 0; ++k) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    count = count_processes_with(entry);
  }
  return count;
}

/// A folder of its own, and processes that can be told from all others by their environment.
class ProcessFixture : public ::testing::Test {
 protected:
  ProcessFixture() {
    static std::atomic<int> count{0};
    mark_ = std::to_string(getpid()) + "-" + std::to_string(count++);
    std::string pattern = (std::filesystem::temp_directory_path() / "trimtab-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = pattern;
  }
  ~ProcessFixture() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  /// A study of one parameter x and the objective "loss" that runs a command.
  StudySpec spec_of(const std::string& command) const {
    StudySpec spec;
    spec.name = "test";
    spec.space_definition = R"({"x": [0.0, 1.0]})";
    spec.program.command = command;
    spec.program.environment["MARK"] = mark_;
    spec.program.limits.grace_seconds = 0.2;
    return spec;
  }

  std::unique_ptr<ProcessExecutor> executor_of(const StudySpec& spec) const {
    return std::make_unique<ProcessExecutor>(spec, Space::parse_text(spec.space_definition),
                                             ProcessExecutor::Options{.folder = path("trials")});
  }

  static RunRequest request_of(const StudySpec& spec, std::int64_t trial = 0,
                               std::int64_t attempt = 0) {
    RunRequest request;
    request.study = spec.name;
    request.trial = trial;
    request.attempt = attempt;
    request.seed = 42;
    request.point = {0.25};
    return request;
  }

  /// Runs the study's command once, to its end. Reports are kept in `reports_`.
  RunResult run(ProcessExecutor& executor, const RunRequest& request) {
    executor.start(request);
    while (executor.num_running() > 0) {
      for (const RunUpdate& update : executor.wait(1.0)) {
        if (const auto* result = std::get_if<RunResult>(&update)) return *result;
        reports_.push_back(std::get<RunReport>(update));
      }
    }
    ADD_FAILURE() << "no result";
    return {};
  }
  RunResult run(const StudySpec& spec) { return run(*executor_of(spec), request_of(spec)); }
  RunResult run(const std::string& command) { return run(spec_of(command)); }

  /// A study that runs a shell script, and one run of it.
  StudySpec script_spec(const std::string& script) const {
    write(path("program.sh"), script);
    return spec_of("sh " + path("program.sh"));
  }
  RunResult run_script(const std::string& script, const Limits& limits = {.grace_seconds = 0.2}) {
    StudySpec spec = script_spec(script);
    spec.program.limits = limits;
    return run(spec);
  }

  int count_alive() const { return count_processes_with("MARK=" + mark_); }
  int count_left() const { return count_left_with("MARK=" + mark_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  /// A file of the first run's folder.
  std::string trial_path(const std::string& name) const { return path("trials/test/0-0/" + name); }
  static std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(file)), {});
  }
  static void write(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
  }

  std::string mark_;
  std::filesystem::path folder_;
  std::vector<RunReport> reports_;
};

}  // namespace trimtab
