#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "trimtab/core/history.hpp"

namespace trimtab {

/// Writes a history trial by trial, for tests: every call appends the events that a study would.
/// Times start at 2024-01-01 12:00 UTC; a trial takes its wall time, on its worker.
class HistoryBuilder {
 public:
  struct Details {
    Purpose purpose = Purpose::Search;
    std::int64_t of_trial = -1;
    std::uint64_t seed = 0;
    std::int64_t worker = 100;
    Resources resources = {.wall_seconds = 1.0, .cpu_seconds = 0.5, .peak_memory_bytes = 1e6};
    std::map<std::string, double> metrics = {};
    std::vector<Report> reports = {};
  };

  HistoryBuilder(std::size_t num_dimensions, std::vector<Objective> objectives)
      : history_(num_dimensions, std::move(objectives)) {}

  /// A complete trial. @return its number.
  std::int64_t complete(Point point, std::vector<double> values) {
    return complete(std::move(point), std::move(values), Details());
  }
  std::int64_t complete(Point point, std::vector<double> values, const Details& details) {
    Outcome outcome;
    outcome.values = std::move(values);
    return finish(std::move(point), std::move(outcome), details);
  }

  /// A trial that ended as the outcome says. @return its number.
  std::int64_t finish(Point point, Outcome outcome, const Details& details) {
    const std::int64_t number = start(std::move(point), details);
    for (const Report& report : details.reports) append(TrialReported{number, report});
    time_ += static_cast<Timestamp>(details.resources.wall_seconds * 1e6);
    outcome.resources = details.resources;
    outcome.metrics = details.metrics;
    append(TrialFinished{number, std::move(outcome), -1});
    return number;
  }

  std::int64_t fail(Point point, Failure failure) {
    return fail(std::move(point), std::move(failure), Details());
  }
  std::int64_t fail(Point point, Failure failure, const Details& details) {
    Outcome outcome;
    outcome.state = TrialState::Failed;
    outcome.failure = std::move(failure);
    return finish(std::move(point), std::move(outcome), details);
  }

  /// A trial that runs and has not ended. @return its number.
  std::int64_t start(Point point, const Details& details) {
    const std::int64_t number = history_.size();
    append(TrialCreated{number, TrialState::Running, details.purpose, details.of_trial,
                        details.seed, details.worker, std::move(point)});
    return number;
  }

  void append(EventBody body) {
    history_.apply(history_.last_sequence() + 1, {.time = time_, .body = std::move(body)});
  }
  /// Moves the clock; negative lets trials overlap. @param seconds  of the study's time.
  void advance(double seconds) { time_ += static_cast<Timestamp>(seconds * 1e6); }

  const History& history() const { return history_; }

 private:
  History history_;
  Timestamp time_ = 1704110400000000;
};

}  // namespace trimtab
