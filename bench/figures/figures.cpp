// The figures of docs/benchmarks.md, one JSON line each: {"name", "value", "unit"}.
// Usage: bench_figures FOLDER [process]   (a folder on the disk that is to be measured)
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "trimtab/base/clock.hpp"
#include "trimtab/engine/runner.hpp"
#include "trimtab/engine/study.hpp"
#include "trimtab/executors/process/process_executor.hpp"
#include "trimtab/storage/postgresql/testing/postgres_server.hpp"

namespace {

using trimtab::Json;

void print(const std::string& name, double value, const char* unit) {
  std::printf("%s\n", Json{{"name", name}, {"value", value}, {"unit", unit}}.dump().c_str());
  std::fflush(stdout);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Ten floats (half of them log), five integers, five categories: the space of the peer's script.
std::string mixed_space() {
  Json space = Json::object();
  for (int i = 0; i < 10; ++i) {
    space["f" + std::to_string(i)] = {{"float", {1e-3, 1.0}}, {"log", i % 2 == 0}};
  }
  for (int i = 0; i < 5; ++i) space["i" + std::to_string(i)] = {{"int", {1, 100}}};
  for (int i = 0; i < 5; ++i) space["c" + std::to_string(i)] = {{"choice", {"a", "b", "c", "d"}}};
  return space.dump();
}

trimtab::StudySpec spec_of(const std::string& name, const std::string& sampler) {
  trimtab::StudySpec spec;
  spec.name = name;
  spec.budget.trials = 1'000'000'000;
  spec.space_definition = mixed_space();
  spec.sampler.name = sampler;
  spec.validity.confirm_top = 0;
  return spec;
}

// Time of one ask when `n` trials are known; each ask follows one new result, as in a study.
void measure_ask(const trimtab::Registry& registry, std::int64_t n) {
  const trimtab::Space space = trimtab::Space::parse_text(mixed_space());
  trimtab::AnySampler sampler =
      registry.make_sampler({.name = "tpe"}, space, {.budget_trials = n}, "bench");
  trimtab::Rng rng(1);
  const auto tell = [&](std::int64_t number) {
    const trimtab::Point point = space.sample(rng);
    trimtab::Observation seen;
    seen.number = number;
    seen.point = point;
    seen.loss = rng.uniform01();
    seen.losses = std::span(&seen.loss, 1);
    sampler.tell(std::span(&seen, 1), {});
  };
  for (std::int64_t i = 0; i < n; ++i) tell(i);
  std::vector<double> asks, tells;
  for (std::int64_t i = 0; i < 101; ++i) {
    trimtab::Stopwatch watch;
    tell(n + i);
    tells.push_back(watch.seconds());
    watch = trimtab::Stopwatch();
    sampler.ask(1, rng);
    asks.push_back(watch.seconds());
  }
  const std::string at = "_" + std::to_string(n);
  print("tpe_ask" + at, median(asks) * 1e3, "ms");
  print("tpe_tell" + at, median(tells) * 1e3, "ms");
}

void measure_memory(const trimtab::Registry& registry) {
  constexpr int kTrials = 200'000;
  trimtab::StudySpec spec = spec_of("memory", "random");
  spec.space_definition = R"({"x": [0.0, 1.0], "y": [0.0, 1.0]})";
  trimtab::Study study(spec, registry, registry.open_storage("memory:"));
  const trimtab::Stopwatch watch;
  for (int i = 0; i < kTrials; ++i) {
    const auto trial = study.ask();
    study.tell(trial->number, {.values = {trial->point[0]}});
  }
  print("memory_ask_tell", kTrials / watch.seconds(), "trials/s");
}

// What one sync of two pages costs on this disk at this moment; no durable tell can be faster.
void measure_sync(const std::string& folder) {
  constexpr std::size_t kSyncs = 501;
  const std::string path = folder + "/sync";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT, 0644);
  if (file < 0) return;
  const std::string pages(8192, 'x');
  std::vector<double> seconds;
  for (std::size_t i = 0; i < kSyncs; ++i) {
    const trimtab::Stopwatch watch;
    const auto offset = static_cast<off_t>(i * pages.size());
    if (::pwrite(file, pages.data(), pages.size(), offset) < 0 || ::fdatasync(file) != 0) break;
    seconds.push_back(watch.seconds());
  }
  ::close(file);
  if (!seconds.empty()) print("disk_sync", median(seconds) * 1e3, "ms");
}

// Only the tells are timed; trials are asked in portions, as many as a large cluster runs.
void measure_durable(const trimtab::Registry& registry, const std::string& url,
                     const std::string& label, int num_threads, int num_tells) {
  constexpr int kPortion = 1'000;
  const std::string name = "durable" + std::to_string(num_threads);
  const std::shared_ptr<trimtab::Storage> storage = registry.open_storage(url);
  if (const auto old = storage->find_study(name)) storage->delete_study(old->id);
  trimtab::Study study(spec_of(name, "random"), registry, storage);
  double seconds = 0.0;
  for (int told = 0; told < num_tells; told += kPortion) {
    std::vector<std::int64_t> numbers;
    for (int i = 0; i < kPortion; ++i) numbers.push_back(study.ask()->number);
    std::atomic<std::size_t> next{0};
    const trimtab::Stopwatch watch;
    std::vector<std::thread> threads;
    for (int t = 0; t < num_threads; ++t) {
      threads.emplace_back([&] {
        for (std::size_t i = next++; i < numbers.size(); i = next++) {
          study.tell(numbers[i], {.values = {static_cast<double>(i)}});
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    seconds += watch.seconds();
  }
  print(label + "_tell_threads_" + std::to_string(num_threads), num_tells / seconds, "trials/s");
}

std::string open_url(const std::string& folder) { return "sqlite:" + folder + "/open.db"; }

// The largest resident set that this process has had, bytes.
double peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) * 1024.0;
  }
  return 0.0;
}

// The second half of `measure_open`, in a process that has done nothing else.
void open_large(const trimtab::Registry& registry, const std::string& folder) {
  const trimtab::Stopwatch watch;
  const trimtab::Study study =
      trimtab::Study::open("open", registry, registry.open_storage(open_url(folder)));
  print("open_100000", watch.seconds(), "s");
  print("open_100000_memory", peak_memory() / 1e6, "MB");
}

// Writes a study of 100 000 trials and opens it in a process of its own; its memory is the peak of
// that whole process.
void measure_open(const trimtab::Registry& registry, const std::string& folder) {
  {
    trimtab::Study study(spec_of("open", "random"), registry,
                         registry.open_storage(open_url(folder)));
    std::vector<std::thread> threads;
    std::atomic<int> left{100'000};
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&] {
        while (left-- > 0) {
          const auto trial = study.ask();
          study.tell(trial->number, {.values = {trial->point[0]}});
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  std::string program = "/proc/self/exe", place = folder, part = "open";
  char* arguments[] = {program.data(), place.data(), part.data(), nullptr};
  pid_t child = 0;
  if (::posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environ) != 0) return;
  ::waitpid(child, nullptr, 0);
}

// Starts the least program there is and waits for its end.
double spawn_seconds() {
  const trimtab::Stopwatch watch;
  char path[] = "/bin/true";
  char* arguments[] = {path, nullptr};
  pid_t child = 0;
  if (::posix_spawn(&child, path, nullptr, nullptr, arguments, environ) != 0) return 0.0;
  ::waitpid(child, nullptr, 0);
  return watch.seconds();
}

// Takes the time from each trial's start to the next one's, and between them that of a bare spawn,
// so that both meet the same load of the machine.
class PairedTimes final : public trimtab::RunObserver {
 public:
  void trial_started(const trimtab::Trial&) override { is_open_ = true; }
  void trial_finished(std::int64_t, const trimtab::Outcome&) override {
    if (is_open_) trials_.push_back(watch_.seconds());
    spawns_.push_back(spawn_seconds());
    watch_ = trimtab::Stopwatch();
  }
  double trial() const { return median(trials_); }
  double spawn() const { return median(spawns_); }

 private:
  bool is_open_ = false;
  trimtab::Stopwatch watch_;
  std::vector<double> trials_, spawns_;
};

// A whole trial of /bin/true: ask, folder, start, wait, tell with its sync.
void measure_process(const trimtab::Registry& registry, const std::string& folder) {
  trimtab::StudySpec spec = spec_of("process", "random");
  spec.budget.trials = 500;
  spec.program.command = "/bin/true";
  trimtab::Study study(spec, registry, registry.open_storage("sqlite:" + folder + "/process.db"));
  trimtab::ProcessExecutor executor(spec, study.space(), {.folder = folder + "/trials"});
  PairedTimes times;
  const std::atomic<int> interrupt{0};
  trimtab::Runner(study, executor, times, {.parallel = 1}).run(interrupt);
  print("process_trial", times.trial() * 1e3, "ms");
  print("process_bare_spawn", times.spawn() * 1e3, "ms");
  print("process_overhead", (times.trial() - times.spawn()) * 1e3, "ms");
}

// A server of its own, on a socket; synced like any other.
void measure_postgresql(const trimtab::Registry& registry, const std::string& folder) {
  if (trimtab::testing::PostgresServer::programs().empty()) return;
  const trimtab::testing::PostgresServer server(folder + "/server");
  const std::string url = "postgresql:" + server.address();
  measure_durable(registry, url, "postgresql", 1, 4'000);
  measure_durable(registry, url, "postgresql", 8, 20'000);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string part = argc == 3 ? argv[2] : "";
  const bool is_part = part == "process" || part == "open" || part == "postgresql";
  if (argc < 2 || argc > 3 || (argc == 3 && !is_part)) {
    std::fprintf(stderr, "usage: bench_figures FOLDER [process|postgresql]\n");
    return 2;
  }
  const std::string folder = argv[1];
  const trimtab::Registry registry = trimtab::make_registry();
  if (part == "open") {
    open_large(registry, folder);
    return 0;
  }
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  if (part == "process") {
    measure_process(registry, folder);
    return 0;
  }
  if (part == "postgresql") {
    measure_postgresql(registry, folder);
    return 0;
  }
  measure_process(registry, folder);  // first: a fork takes longer the more memory a process holds
  for (const std::int64_t n : {1'000, 10'000, 100'000}) measure_ask(registry, n);
  measure_memory(registry);
  measure_sync(folder);
  measure_durable(registry, "sqlite:" + folder + "/durable.db", "durable", 1, 4'000);
  measure_durable(registry, "sqlite:" + folder + "/durable.db", "durable", 8, 20'000);
  measure_postgresql(registry, folder);
  measure_open(registry, folder);
}
