// What does pruning buy on recorded learning curves, and what does the scheduling cost?
//
//   bench_multifidelity landscapes [SEEDS]
//     every pruner on the curves of $TRIMTAB_DATA/arlbench
//   bench_multifidelity flows [SEEDS] [INSTANCES]
//     every schedule of a fidelity on the LCBench surrogate (flows.cpp)
//   bench_multifidelity scale [TRIALS] [WORKERS] [SCHEDULE]
//     real seconds for a large simulated study
//
// Protocol of `landscapes`, fixed before the first run: 14 landscapes of 256 configurations, 10
// training seeds, 10 reports each. A study searches at random without repeats; trial n has the
// curve of a training seed drawn from (seed, n). Four workers, one simulated second a report, 62.5
// s: 25 whole runs. At each moment the study's choice is its best complete trial by its own last
// report; its regret is that of the mean over all training seeds, 0 for the best configuration and
// 1 for the mean of all; 1 while nothing is complete. Paired by landscape and seed.

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "flows.hpp"
#include "trimtab/base/rng.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/engine/replay.hpp"
#include "trimtab/engine/simulation.hpp"
#include "trimtab/numerics/statistics.hpp"

namespace {

using namespace trimtab;
namespace fs = std::filesystem;

constexpr double kSeconds = 62.5;
constexpr std::size_t kTimes = 50;  // moments at which regret is looked at

struct Landscape {
  std::string name;
  std::map<int, std::vector<std::vector<double>>> curves;  // configuration -> training seeds
  std::map<int, double> means;                             // of the last report
  double best = -HUGE_VAL;
  double mean = 0.0;

  double regret(int row) const { return (best - means.at(row)) / (best - mean); }
};

Landscape read_landscape(const fs::path& path) {
  Landscape landscape;
  landscape.name = path.filename().string();
  landscape.name.resize(landscape.name.find('.'));
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    const std::vector<std::string_view> cells = split(line, ',');
    std::vector<double> curve;
    for (std::size_t i = 2; i < cells.size(); ++i) {
      curve.push_back(cells[i].empty() ? std::nan("") : std::stod(std::string(cells[i])));
    }
    landscape.curves[std::stoi(std::string(cells[0]))].push_back(std::move(curve));
  }
  double worst = HUGE_VAL;
  for (const auto& [row, curves] : landscape.curves) {
    std::vector<double> ends;  // of the training seeds that came to an end
    for (const auto& curve : curves) {
      if (std::isfinite(curve.back())) ends.push_back(curve.back());
    }
    landscape.means[row] = ends.empty() ? std::nan("") : mean(ends);
    if (ends.empty()) continue;
    landscape.best = std::max(landscape.best, landscape.means[row]);
    worst = std::min(worst, landscape.means[row]);
  }
  for (auto& [row, value] : landscape.means) {
    if (std::isnan(value)) value = worst;
    landscape.mean += value / static_cast<double>(landscape.means.size());
  }
  return landscape;
}

struct Run {
  std::vector<double> regrets = {};  // at the moments
  std::int64_t num_trials = 0;
  std::int64_t num_complete = 0;
};

std::vector<double> regrets_of(const History& history, const Landscape& landscape) {
  std::vector<double> regrets;
  double best = HUGE_VAL;
  double regret = 1.0;
  std::size_t next = 0;
  const std::span<const std::int64_t> order = history.finish_order();
  for (std::size_t i = 1; i <= kTimes; ++i) {
    const double seconds = kSeconds * static_cast<double>(i) / kTimes;
    for (;
         next < order.size() && static_cast<double>(history.finished(order[next])) <= seconds * 1e6;
         ++next) {
      const bool is_better =
          history.state(order[next]) == TrialState::Complete && history.loss(order[next]) < best;
      if (!is_better) continue;
      best = history.loss(order[next]);
      regret = landscape.regret(static_cast<int>(history.point(order[next])[0]));
    }
    regrets.push_back(regret);
  }
  return regrets;
}

Run run_study(const Landscape& landscape, const Choice& pruner, std::uint64_t seed,
              const Registry& registry) {
  StudySpec spec;
  spec.name = "replayed";
  spec.objectives = {{.name = "return", .goal = Goal::Maximise}};
  spec.budget.trials = static_cast<std::int64_t>(landscape.curves.size());
  spec.seed = seed;
  spec.space_definition =
      fmt::format(R"({{"row": {{"int": [0, {}]}}}})", landscape.curves.size() - 1);
  spec.sampler = {.name = "random", .options = "{}"};
  spec.pruner = pruner;
  spec.validity.confirm_top = 0;
  ManualClock clock;
  Study study(spec, registry, registry.open_storage("memory:"), clock);
  const auto curve_of = [&](const Trial& trial) {
    const auto& curves = landscape.curves.at(static_cast<int>(trial.point[0]));
    Rng rng(seed, static_cast<std::uint64_t>(trial.number), "training seed");
    return SimulatedCurve{.values = curves[rng.below(curves.size())]};
  };
  simulate(study, clock, curve_of, {.num_workers = 4, .max_seconds = kSeconds});
  Run run;
  study.view([&](const StudyView& view) {
    run.regrets = regrets_of(view.history, landscape);
    run.num_trials = view.history.size();
    run.num_complete = view.history.count(TrialState::Complete);
  });
  return run;
}

struct Arm {
  std::string label;
  Choice pruner;
  std::vector<double> by_landscape = {};  // mean regret at the end
  std::vector<double> by_time = std::vector<double>(kTimes, 0.0);
  double num_trials = 0.0, num_complete = 0.0;
};

void print_arm(const Arm& arm, const Arm& control) {
  std::vector<double> differences;
  int num_better = 0;
  int num_worse = 0;
  for (std::size_t i = 0; i < arm.by_landscape.size(); ++i) {
    differences.push_back(arm.by_landscape[i] - control.by_landscape[i]);
    num_better += differences.back() < 0.0;
    num_worse += differences.back() > 0.0;
  }
  std::size_t reached = 0;
  while (reached < kTimes && arm.by_time[reached] > control.by_time.back()) ++reached;
  const std::string time =
      reached == kTimes ? "not" : fmt::format("{:.2f}", double(reached + 1) / kTimes);
  fmt::print("| {} | {:.3f} | {} : {} | {:.2g} | {} | {:.0f} | {:.0f} |\n", arm.label,
             mean(arm.by_landscape), num_better, num_worse, signed_rank_test(differences).p, time,
             arm.num_trials, arm.num_complete);
}

int landscapes(std::uint64_t num_seeds) {
  const char* data = std::getenv("TRIMTAB_DATA");
  const fs::path folder = fs::path(data == nullptr ? "." : data) / "arlbench" / "landscapes";
  if (!fs::exists(folder)) {
    fmt::print("data absent: {}\n", folder.string());
    return 0;
  }
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().string().ends_with(".curves.csv")) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  const Registry registry = make_registry();
  std::vector<Arm> arms = {{"none", {"none", "{}"}}};
  for (const auto& [name, entry] : registry.pruners()) {
    if (name != "none" && name != "threshold" && name != "wilcoxon") {
      arms.push_back({name, {name, "{}"}});
    }
  }
  arms.push_back({"median, warmup 3", {"median", R"({"warmup": 3})"}});
  arms.push_back({"successive_halving, min_step 3", {"successive_halving", R"({"min_step": 3})"}});
  for (const fs::path& path : paths) {
    const Landscape landscape = read_landscape(path);
    for (Arm& arm : arms) {
      double sum = 0.0;
      for (std::uint64_t seed = 1; seed <= num_seeds; ++seed) {
        const Run run = run_study(landscape, arm.pruner, seed, registry);
        const double share = 1.0 / static_cast<double>(num_seeds * paths.size());
        for (std::size_t i = 0; i < kTimes; ++i) arm.by_time[i] += share * run.regrets[i];
        sum += run.regrets.back();
        arm.num_trials += share * static_cast<double>(run.num_trials);
        arm.num_complete += share * static_cast<double>(run.num_complete);
      }
      arm.by_landscape.push_back(sum / static_cast<double>(num_seeds));
    }
  }
  fmt::print("{} landscapes, {} seeds, 25 whole runs on 4 workers\n\n", paths.size(), num_seeds);
  fmt::print(
      "| pruner | mean regret | better : worse than none | p | part of the time to none's final "
      "regret | trials | complete |\n|---|---|---|---|---|---|---|\n");
  for (const Arm& arm : arms) print_arm(arm, arms.front());
  return 0;
}

int scale(std::int64_t num_trials, std::int64_t num_workers, const std::string& schedule) {
  StudySpec spec;
  spec.name = "scale";
  spec.budget.trials = num_trials;
  spec.space_definition = R"({"x": [0.0, 1.0]})";
  spec.sampler = {.name = "random", .options = "{}"};
  if (schedule.empty()) {
    spec.pruner.name = "successive_halving";
  } else {
    spec.fidelity = Fidelity{.name = "epochs", .max = 27.0, .schedule = {schedule}};
  }
  spec.validity.confirm_top = 0;
  const auto curve_of = [](const Trial& trial) {
    SimulatedCurve curve;
    for (int step = 1; step <= 27; ++step) curve.values.push_back(trial.point[0] + 1.0 / step);
    return curve;
  };
  const Registry registry = make_registry();
  const std::shared_ptr<Storage> storage = registry.open_storage("memory:");
  ManualClock clock;
  Study study(spec, registry, storage, clock);
  const Stopwatch elapsed;
  const SimulationResult result = simulate(
      study, clock, curve_of,
      {.num_workers = num_workers, .death_rate = 0.01, .keeps_checkpoints = !schedule.empty()});
  fmt::print("{} trials, {} workers: {} reports, {} deaths, {:.0f} simulated s in {:.1f} s\n",
             num_trials, num_workers, result.num_steps, result.num_deaths, result.seconds,
             elapsed.seconds());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  const auto number = [&](int i, long value) { return argc > i ? std::atol(argv[i]) : value; };
  if (what == "landscapes") return landscapes(static_cast<std::uint64_t>(number(2, 30)));
  if (what == "flows") {
    return bench::compare_flows(static_cast<std::uint64_t>(number(2, 30)),
                                static_cast<std::size_t>(number(3, 6)));
  }
  if (what == "scale") return scale(number(2, 100000), number(3, 1000), argc > 4 ? argv[4] : "");
  fmt::print(stderr,
             "usage: bench_multifidelity landscapes [SEEDS] | flows [SEEDS] [INSTANCES] | scale "
             "[TRIALS] [WORKERS] [SCHEDULE]\n");
  return 2;
}
