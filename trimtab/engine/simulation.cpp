#include "trimtab/engine/simulation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <queue>
#include <utility>
#include <variant>

#include "trimtab/base/rng.hpp"

namespace trimtab {
namespace {

constexpr double kMicroseconds = 1e6;

class Simulation {
 public:
  Simulation(Study& study, ManualClock& clock,
             const std::function<SimulatedCurve(const Trial&)>& curve_of,
             const SimulationOptions& options)
      : study_(study), clock_(clock), curve_of_(curve_of), options_(options) {}

  SimulationResult run() {
    const Timestamp start = clock_.now();
    workers_.resize(static_cast<std::size_t>(options_.num_workers));
    for (std::size_t worker = 0; worker < workers_.size(); ++worker) take_trial(worker);
    while (!events_.empty()) {
      const Event event = events_.top();
      if (static_cast<double>(event.time - start) > options_.max_seconds * kMicroseconds) break;
      events_.pop();
      clock_.advance(event.time - clock_.now());
      handle(event.worker);
    }
    result_.is_over = events_.empty() && study_.stage() == Stage::Done;
    result_.seconds = static_cast<double>(clock_.now() - start) / kMicroseconds;
    return result_;
  }

 private:
  struct Event {
    Timestamp time;
    std::int64_t order;  // of scheduling, so that events of one moment have an order
    std::size_t worker;
    bool operator>(const Event& other) const {
      return std::pair(time, order) > std::pair(other.time, other.order);
    }
  };
  struct Worker {
    std::optional<Trial> trial = {};
    SimulatedCurve curve = {};
    std::size_t num_done = 0;  // steps of the curve
    std::size_t dies_after = 0;
    bool is_dead = false;
  };

  void schedule(std::size_t worker, double seconds) {
    const auto delay = static_cast<Timestamp>(std::ceil(seconds * kMicroseconds));
    events_.push({clock_.now() + delay, num_scheduled_++, worker});
  }

  // Gives a worker its next trial, or lets it wait for what others do.
  void take_trial(std::size_t worker) {
    NextTrial next = study_.next();
    auto* trial = std::get_if<Trial>(&next);
    if (trial == nullptr) {
      if (std::holds_alternative<WaitForOthers>(next)) waiting_.push_back(worker);
      return;
    }
    begin(workers_[worker], std::move(*trial));
    schedule(worker, workers_[worker].curve.seconds_per_step);
  }

  void begin(Worker& worker, Trial trial) {
    const std::int64_t attempt = num_attempts_[trial.number]++;
    Rng rng = Rng(options_.seed, static_cast<std::uint64_t>(trial.number), "simulation")
                  .derive("attempt", static_cast<std::uint64_t>(attempt));
    worker.curve = curve_of_(trial);
    if (rng.bernoulli(options_.straggler_rate)) {
      worker.curve.seconds_per_step *= options_.straggler_factor;
    }
    if (trial.fidelity > 0.0) {
      const auto num_given = static_cast<std::size_t>(std::max(1.0, std::round(trial.fidelity)));
      worker.curve.values.resize(std::min(worker.curve.values.size(), num_given));
    }
    worker.num_done = options_.keeps_checkpoints ? checkpoints_[trial.number] : 0;
    const bool has_parent = trial.purpose == Purpose::Search && trial.of_trial >= 0;
    if (has_parent) worker.num_done = std::max(worker.num_done, checkpoints_[trial.of_trial]);
    worker.num_done = std::min(worker.num_done, worker.curve.values.size() - 1);
    const std::size_t num_left = worker.curve.values.size() - worker.num_done;
    worker.dies_after = std::numeric_limits<std::size_t>::max();
    if (rng.bernoulli(options_.death_rate)) {
      worker.dies_after = worker.num_done + static_cast<std::size_t>(rng.below(num_left));
    }
    worker.trial = std::move(trial);
  }

  void handle(std::size_t index) {
    Worker& worker = workers_[index];
    if (worker.is_dead) {
      worker.is_dead = false;
      study_.requeue({worker.trial->number});
      leave(index);
    } else if (worker.num_done == worker.dies_after) {
      die(worker);
      schedule(index, options_.restart_seconds);
    } else {
      step(index);
    }
  }

  // The step that was under way is lost, and without a checkpoint all before it.
  void die(Worker& worker) {
    ++result_.num_deaths;
    ++result_.num_steps;
    result_.num_lost_steps +=
        1 + (options_.keeps_checkpoints ? 0 : static_cast<std::int64_t>(worker.num_done));
    worker.is_dead = true;
  }

  void step(std::size_t index) {
    Worker& worker = workers_[index];
    const std::int64_t number = worker.trial->number;
    checkpoints_[number] = worker.num_done + 1;
    const double value = worker.curve.values[worker.num_done++];
    ++result_.num_steps;
    const bool should_stop = study_.report(number, {static_cast<double>(worker.num_done), value});
    const bool is_complete = worker.num_done == worker.curve.values.size();
    if (!should_stop && !is_complete) {
      schedule(index, worker.curve.seconds_per_step);
      return;
    }
    const Resources used = {.wall_seconds = static_cast<double>(worker.num_done) *
                                            worker.curve.seconds_per_step};
    if (should_stop) {
      study_.prune(number, used);
    } else {
      Outcome outcome;
      outcome.values = {value};
      outcome.resources = used;
      study_.tell(number, std::move(outcome));
    }
    leave(index);
  }

  // The worker is free; whoever waited may find something now, too.
  void leave(std::size_t index) {
    workers_[index].trial.reset();
    take_trial(index);
    for (const std::size_t other : std::exchange(waiting_, {})) {
      if (other != index) {
        take_trial(other);
      } else {
        waiting_.push_back(other);
      }
    }
  }

  Study& study_;
  ManualClock& clock_;
  const std::function<SimulatedCurve(const Trial&)>& curve_of_;
  const SimulationOptions options_;
  SimulationResult result_ = {};
  std::vector<Worker> workers_;
  std::vector<std::size_t> waiting_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::int64_t num_scheduled_ = 0;
  std::map<std::int64_t, std::int64_t> num_attempts_;  // of each trial
  std::map<std::int64_t, std::size_t> checkpoints_;    // steps done when its worker died
};

}  // namespace

SimulationResult simulate(Study& study, ManualClock& clock,
                          const std::function<SimulatedCurve(const Trial&)>& curve_of,
                          const SimulationOptions& options) {
  return Simulation(study, clock, curve_of, options).run();
}

}  // namespace trimtab
