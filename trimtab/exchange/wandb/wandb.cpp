#include <algorithm>
#include <cmath>

#include "trimtab/base/text.hpp"
#include "trimtab/exchange/format.hpp"
#include "trimtab/exchange/ranges.hpp"
#include "trimtab/exchange/study_draft.hpp"
#include "trimtab/exchange/wandb/sweep_command.hpp"

namespace trimtab::exchange {
namespace {

bool is_sweep(const SourceFile& source) {
  const std::optional<Json> root = try_document(source);
  return root && root->contains("parameters") && (*root)["parameters"].is_object() &&
         root->contains("method");
}

// What W&B takes when a parameter names no distribution.
std::string distribution_of(const Json& parameter) {
  if (parameter.contains("distribution") && parameter["distribution"].is_string()) {
    return parameter["distribution"].get<std::string>();
  }
  if (parameter.contains("value")) return "constant";
  if (parameter.contains("values")) return "categorical";
  const auto is_whole = [&](const char* key) {
    return parameter.contains(key) && parameter[key].is_number_integer();
  };
  if (is_whole("min") && is_whole("max")) return "int_uniform";
  return parameter.contains("min") || parameter.contains("max") ? "uniform" : "";
}

// One parameter with a distribution of numbers: [q_][inv_][log_]uniform[_values], and the others.
class SweepRange {
 public:
  SweepRange(StudyDraft& draft, std::string path, const Json& parameter, std::string name)
      : draft_(draft), path_(std::move(path)), parameter_(parameter), name_(std::move(name)) {}

  Json make() {
    std::string_view form = name_;
    const bool is_stepped = take(form, "q_");
    Range range;
    if (form == "uniform" || form == "int_uniform") {
      range = {.low = required("min"), .high = required("max"), .is_int = form == "int_uniform"};
    } else if (form == "log_uniform_values" || form == "inv_log_uniform_values") {
      range = {.low = required("min"), .high = required("max"), .is_log = true};
    } else if (form == "log_uniform") {
      range = {.low = std::exp(required("min")), .high = std::exp(required("max")), .is_log = true};
    } else if (form == "inv_log_uniform") {
      range = {
          .low = std::exp(-required("max")), .high = std::exp(-required("min")), .is_log = true};
    } else if (form == "normal" || form == "log_normal") {
      range = normal_range(draft_, path_, optional("mu", 0.0), optional("sigma", 1.0),
                           form == "log_normal");
    } else if (form == "beta") {
      range = beta();
    } else {
      refuse_distribution();
      return Json::object();
    }
    if (is_stepped) set_step(range);
    return parameter_of(draft_, path_, range);
  }

 private:
  static bool take(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
  }

  double required(const char* key) { return draft_.require_number(path_, parameter_, key); }
  double optional(const char* key, double fallback) {
    return draft_.number(path_, parameter_, key, fallback);
  }

  void set_step(Range& range) {
    range.step = optional("q", 1.0);
    const auto is_whole = [&](const char* key) {
      return !parameter_.contains(key) || parameter_[key].is_number_integer();
    };
    range.is_int = is_whole("q") && !range.normal && range.step >= 1.0;
  }

  // A normal belief with the same mean and deviation.
  Range beta() {
    const double a = required("a"), b = required("b");
    if (!(a > 0.0) || !(b > 0.0)) {
      draft_.refuse(path_, "a and b of a beta distribution are not above 0", parameter_.dump(),
                    "numbers above 0");
      return {};
    }
    draft_.note(path_, "the beta distribution becomes a normal prior of its mean and deviation");
    const double deviation = std::sqrt(a * b / (a + b + 1.0)) / (a + b);
    return {.low = 0.0, .high = 1.0, .normal = std::pair(a / (a + b), deviation)};
  }

  void refuse_distribution() {
    const std::vector<std::string> names = {"constant",
                                            "categorical",
                                            "int_uniform",
                                            "uniform",
                                            "q_uniform",
                                            "log_uniform",
                                            "log_uniform_values",
                                            "q_log_uniform",
                                            "q_log_uniform_values",
                                            "inv_log_uniform",
                                            "inv_log_uniform_values",
                                            "normal",
                                            "q_normal",
                                            "log_normal",
                                            "q_log_normal",
                                            "beta",
                                            "q_beta"};
    draft_.refuse(join(path_, parameter_.contains("distribution") ? "distribution" : ""),
                  "the parameter has no distribution that is known", quote(name_),
                  "a distribution of W&B's", did_you_mean(name_, names));
  }

  StudyDraft& draft_;
  std::string path_;
  const Json& parameter_;
  std::string name_;
};

void add_parameters(StudyDraft& draft, const std::string& path, const std::string& prefix,
                    const Json& parameters) {
  for (const auto& [key, parameter] : parameters.items()) {
    const std::string place = join(path, key), name = prefix + key;
    if (!parameter.is_object()) {
      draft.refuse(place, "the parameter is no table", parameter.dump(), "value, values or min");
      continue;
    }
    if (parameter.contains("parameters") && parameter["parameters"].is_object()) {
      draft.note(place, "nested parameters are called " + name + ".NAME");
      draft.note_others(place, parameter, {"parameters"});
      add_parameters(draft, join(place, "parameters"), name + ".", parameter["parameters"]);
      continue;
    }
    draft.note_others(place, parameter,
                      {"distribution", "value", "values", "probabilities", "min", "max", "q", "mu",
                       "sigma", "a", "b"});
    const std::string distribution = distribution_of(parameter);
    Json& space = draft.section("space");
    if (distribution == "constant") {
      space[name] = choice_of(draft, place, Json::array({parameter.value("value", Json())}), {});
    } else if (distribution.starts_with("categorical")) {
      space[name] = choice_of(draft, join(place, "values"), parameter.value("values", Json()),
                              parameter.value("probabilities", Json()));
    } else {
      space[name] = SweepRange(draft, place, parameter, distribution).make();
    }
  }
}

void set_objective(StudyDraft& draft, const Json& root) {
  Json objective = {{"name", "loss"}, {"goal", "min"}};
  const Json metric = root.value("metric", Json());
  if (!metric.is_object() || !metric.contains("name")) {
    draft.note("metric", "no metric is named: it is loss here, and smaller is better");
  } else {
    draft.note_others("metric", metric, {"name", "goal", "target"});
    objective["name"] = metric["name"];
    objective["goal"] = metric.value("goal", "minimize") == "maximize" ? "max" : "min";
    if (metric.contains("target")) {
      objective["target"] = draft.require_number("metric", metric, "target");
    }
  }
  draft.section("study")["objectives"] = Json::array({std::move(objective)});
}

void set_budget(StudyDraft& draft, const Json& root) {
  if (root.contains("run_cap")) {
    draft.section("study")["budget"] = {{"trials", root["run_cap"]}};
  } else {
    draft.note("", "without run_cap a sweep goes on until it is stopped; here it is 100 trials");
  }
}

void set_method(StudyDraft& draft, const Json& root) {
  const std::string method = root["method"].is_string() ? root["method"].get<std::string>() : "";
  if (method == "grid" || method == "random") {
    draft.section("sampler")["name"] = method;
  } else if (method == "bayes") {
    draft.section("sampler")["name"] = "auto";
    draft.note("method", "bayes is left to auto, which takes a Gaussian process where it can");
  } else {
    draft.refuse("method", "the method is not known", root["method"].dump(),
                 "grid, random or bayes");
  }
}

// W&B's hyperband stops runs at the rungs of one bracket.
void set_pruner(StudyDraft& draft, const Json& root) {
  if (!root.contains("early_terminate")) return;
  const Json& rule = root["early_terminate"];
  const std::string path = "early_terminate";
  if (!rule.is_object() || rule.value("type", "") != "hyperband") {
    draft.refuse(path, "the rule for stopping early is not known", rule.dump(), "type: hyperband");
    return;
  }
  draft.note_others(path, rule, {"type", "min_iter", "max_iter", "s", "eta"});
  const double eta = draft.number(path, rule, "eta", 3.0);
  double first = draft.number(path, rule, "min_iter", 1.0);
  if (!rule.contains("min_iter") && rule.contains("max_iter")) {
    const double most = draft.require_number(path, rule, "max_iter");
    first = most / std::pow(eta, draft.number(path, rule, "s", 1.0));
  }
  draft.section("pruner") = {
      {"name", "successive_halving"}, {"min_step", std::max(std::floor(first), 1.0)}, {"eta", eta}};
  draft.note(path, "a step is what the program reports as one; W&B counts its calls of log");
}

StudyFileText read_sweep(const SourceFile& source) {
  const Document document = read_document(source);
  const Json& root = document.root();
  StudyDraft draft(document);
  const bool is_named = root.contains("name") && root["name"].is_string();
  draft.set_name(is_named ? root["name"].get<std::string>() : std::string("sweep"));
  if (!root.contains("method") || !root.contains("parameters") || !root["parameters"].is_object()) {
    draft.refuse("", "this is no sweep", "", "the keys method and parameters");
    return draft.finish("W&B");
  }
  set_objective(draft, root);
  set_budget(draft, root);
  draft.section("space") = Json::object();
  add_parameters(draft, "parameters", "", root["parameters"]);
  set_sweep_command(draft, root);
  set_method(draft, root);
  set_pruner(draft, root);
  draft.note_others("", root,
                    {"name", "method", "metric", "parameters", "program", "command", "run_cap",
                     "early_terminate"});
  return draft.finish("W&B");
}

Format wandb() {
  return {.name = "wandb",
          .purpose = "a sweep of Weights & Biases, YAML or JSON; becomes a study file",
          .recognises = is_sweep,
          .read_study_file = read_sweep};
}

}  // namespace
}  // namespace trimtab::exchange

TRIMTAB_FORMAT(wandb, wandb())
