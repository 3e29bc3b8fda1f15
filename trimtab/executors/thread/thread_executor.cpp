#include "trimtab/executors/thread/thread_executor.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <exception>
#include <iterator>

#include "trimtab/base/clock.hpp"
#include "trimtab/base/error.hpp"
#include "trimtab/core/protocol.hpp"

namespace trimtab {
namespace {

double thread_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::string first_line(std::string_view text) {
  constexpr std::size_t kMaxDetail = 500;
  return std::string(text.substr(0, std::min(text.find('\n'), kMaxDetail)));
}

RunResult stopped_result(const RunRequest& request) {
  RunResult result;
  result.trial = request.trial;
  result.run = request.run;
  result.failure = {FailureReason::Interrupted, 0, "stopped before it began"};
  result.was_stopped = true;
  return result;
}

}  // namespace

class ThreadExecutor::Context final : public TrialContext {
 public:
  Context(ThreadExecutor& executor, const Run& run) : executor_(executor), run_(run) {}
  std::uint64_t seed() const override { return run_.request.seed; }
  double fidelity() const override { return run_.request.fidelity; }
  std::string scenario() const override { return run_.request.scenario; }
  const RowSplit* split() const override { return run_.request.split.get(); }
  bool report(double step, double value) override {
    if (reports_.accepts(elapsed_.seconds())) {
      executor_.post(RunReport{
          run_.request.trial, run_.request.run, step, {{executor_.objective_name_, value}}});
    }
    return !should_stop();
  }
  bool should_stop() const override { return run_.should_stop.load(std::memory_order_relaxed); }

 private:
  ThreadExecutor& executor_;
  const Run& run_;
  ReportLimiter reports_;
  const Stopwatch elapsed_;
};

ThreadExecutor::ThreadExecutor(Space space, Callable run, std::string objective_name,
                               int num_threads)
    : space_(std::move(space)), run_(std::move(run)), objective_name_(std::move(objective_name)) {
  for (int k = 0; k < std::max(1, num_threads); ++k) threads_.emplace_back([this] { serve(); });
}

ThreadExecutor::~ThreadExecutor() {
  {
    const std::scoped_lock lock(mutex_);
    is_closing_ = true;
    for (const auto& [key, run] : runs_) run->should_stop = true;
  }
  has_work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadExecutor::start(const RunRequest& request) {
  auto run = std::make_shared<Run>();
  run->request = request;
  {
    const std::scoped_lock lock(mutex_);
    if (!runs_.try_emplace({request.trial, request.run}, run).second) {
      throw BugError({.code = "thread.started_twice",
                      .what = "a run was started while it was running",
                      .where = "thread executor",
                      .got = std::to_string(request.trial) + "-" + std::to_string(request.run),
                      .expected = "",
                      .hint = ""});
    }
    queue_.push_back(std::move(run));
  }
  ++num_running_;
  has_work_.notify_one();
}

std::vector<RunUpdate> ThreadExecutor::wait(double seconds) {
  std::vector<RunUpdate> updates;
  {
    std::unique_lock lock(mutex_);
    has_update_.wait_for(lock, std::chrono::duration<double>(std::clamp(seconds, 0.0, 1e6)),
                         [&] { return !updates_.empty() || runs_.empty(); });
    updates.swap(updates_);
  }
  num_running_ -= static_cast<std::size_t>(std::count_if(
      updates.begin(), updates.end(),
      [](const RunUpdate& update) { return std::holds_alternative<RunResult>(update); }));
  return updates;
}

void ThreadExecutor::stop(std::int64_t trial, std::int64_t run, StopKind /*kind*/) {
  const std::scoped_lock lock(mutex_);
  const auto found = runs_.find({trial, run});
  if (found == runs_.end()) return;
  found->second->should_stop = true;
  const auto waiting = std::find(queue_.begin(), queue_.end(), found->second);
  if (waiting == queue_.end()) return;
  updates_.push_back(stopped_result((*waiting)->request));
  queue_.erase(waiting);
  runs_.erase(found);
}

void ThreadExecutor::serve() {
  for (;;) {
    std::shared_ptr<Run> run;
    {
      std::unique_lock lock(mutex_);
      has_work_.wait(lock, [&] { return is_closing_ || !queue_.empty(); });
      if (is_closing_) return;
      run = std::move(queue_.front());
      queue_.pop_front();
    }
    RunResult result = execute(*run);
    {
      const std::scoped_lock lock(mutex_);
      runs_.erase({run->request.trial, run->request.run});
      updates_.push_back(std::move(result));
    }
    has_update_.notify_one();
  }
}

RunResult ThreadExecutor::execute(Run& run) {
  RunResult result;
  result.trial = run.request.trial;
  result.run = run.request.run;
  const Stopwatch wall;
  const double cpu_before = thread_cpu_seconds();
  Context context(*this, run);
  try {
    result.metrics = run_(space_, run.request.point, context);
  } catch (const std::exception& error) {
    result.failure = {FailureReason::Exception, 0, first_line(error.what())};
  } catch (...) {
    result.failure = {FailureReason::Exception, 0, "an exception of an unknown type"};
  }
  result.was_stopped = run.should_stop;
  result.resources.wall_seconds = wall.seconds();
  result.resources.cpu_seconds = thread_cpu_seconds() - cpu_before;
  return result;
}

void ThreadExecutor::post(RunUpdate update) {
  {
    const std::scoped_lock lock(mutex_);
    updates_.push_back(std::move(update));
  }
  has_update_.notify_one();
}

}  // namespace trimtab
