#include "trimtab/exchange/katib/trial_template.hpp"

#include <map>

#include "trimtab/base/text.hpp"

namespace trimtab::exchange {
namespace {

constexpr std::string_view kBegin = "${trialParameters.";

// Parameters by the names that the template gives them.
std::map<std::string, std::string> references_of(const Json& trial_template) {
  std::map<std::string, std::string> references;
  for (const Json& entry : trial_template.value("trialParameters", Json::array())) {
    if (entry.is_object() && entry.contains("name") && entry.contains("reference") &&
        entry["name"].is_string() && entry["reference"].is_string()) {
      references[entry["name"].get<std::string>()] = entry["reference"].get<std::string>();
    }
  }
  return references;
}

// The first object with a command below a value, depth first, and where it is.
const Json* find_container(const Json& value, std::string& path) {
  if (value.is_object() && value.contains("command") && value["command"].is_array()) return &value;
  for (const auto& [key, item] : value.items()) {
    if (!item.is_structured()) continue;
    std::string below = join(path, key);
    if (const Json* found = find_container(item, below)) {
      path = below;
      return found;
    }
  }
  return nullptr;
}

// One word: literal pieces and parameters. A whole-word macro of something else is refused.
std::string word_of(StudyDraft& draft, const std::string& path, std::string_view text,
                    const std::map<std::string, std::string>& references) {
  std::string word;
  while (!text.empty()) {
    const std::size_t begin = text.find(kBegin);
    const std::size_t end = begin == text.npos ? text.npos : text.find('}', begin);
    const std::string_view literal = text.substr(0, begin);
    if (!literal.empty()) word += command_word(literal);
    if (end == text.npos) break;
    const std::string name(text.substr(begin + kBegin.size(), end - begin - kBegin.size()));
    const auto found = references.find(name);
    if (found != references.end()) {
      word += "{" + found->second + "}";
    } else {
      draft.refuse(path, "the template has no such parameter", quote(name),
                   "a name of trialParameters");
    }
    text.remove_prefix(end + 1);
  }
  return word.empty() ? "''" : word;
}

std::string command_of(StudyDraft& draft, const std::string& path, const Json& container,
                       const std::map<std::string, std::string>& references) {
  std::string command;
  for (const char* part : {"command", "args"}) {
    const Json words = container.value(part, Json::array());
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string place = join(join(path, part), std::to_string(i));
      const std::string text = words[i].is_string() ? words[i].get<std::string>() : words[i].dump();
      command += (command.empty() ? "" : " ") + word_of(draft, place, text, references);
    }
  }
  return command;
}

}  // namespace

void set_trial_command(StudyDraft& draft, const Json& spec) {
  const Json trial_template = spec.value("trialTemplate", Json::object());
  const Json trial_spec = trial_template.value("trialSpec", Json::object());
  std::string path = "spec/trialTemplate/trialSpec";
  const Json* container = find_container(trial_spec, path);
  if (container == nullptr) {
    draft.note("spec/trialTemplate",
               "there is no command: the study is driven by `trimtab ask` and `tell`");
    return;
  }
  draft.section("program")["command"] =
      command_of(draft, path, *container, references_of(trial_template));
  draft.note_others(path, *container, {"command", "args", "name"});
  draft.note_others("spec/trialTemplate", trial_template, {"trialParameters", "trialSpec"});
  draft.note(path,
             "the command runs on this machine, not in a container; of the trial's template "
             "only the command is kept");
}

}  // namespace trimtab::exchange
