#include "trimtab/exchange/wandb/sweep_command.hpp"

#include <algorithm>

#include "trimtab/base/text.hpp"

namespace trimtab::exchange {
namespace {

bool has_booleans(const Json& space) {
  return std::ranges::any_of(space, [](const Json& parameter) {
    const Json choices = parameter.value("choice", Json::array());
    return std::ranges::any_of(choices, [](const Json& choice) { return choice.is_boolean(); });
  });
}

// One argument per parameter.
std::string arguments(const Json& space, const std::string& before) {
  std::string text;
  for (const auto& [name, parameter] : space.items()) {
    text += (text.empty() ? "" : " ") + command_word(before + name + "=") + "{" + name + "}";
  }
  return text;
}

// Words of a command, with W&B's macros.
class SweepCommand {
 public:
  SweepCommand(StudyDraft& draft, const Json& root)
      : draft_(draft), root_(root), space_(draft.section("space")) {}

  std::string word(const std::string& path, const std::string& text) {
    if (!text.starts_with("${") || !text.ends_with("}")) return plain(path, text);
    const std::string macro = text.substr(2, text.size() - 3);
    if (macro == "env") return "/usr/bin/env";
    if (macro == "interpreter") return "python";
    if (macro == "program") return program(path);
    if (macro == "args") return all_arguments(path, "--");
    if (macro == "args_no_hyphens") return all_arguments(path, "");
    if (macro == "args_no_boolean_flags") return without_flags(path);
    if (macro == "args_json") return R"("$TRIMTAB_PARAMS")";
    if (macro.starts_with("envvar:")) return "\"$" + macro.substr(7) + "\"";
    draft_.refuse(
        path, "the macro has no counterpart", quote(text),
        "env, interpreter, program, args, args_no_hyphens, args_json or envvar:NAME",
        macro == "args_json_file" ? "the parameters are in $TRIMTAB_PARAMS, as JSON" : "");
    return "";
  }

 private:
  std::string plain(const std::string& path, const std::string& text) {
    if (text.find("${") == text.npos) return command_word(text);
    draft_.refuse(path, "a macro stands inside of a word", quote(text), "a word of its own");
    return "";
  }

  std::string program(const std::string& path) {
    if (root_.contains("program") && root_["program"].is_string()) {
      return command_word(root_["program"].get<std::string>());
    }
    draft_.refuse(path, "the sweep has no program", "", "the key program");
    return "";
  }

  std::string all_arguments(const std::string& path, const std::string& before) {
    if (has_booleans(space_)) {
      draft_.note(path, "booleans are passed as true and false; W&B passes True and False");
    }
    return arguments(space_, before);
  }

  std::string without_flags(const std::string& path) {
    if (!has_booleans(space_)) return arguments(space_, "--");
    draft_.refuse(path, "a flag that is there or not, by a boolean, cannot be said",
                  "${args_no_boolean_flags}", "${args}, or no booleans",
                  "make the parameter a choice of texts, or read $TRIMTAB_PARAMS");
    return "";
  }

  StudyDraft& draft_;
  const Json& root_;
  const Json space_;
};

}  // namespace

void set_sweep_command(StudyDraft& draft, const Json& root) {
  const Json usual = {"${env}", "${interpreter}", "${program}", "${args}"};
  const bool has_command = root.contains("command") && root["command"].is_array();
  if (!has_command && !root.contains("program")) {
    draft.note("", "the sweep has no program: the study is driven by `trimtab ask` and `tell`");
    return;
  }
  const Json& words = has_command ? root["command"] : usual;
  SweepCommand command(draft, root);
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string path =
        has_command ? join("command", std::to_string(i)) : std::string("program");
    const std::string word =
        command.word(path, words[i].is_string() ? words[i].get<std::string>() : words[i].dump());
    text += (text.empty() || word.empty() ? "" : " ") + word;
  }
  draft.section("program")["command"] = text;
  draft.note(has_command ? "command" : "program",
             "what wandb.log says is not read: print NAME=VALUE or call `trimtab log`");
}

}  // namespace trimtab::exchange
