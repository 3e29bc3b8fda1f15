#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "trimtab/base/clock.hpp"
#include "trimtab/core/study.hpp"
#include "trimtab/core/trial.hpp"
#include "trimtab/optuna/study_picture.hpp"

namespace trimtab::optuna {

/// A trial as Optuna's files have it, whatever the file.
struct StoredTrial {
  struct Parameter {
    int entry = 0;       ///< of StoredStudy::entries
    double value = 0.0;  ///< Optuna's internal one: the index of a choice
  };
  TrialState state = TrialState::Running;
  std::vector<double> values = {};  ///< NaN = none for this objective
  std::optional<Timestamp> start = {}, complete = {};
  std::vector<Parameter> parameters = {};  ///< in the order in which they were set
  AttributeMap user_attributes = {}, system_attributes = {};
  std::map<std::int64_t, double> reports = {};
};

/// A study as Optuna's files have it. Trial i is number i.
struct StoredStudy {
  /// A parameter's name with the text of a distribution, shared by all trials that have both.
  struct Entry {
    std::string name, distribution;
  };

  std::string name = {};
  std::vector<Goal> directions = {};
  AttributeMap user_attributes = {}, system_attributes = {};
  std::vector<Entry> entries = {};
  std::vector<StoredTrial> trials = {};
  std::unordered_map<std::string, int> entry_of = {};  ///< kept by `intern`

  /// The entry of a name and a text, which is new or not. O(their length).
  int intern(const std::string& name, const std::string& distribution) {
    const auto [found, is_new] =
        entry_of.try_emplace(name + '\0' + distribution, static_cast<int>(entries.size()));
    if (is_new) entries.push_back({name, distribution});
    return found->second;
  }
};

}  // namespace trimtab::optuna
