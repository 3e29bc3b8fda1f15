// Define by run: the objective declares its parameters where it uses them, on two threads.
#include <cmath>
#include <cstdio>

#include "trimtab/engine/define_by_run.hpp"

int main() {
  const trimtab::Registry registry = trimtab::make_registry();
  trimtab::StudySpec spec;
  spec.name = "layers";
  spec.budget.trials = 80;
  trimtab::Study study(spec, registry, registry.open_storage("memory:"));
  trimtab::optimize(
      study,
      [](trimtab::LiveTrial& trial) {
        const auto layers = trial.integer("layers", 1, 3);
        double loss = std::abs(std::log10(trial.real("rate", 1e-5, 1e-1, {.is_log = true})) + 3);
        for (int i = 0; i < layers; ++i) {  // as many parameters as the program happens to need
          const double units = static_cast<double>(
              trial.integer("units" + std::to_string(i), 4, 64, {.is_log = true}));
          loss += std::abs(units - 16) / 64;
        }
        return loss;
      },
      {.num_threads = 2});
  study.view([](const trimtab::StudyView& view) {
    std::printf("best of %ld: %.4f with %zu parameters found while running\n",
                static_cast<long>(view.history.size()), view.history.value(view.history.best()),
                view.space.parameters().size());
  });
}
