#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/fresh_result.hpp"
#include "trimtab/report/detail/study_facts.hpp"
#include "trimtab/report/table.hpp"

namespace trimtab {
namespace {

Json number_json(double value) {
  if (std::isnan(value)) return nullptr;
  if (std::isinf(value)) return format_number(value);
  return value;
}

// The pruner's decision about a trial, or null.
Json stopped_json(const PruneDecided* decision) {
  if (decision == nullptr) return Json();
  return {{"step", decision->step}, {"reason", decision->reason}};
}

Json index_json(std::int64_t index) { return index < 0 ? Json() : Json(index); }

Json time_json(Timestamp time) { return time == 0 ? Json() : Json(format_time(time)); }

Json values_json(const History& history, std::int64_t number) {
  Json values = Json::object();
  for (std::size_t k = 0; k < history.num_objectives(); ++k) {
    const Objective& objective = history.objectives()[k];
    values[objective.name] = number_json(objective.value(history.losses(number)[k]));
  }
  return values;
}

Json metrics_json(const std::map<std::string, double>& metrics) {
  Json json = Json::object();
  for (const auto& [name, value] : metrics) json[name] = number_json(value);
  return json;
}

Json reports_json(const std::vector<Report>& reports) {
  Json json = Json::array();
  for (const Report& report : reports) {
    json.push_back({{"step", number_json(report.step)}, {"value", number_json(report.value)}});
  }
  return json;
}

Json attributes_json(const std::map<std::string, std::string>& attributes) {
  Json json = Json::object();
  for (const auto& [key, text] : attributes) {
    Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    json[key] = value.is_discarded() ? Json(text) : std::move(value);
  }
  return json;
}

Json failure_json(const Failure& failure) {
  if (failure.reason == FailureReason::None) return nullptr;
  return {{"reason", name_of(failure.reason)}, {"code", failure.code}, {"detail", failure.detail}};
}

Json resources_json(const Resources& resources) {
  return {{"wall_seconds", number_json(resources.wall_seconds)},
          {"cpu_seconds", number_json(resources.cpu_seconds)},
          {"peak_memory_bytes", number_json(resources.peak_memory_bytes)}};
}

Json counts_json(const History& history) {
  Json counts = {{"all", history.size()}};
  for (const TrialState state : {TrialState::Complete, TrialState::Pruned, TrialState::Failed,
                                 TrialState::Running, TrialState::Waiting}) {
    counts[std::string(name_of(state))] = history.count(state);
  }
  counts["confirm"] = history.count(Purpose::Confirm);
  return counts;
}

Json objectives_json(const std::vector<Objective>& objectives) {
  Json json = Json::array();
  for (const Objective& objective : objectives) {
    json.push_back({{"name", objective.name},
                    {"goal", objective.goal == Goal::Minimise ? "min" : "max"},
                    {"target", objective.target ? number_json(*objective.target) : Json()}});
  }
  return json;
}

Json analyses_json(const std::map<std::string, AnalysisResult>& analyses) {
  Json json = Json::object();
  for (const auto& [name, result] : analyses) {
    json[name] = {{"verdict", result.verdict}, {"data", Json::parse(result.data)}};
  }
  return json;
}

Json result_json(const StudyView& view) {
  const std::optional<FreshResult> best = best_fresh_result(view.history);
  if (!best) return nullptr;
  return {{"trial", best->trial},
          {"objective", view.history.objectives().front().name},
          {"mean", number_json(best->mean)},
          {"deviation", number_json(best->deviation)},
          {"fresh_runs", best->num_runs},
          {"params", view.space.to_json(view.history.point(best->trial))}};
}

}  // namespace

std::string pretty_json(const Json& json) {
  return json.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

Json trial_json(const StudyView& view, std::int64_t number) {
  const History& history = view.history;
  if (number < 0 || number >= history.size()) {
    throw UserError({.code = "report.unknown_trial",
                     .what = "there is no such trial",
                     .where = "study " + view.spec.name,
                     .got = std::to_string(number),
                     .expected = history.size() == 0 ? "nothing: the study has no trials yet"
                                                     : "0 to " + std::to_string(history.size() - 1),
                     .hint = ""});
  }
  return {{"number", number},
          {"state", name_of(history.state(number))},
          {"purpose", name_of(history.purpose(number))},
          {"of_trial", index_json(history.of_trial(number))},
          {"copy_of", index_json(history.copy_of(number))},
          {"seed", history.seed(number)},
          {"values", values_json(history, number)},
          {"params", view.space.to_json(history.point(number))},
          {"metrics", metrics_json(history.metrics(number))},
          {"is_feasible", history.is_feasible(number)},
          {"reports", reports_json(history.reports(number))},
          {"stopped", stopped_json(history.prune_decision(number))},
          {"created", time_json(history.created(number))},
          {"started", time_json(history.started(number))},
          {"finished", time_json(history.finished(number))},
          {"resources", resources_json(history.resources(number))},
          {"worker", history.worker(number)},
          {"failure", failure_json(history.failure(number))},
          {"attributes", attributes_json(history.attributes(number))}};
}

Json trials_json(const StudyView& view) {
  Json trials = Json::array();
  for (std::int64_t number = 0; number < view.history.size(); ++number) {
    trials.push_back(trial_json(view, number));
  }
  return trials;
}

// Of a study whose fresh runs have data of their own: its values in the search are no results.
Json best_json(const StudyView& view) {
  if (view.history.best() < 0) return nullptr;
  Json json = trial_json(view, view.history.best());
  if (!view.spec.has_sealed_data()) return json;
  json["tuning_values"] = json["values"];
  json.erase("values");
  return json;
}

Json study_json(const StudyView& view, const std::map<std::string, AnalysisResult>& analyses) {
  const History& history = view.history;
  const StudyFacts facts = facts_of(history);
  Json json = {{"name", view.spec.name},
               {"objectives", objectives_json(history.objectives())},
               {"trials", counts_json(history)},
               {"failures", Json(facts.failures)},
               {"elapsed_seconds", facts.elapsed_seconds},
               {"search_resources", resources_json(facts.search)},
               {"confirm_resources", resources_json(facts.confirm)}};
  json["best"] = best_json(view);
  if (view.spec.has_sealed_data()) json["result"] = result_json(view);
  if (history.num_objectives() > 1) json["pareto_front"] = pareto_front(history);
  const auto confirmation = analyses.find("confirmation");
  json["verdict"] = confirmation == analyses.end() ? Json() : Json(confirmation->second.verdict);
  json["attributes"] = attributes_json(history.attributes(-1));
  json["analyses"] = analyses_json(analyses);
  return json;
}

}  // namespace trimtab
