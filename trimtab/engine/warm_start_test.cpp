// cmaes begins where an earlier study of the same storage ended.

#include <gtest/gtest.h>

#include "trimtab/base/error.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/engine/replay.hpp"
#include "trimtab/engine/study.hpp"

namespace trimtab {
namespace {

StudySpec bowl(const std::string& name, const std::string& sampler, const std::string& options,
               std::int64_t trials) {
  StudySpec spec;
  spec.name = name;
  spec.budget.trials = trials;
  spec.sampler = {.name = sampler, .options = options};
  spec.validity.confirm_top = 0;
  spec.space_definition = R"({"a": [0.0, 1.0], "b": [0.0, 1.0], "c": [0.0, 1.0]})";
  return spec;
}

double loss_of(PointView point, double place) {
  double sum = 0.0;
  for (const double x : point) sum += (x - place) * (x - place);
  return sum;
}

// The mean loss of all trials: small when the search begins at a good place.
double run(Study study, double place) {
  double sum = 0.0;
  int count = 0;
  while (const std::optional<Trial> trial = study.ask()) {
    const double loss = loss_of(trial->point, place);
    study.tell(trial->number, {.values = {loss}});
    sum += loss;
    ++count;
  }
  return sum / count;
}

TEST(WarmStart, BeginsWhereTheBestOfAnEarlierStudyLie) {
  const Registry registry = make_registry();
  const std::shared_ptr<Storage> storage = registry.open_storage("memory:");
  run(Study(bowl("earlier", "random", "{}", 200), registry, storage), 0.85);
  const double cold = run(Study(bowl("cold", "cmaes", "{}", 14), registry, storage), 0.9);
  const double warm =
      run(Study(bowl("warm", "cmaes", R"({"warm_start": "earlier"})", 14), registry, storage), 0.9);
  EXPECT_LT(warm, 0.5 * cold) << cold;
  const ReplayResult replayed = replay_study("warm", registry, storage);
  EXPECT_EQ(replayed.num_equal, 14);
}

TEST(WarmStart, RefusesAnUnknownStudyBeforeAnythingIsWritten) {
  const Registry registry = make_registry();
  const std::shared_ptr<Storage> storage = registry.open_storage("memory:");
  try {
    Study(bowl("warm", "cmaes", R"({"warm_start": "nothing"})", 5), registry, storage);
    FAIL() << "an unknown study was accepted";
  } catch (const UserError& error) {
    EXPECT_EQ(error.info().code, "study.unknown");
  }
  EXPECT_FALSE(storage->find_study("warm"));
}

TEST(WarmStart, TakesOverWhatTheSpacesShare) {
  const Registry registry = make_registry();
  const std::shared_ptr<Storage> storage = registry.open_storage("memory:");
  run(Study(bowl("earlier", "random", "{}", 100), registry, storage), 0.85);
  StudySpec other = bowl("other", "cmaes", R"({"warm_start": "earlier"})", 5);
  other.space_definition = R"({"b": [0.5, 1.0], "d": [0.0, 1.0]})";
  EXPECT_LT(run(Study(other, registry, storage), 0.85), 0.5);
}

}  // namespace
}  // namespace trimtab
