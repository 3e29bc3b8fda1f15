#include "trimtab/workloads/parallelism_planner/parallelism_planner.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/core/registry.hpp"
#include "trimtab/workloads/parallelism_planner/cost_model.hpp"

namespace trimtab {
namespace {

using parallelism::Efficiency;
using parallelism::Layout;
using parallelism::memory_bytes;
using parallelism::model_of;
using parallelism::simulate;

double tflops(const Layout& layout) {
  return simulate(model_of("175b"), layout, Efficiency()).tflops_per_device;
}

TEST(ParallelismPlanner, CalibratesOnTwoModelsAndPredictsTheThird) {
  const Efficiency found = parallelism::calibrate();
  EXPECT_NEAR(found.kernels, Efficiency().kernels, 1e-3);
  EXPECT_NEAR(found.network, Efficiency().network, 1e-3);
  const Layout large = {
      .tensor = 4, .pipeline = 16, .data = 4, .micro_batch = 1, .micro_batches = 160};
  EXPECT_NEAR(simulate(model_of("175b"), large, found).utilisation, 0.3614, 0.003);
  // Reported: 31.96 %. Its replicas are not in what we have; on 3 072 devices there are six.
  const Layout huge = {
      .tensor = 8, .pipeline = 64, .data = 6, .micro_batch = 1, .micro_batches = 266};
  EXPECT_NEAR(simulate(model_of("1t"), huge, found).utilisation, 0.3196, 0.03);
}

TEST(ParallelismPlanner, ScalesWeaklyWithoutLoss) {
  const Layout few = {.tensor = 4, .pipeline = 16, .data = 2, .micro_batches = 320};
  Layout many = few;
  many.data = 16;
  EXPECT_GE(tflops(many) / tflops(few), 0.97);
}

TEST(ParallelismPlanner, KeepsTheLawsOfPipelines) {
  for (const double t : {1.0, 4.0, 8.0}) {
    for (double p = 1.0; p < 16.0; p *= 2.0) {
      const Layout shallow = {
          .tensor = t, .pipeline = p, .data = 4, .micro_batch = 2, .micro_batches = 8};
      Layout deep = shallow, more = shallow;
      deep.pipeline = 2.0 * p;
      more.micro_batches = 16.0;
      EXPECT_LE(tflops(deep), tflops(shallow) * (1.0 + 1e-12)) << t << " " << p;
      EXPECT_GE(tflops(more), tflops(shallow)) << t << " " << p;
    }
  }
}

TEST(ParallelismPlanner, LosesMoreThanAFifthWhenTensorsCrossNodes) {
  const Layout inside = {
      .tensor = 8, .pipeline = 4, .data = 4, .micro_batch = 2, .micro_batches = 16};
  Layout across = inside;
  across.tensor = 16.0;
  EXPECT_LT(tflops(across), 0.8 * tflops(inside));
}

TEST(ParallelismPlanner, FreesTwelveBytesAParameterTimesTheOtherReplicas) {
  Layout plain = {.tensor = 4, .pipeline = 8, .data = 4, .micro_batch = 1, .micro_batches = 8};
  Layout divided = plain;
  divided.has_zero1 = true;
  const double num_parameters = (12.0 * 96.0 * 12288.0 * 12288.0 + 51200.0 * 12288.0) / 32.0;
  const double freed =
      memory_bytes(model_of("175b"), plain) - memory_bytes(model_of("175b"), divided);
  EXPECT_NEAR(freed / num_parameters, 12.0 * (1.0 - 1.0 / 4.0), 1e-9);
}

class FixedSeed final : public TrialContext {
 public:
  std::uint64_t seed() const override { return 1; }
  bool report(double, double) override { return true; }
  bool should_stop() const override { return false; }
};

Workload make(const Json& options) {
  const WorkloadEntry entry = parallelism_planner_entry();
  return entry.make(OptionValues(entry.info, options, "here"));
}

// Every allowed layout with its throughput, -1 when it runs out of memory.
struct Everything {
  int num_points = 0;
  int num_failing = 0;
  double best = 0.0;
};

Everything enumerate(const Workload& workload) {
  Everything all;
  FixedSeed context;
  Point point = workload.space.first();
  do {
    if (!workload.space.satisfies_constraints(point)) continue;
    ++all.num_points;
    const Metrics metrics = workload.run(workload.space, point, context);
    const bool fits = metrics.at("memory_excess") <= 0.0;
    all.num_failing += fits ? 0 : 1;
    if (fits) all.best = std::max(all.best, metrics.at("tflops"));
  } while (workload.space.next(point));
  return all;
}

TEST(ParallelismPlanner, RunsOutOfMemoryInTwoFifthsOfItsSpace) {
  const Everything all = enumerate(make({{"out_of_memory", "metric"}}));
  EXPECT_EQ(all.num_points, 1156);
  EXPECT_NEAR(all.num_failing / 1156.0, 0.42, 0.005);
}

TEST(ParallelismPlanner, FailsWithTheAmountOfMemoryThatIsMissing) {
  const Workload workload = make({{"model", "175b"}});
  const Point point = workload.space.from_json({{"tensor", 4},
                                                {"pipeline", 1},
                                                {"micro_batch", 20},
                                                {"micro_batches", 5},
                                                {"zero1", false},
                                                {"nodes", 16}});
  FixedSeed context;
  try {
    workload.run(workload.space, point, context);
    FAIL() << "it fitted";
  } catch (const std::runtime_error& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("out of memory: ")) << error.what();
  }
}

// Trials until a layout within 1 % of the best, at most `budget`; budget + 1 = never. Failing
// trials count. The seed decides everything.
int trials_to_optimum(const Workload& workload, const std::string& sampler, bool is_constrained,
                      double best, int budget, std::uint64_t seed) {
  AnySampler asked = make_registry().make_sampler(
      {sampler, "{}"}, workload.space,
      {.budget_trials = budget, .seed = seed, .num_constraints = is_constrained ? 1U : 0U}, "test");
  FixedSeed context;
  for (int i = 0; i < budget; ++i) {
    Rng rng(seed, static_cast<std::uint64_t>(i), "ask");
    const Point point = asked.ask(1, rng).front();
    const Metrics metrics = workload.run(workload.space, point, context);
    const double excess = metrics.at("memory_excess");
    const double loss = -metrics.at("tflops");
    if (excess <= 0.0 && -loss >= 0.99 * best) return i + 1;
    Observation trial{.number = i, .point = point, .loss = loss};
    if (is_constrained) {
      trial.losses = std::span(&loss, 1);
      trial.violations = std::span(&excess, 1);
    } else if (excess > 0.0) {
      trial.state = TrialState::Failed;
      trial.loss = std::nan("");
    }
    asked.tell(std::span(&trial, 1), {});
  }
  return budget + 1;
}

struct Count {
  int num_found = 0;
  double mean = 0.0;  // trials, budget + 1 where it was not found
};

Count count(const std::string& sampler, bool is_constrained, int budget) {
  const Workload workload = make({{"out_of_memory", "metric"}});
  const double best = enumerate(workload).best;
  Count result;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const int needed = trials_to_optimum(workload, sampler, is_constrained, best, budget, seed);
    result.num_found += needed <= budget ? 1 : 0;
    result.mean += needed / 10.0;
  }
  return result;
}

// Seed 2: within 1 % of the exhaustive optimum in at most 60 trials on at least 9 of 10 seeds,
// where random search needs at least twice as many. The seeds are fixed: no false alarms.
TEST(ParallelismPlannerSlow, FindsTheOptimumAmongFailuresInSixtyTrials) {
  const Count ours = count("gp", false, 60);
  const Count random = count("random", false, 1156);
  EXPECT_GE(ours.num_found, 9) << "mean " << ours.mean;
  EXPECT_GE(random.mean, 2.0 * ours.mean);
  RecordProperty("gp_found", ours.num_found);
  RecordProperty("gp_mean", static_cast<int>(ours.mean));
  RecordProperty("random_mean", static_cast<int>(random.mean));
}

TEST(ParallelismPlannerSlow, FindsItWithTheMemoryAsAConstraint) {
  const Count ours = count("gp", true, 60);
  EXPECT_GE(ours.num_found, 9) << "mean " << ours.mean;
  RecordProperty("gp_found", ours.num_found);
  RecordProperty("gp_mean", static_cast<int>(ours.mean));
}

}  // namespace
}  // namespace trimtab
