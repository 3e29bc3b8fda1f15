// Ask and tell in ten lines: the loop is yours, Trimtab proposes and remembers.
#include <cstdio>

#include "trimtab/engine/study.hpp"

int main() {
  const trimtab::Registry registry = trimtab::make_registry();
  trimtab::StudySpec spec;
  spec.name = "bowl";
  spec.budget.trials = 60;
  spec.space_definition = R"({"x": [-5.0, 5.0], "y": [-5.0, 5.0]})";
  trimtab::Study study(spec, registry, registry.open_storage("memory:"));
  while (const auto trial = study.ask()) {
    const double x = trial->point[0], y = trial->point[1];
    study.tell(trial->number, {.values = {(x - 1) * (x - 1) + (y + 2) * (y + 2)}});
  }
  study.refresh();
  study.view([](const trimtab::StudyView& view) {
    const auto best = view.history.best();
    std::printf("best of %ld: %.4f at x = %.3f, y = %.3f\n", static_cast<long>(view.history.size()),
                view.history.value(best), view.history.point(best)[0], view.history.point(best)[1]);
  });
}
