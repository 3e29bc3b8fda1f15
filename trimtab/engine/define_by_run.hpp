#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "trimtab/engine/study.hpp"

namespace trimtab {

/// A running trial of a define-by-run objective: parameters are declared where they are used, so
/// loops and branches of the program shape the space. Used by one thread.
///
/// A parameter met for the first time joins the study's space; its first value is drawn from its
/// range, later ones come from the sampler. A parameter that a run does not ask for is inactive in
/// that trial.
class LiveTrial {
 public:
  struct Scale {
    bool is_log = false;
    double step = 0.0;  ///< 0 = continuous; integers: 1
  };

  LiveTrial(Study& study, Trial trial);

  std::int64_t number() const { return trial_.number; }
  std::uint64_t seed() const { return trial_.seed; }

  /// A number in [low, high]. Asking twice for a name gives the same value.
  /// @throws UserError for an impossible range, or when the name was used with another definition.
  double real(const std::string& name, double low, double high);
  double real(const std::string& name, double low, double high, Scale scale);
  /// A whole number in low..high.
  std::int64_t integer(const std::string& name, std::int64_t low, std::int64_t high);
  std::int64_t integer(const std::string& name, std::int64_t low, std::int64_t high, Scale scale);
  /// One of the choices.
  std::string categorical(const std::string& name, const std::vector<std::string>& choices);

  /// Tells an intermediate value of the first objective.
  void report(double step, double value);

  /// Writes what was really used into the study; `optimize` calls it before the trial ends.
  void settle();

 private:
  double coordinate(const std::string& name, const std::string& definition);

  Study& study_;
  Trial trial_;
  Space space_;
  std::map<std::string, double> used_;
};

struct OptimizeOptions {
  int num_threads = 1;
  /// Called after each trial, from the thread that ran it.
  std::function<void(std::int64_t number, const Outcome& outcome)> after_trial = {};
};

/// Runs the search of a study with an objective of this process; the value is the first objective,
/// in the user's own direction. An exception fails its trial and the search goes on.
void optimize(Study& study, const std::function<double(LiveTrial&)>& objective,
              const OptimizeOptions& options = {});

}  // namespace trimtab
