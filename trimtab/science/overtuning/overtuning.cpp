#include "trimtab/science/overtuning/overtuning.hpp"

#include <algorithm>
#include <cmath>

namespace trimtab {
namespace {

double relative_to_gain(double overtuning, double gain) {
  if (overtuning == 0.0) return 0.0;
  return gain > 0.0 ? overtuning / gain : std::numeric_limits<double>::infinity();
}

}  // namespace

TuningCourse tuning_course(std::span<const ScoredTrial> trials) {
  TuningCourse course;
  double best_validation = std::numeric_limits<double>::infinity();
  double best_test = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const ScoredTrial& trial = trials[i];
    if (std::isnan(trial.validation)) continue;
    ++course.num_trials;
    if (!(trial.validation < best_validation)) continue;
    best_validation = trial.validation;
    course.is_end_seen = std::isfinite(trial.test);
    if (!course.is_end_seen) {
      ++course.num_unseen;
      continue;
    }
    best_test = std::min(best_test, trial.test);
    const double first = course.incumbents.empty() ? trial.test : course.incumbents.front().test;
    const double overtuning = trial.test - best_test;
    course.incumbents.push_back({i, trial.validation, trial.test, overtuning,
                                 relative_to_gain(overtuning, first - best_test)});
  }
  return course;
}

}  // namespace trimtab
