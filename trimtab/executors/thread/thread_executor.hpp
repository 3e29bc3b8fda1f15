#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "trimtab/core/executor.hpp"
#include "trimtab/core/workload.hpp"

namespace trimtab {

/// Runs an in-process objective on threads of its own.
///
/// A thread cannot be killed: `stop` of either kind raises `should_stop` and makes `report` return
/// false, and the run ends when the objective looks. A run that has not begun ends at once. The
/// destructor stops every run and waits for it. `Resources::peak_memory_bytes` stays 0: memory
/// belongs to the process.
class ThreadExecutor final : public Executor {
 public:
  /// @param objective_name  the metric that `TrialContext::report` reports.
  /// @param num_threads     runs at the same time, >= 1; further ones wait in order.
  ThreadExecutor(Space space, Callable run, std::string objective_name, int num_threads);
  ~ThreadExecutor() override;
  ThreadExecutor(const ThreadExecutor&) = delete;
  ThreadExecutor& operator=(const ThreadExecutor&) = delete;

  void start(const RunRequest& request) override;
  std::vector<RunUpdate> wait(double seconds) override;
  void stop(std::int64_t trial, std::int64_t run, StopKind kind) override;
  std::size_t num_running() const override { return num_running_; }

 private:
  class Context;
  struct Run {
    RunRequest request;
    std::atomic<bool> should_stop{false};
  };
  using Key = std::pair<std::int64_t, std::int64_t>;  // trial, run

  void serve();
  RunResult execute(Run& run);
  void post(RunUpdate update);

  const Space space_;
  const Callable run_;
  const std::string objective_name_;
  std::size_t num_running_ = 0;  // the owner's count, touched by the owner alone

  std::mutex mutex_;  // guards what follows
  std::condition_variable has_work_;
  std::condition_variable has_update_;
  std::deque<std::shared_ptr<Run>> queue_;
  std::map<Key, std::shared_ptr<Run>> runs_;  // started and not yet posted as ended
  std::vector<RunUpdate> updates_;
  bool is_closing_ = false;

  std::vector<std::thread> threads_;
};

}  // namespace trimtab
