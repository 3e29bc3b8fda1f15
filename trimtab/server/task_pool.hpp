#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace trimtab::server {

/// Threads for calls that block. Tasks begin in the order in which they came.
class TaskPool {
 public:
  /// @param num_threads  >= 1. @param most  tasks that may wait or run at once, >= 1.
  TaskPool(int num_threads, std::size_t most);
  /// Runs what was posted to its end.
  ~TaskPool();
  TaskPool(const TaskPool&) = delete;
  TaskPool& operator=(const TaskPool&) = delete;

  /// @param task  must not throw. @return false when there are too many already.
  bool post(std::function<void()> task);

 private:
  void work();

  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  std::size_t num_open_ = 0;  // waiting or running
  bool is_ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace trimtab::server
