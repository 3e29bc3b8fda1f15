// Is the workload right, does tuning it pay, and what does it cost? Prints protocol, seeds, n,
// effect, interval and verdict of each question. The protocols were fixed before the first run.
//
//   bench_tabular_diagnosis baselines SCRIPT           ours and scikit-learn's on the same folds
//   bench_tabular_diagnosis nested TABLE [OPTIONS]     strictly nested: a TPE search per outer fold
//   bench_tabular_diagnosis samplers TABLE [OPTIONS]   TPE against random search, ten seeds
//   bench_tabular_diagnosis speed                      50 TPE trials x 5 x 5 folds, one thread
//
// OPTIONS are TPE's, as JSON; SCRIPT is bench/peers/sklearn_baselines.py.

#include <fmt/core.h>

#include <algorithm>
#include <ctime>
#include <iostream>
#include <string>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/workloads/tabular_diagnosis/testing/baselines.hpp"
#include "trimtab/workloads/tabular_diagnosis/testing/nested_search.hpp"

namespace {

using namespace trimtab;
using namespace trimtab::diagnosis;

const std::vector<std::string> kAlgorithms = {"logistic", "tree",       "forest", "boosting",
                                              "svm",      "neighbours", "network"};
constexpr std::size_t kTrials = 50;

Workload make(const Registry& registry, const Json& options) {
  const WorkloadEntry& entry = registry.workload("tabular_diagnosis");
  return entry.make(OptionValues(entry.info, options, "bench"));
}

void baselines(const std::string& script) {
  const Table table = read_table("wdbc", "");
  const std::vector<Split> folds = outer_splits(table, {.repeats = 4, .outer_fold = -1});
  const Json theirs = sklearn_scores(table, folds, kAlgorithms, script);
  if (theirs.empty()) {
    fmt::print("scikit-learn is not installed: nothing to compare with\n");
    return;
  }
  fmt::print(
      "protocol: WDBC, 4 x 5 stratified folds, split seed 1, n = 20, z-scores, usual settings;\n"
      "peer: scikit-learn {} on the same folds; within = difference <= 1 standard error\n\n"
      "| model | metric | ours | peer | s.e. | within | ours s | peer s | ratio |\n"
      "|---|---|---|---|---|---|---|---|---|\n",
      theirs["version"].get<std::string>());
  for (const std::string& algorithm : kAlgorithms) {
    const FoldScores ours = our_scores(table, folds, algorithm);
    const double seconds = theirs[algorithm]["seconds"].get<double>();
    for (const char* metric : {"auc", "balanced_accuracy"}) {
      const auto peer = theirs[algorithm][metric].get<std::vector<double>>();
      const std::vector<double>& own =
          std::string(metric) == "auc" ? ours.auc : ours.balanced_accuracy;
      const double error = standard_error(peer);
      fmt::print("| {} | {} | {:.4f} | {:.4f} | {:.4f} | {} | {:.3f} | {:.3f} | {:.1f} x |\n",
                 algorithm, metric, mean(own), mean(peer), error,
                 std::abs(mean(own) - mean(peer)) <= error ? "yes" : "NO", ours.seconds, seconds,
                 seconds / ours.seconds);
    }
  }
}

void print_difference(const std::string& what, const std::vector<double>& d) {
  const PairedT test = paired_t_test(d);
  fmt::print("  {:<44} {:+.4f}  [{:+.4f}, {:+.4f}]\n", what, test.difference, test.interval.low,
             test.interval.high);
}

void nested(const std::string& name, const Choice& tpe) {
  constexpr int kRepeats = 2;
  const Registry registry = make_registry();
  const std::size_t num_features = read_table(name, "").features.size();
  std::vector<double> tuned, inner;
  std::vector<std::vector<double>> defaults(kAlgorithms.size());
  for (int fold = 0; fold < 5 * kRepeats; ++fold) {
    const Workload workload =
        make(registry, {{"table", name}, {"repeats", kRepeats}, {"outer_fold", fold}});
    const std::uint64_t seed = static_cast<std::uint64_t>(fold) + 1;
    const Winner winner = search(workload, registry, tpe, kTrials, seed, true);
    tuned.push_back(winner.metrics.at("outer_balanced_accuracy"));
    inner.push_back(winner.value);
    for (std::size_t a = 0; a < kAlgorithms.size(); ++a) {
      FixedSeed context(seed);
      const Point point = workload.space.from_json({{"algorithm", kAlgorithms[a]}});
      defaults[a].push_back(
          workload.run(workload.space, point, context).at("outer_balanced_accuracy"));
    }
  }
  fmt::print(
      "protocol: {} ({} features), {} x 5 outer folds of split seed 1, n = {}; in each 50 TPE "
      "trials on 5\ninner folds, the winner by inner balanced accuracy meets the held-out "
      "part once\n\n  tuned, outer balanced accuracy {:.4f}, inner {:.4f}\n",
      name, num_features, kRepeats, tuned.size(), mean(tuned), mean(inner));
  for (std::size_t a = 0; a < kAlgorithms.size(); ++a) {
    fmt::print("  default {:<12} {:.4f}\n", kAlgorithms[a], mean(defaults[a]));
  }
  fmt::print(
      "\n  mean differences with 95 % intervals (paired over folds, which share training rows: "
      "too narrow)\n");
  for (std::size_t a = 0; a < kAlgorithms.size(); ++a) {
    std::vector<double> d;
    for (std::size_t i = 0; i < tuned.size(); ++i) d.push_back(tuned[i] - defaults[a][i]);
    print_difference("tuned - default " + kAlgorithms[a], d);
  }
  std::vector<double> optimism;
  for (std::size_t i = 0; i < tuned.size(); ++i) optimism.push_back(inner[i] - tuned[i]);
  print_difference("optimism: inner best - outer", optimism);
  const auto best = std::ranges::max_element(
      defaults, {}, [](const std::vector<double>& scores) { return mean(scores); });
  fmt::print(
      "\n  verdict: tuned - best default {:+.4f} (wanted on WDBC: >= -0.003), tuned - default "
      "tree {:+.4f}\n  (wanted on WDBC: >= +0.02), optimism {} 0\n",
      mean(tuned) - mean(*best), mean(tuned) - mean(defaults[1]),
      mean(optimism) > 0.0 ? ">" : "<=");
}

void samplers(const std::string& name, const Choice& sampler) {
  constexpr std::uint64_t kSeeds = 10;
  const Registry registry = make_registry();
  const Workload workload = make(registry, {{"table", name}});
  fmt::print(
      "protocol: {}, outer fold 0 held out, 50 trials, inner balanced accuracy over 5 folds, "
      "seeds 1..10;\nboth searches of a seed see the same inner folds\n\n",
      name);
  std::vector<double> differences;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const double tpe = search(workload, registry, sampler, kTrials, seed, false).value;
    const double random =
        search(workload, registry, {.name = "random"}, kTrials, seed, false).value;
    differences.push_back(tpe - random);
    fmt::print("  seed {:>2}: tpe {:.4f}  random {:.4f}  {:+.4f}\n", seed, tpe, random,
               tpe - random);
  }
  const SignTest sign = sign_test(differences);
  print_difference("tpe - random", differences);
  fmt::print(
      "  verdict: {} wins, {} losses of 10 (wanted: >= 8 wins); two-sided sign test p = {:.3f}, "
      "Wilcoxon p = {:.3f}\n",
      sign.num_positive, sign.num_negative, sign.p, signed_rank_test(differences).p);
}

void speed() {
  const Registry registry = make_registry();
  const Workload workload = make(registry, {{"table", "wdbc"}, {"outer_fold", -1}});
  const Stopwatch watch;
  const std::clock_t processor = std::clock();
  const Winner winner = search(workload, registry, {.name = "tpe"}, kTrials, 1, true);
  fmt::print(
      "protocol: WDBC, 50 TPE trials, each 5 outer x (5 inner + 1) folds, one thread, seed 1\n"
      "  {:.1f} s elapsed, {:.1f} s of processor time (wanted: <= 60 s), best inner balanced "
      "accuracy "
      "{:.4f}\n",
      watch.seconds(), static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC,
      winner.value);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::string command = arguments.empty() ? "" : arguments[0];
  Choice tpe{.name = "tpe"};
  if (arguments.size() > 2) tpe.options = arguments[2];
  try {
    if (command == "baselines" && arguments.size() == 2) {
      baselines(arguments[1]);
    } else if (command == "nested" && arguments.size() >= 2) {
      nested(arguments[1], tpe);
    } else if (command == "samplers" && arguments.size() >= 2) {
      samplers(arguments[1], tpe);
    } else if (command == "speed") {
      speed();
    } else {
      std::cerr << "usage: bench_tabular_diagnosis baselines SCRIPT | nested TABLE [OPTIONS] | "
                   "samplers TABLE [OPTIONS] | "
                   "speed\n";
      return 2;
    }
  } catch (const UserError& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
  return 0;
}
