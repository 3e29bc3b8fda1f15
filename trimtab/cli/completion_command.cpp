#include <ostream>

#include "trimtab/cli/commands.hpp"

namespace trimtab {
namespace {

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string option_words(const CompletionEntry& entry) {
  std::string words;
  for (const CompletionOption& option : entry.options) {
    words += (words.empty() ? "--" : " --") + option.name;
  }
  return words;
}

// The text with a backslash before each of the characters.
std::string escaped(const std::string& text, const std::string& characters) {
  std::string result;
  for (const char c : text) {
    if (characters.find(c) != std::string::npos) result += '\\';
    result += c;
  }
  return result;
}

// Single quotes end, stand for themselves and begin again, as shells want it.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::string bash_reply(const std::string& words) {
  return "COMPREPLY=($(compgen -W '" + words + "' -- \"$current\"))";
}

// Options where a dash was typed, an argument's values elsewhere; files are bash's own default.
void print_bash(const std::vector<CompletionEntry>& commands, std::ostream& out) {
  std::vector<std::string> names;
  for (const CompletionEntry& entry : commands) names.push_back(entry.command);
  out << "_trimtab() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  COMPREPLY=()\n"
         "  if ((COMP_CWORD == 1)); then\n    "
      << bash_reply(join(names) + " --help --version") << "\n    return\n  fi\n"
      << "  case ${COMP_WORDS[1]}:$previous in\n";
  for (const CompletionEntry& entry : commands) {
    for (const CompletionOption& option : entry.options) {
      if (!option.takes_value) continue;
      out << "    " << entry.command << ":--" << option.name << ") "
          << (option.values.empty() ? "" : bash_reply(join(option.values)) + "; ") << "return ;;\n";
    }
  }
  out << "  esac\n  case ${COMP_WORDS[1]}:$current in\n";
  for (const CompletionEntry& entry : commands) {
    out << "    " << entry.command << ":-*) " << bash_reply(option_words(entry)) << " ;;\n";
    if (entry.values.empty()) continue;
    out << "    " << entry.command << ":*) " << bash_reply(join(entry.values)) << " ;;\n";
  }
  out << "  esac\n}\ncomplete -o default -F _trimtab trimtab\n";
}

std::string zsh_spec(const CompletionOption& option) {
  std::string spec = "--" + option.name + "[" + escaped(option.purpose, "[]\\") + "]";
  if (!option.takes_value) return spec;
  return spec + ":" + option.name + ":" +
         (option.values.empty() ? "_files" : "(" + join(option.values) + ")");
}

void print_zsh(const std::vector<CompletionEntry>& commands, std::ostream& out) {
  out << "#compdef trimtab\n\n_trimtab() {\n  local -a commands\n  commands=(\n";
  for (const CompletionEntry& entry : commands) {
    out << "    " << quoted(entry.command + ":" + escaped(entry.purpose, ":\\")) << '\n';
  }
  out << "  )\n"
         "  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n"
         "  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n";
  for (const CompletionEntry& entry : commands) {
    out << "    " << entry.command << ")\n      _arguments";
    for (const CompletionOption& option : entry.options) {
      out << " \\\n        " << quoted(zsh_spec(option));
    }
    const std::string values = entry.values.empty() ? "_files" : "(" + join(entry.values) + ")";
    out << " \\\n        " << quoted("*:argument:" + values) << " ;;\n";
  }
  out << "  esac\n}\n\n"
         "if [[ $funcstack[1] == _trimtab ]]; then\n  _trimtab \"$@\"\nelse\n"
         "  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }\n"
         "  compdef _trimtab trimtab\nfi\n";
}

std::string fish_quoted(const std::string& text) { return "'" + escaped(text, "'\\") + "'"; }

void print_fish(const std::vector<CompletionEntry>& commands, std::ostream& out) {
  for (const CompletionEntry& entry : commands) {
    out << "complete -c trimtab -n __fish_use_subcommand -f -a " << entry.command << " -d "
        << fish_quoted(entry.purpose) << '\n';
  }
  for (const CompletionEntry& entry : commands) {
    const std::string start =
        "complete -c trimtab -n '__fish_seen_subcommand_from " + entry.command + "' ";
    if (!entry.values.empty()) out << start << "-f -a " << fish_quoted(join(entry.values)) << '\n';
    for (const CompletionOption& option : entry.options) {
      out << start << "-l " << option.name << " -d " << fish_quoted(option.purpose);
      if (option.takes_value) out << " -r";
      if (!option.values.empty()) out << " -f -a " << fish_quoted(join(option.values));
      out << '\n';
    }
  }
}

}  // namespace

int print_completion(const CompletionArguments& arguments,
                     const std::vector<CompletionEntry>& commands, CommandContext context) {
  if (arguments.shell == "bash") print_bash(commands, context.out);
  if (arguments.shell == "zsh") print_zsh(commands, context.out);
  if (arguments.shell == "fish") print_fish(commands, context.out);
  return kSuccess;
}

}  // namespace trimtab
