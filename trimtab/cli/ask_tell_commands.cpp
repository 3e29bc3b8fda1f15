#include <cstdlib>
#include <nlohmann/json.hpp>
#include <ostream>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/cli/commands.hpp"
#include "trimtab/cli/open_study.hpp"
#include "trimtab/engine/run_plan.hpp"

namespace trimtab {
namespace {

[[noreturn]] void throw_argument(const std::string& command, const std::string& got,
                                 const std::string& expected) {
  throw UserError({.code = "cli.value",
                   .what = "an argument cannot be read",
                   .where = "trimtab " + command,
                   .got = quote(got),
                   .expected = expected,
                   .hint = "trimtab " + command + " --help"});
}

// Splits "name=text"; nothing when there is no '='.
std::optional<std::pair<std::string, std::string>> split_assignment(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return std::nullopt;
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

// "0.97" for the next objective in turn, or "accuracy=0.97" for one by name.
Outcome read_outcome(const TellArguments& arguments, const std::vector<Objective>& objectives) {
  Outcome outcome;
  std::map<std::string, double> named;
  std::size_t position = 0;
  for (const std::string& text : arguments.values) {
    const auto assignment = split_assignment(text);
    double value = 0.0;
    if (!parse_double(assignment ? assignment->second : text, value)) {
      throw_argument("tell", text, "a number, or name=number");
    }
    if (!assignment && position >= objectives.size()) {
      throw_argument("tell", text, "one value per objective");
    }
    named[assignment ? assignment->first : objectives[position++].name] = value;
  }
  for (const Objective& objective : objectives) {
    const auto found = named.find(objective.name);
    if (found == named.end()) continue;
    outcome.values.push_back(found->second);
    named.erase(found);
  }
  outcome.metrics = named;
  return outcome;
}

Json as_json(const Trial& trial, const Study& study) {
  Json json = {{"study", study.spec().name},
               {"number", trial.number},
               {"seed", trial.seed},
               {"purpose", name_of(trial.purpose)},
               {"params", study.space().to_json(trial.point)}};
  if (trial.fidelity > 0.0) json["fidelity"] = trial.fidelity;
  const RunPlan plan(study.spec());
  if (std::string scenario = plan.scenario(trial); !scenario.empty()) json["scenario"] = scenario;
  for (std::int64_t run = 0; run < plan.num_runs(trial); ++run) {
    if (const auto split = plan.split(trial, run)) {
      json["splits"].push_back(Json::parse(split->to_json()));
    }
  }
  return json;
}

// Numbers and JSON are themselves; anything else is a text.
Json read_value(const std::string& text) {
  Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  return value.is_discarded() ? Json(text) : value;
}

}  // namespace

int ask_trials(const AskArguments& arguments, CommandContext context) {
  Study study = open_study(arguments, context.registry, /*may_create=*/true);
  for (std::int64_t i = 0; i < arguments.count; ++i) {
    const std::optional<Trial> trial = study.ask();
    if (!trial) {
      if (i == 0) context.err << "the search is over: `trimtab best " << study.spec().name << "`\n";
      return i == 0 ? kShouldStop : kSuccess;
    }
    context.out << as_json(*trial, study).dump() << '\n';
  }
  return kSuccess;
}

int tell_trial(const TellArguments& arguments, CommandContext context) {
  Study study = open_study(arguments, context.registry, /*may_create=*/false);
  Outcome outcome = read_outcome(arguments, study.spec().objectives);
  if (arguments.state == "failed") {
    outcome.state = TrialState::Failed;
    outcome.values.clear();
    outcome.failure = {FailureReason::Interrupted, 0, arguments.reason};
  } else if (arguments.state == "pruned") {
    outcome.state = TrialState::Pruned;
  }
  const Outcome recorded = study.tell(arguments.number, outcome);
  if (outcome.state == TrialState::Complete && recorded.state == TrialState::Failed) {
    context.err << "the result counts as failed: " << recorded.failure.detail << '\n';
  }
  study.view([&](const StudyView& view) {
    const std::string state(name_of(view.history.state(arguments.number)));
    if (arguments.is_json) {
      context.out << Json{{"number", arguments.number}, {"state", state}}.dump() << '\n';
    } else {
      context.out << "trial " << arguments.number << ": " << state << '\n';
    }
  });
  return kSuccess;
}

int enqueue_trial(const EnqueueArguments& arguments, CommandContext context) {
  Json values = Json::object();
  for (const std::string& text : arguments.values) {
    const auto assignment = split_assignment(text);
    if (!assignment) throw_argument("enqueue", text, "name=value");
    values[assignment->first] = read_value(assignment->second);
  }
  const auto read_point = [&](const Space& space) {
    return space.from_json(
        values, [](std::string_view path) { return "trimtab enqueue, " + std::string(path); });
  };
  if (is_study_file(arguments.study)) {  // before it may be created
    read_point(
        Space::parse_text(read_study_file(arguments.study, {}, context.registry).space_definition));
  }
  Study study = open_study(arguments, context.registry, /*may_create=*/true);
  const std::int64_t number = study.enqueue(read_point(study.space()), arguments.is_replicate);
  study.view([&](const StudyView& view) {
    const std::string state(name_of(view.history.state(number)));
    const std::int64_t copied = view.history.copy_of(number);
    if (arguments.is_json) {
      context.out << Json{{"number", number}, {"state", state}}.dump() << '\n';
      return;
    }
    context.out << "trial " << number << ": " << state;
    if (copied >= 0) {
      context.out << ", with the result of trial " << copied
                  << " (the same configuration; --replicate runs it again)";
    }
    context.out << '\n';
  });
  return kSuccess;
}

}  // namespace trimtab
