#pragma once

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/base/rng.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/core/testing/history_builder.hpp"

namespace trimtab {

/// A study for tests of reports: a conditional space, and trials that a test adds.
struct SampleStudy {
  StudySpec spec = {};
  Space space;
  HistoryBuilder builder;

  explicit SampleStudy(std::vector<Objective> objectives = {{.name = "auc",
                                                             .goal = Goal::Maximise}})
      : space(Space::parse_text(definition())), builder(space.dimensions().size(), objectives) {
    spec.name = "sample";
    spec.objectives = std::move(objectives);
    spec.space_definition = definition();
    spec.validity = {.tuning_seeds = 1, .confirm_top = 2, .confirm_seeds = 4};
  }

  static std::string definition() {
    return R"({"rate": {"float": [1e-4, 1.0], "log": true, "default": 0.01},
               "units": {"int": [1, 64]},
               "kind": {"choice": ["tree", "net", "a name that is too long for its place"]},
               "depth": {"int": [1, 9], "when": {"kind": "tree"}}})";
  }

  StudyView view() const { return {spec, space, builder.history()}; }

  /// Complete trials at random points; the best is near rate = 0.1.
  void add_random(std::int64_t count, std::uint64_t seed = 1) {
    for (std::int64_t i = 0; i < count; ++i) {
      Rng rng(seed, static_cast<std::uint64_t>(i), "sample");
      const Point point = space.sample(rng);
      const double score = 0.9 - 0.1 * std::abs(std::log10(point[0]) + 1.0) + 0.01 * rng.normal();
      builder.complete(point, std::vector<double>(spec.objectives.size(), score));
    }
  }

  /// What every registered analysis says, with its defaults; one that the study cannot answer is
  /// absent, as in a report.
  std::map<std::string, AnalysisResult> analyses() const {
    std::map<std::string, AnalysisResult> results;
    const Registry registry = make_registry();
    for (const auto& [name, entry] : registry.analyses()) {
      if (!entry.run) continue;  // reads tables
      try {
        results[name] = entry.run(view(), OptionValues(entry.info, Json::object(), name));
      } catch (const UserError&) {
        continue;
      }
    }
    return results;
  }
};

}  // namespace trimtab
