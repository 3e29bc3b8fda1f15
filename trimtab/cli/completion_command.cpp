#include <ostream>

#include "trimtab/cli/commands.hpp"

namespace trimtab {
namespace {

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

void print_bash(const std::vector<CompletionEntry>& commands, std::ostream& out) {
  std::vector<std::string> names;
  for (const CompletionEntry& entry : commands) names.push_back(entry.command);
  out << "_trimtab() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]}\n"
         "  if ((COMP_CWORD == 1)); then\n"
         "    COMPREPLY=($(compgen -W '"
      << join(names)
      << "' -- \"$current\"))\n"
         "    return\n"
         "  fi\n"
         "  case ${COMP_WORDS[1]} in\n";
  for (const CompletionEntry& entry : commands) {
    out << "    " << entry.command << ") COMPREPLY=($(compgen -W '" << join(entry.options)
        << "' -- \"$current\")) ;;\n";
  }
  out << "  esac\n}\ncomplete -o default -F _trimtab trimtab\n";
}

void print_zsh(const std::vector<CompletionEntry>& commands, std::ostream& out) {
  out << "#compdef trimtab\nautoload -U +X bashcompinit && bashcompinit\n";
  print_bash(commands, out);
}

void print_fish(const std::vector<CompletionEntry>& commands, std::ostream& out) {
  for (const CompletionEntry& entry : commands) {
    out << "complete -c trimtab -n __fish_use_subcommand -a " << entry.command << " -d '"
        << entry.purpose << "'\n";
    for (const std::string& option : entry.options) {
      out << "complete -c trimtab -n '__fish_seen_subcommand_from " << entry.command << "' -l "
          << option.substr(2) << '\n';
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
