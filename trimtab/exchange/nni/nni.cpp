#include <filesystem>

#include "trimtab/base/text.hpp"
#include "trimtab/exchange/format.hpp"
#include "trimtab/exchange/nni/search_space.hpp"
#include "trimtab/exchange/study_draft.hpp"

namespace trimtab::exchange {
namespace {

bool is_experiment(const Json& root) {
  return root.contains("searchSpace") || root.contains("searchSpaceFile") ||
         root.contains("trialCommand");
}

bool is_nni(const SourceFile& source) {
  const std::optional<Json> root = try_document(source);
  return root && (is_experiment(*root) || is_search_space(*root));
}

std::string text_at(const Json& table, const char* key) {
  return table.contains(key) && table[key].is_string() ? table[key].get<std::string>() : "";
}

void set_space(StudyDraft& draft, const Json& root, const std::string& source) {
  if (root.contains("searchSpace") && root["searchSpace"].is_object()) {
    draft.section("space") = space_of(draft, "searchSpace", root["searchSpace"]);
    return;
  }
  const std::string name = text_at(root, "searchSpaceFile");
  if (name.empty()) {
    draft.refuse("", "the experiment has no search space", "", "searchSpace or searchSpaceFile");
    return;
  }
  const std::filesystem::path path = std::filesystem::path(source).parent_path() / name;
  const Document document = read_document({path.string(), {}});
  StudyDraft inner(document);  // its places are those of the other file
  inner.set_name("space");
  inner.section("space") = space_of(inner, "", document.root());
  for (const std::string& note : inner.finish("NNI").notes) draft.note("searchSpaceFile", note);
  draft.section("space") = inner.section("space");
}

void set_tuner(StudyDraft& draft, const Json& root, std::string& goal) {
  if (!root.contains("tuner")) return;
  const Json& tuner = root["tuner"];
  draft.note_others("tuner", tuner, {"name", "classArgs"});
  const Json arguments =
      tuner.is_object() ? tuner.value("classArgs", Json::object()) : Json::object();
  goal = text_at(arguments, "optimize_mode");
  draft.note_others("tuner/classArgs", arguments, {"optimize_mode"});
  const std::vector<std::pair<std::string, std::string>> samplers = {
      {"TPE", "tpe"}, {"Random", "random"},       {"GridSearch", "grid"},
      {"GP", "gp"},   {"Evolution", "evolution"}, {"SMAC", "forest"}};
  const std::string name = tuner.is_object() ? text_at(tuner, "name") : "";
  for (const auto& [theirs, ours] : samplers) {
    if (name != theirs) continue;
    draft.section("sampler")["name"] = ours;
    return;
  }
  draft.section("sampler")["name"] = "auto";
  draft.note("tuner", "the tuner " + quote(name) + " is left to auto");
}

void set_assessor(StudyDraft& draft, const Json& root) {
  if (!root.contains("assessor")) return;
  const Json& assessor = root["assessor"];
  const std::string name = assessor.is_object() ? text_at(assessor, "name") : "";
  if (name != "Medianstop" && name != "Curvefitting") {
    draft.refuse("assessor", "the assessor is not known", assessor.dump(),
                 "Medianstop or Curvefitting");
    return;
  }
  draft.note_others("assessor", assessor, {"name", "classArgs"});
  const Json arguments = assessor.value("classArgs", Json::object());
  Json& pruner = draft.section("pruner");
  pruner["name"] = name == "Medianstop" ? "median" : "curve_extrapolation";
  if (name == "Medianstop" && arguments.contains("start_step")) {
    pruner["warmup"] = draft.require_number("assessor/classArgs", arguments, "start_step");
  }
  if (name == "Curvefitting" && arguments.contains("epoch_num")) {
    pruner["max_step"] = draft.require_number("assessor/classArgs", arguments, "epoch_num");
  }
  draft.note_others("assessor/classArgs", arguments,
                    {"optimize_mode", name == "Medianstop" ? "start_step" : "epoch_num"});
}

void set_limits(StudyDraft& draft, const Json& root) {
  Json& study = draft.section("study");
  Json budget = Json::object();
  if (root.contains("maxTrialNumber")) budget["trials"] = root["maxTrialNumber"];
  if (root.contains("maxExperimentDuration")) budget["wall"] = root["maxExperimentDuration"];
  if (budget.empty()) {
    draft.note("", "the experiment has no limit; here it is 100 trials");
  } else {
    study["budget"] = std::move(budget);
  }
  if (root.contains("trialConcurrency")) study["parallel"] = root["trialConcurrency"];
}

void set_program(StudyDraft& draft, const Json& root) {
  const std::string command = text_at(root, "trialCommand");
  if (command.empty()) {
    draft.note("", "there is no command: the study is driven by `trimtab ask` and `tell`");
    return;
  }
  Json& program = draft.section("program");
  std::string escaped;
  for (const char c : command)
    escaped += c == '{' || c == '}' ? std::string(2, c) : std::string(1, c);
  program["command"] = escaped;
  if (const std::string folder = text_at(root, "trialCodeDirectory"); !folder.empty()) {
    program["directory"] = folder;
  }
  if (root.contains("maxTrialDuration")) {
    program["limits"] = {{"wall", root["maxTrialDuration"]}};
  }
  draft.note("trialCommand",
             "nni.get_next_parameter() has no answer here: the parameters are in "
             "$TRIMTAB_PARAMS as JSON, or {NAME} in the command; for the results print "
             "NAME=VALUE or call `trimtab log`");
}

StudyFileText read_nni(const SourceFile& source) {
  const Document document = read_document(source);
  const Json& root = document.root();
  StudyDraft draft(document);
  const std::string stem = std::filesystem::path(source.path).stem().string();
  std::string goal;
  if (!is_experiment(root) && is_search_space(root)) {
    draft.set_name(stem);
    draft.section("study")["objectives"] = Json::array();
    draft.section("space") = space_of(draft, "", root);
    draft.note("", "a search space names no metric: it is loss here, and smaller is better");
  } else {
    const std::string name = text_at(root, "experimentName");
    draft.set_name(name.empty() ? stem : name);
    draft.section("study")["objectives"] = Json::array();
    set_limits(draft, root);
    set_space(draft, root, source.path);
    set_program(draft, root);
    set_tuner(draft, root, goal);
    set_assessor(draft, root);
    draft.note_others("", root,
                      {"experimentName", "searchSpace", "searchSpaceFile", "trialCommand",
                       "trialCodeDirectory", "trialConcurrency", "maxTrialNumber",
                       "maxExperimentDuration", "maxTrialDuration", "tuner", "assessor"});
    draft.note(
        "", "the metric is called " + std::string(goal == "maximize" ? "score" : "loss") + " here");
  }
  const bool is_maximised = goal == "maximize";
  draft.section("study")["objectives"] = Json::array(
      {{{"name", is_maximised ? "score" : "loss"}, {"goal", is_maximised ? "max" : "min"}}});
  return draft.finish("NNI");
}

Format nni() {
  return {.name = "nni",
          .purpose = "an experiment or a search space of NNI, YAML or JSON; becomes a study file",
          .recognises = is_nni,
          .read_study_file = read_nni};
}

}  // namespace
}  // namespace trimtab::exchange

TRIMTAB_FORMAT(nni, nni())
