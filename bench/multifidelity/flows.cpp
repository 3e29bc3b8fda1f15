// Protocol, fixed before the first run: the curves of YAHPO Gym's LCBench surrogate (nets on
// tabular data, 7 parameters, 52 epochs, validation accuracy), the first instances of its list. 8
// workers, one simulated second an epoch; time for 100 whole runs. A study's choice at any moment
// is its best complete trial, i.e. by 52 epochs, whatever was seen lower; its regret is that of
// this accuracy to the best that any study of the instance found. A flow's time is the first moment
// at which its mean regret over the seeds is at most random search's at the end, as a share of the
// whole time; geometric mean over instances.
#include "flows.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "surrogate.hpp"
#include "trimtab/base/clock.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/engine/simulation.hpp"
#include "trimtab/numerics/statistics.hpp"

namespace trimtab::bench {
namespace {

constexpr int kEpochs = 52;
constexpr int kWorkers = 8;
constexpr double kSeconds = 100.0 * kEpochs / kWorkers;
constexpr std::size_t kTimes = 200;
constexpr const char* kSpace =
    R"({"batch_size": {"int": [16, 512], "log": true}, "learning_rate": {"float": [1e-4, 0.1], "log": true},
        "momentum": [0.1, 0.99], "weight_decay": [1e-5, 0.1], "num_layers": {"int": [1, 5]},
        "max_units": {"int": [64, 1024], "log": true}, "max_dropout": [0.0, 1.0]})";

struct Flow {
  std::string label;
  std::string sampler;
  Choice schedule;
};

struct Run {
  std::vector<double> best;  // accuracy of the choice at each moment; 0 = none
  std::int64_t num_trials = 0;
  std::int64_t num_complete = 0;
  double seconds = 0.0;  // real
};

Run run_flow(const Flow& flow, const Surrogate& surrogate, int instance, std::uint64_t seed,
             const Registry& registry) {
  StudySpec spec;
  spec.name = "flow";
  spec.objectives = {{.name = "accuracy", .goal = Goal::Maximise}};
  spec.budget.wall_seconds = kSeconds;
  spec.seed = seed;
  spec.space_definition = kSpace;
  spec.sampler = {.name = flow.sampler, .options = "{}"};
  spec.fidelity = Fidelity{.name = "epochs", .max = kEpochs, .schedule = flow.schedule};
  spec.validity.confirm_top = 0;
  ManualClock clock;
  Study study(spec, registry, registry.open_storage("memory:"), clock);
  study.begin_session();
  // Only what a trial is given is looked at, so that steps between rungs cost nothing here.
  const auto curve_of = [&](const Trial& trial) {
    const auto num_steps = static_cast<std::size_t>(trial.fidelity);
    std::vector<double> numbers = {trial.fidelity};
    numbers.insert(numbers.end(), trial.point.begin(), trial.point.end());
    return SimulatedCurve{.values =
                              std::vector<double>(num_steps, surrogate({instance}, numbers)[1])};
  };
  const Stopwatch elapsed;
  simulate(study, clock, curve_of,
           {.num_workers = kWorkers, .max_seconds = kSeconds, .keeps_checkpoints = true});
  Run run;
  run.seconds = elapsed.seconds();
  study.view([&](const StudyView& view) {
    const History& history = view.history;
    run.num_trials = history.size();
    run.num_complete = history.count(TrialState::Complete);
    double best = 0.0;
    std::size_t next = 0;
    for (std::size_t i = 1; i <= kTimes; ++i) {
      const double now = kSeconds * static_cast<double>(i) / kTimes * 1e6;
      for (; next < history.finish_order().size(); ++next) {
        const std::int64_t number = history.finish_order()[next];
        if (static_cast<double>(history.finished(number)) > now) break;
        if (history.state(number) == TrialState::Complete) {
          best = std::max(best, history.value(number));
        }
      }
      run.best.push_back(best);
    }
  });
  return run;
}

std::vector<Flow> all_flows() {
  const std::string none = "{}";
  return {{"random search", "random", {"full", none}},
          {"tpe", "tpe", {"full", none}},
          {"asha", "random", {"asha", none}},
          {"asha, tpe", "tpe", {"asha", none}},
          {"asha, forest", "forest", {"asha", none}},
          {"pasha, tpe", "tpe", {"pasha", none}},
          {"hyperband", "random", {"hyperband", none}},
          {"hyperband, synchronous", "random", {"hyperband", R"({"synchronous": true})"}},
          {"hyperband, tpe", "tpe", {"hyperband", none}},
          {"bohb", "random", {"bohb", none}},
          {"bohb, product", "random", {"bohb", R"({"model": "product"})"}},
          {"dehb", "random", {"dehb", none}},
          {"priorband", "random", {"priorband", none}}};
}

// Sums over the seeds of one instance.
struct InstanceResult {
  std::vector<double> regret = std::vector<double>(kTimes, 0.0);
  std::vector<double> last = {};  // by seed
};

InstanceResult summarise(const std::vector<Run>& runs, double best) {
  InstanceResult result;
  for (const Run& run : runs) {
    for (std::size_t i = 0; i < kTimes; ++i) {
      result.regret[i] += (best - run.best[i]) / static_cast<double>(runs.size());
    }
    result.last.push_back(best - run.best.back());
  }
  return result;
}

// As a share of the whole time; more than 1 = not reached.
double time_to(const std::vector<double>& regret, double goal) {
  for (std::size_t i = 0; i < regret.size(); ++i) {
    if (regret[i] <= goal) return static_cast<double>(i + 1) / static_cast<double>(kTimes);
  }
  return 2.0;
}

}  // namespace

int compare_flows(std::uint64_t num_seeds, std::size_t num_instances) {
  const char* data = std::getenv("TRIMTAB_DATA");
  const std::filesystem::path folder =
      std::filesystem::path(data == nullptr ? "." : data) / "yahpo";
  if (!std::filesystem::exists(folder / "lcbench.prog")) {
    fmt::print("data absent: {}\n", folder.string());
    return 0;
  }
  const Surrogate surrogate(folder, "lcbench");
  std::ifstream file(folder / "lcbench.json");
  const Json description = Json::parse(file);
  const Registry registry = make_registry();
  const std::vector<Flow> flows = all_flows();
  std::vector<std::vector<Run>> runs(flows.size());
  std::vector<double> log_time(flows.size(), 0.0), regret(flows.size(), 0.0);
  std::vector<std::vector<double>> last(flows.size());
  num_instances = std::min(num_instances, description["instances"].size());
  std::vector<double> trials(flows.size(), 0.0), complete(flows.size(), 0.0),
      cost(flows.size(), 0.0);
  for (std::size_t k = 0; k < num_instances; ++k) {
    const std::string name = description["instances"][k];
    const int instance = description["encoding"]["OpenML_task_id"][name];
    double best = 0.0;
    for (std::size_t f = 0; f < flows.size(); ++f) {
      runs[f].clear();
      for (std::uint64_t seed = 1; seed <= num_seeds; ++seed) {
        runs[f].push_back(run_flow(flows[f], surrogate, instance, seed, registry));
        best = std::max(best, runs[f].back().best.back());
        const double share = 1.0 / static_cast<double>(num_seeds * num_instances);
        trials[f] += share * static_cast<double>(runs[f].back().num_trials);
        complete[f] += share * static_cast<double>(runs[f].back().num_complete);
        cost[f] += runs[f].back().seconds;
      }
    }
    const double goal = summarise(runs[0], best).regret.back();
    for (std::size_t f = 0; f < flows.size(); ++f) {
      const InstanceResult result = summarise(runs[f], best);
      log_time[f] += std::log(time_to(result.regret, goal)) / static_cast<double>(num_instances);
      regret[f] += result.regret.back() / static_cast<double>(num_instances);
      last[f].insert(last[f].end(), result.last.begin(), result.last.end());
    }
  }
  fmt::print("{} instances, {} seeds, {} workers, time for 100 whole runs\n\n", num_instances,
             num_seeds, kWorkers);
  fmt::print(
      "| flow | time to random search's final regret | final regret, points | better : worse than "
      "random search | p | trials | complete | real s a study "
      "|\n|---|---|---|---|---|---|---|---|\n");
  for (std::size_t f = 0; f < flows.size(); ++f) {
    std::vector<double> differences;
    int num_better = 0, num_worse = 0;
    for (std::size_t i = 0; i < last[f].size(); ++i) {
      differences.push_back(last[f][i] - last[0][i]);
      num_better += differences.back() < 0.0;
      num_worse += differences.back() > 0.0;
    }
    fmt::print("| {} | {:.3f} | {:.3f} | {} : {} | {:.2g} | {:.0f} | {:.0f} | {:.2f} |\n",
               flows[f].label, std::exp(log_time[f]), regret[f], num_better, num_worse,
               f == 0 ? 1.0 : signed_rank_test(differences).p, trials[f], complete[f],
               cost[f] / static_cast<double>(num_seeds * num_instances));
  }
  return 0;
}

}  // namespace trimtab::bench
