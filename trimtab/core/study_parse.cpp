// From the document of a study file to a StudySpec. Grammar: docs/study-file.md.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "trimtab/base/text.hpp"
#include "trimtab/core/command_template.hpp"
#include "trimtab/core/detail/program_parse.hpp"
#include "trimtab/core/detail/study_document.hpp"
#include "trimtab/core/detail/table_reader.hpp"
#include "trimtab/core/detail/validity_parse.hpp"
#include "trimtab/core/study.hpp"

namespace trimtab {
namespace detail {
namespace {

constexpr std::size_t kMaxName = 200;
constexpr std::size_t kMaxObjectives = 16;
constexpr std::size_t kMaxConstraints = 16;
constexpr std::int64_t kMaxParallel = 4096;
constexpr double kMinLease = 1.0;

void read_study_name(TableReader& study, ProblemList& problems, std::string& name) {
  if (study.find("name") == nullptr) {
    problems.add({.code = "study.missing",
                  .what = "the study has no name",
                  .where = "study",
                  .got = "",
                  .expected = "[study] with name = \"...\"",
                  .hint = "the name finds the study again: trimtab show NAME"});
    return;
  }
  std::string text;
  study.text("name", text);
  const bool is_plain = std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F || c == '/';
  });
  if (text.size() > kMaxName || !is_plain) {
    study.wrong("name", "study.name", "is no name for a study",
                "at most 200 bytes without \"/\" and control characters");
  } else if (text.starts_with('.') || text != trim(text)) {
    study.wrong("name", "study.name", "is no name for a study",
                "a name that does not start with a dot and has no spaces at its ends");
  } else {
    name = text;
  }
}

void read_goal(TableReader& table, Goal& goal) {
  std::string text;
  table.text("goal", text);
  if (text.empty()) return;
  const std::vector<std::string> words = {"min",      "max",      "minimise",
                                          "maximise", "minimize", "maximize"};
  if (std::ranges::find(words, text) == words.end()) {
    table.wrong("goal", "study.goal", "is not a goal", one_of(words), did_you_mean(text, words));
  } else {
    goal = text.starts_with("min") ? Goal::Minimise : Goal::Maximise;
  }
}

std::optional<Objective> read_objective(const Json& json, const std::string& path,
                                        ProblemList& problems) {
  Objective objective;
  objective.name.clear();
  if (json.is_string()) {
    // Read as { name = ... }, so that the same rules hold; the place is that of the text.
    const Json table = {{"name", json}};
    TableReader(table, path, {}, problems).text("name", objective.name);
  } else {
    TableReader table(json, path, {"name", "goal", "target"}, problems);
    table.text("name", objective.name);
    read_goal(table, objective.goal);
    table.number("target", objective.target);
    if (json.is_object() && table.find("name") == nullptr) {
      problems.add({.code = "study.missing",
                    .what = "an objective has no name",
                    .where = path,
                    .got = show(json),
                    .expected = R"({ name = "auc", goal = "max" })",
                    .hint = "the name is the one that the program reports"});
    }
  }
  if (objective.name.empty()) return std::nullopt;
  return objective;
}

void read_objectives(TableReader& study, ProblemList& problems,
                     std::vector<Objective>& objectives) {
  const Json* single = study.find("objective");
  const Json* several = study.find("objectives");
  if (single != nullptr && several != nullptr) {
    study.wrong("objective", "study.objectives", "and \"objectives\" cannot both stand",
                "one of the two");
    return;
  }
  if (single == nullptr && several == nullptr) return;
  std::vector<Objective> found;
  if (single != nullptr) {
    if (auto objective = read_objective(*single, "study/objective", problems)) {
      found.push_back(*objective);
    }
  } else if (!several->is_array() || several->empty() || several->size() > kMaxObjectives) {
    study.wrong("objectives", "study.objectives", "is no list of objectives",
                R"(1 to 16 objectives, as [{ name = "auc", goal = "max" }])");
  } else {
    for (std::size_t i = 0; i < several->size(); ++i) {
      const std::string path = "study/objectives/" + std::to_string(i);
      std::optional<Objective> objective = read_objective((*several)[i], path, problems);
      if (!objective) continue;
      if (std::ranges::any_of(found,
                              [&](const Objective& o) { return o.name == objective->name; })) {
        problems.add({.code = "study.objectives",
                      .what = "two objectives have the same name",
                      .where = path,
                      .got = quote(objective->name),
                      .expected = "a name of its own for each objective",
                      .hint = ""});
      }
      found.push_back(*objective);
    }
  }
  if (!found.empty()) objectives = std::move(found);
}

// "excess" (at most 0), or { metric = "memory", at_most = 8e9 }.
std::optional<MetricConstraint> read_constraint(const Json& json, const std::string& path,
                                                ProblemList& problems) {
  MetricConstraint constraint;
  if (json.is_string()) {
    const Json table = {{"metric", json}};
    TableReader(table, path, {}, problems).text("metric", constraint.name);
  } else {
    TableReader table(json, path, {"metric", "at_most", "at_least"}, problems);
    table.text("metric", constraint.name);
    std::optional<double> at_most, at_least;
    table.number("at_most", at_most);
    table.number("at_least", at_least);
    constraint.is_at_least = at_least.has_value();
    constraint.limit = at_least.value_or(at_most.value_or(0.0));
    const bool has_both = table.find("at_most") != nullptr && table.find("at_least") != nullptr;
    if (json.is_object() && (table.find("metric") == nullptr || has_both)) {
      problems.add({.code = "study.constraint",
                    .what = has_both ? "a constraint has two limits" : "a constraint has no metric",
                    .where = path,
                    .got = show(json),
                    .expected = R"({ metric = "memory", at_most = 8e9 })",
                    .hint = has_both ? "write one constraint for each limit" : ""});
      return std::nullopt;
    }
  }
  if (constraint.name.empty()) return std::nullopt;
  return constraint;
}

void read_constraints(TableReader& study, ProblemList& problems,
                      std::vector<MetricConstraint>& constraints) {
  const Json* list = study.find("constraints");
  if (list == nullptr) return;
  if (!list->is_array() || list->size() > kMaxConstraints) {
    study.wrong("constraints", "study.constraints", "is no list of constraints",
                R"(at most 16 constraints, as [{ metric = "memory", at_most = 8e9 }])");
    return;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string path = "study/constraints/" + std::to_string(i);
    if (const auto constraint = read_constraint((*list)[i], path, problems)) {
      constraints.push_back(*constraint);
    }
  }
}

void read_budget(TableReader& study, ProblemList& problems, Budget& budget) {
  const Json* json = study.find("budget");
  if (json == nullptr) return;
  if (json->is_number()) {
    study.wrong("budget", "study.type", "is not a table", "a table, as { trials = 100 }",
                "did you mean budget = { trials = " + show(*json) + " }?");
    return;
  }
  TableReader table(*json, "study/budget", {"trials", "wall", "patience", "stop", "energy"},
                    problems);
  table.integer("trials", {.low = 1}, budget.trials);
  table.duration("wall", /*may_be_zero=*/false, budget.wall_seconds);
  table.integer("patience", {.low = 1}, budget.patience);
  table.energy("energy", budget.energy_joules);
  const Json* stop = table.find("stop");
  if (stop == nullptr) return;
  TableReader inner(*stop, "study/budget/stop", {"patience"}, problems);
  if (table.find("patience") != nullptr && inner.find("patience") != nullptr) {
    inner.wrong("patience", "study.patience", "is given twice",
                "patience in budget or in budget.stop");
  }
  inner.integer("patience", {.low = 1}, budget.patience);
}

void read_lease(TableReader& study, double& lease_seconds) {
  std::optional<double> seconds;
  study.duration("lease", /*may_be_zero=*/false, seconds);
  if (seconds && *seconds < kMinLease) {
    study.wrong("lease", "study.range", "is out of range", "a time of at least 1 s");
  } else {
    lease_seconds = seconds.value_or(lease_seconds);
  }
}

void read_seed(TableReader& study, std::uint64_t& seed) {
  const Json* json = study.find("seed");
  if (json == nullptr) return;
  if (!json->is_number_integer()) {
    study.wrong("seed", "study.type", "is not a whole number", "a whole number >= 0");
  } else if (!json->is_number_unsigned() && json->get<std::int64_t>() < 0) {
    study.wrong("seed", "study.range", "is out of range", "a whole number >= 0");
  } else {
    seed = json->get<std::uint64_t>();
  }
}

// [sampler] or [pruner]: a name, or a table with a name and options.
void read_choice(const Json& root, const std::string& kind, ProblemList& problems, Choice& choice) {
  TableReader file(root, "", {}, problems);
  const Json* json = file.find(kind);
  if (json == nullptr) return;
  if (json->is_string()) {
    file.text(kind, choice.name);
    return;
  }
  TableReader table(*json, kind, {}, problems);
  table.text("name", choice.name);
  if (!json->is_object()) return;
  Json options = *json;
  options.erase("name");
  if (table.find("name") == nullptr && !options.empty()) {
    problems.add({.code = "study.missing",
                  .what = "the " + kind + " has options but no name",
                  .where = kind,
                  .got = show(*json),
                  .expected = "name = \"...\" beside the options",
                  .hint = "see `trimtab list " + kind + "s`"});
  }
  if (table.find("name") != nullptr) choice.options = options.dump();
}

// Keys of [fidelity] that are not its own are options of the schedule, which the registry knows.
void read_schedule(TableReader& table, const Json& json, Choice& schedule) {
  table.text("schedule", schedule.name);
  Json options = json;
  for (const char* own : {"name", "min", "max", "eta", "schedule", "checkpoints"})
    options.erase(own);
  schedule.options = options.dump();
}

void read_fidelity(const Json& root, ProblemList& problems, std::optional<Fidelity>& fidelity) {
  const TableReader file(root, "", {}, problems);
  const Json* json = file.find("fidelity");
  if (json == nullptr) return;
  TableReader table(*json, "fidelity", {}, problems);
  if (!json->is_object()) return;
  Fidelity given;
  std::optional<double> min, max, eta;
  table.text("name", given.name);
  table.positive_number("min", min);
  table.positive_number("max", max);
  table.positive_number("eta", eta);
  table.integer("checkpoints", {.low = 1}, given.checkpoints);
  read_schedule(table, *json, given.schedule);
  given.min = min.value_or(given.min);
  given.max = max.value_or(given.min);
  given.eta = eta.value_or(given.eta);
  if (table.find("max") == nullptr) {
    problems.add({.code = "study.missing",
                  .what = "the fidelity has no max",
                  .where = "fidelity",
                  .got = show(*json),
                  .expected = "max = 27, what a trial gets that runs to its end",
                  .hint = ""});
  } else if (max && given.max < given.min) {
    table.wrong("max", "study.range", "is below min", "max >= min");
    given.max = given.min;  // so that further checks have something that makes sense
  }
  if (eta && !(*eta > 1.0)) {
    table.wrong("eta", "study.range", "is out of range", "a number > 1");
    given.eta = Fidelity{}.eta;
  }
  fidelity = given;
}

void read_meter(TableReader& table, EnergyAccount::Meter& meter) {
  std::string text;
  table.text("meter", text);
  if (text.empty()) return;
  std::vector<std::string> words;
  for (const auto each :
       {EnergyAccount::Meter::Auto, EnergyAccount::Meter::Rapl, EnergyAccount::Meter::Model}) {
    words.emplace_back(name_of(each));
    if (text == words.back()) meter = each;
  }
  if (std::ranges::find(words, text) == words.end()) {
    table.wrong("meter", "study.meter", "is no way to know the energy", one_of(words),
                did_you_mean(text, words));
  }
}

// A metric that only [energy] gives, where there is no [energy].
void check_energy_names(const StudySpec& spec, ProblemList& problems) {
  const auto check = [&](const std::string& name, const char* where) {
    if (!is_energy_metric(name)) return;
    problems.add({.code = "study.energy",
                  .what = quote(name) + " needs the section [energy]",
                  .where = where,
                  .got = "no [energy]",
                  .expected = "[energy] with meter = \"auto\"",
                  .hint = "see docs/energy.md"});
  };
  for (const Objective& objective : spec.objectives) check(objective.name, "study/objectives");
  for (const MetricConstraint& constraint : spec.constraints)
    check(constraint.name, "study/constraints");
}

// A budget of energy is reason enough to count it.
void read_energy(const Json& root, ProblemList& problems, StudySpec& spec) {
  const TableReader file(root, "", {}, problems);
  const Json* json = file.find("energy");
  if (json == nullptr) {
    if (spec.budget.energy_joules) spec.energy.emplace();
    if (!spec.energy) check_energy_names(spec, problems);
    return;
  }
  TableReader table(*json, "energy", {"meter", "tdp", "profile", "grid"}, problems);
  EnergyAccount account;
  read_meter(table, account.meter);
  table.positive_number("tdp", account.tdp_watts);
  table.text("profile", account.profile);
  table.positive_number("grid", account.grid_grams);
  if (account.tdp_watts && !account.profile.empty()) {
    table.wrong("tdp", "study.energy", "and \"profile\" cannot both stand", "one of the two");
  }
  spec.energy = account;
}

}  // namespace

StudySpec read_study(const Json& root, ProblemList& problems) {
  StudySpec spec;
  const TableReader file(
      root, "",
      {"study", "space", "program", "sampler", "pruner", "fidelity", "energy", "validity", "data"},
      problems);
  static const Json kEmpty = Json::object();
  const Json* study_json = file.find("study");
  TableReader study(
      study_json == nullptr ? kEmpty : *study_json, "study",
      {"name", "objectives", "objective", "constraints", "budget", "parallel", "seed", "lease"},
      problems);
  const bool is_readable = root.is_object() || root.is_null();
  if (is_readable && (study_json == nullptr || study_json->is_object())) {
    read_study_name(study, problems, spec.name);
  }
  read_objectives(study, problems, spec.objectives);
  read_constraints(study, problems, spec.constraints);
  read_budget(study, problems, spec.budget);
  study.integer("parallel", {.low = 1, .high = kMaxParallel}, spec.parallel);
  read_seed(study, spec.seed);
  read_lease(study, spec.lease_seconds);
  if (const Json* space = file.find("space")) {
    TableReader(*space, "space", {}, problems);
    if (space->is_object()) spec.space_definition = space->dump();
  }
  if (const Json* program = file.find("program")) read_program(*program, problems, spec.program);
  read_choice(root, "sampler", problems, spec.sampler);
  read_choice(root, "pruner", problems, spec.pruner);
  read_fidelity(root, problems, spec.fidelity);
  read_energy(root, problems, spec);
  read_validity(root, problems, spec);
  return spec;
}

namespace {

// The parameters of the study, or nothing when [space] is wrong (which is then noted).
std::optional<Space> read_space(const Json& root, const Document& document, ProblemList& problems) {
  if (!root.is_object() || !root.contains("space")) return Space();
  if (!root["space"].is_object()) return std::nullopt;  // noted before
  try {
    return Space::parse(root["space"], [&](std::string_view path) {
      return document.where(path.empty() ? "space" : "space/" + std::string(path));
    });
  } catch (const UserError& error) {
    problems.append(error.infos());
    return std::nullopt;
  }
}

void check_command(const Program& program, const Space& space, ProblemList& problems) {
  const std::string where = problems.where("program/command");
  std::vector<std::string> files;
  for (const RenderedFile& file : program.files) files.push_back(file.destination);
  try {
    const CommandTemplate command = CommandTemplate::parse(program.command, where);
    problems.append(command.check(space, files, where));
  } catch (const UserError& error) {
    problems.append(error.infos());
  }
}

}  // namespace
}  // namespace detail

StudySpec parse_study(const Document& document, const std::vector<StudyCheck>& further) {
  detail::ProblemList problems(document);
  const Json& root = document.root();
  StudySpec spec = detail::read_study(root, problems);
  const std::optional<Space> space = detail::read_space(root, document, problems);
  if (!spec.program.command.empty() && space) {
    if (space->num_dimensions() == 0) {
      problems.add(
          {.code = "study.no_space",
           .what = "the study has no parameters to change",
           .where = root.contains("space") ? "space" : "program/command",
           .got = root.contains("space") ? "an empty [space]" : "no [space]",
           .expected = "[space] with at least one parameter, as C = { float = [0.1, 10.0] }",
           .hint = ""});
    }
    detail::check_command(spec.program, *space, problems);
  }
  if (!space) spec.space_definition = "{}";
  for (const StudyCheck& check : further) {
    try {
      check(spec);
    } catch (const UserError& error) {
      problems.append(error.infos());
    }
  }
  problems.throw_if_any();
  return spec;
}

}  // namespace trimtab
