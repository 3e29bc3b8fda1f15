#include "bench/efficiency/scores.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <sstream>
#include <stdexcept>

namespace trimtab::bench {
namespace {

constexpr double kFloor = 1e-3;
constexpr const char* kScale = "trimtab:random";

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

using Key = std::pair<std::string, std::string>;  // problem, contestant

// Runs by problem and contestant, and then by seed.
std::map<Key, std::map<std::uint64_t, const Run*>> by_key(const std::vector<Run>& runs) {
  std::map<Key, std::map<std::uint64_t, const Run*>> result;
  for (const Run& run : runs) result[{run.problem, run.contestant}][run.seed] = &run;
  return result;
}

}  // namespace

std::vector<Run> parse_runs(std::string_view lines) {
  std::vector<Run> runs;
  std::istringstream stream{std::string(lines)};
  for (std::string line; std::getline(stream, line);) {
    const nlohmann::json row = nlohmann::json::parse(line);
    Run run;
    run.contestant = row.at("contestant");
    run.suite = row.at("suite");
    run.problem = row.at("problem");
    run.version = row.at("version");
    run.is_fitted = row.at("is_fitted");
    run.seed = row.at("seed");
    run.best = row.at("best");
    run.curve = row.at("curve").get<std::vector<double>>();
    run.ask_median = row.at("ask_median");
    run.ask_largest = row.at("ask_largest");
    runs.push_back(std::move(run));
  }
  return runs;
}

double Scores::anytime(std::size_t problem, std::size_t contestant) const {
  const std::vector<double>& curve = curves[problem][contestant];
  return std::accumulate(curve.begin(), curve.end(), 0.0) / static_cast<double>(curve.size());
}

double Scores::last(std::size_t problem, std::size_t contestant) const {
  return curves[problem][contestant].back();
}

Scores score_runs(const std::vector<Run>& runs, std::string_view part) {
  Scores scores;
  const auto table = by_key(runs);
  std::map<std::string, Scores::Problem> problems;
  for (const Run& run : runs) {
    if (std::find(scores.contestants.begin(), scores.contestants.end(), run.contestant) ==
        scores.contestants.end()) {
      scores.contestants.push_back(run.contestant);
    }
    scores.versions[run.contestant] = run.version;
    scores.budget = std::max(scores.budget, run.curve.size());
    const bool is_wanted = part == "all" || (part == "fitted") == run.is_fitted;
    if (is_wanted) problems[run.problem] = {run.problem, run.suite, run.is_fitted};
  }
  for (const auto& [name, problem] : problems) {
    std::set<std::uint64_t> seeds;
    bool is_first = true;
    for (const std::string& contestant : scores.contestants) {
      std::set<std::uint64_t> own;
      const auto found = table.find({name, contestant});
      if (found != table.end()) {
        for (const auto& [seed, run] : found->second) own.insert(seed);
      }
      std::set<std::uint64_t> both;
      std::set_intersection(seeds.begin(), seeds.end(), own.begin(), own.end(),
                            std::inserter(both, both.end()));
      seeds = is_first ? own : both;
      is_first = false;
    }
    const auto random = table.find({name, kScale});
    if (random == table.end())
      throw std::runtime_error(std::string(kScale) + " did not run " + name);
    if (seeds.empty()) continue;
    std::vector<double> regrets;
    for (const auto& [seed, run] : random->second) regrets.push_back(run->curve.back() - run->best);
    const double scale = std::max(median(regrets), 1e-300);
    scores.problems.push_back(problem);
    scores.num_seeds.push_back(seeds.size());
    auto& curves = scores.curves.emplace_back();
    for (const std::string& contestant : scores.contestants) {
      std::vector<double> mean(scores.budget, 0.0);
      for (const std::uint64_t seed : seeds) {
        const Run& run = *table.at({name, contestant}).at(seed);
        for (std::size_t t = 0; t < mean.size(); ++t) {
          const double regret = run.curve[std::min(t, run.curve.size() - 1)] - run.best;
          mean[t] +=
              std::log10(std::max(regret / scale, kFloor)) / static_cast<double>(seeds.size());
        }
      }
      curves.push_back(std::move(mean));
    }
  }
  for (const std::string& contestant : scores.contestants) {
    std::vector<double> medians, largest;
    for (const Run& run : runs) {
      if (run.contestant != contestant) continue;
      medians.push_back(run.ask_median);
      largest.push_back(run.ask_largest);
    }
    scores.ask_median.push_back(median(medians));
    scores.ask_largest.push_back(*std::max_element(largest.begin(), largest.end()));
  }
  return scores;
}

}  // namespace trimtab::bench
