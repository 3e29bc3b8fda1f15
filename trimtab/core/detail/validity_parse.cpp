// [validity] and [data] of a study file: docs/study-file.md, docs/protocols.md.

#include "trimtab/core/detail/validity_parse.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/text.hpp"

namespace trimtab::detail {
namespace {

constexpr std::size_t kMaxFiles = 1000;

void flag(TableReader& table, const char* key, bool& target) {
  const Json* json = table.find(key);
  if (json == nullptr) return;
  if (json->is_boolean()) {
    target = json->get<bool>();
  } else {
    table.wrong(key, "study.type", "is neither true nor false", "true or false");
  }
}

// One of two words; the second sets the flag.
void word(TableReader& table, const char* key, const std::vector<std::string>& words, bool& flag) {
  std::string text;
  table.text(key, text);
  if (text.empty()) return;
  if (std::ranges::find(words, text) == words.end()) {
    table.wrong(key, "study.word", "is not known", one_of(words), did_you_mean(text, words));
  } else {
    flag = text == words.back();
  }
}

// A text, or a list of them.
void texts(TableReader& table, const char* key, std::vector<std::string>& target) {
  const Json* json = table.find(key);
  if (json == nullptr) return;
  const Json list = json->is_array() ? *json : Json::array({*json});
  const bool is_right =
      !list.empty() && list.size() <= kMaxFiles && std::ranges::all_of(list, [](const Json& item) {
        return item.is_string() && !item.get_ref<const std::string&>().empty();
      });
  if (is_right) {
    target = list.get<std::vector<std::string>>();
  } else {
    table.wrong(key, "study.type", "is no list of texts", R"(a text, or a list as ["a", "b"])");
  }
}

void require(const TableReader& table, const std::string& key, const std::string& what,
             const std::string& example, ProblemList& problems) {
  if (table.find(key) != nullptr) return;
  std::string where = table.path_of(key);
  where.resize(where.size() - key.size() - 1);
  problems.add({.code = "study.missing",
                .what = what,
                .where = where,
                .got = "no " + key,
                .expected = example,
                .hint = ""});
}

void read_confirm(TableReader& table, ProblemList& problems, Validity& validity) {
  const Json* confirm = table.find("confirm");
  if (confirm == nullptr) return;
  if (confirm->is_boolean()) {
    if (!confirm->get<bool>()) validity.confirm_top = 0;
    return;
  }
  if (!confirm->is_object()) {
    table.wrong("confirm", "study.type", "is neither a table nor false",
                "{ top = 3, seeds = 24 }, or false for no confirmation");
    return;
  }
  TableReader inner(*confirm, "validity/confirm", {"top", "seeds"}, problems);
  inner.integer("top", {.low = 0, .high = 1'000'000}, validity.confirm_top);
  inner.integer("seeds", {.low = 1, .high = 1'000'000}, validity.confirm_seeds);
}

void read_scenario(TableReader& validity, ProblemList& problems, std::optional<Scenario>& target) {
  const Json* json = validity.find("scenario");
  if (json == nullptr) return;
  TableReader table(*json, "validity/scenario", {"tune", "evaluate"}, problems);
  if (!json->is_object()) return;
  Scenario given;
  table.text("tune", given.tune);
  table.text("evaluate", given.evaluate);
  constexpr const char* kExample = R"({ tune = "letters A-M", evaluate = "letters N-Z" })";
  require(table, "tune", "the search has no scenario", kExample, problems);
  require(table, "evaluate", "the confirm stage has no scenario", kExample, problems);
  if (!given.tune.empty() && given.tune == given.evaluate) {
    table.wrong("evaluate", "study.scenario", "is what is tuned on", "another scenario");
  }
  target = given;
}

void read_holdout(TableReader& validity, ProblemList& problems, std::optional<Holdout>& target) {
  const Json* json = validity.find("holdout");
  if (json == nullptr) return;
  TableReader table(*json, "validity/holdout",
                    {"metric", "items", "threshold", "noise", "budget", "family"}, problems);
  if (!json->is_object()) return;
  Holdout given;
  std::optional<double> threshold, noise;
  table.text("metric", given.metric);
  table.integer("items", {.low = 1}, given.items);
  table.positive_number("threshold", threshold);
  table.positive_number("noise", noise);
  table.integer("budget", {.low = 1}, given.budget);
  word(table, "family", {"laplace", "gaussian"}, given.is_gaussian);
  constexpr const char* kExample = R"({ metric = "holdout_accuracy", items = 500 })";
  require(table, "metric", "the holdout has no metric", kExample, problems);
  require(table, "items", "the holdout has no size", kExample, problems);
  const double root = std::sqrt(static_cast<double>(std::max<std::int64_t>(1, given.items)));
  given.threshold = threshold.value_or(4.0 / root);
  given.noise = noise.value_or(0.25 / root);
  target = given;
}

void read_compute_class(TableReader& validity, ProblemList& problems,
                        std::optional<ComputeClass>& target) {
  const Json* json = validity.find("compute_class");
  if (json == nullptr) return;
  TableReader table(*json, "validity/compute_class", {"time", "clock", "repeats"}, problems);
  if (!json->is_object()) return;
  ComputeClass given;
  std::optional<double> seconds;
  table.duration("time", /*may_be_zero=*/false, seconds);
  word(table, "clock", {"processor", "wall"}, given.is_wall);
  table.integer("repeats", {.low = 2, .high = 100}, given.repeats);
  require(table, "time", "the compute class has no time", R"({ time = "60s" })", problems);
  given.seconds = seconds.value_or(1.0);
  target = given;
}

// `sealed`: a share, or the classes by name.
void read_sealed(TableReader& table, SplitPlan& plan) {
  const Json* json = table.find("sealed");
  if (json == nullptr) return;
  if (json->is_array()) {
    texts(table, "sealed", plan.sealed_classes);
    if (!plan.is_by_class) {
      table.wrong("sealed", "study.split", "names classes, but rows are dealt",
                  R"(a share, as 0.2, or by = "class")");
    }
  } else if (!json->is_number() || !(json->get<double>() >= 0.0) || json->get<double>() >= 1.0) {
    table.wrong("sealed", "study.range", "is no share", "a number >= 0 and below 1");
  } else {
    plan.sealed_share = json->get<double>();
  }
}

void read_outer(TableReader& table, ProblemList& problems, SplitPlan& plan) {
  const Json* json = table.find("outer");
  if (json == nullptr) return;
  TableReader outer(*json, "data/split/outer", {"folds", "fold"}, problems);
  outer.integer("folds", {.low = 2, .high = 1000}, plan.outer_folds);
  outer.integer("fold", {.low = 0, .high = 999}, plan.outer_fold);
  if (plan.outer_folds > 0 && plan.outer_fold >= plan.outer_folds) {
    outer.wrong("fold", "study.range", "is out of range", "a number below folds, from 0");
  }
  if (table.find("sealed") != nullptr) {
    table.wrong("sealed", "study.split", "and \"outer\" cannot both stand", "one of the two");
  }
}

void read_split(TableReader& data, ProblemList& problems, std::optional<SplitPlan>& target) {
  const Json* json = data.find("split");
  if (json == nullptr) return;
  TableReader table(*json, "data/split", {"by", "folds", "reshuffle", "sealed", "outer"}, problems);
  if (!json->is_object()) return;
  SplitPlan given;
  word(table, "by", {"row", "class"}, given.is_by_class);
  table.integer("folds", {.low = 2, .high = 1000}, given.folds);
  flag(table, "reshuffle", given.is_reshuffled);
  read_sealed(table, given);
  read_outer(table, problems, given);
  target = given;
}

void read_data(const Json& root, ProblemList& problems, StudySpec& spec) {
  const TableReader file(root, "", {}, problems);
  const Json* json = file.find("data");
  if (json == nullptr) return;
  TableReader table(*json, "data", {"tune", "evaluate", "table", "label", "split", "fingerprint"},
                    problems);
  if (!json->is_object()) return;
  DataAccount& data = spec.data;
  texts(table, "tune", data.tune);
  texts(table, "evaluate", data.evaluate);
  table.text("table", data.table);
  table.text("label", data.label);
  table.text("fingerprint", data.fingerprint);
  read_split(table, problems, data.split);
  if (!data.table.empty() && (!data.tune.empty() || !data.evaluate.empty())) {
    table.wrong("table", "study.data", "cannot stand beside \"tune\" and \"evaluate\"",
                "files that are split already, or one table with [data.split]");
  }
  if (data.split && data.table.empty()) {
    table.wrong("split", "study.data", "has nothing to split", "table = \"data.csv\"");
  } else if (!data.split && !data.table.empty()) {
    data.split.emplace();
  }
  if (data.split && data.split->is_by_class && data.label.empty()) {
    table.wrong("split", "study.data", "needs the classes", "label = \"column\" in [data]");
  }
}

void check_scenario(const StudySpec& spec, TableReader& table) {
  if (spec.validity.scenario && spec.validity.confirm_top == 0) {
    table.wrong("scenario", "study.scenario", "has nobody to evaluate on it",
                "a confirm stage: leave out \"confirm = false\"");
  }
}

// What else could speak of the holdout, or could not be understood.
void check_holdout(const StudySpec& spec, TableReader& table) {
  const std::optional<Holdout>& holdout = spec.validity.holdout;
  if (!holdout) return;
  const auto refuse = [&](const char* what, const char* expected) {
    table.wrong("holdout", "study.holdout", what, expected);
  };
  if (spec.objectives.size() > 1) refuse("guards one value", "one objective");
  const auto has_name = [&](const auto& item) { return item.name == holdout->metric; };
  if (std::ranges::any_of(spec.objectives, has_name) ||
      std::ranges::any_of(spec.constraints, has_name)) {
    refuse("has a metric that the search sees",
           "a metric that is neither objective nor constraint");
  }
  if (spec.fidelity) refuse("cannot answer below the full fidelity", "no [fidelity]");
  if (spec.pruner.name != "none") refuse("cannot answer while a trial runs", "no [pruner]");
  if (spec.validity.confirm_top > 0 && !spec.has_sealed_data()) {
    refuse("leaves the confirm stage without data of its own",
           "scenario in [validity], evaluate in [data], or confirm = false");
  }
}

void check_compute_class(const StudySpec& spec, TableReader& table) {
  if (!spec.validity.compute_class) return;
  if (!spec.fidelity) {
    table.wrong("compute_class", "study.compute_class", "has no unit to measure",
                R"([fidelity] with name = "steps" and max)");
  } else if (spec.fidelity->schedule.name != "full") {
    table.wrong("compute_class", "study.compute_class", "gives every trial its whole time",
                "[fidelity] with schedule = \"full\"");
  }
}

Json describe_split(const SplitPlan& plan) {
  Json json = {{"by", plan.is_by_class ? "class" : "row"},
               {"folds", plan.folds},
               {"reshuffle", plan.is_reshuffled}};
  if (plan.outer_folds > 0) {
    json["outer"] = {{"folds", plan.outer_folds}, {"fold", plan.outer_fold}};
  } else if (!plan.sealed_classes.empty()) {
    json["sealed"] = plan.sealed_classes;
  } else {
    json["sealed"] = plan.sealed_share;
  }
  return json;
}

Json describe_data(const DataAccount& data) {
  Json json = Json::object();
  if (!data.tune.empty()) json["tune"] = data.tune;
  if (!data.evaluate.empty()) json["evaluate"] = data.evaluate;
  if (!data.table.empty()) json["table"] = data.table;
  if (!data.label.empty()) json["label"] = data.label;
  if (data.split) json["split"] = describe_split(*data.split);
  if (!data.fingerprint.empty()) json["fingerprint"] = data.fingerprint;
  return json;
}

}  // namespace

void read_validity(const Json& root, ProblemList& problems, StudySpec& spec) {
  read_data(root, problems, spec);
  if (spec.data.split) spec.validity.tuning_seeds = spec.data.split->folds;
  const TableReader file(root, "", {}, problems);
  const Json* json = file.find("validity");
  if (json == nullptr) return;
  TableReader table(*json, "validity",
                    {"tuning_seeds", "confirm", "scenario", "holdout", "compute_class"}, problems);
  Validity& validity = spec.validity;
  table.integer("tuning_seeds", {.low = 1, .high = 1'000'000}, validity.tuning_seeds);
  read_confirm(table, problems, validity);
  read_scenario(table, problems, validity.scenario);
  read_holdout(table, problems, validity.holdout);
  read_compute_class(table, problems, validity.compute_class);
  check_scenario(spec, table);
  check_holdout(spec, table);
  check_compute_class(spec, table);
}

void describe_validity(const StudySpec& spec, Json& root) {
  const Validity& validity = spec.validity;
  Json& json = root["validity"];
  json = {{"tuning_seeds", validity.tuning_seeds},
          {"confirm", {{"top", validity.confirm_top}, {"seeds", validity.confirm_seeds}}}};
  if (const auto& scenario = validity.scenario) {
    json["scenario"] = {{"tune", scenario->tune}, {"evaluate", scenario->evaluate}};
  }
  if (const auto& holdout = validity.holdout) {
    json["holdout"] = {{"metric", holdout->metric},
                       {"items", holdout->items},
                       {"threshold", holdout->threshold},
                       {"noise", holdout->noise},
                       {"budget", holdout->budget},
                       {"family", holdout->is_gaussian ? "gaussian" : "laplace"}};
  }
  if (const auto& given = validity.compute_class) {
    json["compute_class"] = {{"time", given->seconds},
                             {"clock", given->is_wall ? "wall" : "processor"},
                             {"repeats", given->repeats}};
  }
  if (!spec.data.is_empty()) root["data"] = describe_data(spec.data);
}

}  // namespace trimtab::detail
