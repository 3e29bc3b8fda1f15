// How good are a sampler's proposals? Runs samplers on the formula problems, without an engine.
//
//   bench_tpe_quality list                     every problem: name, definition, best loss
//   bench_tpe_quality evaluate PROBLEM         reads points (JSON lines), writes their losses
//   bench_tpe_quality serve SAMPLER BUDGET SEED [OPTIONS]   reads a space (one line), then writes
//                                              points and reads their losses in turn
//   bench_tpe_quality run SAMPLER BUDGET SEEDS [OPTIONS [WORKERS]]   writes one line per problem
//   and
//                                              seed: the best loss after every trial. With WORKERS,
//                                              so many trials run at any time, and the oldest ends
//                                              first

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "bench/problems/all.hpp"
#include "trimtab/core/registry.hpp"

namespace {

using namespace trimtab;

void list(const std::vector<bench::Problem>& problems) {
  for (const bench::Problem& problem : problems) {
    Json row;
    row["name"] = problem.name;
    row["best"] = problem.best;
    row["is_bound"] = problem.is_bound;
    row["is_fitted"] = problem.is_fitted;
    row["definition"] = Json::parse(problem.space.definition_text());
    std::cout << row.dump() << "\n";
  }
}

int evaluate(const std::vector<bench::Problem>& problems, const std::string& name) {
  const auto problem = std::find_if(problems.begin(), problems.end(),
                                    [&](const bench::Problem& p) { return p.name == name; });
  if (problem == problems.end()) {
    std::cerr << "unknown problem: " << name << "\n";
    return 2;
  }
  for (std::string line; std::getline(std::cin, line);) {
    const Point point = problem->space.from_json(Json::parse(line));
    std::cout << Json(problem->loss(point)).dump() << std::endl;
  }
  return 0;
}

// A search of `num_workers` trials at a time. Returns the losses in order.
std::vector<double> search(const Space& space, const Choice& choice, std::size_t budget,
                           std::uint64_t seed, const std::function<double(PointView)>& loss_of,
                           std::size_t num_workers = 1) {
  const SamplerSetting setting{1, static_cast<std::int64_t>(budget), seed};
  AnySampler sampler = make_registry().make_sampler(choice, space, setting, "sampler");
  std::vector<Point> points;
  std::vector<double> losses;
  for (std::size_t i = 0; losses.size() < budget; ++i) {
    Rng rng(seed, i, "ask");
    std::vector<Point> next;
    if (i < budget) next = sampler.ask(1, rng);
    if (next.empty() && losses.size() == points.size()) break;
    if (!next.empty()) points.push_back(std::move(next.front()));
    std::vector<Observation> finished;
    if (points.size() - losses.size() == num_workers || i >= budget) {
      const std::size_t k = losses.size();
      losses.push_back(loss_of(points[k]));
      finished.push_back({static_cast<std::int64_t>(k), points[k], TrialState::Complete,
                          losses.back(), std::span(&losses.back(), 1)});
    }
    std::vector<Observation> running;
    for (std::size_t k = losses.size(); k < points.size(); ++k) {
      running.push_back({.number = static_cast<std::int64_t>(k),
                         .point = points[k],
                         .state = TrialState::Running});
    }
    sampler.tell(finished, running);
  }
  return losses;
}

void serve(const Choice& choice, std::size_t budget, std::uint64_t seed) {
  std::string line;
  std::getline(std::cin, line);
  const Space space = Space::parse_text(line);
  search(space, choice, budget, seed, [&](PointView point) {
    std::cout << space.to_json(point).dump() << std::endl;
    return std::getline(std::cin, line) ? Json::parse(line).get<double>() : 0.0;
  });
}

// The best loss after each of `budget` trials.
std::vector<double> best_so_far(const bench::Problem& problem, const Choice& choice,
                                std::size_t budget, std::uint64_t seed, std::size_t num_workers) {
  std::vector<double> curve =
      search(problem.space, choice, budget, seed, problem.loss, num_workers);
  for (std::size_t i = 1; i < curve.size(); ++i) curve[i] = std::min(curve[i], curve[i - 1]);
  return curve;
}

void run(const std::vector<bench::Problem>& problems, const Choice& choice, std::size_t budget,
         std::uint64_t num_seeds, std::size_t num_workers) {
  for (const bench::Problem& problem : problems) {
    for (std::uint64_t seed = 0; seed < num_seeds; ++seed) {
      const auto start = std::chrono::steady_clock::now();
      Json row;
      row["problem"] = problem.name;
      row["seed"] = seed;
      row["curve"] = best_so_far(problem, choice, budget, seed, num_workers);
      row["seconds"] =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      std::cout << row.dump() << "\n";
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::vector<bench::Problem> problems = bench::all_problems();
  if (arguments.size() == 1 && arguments[0] == "list") {
    list(problems);
    return 0;
  }
  if (arguments.size() == 2 && arguments[0] == "evaluate") return evaluate(problems, arguments[1]);
  if (arguments.size() >= 4 && arguments[0] == "run") {
    Choice choice{arguments[1], arguments.size() > 4 ? arguments[4] : "{}"};
    const std::size_t num_workers = arguments.size() > 5 ? std::stoul(arguments[5]) : 1;
    run(problems, choice, std::stoul(arguments[2]), std::stoul(arguments[3]), num_workers);
    return 0;
  }
  if (arguments.size() >= 4 && arguments[0] == "serve") {
    serve({arguments[1], arguments.size() > 4 ? arguments[4] : "{}"}, std::stoul(arguments[2]),
          std::stoul(arguments[3]));
    return 0;
  }
  std::cerr << "usage: bench_tpe_quality list | evaluate PROBLEM | "
               "serve SAMPLER BUDGET SEED [OPTIONS] | run SAMPLER BUDGET SEEDS [OPTIONS "
               "[WORKERS]]\n";
  return 2;
}
