#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trimtab::bench {

/// One run of a contestant, as run_contestants.py writes it.
struct Run {
  std::string contestant, suite, problem, version;
  bool is_fitted = false;  ///< some constant of Trimtab was chosen on this problem
  std::uint64_t seed = 0;
  double best = 0.0;                           ///< loss of the optimum
  std::vector<double> curve;                   ///< best loss after each trial
  double ask_median = 0.0, ask_largest = 0.0;  ///< seconds a suggestion
};

std::vector<Run> parse_runs(std::string_view lines);

/// Runs that every contestant has made, as scores.
///
/// The score after trial t is log10 of the regret over the median regret of the contestant "random"
/// (trimtab:random) after the last trial, floored at -3; smaller is better, 0 is random search.
/// The anytime score is its mean over all trials.
struct Scores {
  struct Problem {
    std::string name, suite;
    bool is_fitted = false;
  };
  std::vector<std::string> contestants;
  std::vector<Problem> problems;
  std::vector<std::size_t> num_seeds;  ///< (problems), used: made by all
  std::size_t budget = 0;
  /// (problems, contestants, trials), means over the seeds.
  std::vector<std::vector<std::vector<double>>> curves;
  std::map<std::string, std::string> versions;
  std::vector<double> ask_median,
      ask_largest;  ///< (contestants), seconds; median and largest of runs

  double anytime(std::size_t problem, std::size_t contestant) const;
  double last(std::size_t problem, std::size_t contestant) const;
};

/// @param part  "all", "fitted" or "held back". Problems that some contestant has not run are left
/// out.
Scores score_runs(const std::vector<Run>& runs, std::string_view part);

}  // namespace trimtab::bench
