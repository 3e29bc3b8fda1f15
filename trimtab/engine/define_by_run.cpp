#include "trimtab/engine/define_by_run.hpp"

#include <exception>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

std::string range_definition(const char* type, const Json& low, const Json& high,
                             LiveTrial::Scale scale) {
  Json definition = {{type, Json::array({low, high})}};
  if (scale.is_log) definition["log"] = true;
  if (scale.step > 0.0) definition["step"] = scale.step;
  return definition.dump();
}

Outcome run_objective(const std::function<double(LiveTrial&)>& objective, LiveTrial& trial) {
  Outcome outcome;
  const Stopwatch elapsed;
  try {
    outcome.values = {objective(trial)};
  } catch (const UserError&) {
    throw;  // the objective misuses the interface: its author must know
  } catch (const std::exception& error) {
    outcome.state = TrialState::Failed;
    outcome.failure = {FailureReason::Exception, 0, error.what()};
  }
  outcome.resources.wall_seconds = elapsed.seconds();
  return outcome;
}

void work(Study& study, const std::function<double(LiveTrial&)>& objective,
          const OptimizeOptions& options) {
  while (std::optional<Trial> trial = study.ask()) {
    const std::int64_t number = trial->number;
    LiveTrial live(study, std::move(*trial));
    try {
      const Outcome outcome = run_objective(objective, live);
      live.settle();
      study.tell(number, outcome);
      if (options.after_trial) options.after_trial(number, outcome);
    } catch (const UserError& error) {
      Outcome failed;
      failed.state = TrialState::Failed;
      failed.failure = {FailureReason::Exception, 0, error.info().what};
      study.tell(number, failed);
      throw;
    }
  }
}

}  // namespace

LiveTrial::LiveTrial(Study& study, Trial trial)
    : study_(study), trial_(std::move(trial)), space_(study.space()) {}

double LiveTrial::coordinate(const std::string& name, const std::string& definition) {
  if (const auto used = used_.find(name); used != used_.end()) return used->second;
  study_.grow_space(name, definition);
  space_ = study_.space();
  const std::size_t index = space_.find_parameter(name)->first;
  double value = kInactive;
  if (index < trial_.point.size()) value = trial_.point[index];
  if (!is_active(value)) {
    Rng rng(study_.spec().seed, static_cast<std::uint64_t>(trial_.number), "define " + name);
    value = space_.sample_dimension(index, rng);
  }
  used_[name] = value;
  return value;
}

double LiveTrial::real(const std::string& name, double low, double high) {
  return real(name, low, high, Scale());
}

double LiveTrial::real(const std::string& name, double low, double high, Scale scale) {
  return coordinate(name, range_definition("float", low, high, scale));
}

std::int64_t LiveTrial::integer(const std::string& name, std::int64_t low, std::int64_t high) {
  return integer(name, low, high, Scale());
}

std::int64_t LiveTrial::integer(const std::string& name, std::int64_t low, std::int64_t high,
                                Scale scale) {
  return static_cast<std::int64_t>(coordinate(name, range_definition("int", low, high, scale)));
}

std::string LiveTrial::categorical(const std::string& name,
                                   const std::vector<std::string>& choices) {
  const double index = coordinate(name, Json{{"choice", choices}}.dump());
  return choices[static_cast<std::size_t>(index)];
}

void LiveTrial::report(double step, double value) { study_.report(trial_.number, {step, value}); }

void LiveTrial::settle() {
  Point point(space_.num_dimensions(), kInactive);
  for (const auto& [name, value] : used_) point[space_.find_parameter(name)->first] = value;
  study_.place(trial_.number, point);
}

void optimize(Study& study, const std::function<double(LiveTrial&)>& objective,
              const OptimizeOptions& options) {
  std::exception_ptr first_error;
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int i = 0; i < std::max(1, options.num_threads); ++i) {
    threads.emplace_back([&] {
      try {
        work(study, objective, options);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!first_error) first_error = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (first_error) std::rethrow_exception(first_error);
}

}  // namespace trimtab
