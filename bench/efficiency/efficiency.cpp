// How few trials does each contestant need? Reads the runs of run_contestants.py and compares them.
//
//   bench_efficiency RUNS.jsonl [all|fitted|"held back"] [PAGE.html]
//
// Prints a table; with a page's name, writes curves and profiles as well. Ranks are of anytime
// scores over problems (Friedman, Nemenyi's critical difference); the p-values are Wilcoxon's
// signed ranks of the first contestant of Trimtab ("trimtab:gp", which is what `auto` takes at
// these budgets) against each other one over the problems, with Holm's adjustment.

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <numeric>
#include <sstream>

#include "bench/efficiency/page.hpp"
#include "bench/efficiency/scores.hpp"
#include "trimtab/numerics/statistics.hpp"
#include "trimtab/numerics/statistics/multiple_comparisons.hpp"
#include "trimtab/numerics/statistics/rank_tests.hpp"

namespace {

using namespace trimtab;

std::string read(const char* path) {
  std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

bench::Comparison compare(const bench::Scores& scores, const std::string& reference) {
  const std::size_t k = scores.contestants.size();
  bench::Comparison result;
  std::vector<double> values;
  for (std::size_t p = 0; p < scores.problems.size(); ++p) {
    for (std::size_t c = 0; c < k; ++c) values.push_back(scores.anytime(p, c));
  }
  const FriedmanTest friedman = friedman_test(values, k);
  result.mean_ranks = friedman.mean_ranks;
  result.friedman_p = friedman.p_f;
  result.critical_difference =
      nemenyi_test(friedman.mean_ranks, scores.problems.size()).critical_difference;
  const auto found = std::find(scores.contestants.begin(), scores.contestants.end(), reference);
  const auto ours = static_cast<std::size_t>(found - scores.contestants.begin());
  std::vector<double> p_values;
  for (std::size_t c = 0; c < k; ++c) {
    double anytime = 0.0, last = 0.0;
    std::size_t wins = 0;
    std::vector<double> differences;
    for (std::size_t p = 0; p < scores.problems.size(); ++p) {
      anytime += scores.anytime(p, c) / static_cast<double>(scores.problems.size());
      last += scores.last(p, c) / static_cast<double>(scores.problems.size());
      const double difference = ours < k ? scores.anytime(p, ours) - scores.anytime(p, c) : 0.0;
      wins += difference < 0.0 ? 1 : 0;
      differences.push_back(difference);
    }
    result.anytime.push_back(anytime);
    result.last.push_back(last);
    result.wins.push_back(wins);
    p_values.push_back(c == ours ? std::nan("") : signed_rank_test(differences).p);
  }
  result.holm = holm(p_values);
  result.reference = ours;
  return result;
}

void print(const bench::Scores& scores, const bench::Comparison& comparison) {
  const std::size_t num_problems = scores.problems.size();
  const auto [fewest, most] = std::minmax_element(scores.num_seeds.begin(), scores.num_seeds.end());
  fmt::print(
      "{} problems, {} trials, {} to {} seeds; Friedman p = {:.2g}, critical difference {:.2f}\n\n",
      num_problems, scores.budget, *fewest, *most, comparison.friedman_p,
      comparison.critical_difference);
  fmt::print(
      "| contestant | version | mean rank | anytime score | score at the end | {} ahead on | Holm "
      "p "
      "| suggestion, median | largest |\n|---|---|---|---|---|---|---|---|---|\n",
      scores.contestants[comparison.reference]);
  std::vector<std::size_t> order(scores.contestants.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return comparison.mean_ranks[a] < comparison.mean_ranks[b];
  });
  for (const std::size_t c : order) {
    const bool is_reference = c == comparison.reference;
    fmt::print("| {} | {} | {:.2f} | {:.2f} | {:.2f} | {} | {} | {:.2g} ms | {:.2g} ms |\n",
               scores.contestants[c], scores.versions.at(scores.contestants[c]),
               comparison.mean_ranks[c], comparison.anytime[c], comparison.last[c],
               is_reference ? "" : fmt::format("{} of {}", comparison.wins[c], num_problems),
               is_reference ? "" : fmt::format("{:.2g}", comparison.holm[c]),
               1e3 * scores.ask_median[c], 1e3 * scores.ask_largest[c]);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: bench_efficiency RUNS.jsonl [all|fitted|\"held back\"] [PAGE.html]\n";
    return 2;
  }
  const bench::Scores scores =
      bench::score_runs(bench::parse_runs(read(argv[1])), argc > 2 ? argv[2] : "all");
  if (scores.problems.size() < 2 || scores.contestants.size() < 2) {
    std::cerr << "fewer than two problems or contestants that all have run\n";
    return 2;
  }
  const bench::Comparison comparison = compare(scores, "trimtab:gp");
  print(scores, comparison);
  if (argc > 3) std::ofstream(argv[3]) << bench::efficiency_page(scores, comparison);
  return 0;
}
