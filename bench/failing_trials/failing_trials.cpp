// How many trials does a sampler lose where trials fail, and how good is the best that does not?
//
//   bench_failing_trials SAMPLER SEEDS [OPTIONS]   one line per problem: failures per run of 40
//                                                  sequential trials, those of random search, score
//
// Score: log10 of the gap to the best point that does not fail over the median gap of random
// search, floored at -3; mean over the seeds.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "trimtab/core/registry.hpp"

namespace {

using namespace trimtab;

constexpr std::int64_t kBudget = 40;

struct Problem {
  std::string name;
  Space space;
  std::function<double(PointView)> loss;
  std::function<bool(PointView, Rng&)> is_failing;
  std::optional<double> best = std::nullopt;  // that does not fail; found by search otherwise
};

Problem border(std::string name, double edge) {
  return {std::move(name), SpaceBuilder().real("x", 0.0, 1.0).real("y", 0.0, 1.0).build(),
          [](PointView p) { return 1.0 - p[0] + std::pow(p[1] - 0.5, 2.0); },
          [edge](PointView p, Rng&) { return p[0] > edge; }, 1.0 - edge};
}

Problem slanted() {
  return {"slanted_border", SpaceBuilder().real("x", 0.0, 1.0).real("y", 0.0, 1.0).build(),
          [](PointView p) { return std::pow(p[0] - 0.9, 2.0) + 2.0 * std::pow(p[1] - 0.7, 2.0); },
          [](PointView p, Rng&) { return p[0] + p[1] > 1.1; }};
}

// A larger network is better until it exceeds the memory.
Problem memory() {
  Space space = SpaceBuilder()
                    .integer("batch", 1, 256, {.is_log = true})
                    .integer("width", 16, 2048, {.is_log = true})
                    .integer("depth", 1, 32)
                    .real("rate", 1e-5, 1e-1, {.is_log = true})
                    .categorical("activation", {"relu", "gelu", "tanh"})
                    .build();
  const auto loss = [](PointView p) {
    const double capacity = std::log2(p[1]) + 0.15 * p[2];
    return 3.0 * std::exp(-0.15 * capacity) + 0.05 * std::pow(std::log10(p[3]) + 3.0, 2.0) +
           0.02 * std::abs(std::log2(p[0]) - 5.0) + (p[4] == 1.0 ? 0.0 : 0.05);
  };
  const auto is_failing = [](PointView p, Rng&) {
    return std::log2(p[0]) + 1.2 * std::log2(p[1]) + 0.8 * std::log2(p[2]) > 16.2;
  };
  return {"memory", std::move(space), loss, is_failing};
}

Space cube() {
  SpaceBuilder builder;
  for (const char* name : {"a", "b", "c", "d", "e"}) builder.real(name, -1.0, 1.0);
  return builder.build();
}

double distance_to_optimum(PointView p) {
  double sum = 0.0;
  for (const double x : p) sum += std::pow(x - 0.4, 2.0);
  return sum;
}

Problem ball() {
  const auto is_failing = [](PointView p, Rng&) {
    double sum = 0.0;
    for (const double x : p) sum += x * x;
    return sum < 1.0 || p[0] > 0.8;
  };
  return {"ball", cube(), distance_to_optimum, is_failing};
}

Problem chance() {
  return {"chance", cube(), distance_to_optimum,
          [](PointView, Rng& rng) { return rng.bernoulli(0.2); }, 0.0};
}

Problem category() {
  Space space = SpaceBuilder()
                    .categorical("kind", {"a", "b", "c", "d"})
                    .real("x", 0.0, 1.0, {.when = {{"kind", {"a", "b"}}}})
                    .real("y", 0.0, 1.0)
                    .integer("z", 1, 6, {.when = {{"kind", {"c", "d"}}}})
                    .build();
  const auto loss = [](PointView p) {
    constexpr double kOffsets[] = {-0.3, 0.0, -0.05, 0.1};
    double sum = std::pow(p[2] - 0.3, 2.0) + kOffsets[static_cast<std::size_t>(p[0])];
    if (is_active(p[1])) sum += std::pow(p[1] - 0.7, 2.0);
    if (is_active(p[3])) sum += 0.02 * std::pow(p[3] - 4.0, 2.0);
    return sum;
  };
  const auto is_failing = [](PointView p, Rng&) {
    return p[0] == 0.0 || (p[0] == 1.0 && p[2] > 0.5);
  };
  return {"category", std::move(space), loss, is_failing, -0.05};
}

// Random points, then small and large changes of the best.
double find_best(const Problem& problem) {
  Rng rng(99);
  double best = std::numeric_limits<double>::infinity();
  Point best_point;
  for (int i = 0; i < 400000; ++i) {
    Point point = i < 100000 ? problem.space.sample(rng) : best_point;
    for (std::size_t j = 0; i >= 100000 && j < point.size(); ++j) {
      const Dimension& dimension = problem.space.dimensions()[j];
      if (dimension.kind == Kind::Categorical || rng.bernoulli(0.5)) continue;
      const double step = rng.normal() * std::exp(rng.uniform(-8.0, -1.0));
      point[j] = dimension.from_unit(std::clamp(dimension.to_unit(point[j]) + step, 0.0, 1.0));
    }
    if (problem.is_failing(point, rng) || !(problem.loss(point) < best)) continue;
    best = problem.loss(point);
    best_point = point;
  }
  return best;
}

struct Run {
  double best = std::numeric_limits<double>::infinity();
  int num_failed = 0;
};

Run run(const Problem& problem, const Choice& choice, std::uint64_t seed) {
  AnySampler sampler =
      make_registry().make_sampler(choice, problem.space, {1, kBudget, seed}, "sampler");
  Run result;
  for (std::int64_t i = 0; i < kBudget; ++i) {
    Rng ask(seed, static_cast<std::uint64_t>(i), "ask");
    Rng chance(seed, static_cast<std::uint64_t>(i), "fail");
    const Point point = sampler.ask(1, ask).front();
    Observation trial{i, point, TrialState::Complete, problem.loss(point)};
    if (problem.is_failing(point, chance)) {
      trial.state = TrialState::Failed;
      trial.loss = std::numeric_limits<double>::quiet_NaN();
      trial.is_infeasible = true;
      ++result.num_failed;
    } else {
      result.best = std::min(result.best, trial.loss);
    }
    sampler.tell(std::span(&trial, 1), {});
  }
  return result;
}

void report(const Problem& problem, const Choice& choice, std::uint64_t num_seeds) {
  const double best = problem.best ? *problem.best : find_best(problem);
  std::vector<double> gaps;
  std::vector<double> random_gaps;
  double num_failed = 0.0;
  double num_random_failed = 0.0;
  for (std::uint64_t seed = 0; seed < num_seeds; ++seed) {
    const Run ours = run(problem, choice, seed);
    const Run random = run(problem, {"random", "{}"}, seed);
    gaps.push_back(ours.best - best);
    random_gaps.push_back(random.best - best);
    num_failed += ours.num_failed;
    num_random_failed += random.num_failed;
  }
  std::sort(random_gaps.begin(), random_gaps.end());
  const double scale = random_gaps[random_gaps.size() / 2];
  double score = 0.0;
  for (const double gap : gaps) score += std::log10(std::max(gap / scale, 1e-3));
  const auto seeds = static_cast<double>(num_seeds);
  std::printf("%-16s failures %5.1f  of random search %5.1f  score %.2f\n", problem.name.c_str(),
              num_failed / seeds, num_random_failed / seeds, score / seeds);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: bench_failing_trials SAMPLER SEEDS [OPTIONS]\n";
    return 2;
  }
  const Choice choice{argv[1], argc > 3 ? argv[3] : "{}"};
  for (const Problem& problem : {border("border_60", 0.4), border("border_40", 0.6), slanted(),
                                 memory(), ball(), chance(), category()}) {
    report(problem, choice, std::stoul(argv[2]));
  }
  return 0;
}
