// An in-process objective on two threads, searched and then confirmed on fresh seeds.
#include <cmath>
#include <cstdio>

#include "trimtab/base/rng.hpp"
#include "trimtab/engine/runner.hpp"
#include "trimtab/executors/thread/thread_executor.hpp"

int main() {
  const trimtab::Registry registry = trimtab::make_registry();
  trimtab::StudySpec spec;
  spec.name = "noisy-valley";
  spec.budget.trials = 60;
  spec.space_definition = R"({
    "rate":  {"float": [1e-5, 1e-1], "log": true, "default": 1e-2},
    "depth": {"int": [1, 8], "default": 2}})";
  trimtab::Study study(spec, registry, registry.open_storage("memory:"));

  const trimtab::Callable objective = [](const trimtab::Space&, trimtab::PointView point,
                                         trimtab::TrialContext& context) {
    trimtab::Rng noise(context.seed());
    const double loss = std::abs(std::log10(point[0]) + 3) + std::abs(point[1] - 5) / 8;
    return trimtab::Metrics{{"loss", loss + 0.01 * noise.normal()}};
  };
  trimtab::ThreadExecutor executor(study.space(), objective, "loss", 2);
  trimtab::RunObserver observer;
  const std::atomic<int> interrupt{0};
  trimtab::Runner(study, executor, observer, {.parallel = 2}).run(interrupt);

  study.view([](const trimtab::StudyView& view) {
    const auto best = view.history.best();
    std::printf("best of %ld: %.3f at rate %.2g, depth %.0f; %ld runs on fresh seeds confirm\n",
                static_cast<long>(*view.spec.budget.trials), view.history.value(best),
                view.history.point(best)[0], view.history.point(best)[1],
                static_cast<long>(view.history.count(trimtab::Purpose::Confirm)));
  });
}
