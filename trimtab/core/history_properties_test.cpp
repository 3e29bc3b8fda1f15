// A history against a plain model of what its log says, over random valid logs.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "trimtab/base/error.hpp"
#include "trimtab/core/history.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kDimensions = 3;

struct ModelTrial {
  TrialState state = TrialState::Running;
  Purpose purpose = Purpose::Search;
  Point point = {};
  double value = std::numeric_limits<double>::quiet_NaN();
  std::vector<Report> reports = {};
};

// Makes a random log that contradicts nothing, and remembers what it says.
class RandomLog {
 public:
  void grow() {
    const std::vector<std::int64_t> open = unfinished();
    if (open.empty() || *rc::gen::inRange(0, 3) == 0) return create();
    const std::int64_t number = *rc::gen::elementOf(open);
    ModelTrial& trial = trials_[static_cast<std::size_t>(number)];
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        trial.state = *rc::gen::element(TrialState::Running, TrialState::Waiting);
        return append(TrialMoved{number, trial.state, 7});
      case 1:
        trial.reports.push_back({*rc::gen::arbitrary<double>(), *rc::gen::arbitrary<double>()});
        return append(TrialReported{number, trial.reports.back()});
      case 2:
        trial.point = any_point();
        return append(TrialPlaced{number, trial.point});
      default:
        return finish(number, trial);
    }
  }

  const std::vector<Event>& events() const { return events_; }
  const std::vector<ModelTrial>& trials() const { return trials_; }

  // The smallest value, the earliest trial on ties; -1 = none.
  std::int64_t best(Goal goal) const {
    std::int64_t best = -1;
    for (std::size_t i = 0; i < trials_.size(); ++i) {
      const ModelTrial& trial = trials_[i];
      if (trial.state != TrialState::Complete || trial.purpose == Purpose::Confirm) continue;
      const double sign = goal == Goal::Minimise ? 1.0 : -1.0;
      const bool is_better =
          best < 0 || sign * trial.value < sign * trials_[static_cast<std::size_t>(best)].value;
      if (is_better) best = static_cast<std::int64_t>(i);
    }
    return best;
  }

 private:
  static Point any_point() {
    Point point(*rc::gen::inRange<std::size_t>(0, kDimensions + 1));
    for (double& coordinate : point) {
      coordinate = *rc::gen::element(0.0, -1.5, 1e300, kInactive);
    }
    return point;
  }
  std::vector<std::int64_t> unfinished() const {
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < trials_.size(); ++i) {
      if (!is_finished(trials_[i].state)) numbers.push_back(static_cast<std::int64_t>(i));
    }
    return numbers;
  }
  void append(EventBody body) {
    const auto time = static_cast<Timestamp>(events_.size());
    events_.push_back({.time = time, .body = std::move(body)});
  }
  void create() {
    ModelTrial trial;
    trial.state = *rc::gen::element(TrialState::Running, TrialState::Waiting);
    trial.purpose = static_cast<Purpose>(*rc::gen::inRange(0, 4));
    trial.point = any_point();
    TrialCreated event;
    event.number = static_cast<std::int64_t>(trials_.size());
    event.state = trial.state;
    event.purpose = trial.purpose;
    event.point = trial.point;
    trials_.push_back(std::move(trial));
    append(std::move(event));
  }
  void finish(std::int64_t number, ModelTrial& trial) {
    TrialFinished event;
    event.number = number;
    trial.state = *rc::gen::element(TrialState::Complete, TrialState::Failed, TrialState::Pruned);
    event.outcome.state = trial.state;
    if (trial.state == TrialState::Complete) {
      trial.value = *rc::gen::element(1.0, 2.0, -3.0, std::numeric_limits<double>::infinity());
      event.outcome.values = {trial.value};
    }
    append(std::move(event));
  }

  std::vector<Event> events_;
  std::vector<ModelTrial> trials_;
};

RandomLog any_log() {
  RandomLog log;
  const int length = *rc::gen::inRange(0, 60);
  for (int i = 0; i < length; ++i) log.grow();
  return log;
}

History history_of(const std::vector<Event>& events, Goal goal) {
  History history(kDimensions, {Objective{.name = "score", .goal = goal, .target = {}}});
  for (const Event& event : events) {
    std::string bytes;
    encode(event, bytes);
    history.apply(history.last_sequence() + 1, decode_event(bytes));
  }
  return history;
}

bool same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

RC_GTEST_PROP(HistoryProperties, SaysOfEachTrialWhatTheLogSays, ()) {
  const RandomLog log = any_log();
  const History history = history_of(log.events(), Goal::Maximise);
  RC_ASSERT(history.size() == static_cast<std::int64_t>(log.trials().size()));
  for (std::int64_t number = 0; number < history.size(); ++number) {
    const ModelTrial& trial = log.trials()[static_cast<std::size_t>(number)];
    RC_ASSERT(history.state(number) == trial.state);
    RC_ASSERT(history.purpose(number) == trial.purpose);
    RC_ASSERT(same(history.value(number), trial.value));
    RC_ASSERT(same(history.loss(number), -trial.value));
    for (std::size_t i = 0; i < kDimensions; ++i) {
      const double expected = i < trial.point.size() ? trial.point[i] : kInactive;
      RC_ASSERT(same(history.point(number)[i], expected));
    }
    const std::vector<Report> reports = history.reports(number);
    RC_ASSERT(reports.size() == trial.reports.size());
    for (std::size_t i = 0; i < reports.size(); ++i) {
      RC_ASSERT(same(reports[i].value, trial.reports[i].value));
    }
    RC_ASSERT((history.finished(number) != 0 || number == 0) || !is_finished(trial.state));
  }
}

RC_GTEST_PROP(HistoryProperties, CountsAndListsWhatRunsAndWaits, ()) {
  const RandomLog log = any_log();
  const History history = history_of(log.events(), Goal::Minimise);
  std::int64_t num_finished = 0;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    const TrialState state = log.trials()[static_cast<std::size_t>(number)].state;
    RC_ASSERT((history.running().count(number) == 1) == (state == TrialState::Running));
    RC_ASSERT((history.waiting().count(number) == 1) == (state == TrialState::Waiting));
    num_finished += is_finished(state) ? 1 : 0;
  }
  RC_ASSERT(history.count(TrialState::Running) ==
            static_cast<std::int64_t>(history.running().size()));
  RC_ASSERT(history.count(TrialState::Waiting) ==
            static_cast<std::int64_t>(history.waiting().size()));
  RC_ASSERT(static_cast<std::int64_t>(history.finish_order().size()) == num_finished);
}

RC_GTEST_PROP(HistoryProperties, KnowsTheBestTrial, ()) {
  const Goal goal = *rc::gen::element(Goal::Minimise, Goal::Maximise);
  const RandomLog log = any_log();
  RC_ASSERT(history_of(log.events(), goal).best() == log.best(goal));
}

RC_GTEST_PROP(HistoryProperties, TakesNoSecondEnd, ()) {
  const RandomLog log = any_log();
  History history = history_of(log.events(), Goal::Minimise);
  for (const std::int64_t number : history.finish_order()) {
    TrialFinished again;
    again.number = number;
    again.outcome.values = {0.0};
    const std::int64_t best = history.best();
    RC_ASSERT_THROWS_AS(history.apply(history.last_sequence() + 1, {.time = 0, .body = again}),
                        EnvironmentError);
    RC_ASSERT(history.best() == best);
  }
}

}  // namespace
}  // namespace trimtab
