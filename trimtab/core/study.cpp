#include "trimtab/core/study.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/detail/study_document.hpp"
#include "trimtab/core/detail/table_reader.hpp"
#include "trimtab/core/detail/validity_parse.hpp"

namespace trimtab {
namespace {

template <typename T>
void put(Json& table, const char* key, const std::optional<T>& value) {
  if (value) table[key] = *value;
}

Json describe_objectives(const std::vector<Objective>& objectives) {
  Json list = Json::array();
  for (const Objective& objective : objectives) {
    Json table = {{"name", objective.name},
                  {"goal", objective.goal == Goal::Minimise ? "min" : "max"}};
    put(table, "target", objective.target);
    list.push_back(std::move(table));
  }
  return list;
}

Json describe_constraints(const std::vector<MetricConstraint>& constraints) {
  Json list = Json::array();
  for (const MetricConstraint& constraint : constraints) {
    list.push_back({{"metric", constraint.name},
                    {constraint.is_at_least ? "at_least" : "at_most", constraint.limit}});
  }
  return list;
}

Json describe_budget(const Budget& budget) {
  Json table = Json::object();
  put(table, "trials", budget.trials);
  put(table, "wall", budget.wall_seconds);
  put(table, "patience", budget.patience);
  put(table, "energy", budget.energy_joules);
  return table;
}

Json describe_energy(const EnergyAccount& energy) {
  Json table = {{"meter", name_of(energy.meter)}};
  put(table, "tdp", energy.tdp_watts);
  put(table, "grid", energy.grid_grams);
  if (!energy.profile.empty()) table["profile"] = energy.profile;
  return table;
}

Json describe_program(const Program& program) {
  Json table = Json::object();
  if (!program.command.empty()) table["command"] = program.command;
  if (!program.workload.empty()) {
    table["workload"] = program.workload;
    table["options"] = Json::parse(program.workload_options);
  }
  if (!program.environment.empty()) table["environment"] = program.environment;
  if (!program.directory.empty()) table["directory"] = program.directory;
  if (!program.files.empty()) {
    Json& files = table["files"] = Json::array();
    for (const RenderedFile& file : program.files) {
      files.push_back({{"source", file.source}, {"destination", file.destination}});
    }
  }
  Json& limits = table["limits"] = Json::object();
  put(limits, "wall", program.limits.wall_seconds);
  put(limits, "memory", program.limits.memory_bytes);
  put(limits, "cpus", program.limits.cpus);
  limits["retries"] = program.limits.retries;
  limits["grace"] = program.limits.grace_seconds;
  return table;
}

}  // namespace

double MetricConstraint::violation(double value) const {
  const double excess = is_at_least ? limit - value : value - limit;
  return limit == 0.0 || !std::isfinite(excess) ? excess : excess / std::abs(limit);
}

Json StudySpec::to_json() const {
  Json root = Json::object();
  root["study"] = {{"name", name},
                   {"objectives", describe_objectives(objectives)},
                   {"budget", describe_budget(budget)},
                   {"parallel", parallel},
                   {"seed", seed}};
  if (lease_seconds != StudySpec{}.lease_seconds) root["study"]["lease"] = lease_seconds;
  if (!constraints.empty()) root["study"]["constraints"] = describe_constraints(constraints);
  root["space"] = Json::parse(space_definition);
  const bool runs_something = !program.command.empty() || !program.workload.empty();
  if (runs_something) root["program"] = describe_program(program);
  root["sampler"] = {{"name", sampler.name}};
  root["sampler"].update(Json::parse(sampler.options));
  if (pruner.name != "none") {
    root["pruner"] = {{"name", pruner.name}};
    root["pruner"].update(Json::parse(pruner.options));
  }
  if (fidelity) {
    root["fidelity"] = Json::parse(fidelity->schedule.options);
    root["fidelity"].update({{"name", fidelity->name},
                             {"min", fidelity->min},
                             {"max", fidelity->max},
                             {"eta", fidelity->eta},
                             {"schedule", fidelity->schedule.name}});
    if (fidelity->checkpoints) root["fidelity"]["checkpoints"] = *fidelity->checkpoints;
  }
  if (energy) root["energy"] = describe_energy(*energy);
  detail::describe_validity(*this, root);
  return root;
}

StudySpec study_from_json(const Json& json) {
  const Document nowhere = Document::parse("{}", Document::Format::Json, "stored study");
  detail::ProblemList problems(nowhere);
  StudySpec spec = detail::read_study(json, problems);
  problems.throw_if_any();
  return spec;
}

}  // namespace trimtab
