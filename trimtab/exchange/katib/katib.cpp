#include <algorithm>
#include <cmath>
#include <map>

#include "trimtab/base/text.hpp"
#include "trimtab/exchange/format.hpp"
#include "trimtab/exchange/katib/trial_template.hpp"
#include "trimtab/exchange/ranges.hpp"
#include "trimtab/exchange/study_draft.hpp"

namespace trimtab::exchange {
namespace {

bool is_katib(const SourceFile& source) {
  const std::optional<Json> root = try_document(source);
  return root && root->value("kind", Json()) == "Experiment" &&
         root->value("apiVersion", Json("")).dump().starts_with("\"kubeflow.org/");
}

std::string text_at(const Json& table, const char* key) {
  return table.is_object() && table.contains(key) && table[key].is_string()
             ? table[key].get<std::string>()
             : "";
}

// Katib writes numbers as texts.
Json number_of(const Json& value) {
  double number = 0.0;
  long long whole = 0;
  if (!value.is_string()) return value;
  if (parse_int(value.get<std::string>(), whole)) return static_cast<std::int64_t>(whole);
  if (parse_double(value.get<std::string>(), number)) return number;
  return value;
}

Json range_parameter(StudyDraft& draft, const std::string& path, const Json& space, bool is_int) {
  Range range{.low = draft.require_number(path, space, "min"),
              .high = draft.require_number(path, space, "max"),
              .is_int = is_int};
  const std::string distribution =
      text_at(space, "distribution").empty() ? "uniform" : text_at(space, "distribution");
  range.is_log = distribution == "logUniform" || distribution == "logNormal";
  if (distribution == "normal" || distribution == "logNormal") {
    // The middle of the range and a sixth of it, as Katib has it.
    const auto scaled = [&](double x) { return range.is_log ? std::log(x) : x; };
    range.normal = {0.5 * (scaled(range.low) + scaled(range.high)),
                    (scaled(range.high) - scaled(range.low)) / 6.0};
    draft.note(path,
               "the distribution " + distribution + " is a prior; samplers that learn leave it");
  } else if (distribution != "uniform" && distribution != "logUniform") {
    draft.refuse(path, "the distribution is not known", quote(distribution),
                 "uniform, logUniform, normal or logNormal");
  }
  Json parameter = parameter_of(draft, path, range);
  const double step = draft.number(path, space, "step", 0.0);
  const bool has_step = step > 0.0 && !(is_int && step == 1.0) && !parameter.contains("choice");
  if (has_step && is_int) parameter["step"] = static_cast<std::int64_t>(step);
  if (has_step && !is_int) parameter["step"] = step;  // counted from min, as here
  return parameter;
}

Json parameter_from(StudyDraft& draft, const std::string& path, const Json& definition) {
  draft.note_others(path, definition, {"name", "parameterType", "feasibleSpace"});
  const Json space = definition.value("feasibleSpace", Json::object());
  const std::string place = join(path, "feasibleSpace");
  draft.note_others(place, space, {"min", "max", "step", "list", "distribution"});
  const std::string type = text_at(definition, "parameterType");
  if (type == "double" || type == "int") return range_parameter(draft, place, space, type == "int");
  Json list = space.value("list", Json());
  if (type == "categorical") return choice_of(draft, join(place, "list"), list, {});
  if (type == "discrete" && list.is_array()) {
    for (Json& value : list) value = number_of(value);
    Json parameter = choice_of(draft, join(place, "list"), list, {});
    return {{"ordinal", parameter.value("choice", Json::array())}};
  }
  draft.refuse(path, "there is no such type of parameter", quote(type),
               "double, int, discrete or categorical");
  return Json::object();
}

void set_space(StudyDraft& draft, const Json& spec) {
  if (spec.contains("nasConfig")) {
    draft.refuse("spec/nasConfig", "a search for architectures cannot be said", "", "parameters");
    return;
  }
  const Json parameters = spec.value("parameters", Json());
  if (!parameters.is_array() || parameters.empty()) {
    draft.refuse("spec", "the experiment has no parameters", "", "a list of parameters");
    return;
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const std::string path = "spec/parameters/" + std::to_string(i);
    const std::string name = text_at(parameters[i], "name");
    if (name.empty()) {
      draft.refuse(path, "the parameter has no name", parameters[i].dump(), "the key name");
      continue;
    }
    draft.section("space")[name] = parameter_from(draft, path, parameters[i]);
  }
}

void set_objective(StudyDraft& draft, const Json& spec) {
  const Json given = spec.value("objective", Json::object());
  const std::string name = text_at(given, "objectiveMetricName"), path = "spec/objective";
  if (name.empty()) {
    draft.refuse(path, "the experiment has no objective", given.dump(), "objectiveMetricName");
    return;
  }
  Json objective = {{"name", name}, {"goal", text_at(given, "type") == "maximize" ? "max" : "min"}};
  if (given.contains("goal")) objective["target"] = draft.require_number(path, given, "goal");
  draft.section("study")["objectives"] = Json::array({std::move(objective)});
  draft.note_others(path, given, {"objectiveMetricName", "type", "goal"});
}

void set_limits(StudyDraft& draft, const Json& spec) {
  if (spec.contains("maxTrialCount")) {
    draft.section("study")["budget"] = {{"trials", number_of(spec["maxTrialCount"])}};
  } else {
    draft.note("spec",
               "without maxTrialCount an experiment goes on until it is stopped; here it is "
               "100 trials");
  }
  if (spec.contains("parallelTrialCount")) {
    draft.section("study")["parallel"] = number_of(spec["parallelTrialCount"]);
  }
}

void set_algorithm(StudyDraft& draft, const Json& spec) {
  if (!spec.contains("algorithm")) return;
  static const std::map<std::string, std::string> kSamplers = {
      {"random", "random"},          {"grid", "grid"},   {"tpe", "tpe"},
      {"multivariate-tpe", "tpe"},   {"cmaes", "cmaes"}, {"sobol", "sobol"},
      {"bayesianoptimization", "gp"}};
  const std::string name = text_at(spec["algorithm"], "algorithmName"), path = "spec/algorithm";
  draft.note_others(path, spec["algorithm"], {"algorithmName"});
  const auto found = kSamplers.find(name);
  draft.section("sampler")["name"] = found == kSamplers.end() ? "auto" : found->second;
  if (found == kSamplers.end()) {
    draft.note(path, "the algorithm " + quote(name) +
                         " is left to auto; see [fidelity] for hyperband and populations");
  }
}

void set_pruner(StudyDraft& draft, const Json& spec) {
  if (!spec.contains("earlyStopping")) return;
  const std::string path = "spec/earlyStopping";
  const Json& rule = spec["earlyStopping"];
  if (text_at(rule, "algorithmName") != "medianstop") {
    draft.refuse(path, "the rule for stopping early is not known", rule.dump(), "medianstop");
    return;
  }
  draft.note_others(path, rule, {"algorithmName", "algorithmSettings"});
  Json& pruner = draft.section("pruner");
  pruner = {{"name", "median"}};
  const Json settings = rule.value("algorithmSettings", Json::array());
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const std::string name = text_at(settings[i], "name");
    const std::string place = path + "/algorithmSettings/" + std::to_string(i);
    if (name == "min_trials_required") {
      pruner["startup_trials"] = number_of(settings[i].value("value", Json()));
    } else if (name == "start_step") {
      pruner["warmup"] = draft.require_number(place, settings[i], "value");
    } else {
      draft.note(place, settings[i].dump() + " is left out");
    }
  }
}

StudyFileText read_experiment(const SourceFile& source) {
  const Document document = read_document(source);
  const Json& root = document.root();
  StudyDraft draft(document);
  const Json metadata = root.value("metadata", Json::object());
  draft.set_name(text_at(metadata, "name").empty() ? "experiment" : text_at(metadata, "name"));
  draft.note_others("metadata", metadata, {"name"});
  const Json spec = root.value("spec", Json::object());
  set_objective(draft, spec);
  set_limits(draft, spec);
  set_space(draft, spec);
  set_trial_command(draft, spec);
  set_algorithm(draft, spec);
  set_pruner(draft, spec);
  draft.note_others("spec", spec,
                    {"objective", "maxTrialCount", "parallelTrialCount", "parameters",
                     "trialTemplate", "algorithm", "earlyStopping", "nasConfig"});
  draft.note_others("", root, {"apiVersion", "kind", "metadata", "spec"});
  return draft.finish("Katib");
}

Format katib() {
  return {.name = "katib",
          .purpose = "an Experiment of Katib, YAML or JSON; becomes a study file",
          .recognises = is_katib,
          .read_study_file = read_experiment};
}

}  // namespace
}  // namespace trimtab::exchange

TRIMTAB_FORMAT(katib, katib())
