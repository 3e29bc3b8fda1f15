#include "trimtab/engine/study_check.hpp"

#include <nlohmann/json.hpp>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/engine/auto_policy.hpp"

namespace trimtab {
namespace {

std::string describe(const std::vector<Objective>& objectives) {
  std::string text;
  for (const Objective& objective : objectives) {
    if (!text.empty()) text += ", ";
    text += (objective.goal == Goal::Minimise ? "min " : "max ") + objective.name;
  }
  return text;
}

std::string describe(const std::vector<MetricConstraint>& constraints) {
  std::string text;
  for (const MetricConstraint& constraint : constraints) {
    if (!text.empty()) text += ", ";
    text += constraint.name + (constraint.is_at_least ? " >= " : " <= ") +
            format_short(constraint.limit);
  }
  return text.empty() ? "none" : text;
}

[[noreturn]] void refuse(const std::string& study, const char* what, const std::string& got,
                         const std::string& expected) {
  throw UserError({.code = "study.changed",
                   .what = std::string("the study exists with ") + what,
                   .where = "study " + study,
                   .got = got,
                   .expected = expected,
                   .hint = "give the new study another name (--set study.name=...)"});
}

}  // namespace

PrunerSetting pruner_setting(const StudySpec& spec) {
  PrunerSetting setting;
  setting.objectives = spec.objectives;
  setting.seed = spec.seed;
  if (spec.fidelity) {
    setting.min_step = spec.fidelity->min;
    setting.max_step = spec.fidelity->max;
  }
  return setting;
}

ScheduleSetting schedule_setting(const StudySpec& spec) {
  return {.fidelity = spec.fidelity.value_or(Fidelity{}),
          .num_objectives = spec.objectives.size(),
          .seed = spec.seed,
          .budget_trials = spec.budget.trials.value_or(0)};
}

void check_against_registry(const StudySpec& spec, const Registry& registry,
                            const std::function<std::string(std::string_view)>& where) {
  std::vector<ErrorInfo> problems;
  const auto place = [&](std::string_view path) {
    return where ? where(path) : "study " + spec.name + ", " + std::string(path);
  };
  const auto collect = [&](const std::function<void()>& check) {
    try {
      check();
    } catch (const UserError& error) {
      problems.insert(problems.end(), error.infos().begin(), error.infos().end());
    }
  };
  // One option at a time, so that each message has the place of its own option.
  const auto check_options = [&](const Info& info, const std::string& text,
                                 const std::string& table) {
    const Json options = Json::parse(text);
    for (const auto& [key, value] : options.items()) {
      const Json single = Json::object({{key, value}});
      const std::string where_option = place(table + "/" + key);
      collect([&] { const OptionValues checked(info, single, where_option); });
    }
  };
  if (!spec.program.workload.empty()) {
    collect([&] {
      const WorkloadEntry& entry =
          registry.workload(spec.program.workload, place("program/workload"));
      check_options(entry.info, spec.program.workload_options, "program/options");
    });
  }
  collect([&] {
    const Space space = Space::parse_text(spec.space_definition);
    const SamplerSetting setting = {.num_objectives = spec.objectives.size(),
                                    .budget_trials = spec.budget.trials.value_or(0),
                                    .seed = spec.seed,
                                    .num_constraints = spec.constraints.size()};
    const std::string where_name = place(spec.sampler.name == "auto" ? "sampler" : "sampler/name");
    const Choice choice = resolve_sampler(spec, space);
    const std::size_t num_before = problems.size();
    check_options(registry.sampler(choice.name, where_name).info, choice.options, "sampler");
    if (problems.size() == num_before) {
      registry.make_sampler(choice, space, setting, where_name);
    }
  });
  collect([&] {
    const std::string where_name = place("pruner/name");
    const std::size_t num_before = problems.size();
    check_options(registry.pruner(spec.pruner.name, where_name).info, spec.pruner.options,
                  "pruner");
    if (problems.size() == num_before) {
      registry.make_pruner(spec.pruner, pruner_setting(spec), where_name);
    }
  });
  if (spec.fidelity) {
    collect([&] {
      const Choice& schedule = spec.fidelity->schedule;
      const std::string where_name = place("fidelity/schedule");
      const std::size_t num_before = problems.size();
      check_options(registry.schedule(schedule.name, where_name).info, schedule.options,
                    "fidelity");
      if (problems.size() == num_before) {
        registry.make_schedule(schedule, schedule_setting(spec), where_name);
      }
    });
  }
  if (!problems.empty()) throw UserError(std::move(problems));
}

void check_compatible(const StudySpec& existing, const StudySpec& given) {
  if (!(Space::parse_text(existing.space_definition) ==
        Space::parse_text(given.space_definition))) {
    refuse(given.name, "another space", given.space_definition, existing.space_definition);
  }
  if (describe(existing.objectives) != describe(given.objectives)) {
    refuse(given.name, "other objectives", describe(given.objectives),
           describe(existing.objectives));
  }
  if (existing.constraints != given.constraints) {
    refuse(given.name, "other constraints", describe(given.constraints),
           describe(existing.constraints));
  }
  const auto protocol = [](const StudySpec& spec) {
    const Json json = spec.to_json();
    Json kept = Json::object();
    for (const char* key : {"scenario", "holdout", "compute_class"}) {
      if (json["validity"].contains(key)) kept[key] = json["validity"][key];
    }
    if (spec.data.split) kept["split"] = json["data"]["split"];
    return kept.dump();
  };
  if (protocol(existing) != protocol(given)) {
    refuse(given.name, "another protocol", protocol(given), protocol(existing));
  }
  if (existing.seed != given.seed) {
    refuse(given.name, "another seed", std::to_string(given.seed), std::to_string(existing.seed));
  }
}

}  // namespace trimtab
