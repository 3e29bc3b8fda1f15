#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "trimtab/core/pruner.hpp"

namespace trimtab {

/// A pruner that a test tells one thing at a time.
template <PrunerModel T>
class ToldPruner {
 public:
  explicit ToldPruner(const Json& options = Json::object(), PrunerSetting setting = {})
      : pruner_(OptionValues(T::info(), options, "test"), setting) {}

  /// Tells a report. @return whether the trial should stop.
  bool report(std::int64_t trial, double step, std::vector<double> losses) {
    const Progress event{Progress::Kind::Report, trial, step, losses, TrialState::Running};
    pruner_.tell({&event, 1});
    return pruner_.should_prune(trial, step);
  }
  bool report(std::int64_t trial, double step, double loss) {
    return report(trial, step, std::vector<double>{loss});
  }
  void end(std::int64_t trial, TrialState state, std::vector<double> losses = {}) {
    const Progress event{Progress::Kind::End, trial, 0.0, losses, state};
    pruner_.tell({&event, 1});
  }
  /// A complete trial that reports these losses at steps 1, 2, ...
  void complete(std::int64_t trial, const std::vector<double>& losses) {
    for (std::size_t i = 0; i < losses.size(); ++i) {
      report(trial, static_cast<double>(i) + 1.0, losses[i]);
    }
    end(trial, TrialState::Complete, {losses.back()});
  }
  const T& pruner() const { return pruner_; }

 private:
  T pruner_;
};

}  // namespace trimtab
