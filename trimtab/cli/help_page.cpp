#include "trimtab/cli/help_page.hpp"

#include <algorithm>
#include <optional>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kNameWidth = 24;

// "  name                    text", the text wrapped beside the name.
std::string entry(const std::string& name, const std::string& text) {
  std::string result = "  " + name;
  std::size_t column = result.size();
  if (column + 2 > kNameWidth) {
    result += '\n';
    column = 0;
  }
  const std::string indent(kNameWidth, ' ');
  result += std::string(kNameWidth - column, ' ');
  column = kNameWidth;
  for (const std::string_view word : split(text, ' ')) {
    if (column > kNameWidth && column + 1 + word.size() > kWidth) {
      result += '\n' + indent;
      column = kNameWidth;
    }
    if (column > kNameWidth) {
      result += ' ';
      ++column;
    }
    result += word;
    column += word.size();
  }
  return result + '\n';
}

std::string place_of(const CLI::App* command, const CLI::Option* argument) {
  return "trimtab " + command->get_name() + ", " +
         (argument->get_positional() ? argument->get_name(true) : argument->get_name());
}

const CLI::App* chosen_command(const CLI::App& app, const std::vector<std::string>& words) {
  for (const CLI::App* command : app.get_subcommands({})) {
    if (!words.empty() && command->get_name() == words.front()) return command;
  }
  return nullptr;
}

ErrorInfo describe_missing_command(const CLI::App& app, const std::vector<std::string>& words) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  if (words.empty())
    return {.code = "cli.arguments",
            .what = "a command is missing",
            .where = "",
            .got = "",
            .expected = one_of(names),
            .hint = ""};
  const std::string& got = words.front();
  return {.code = "cli.arguments",
          .what = got.starts_with("-") ? "there is no such option" : "there is no such command",
          .where = "",
          .got = quote(got),
          .expected = got.starts_with("-") ? "a command first" : one_of(names),
          .hint = did_you_mean(got, names)};
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// CLI11 names all words that it could not place, in reverse; the user wants the wrong one.
ErrorInfo describe_extra(const CLI::App& command, const std::vector<std::string>& words) {
  const std::vector<std::string> names = option_names(command);
  for (const std::string& word : words) {
    const std::string name = word.substr(0, word.find('='));
    if (!name.starts_with("--") || std::find(names.begin(), names.end(), name) != names.end()) {
      continue;
    }
    return {.code = "cli.arguments",
            .what = "there is no such option",
            .where = "",
            .got = quote(name),
            .expected = one_of(names),
            .hint = did_you_mean(name, names)};
  }
  const std::vector<std::string> extra = command.remaining();
  return {.code = "cli.arguments",
          .what = "there is an argument too many",
          .where = "",
          .got = extra.empty() ? "" : quote(extra.front()),
          .expected = "",
          .hint = ""};
}

}  // namespace

HelpPage::HelpPage() {
  label("Positionals", "Arguments");
  label("OPTIONS", "options");
  label("SUBCOMMAND", "COMMAND ...");
}

std::string HelpPage::make_usage(const CLI::App* app, std::string name) const {
  std::string usage = "\n" + CLI::Formatter::make_usage(app, std::move(name));
  return usage;
}

std::string HelpPage::make_option(const CLI::Option* option, bool is_positional) const {
  std::string name = make_option_name(option, is_positional);
  if (const std::size_t comma = name.find(','); comma != std::string::npos)
    name.insert(comma + 1, " ");
  const bool takes_value = !is_positional && option->get_type_size() != 0;
  if (takes_value) name += ' ' + option->get_type_name();
  std::string text = option->get_description();
  if (!option->get_default_str().empty()) text += " (default " + option->get_default_str() + ")";
  if (!option->get_envname().empty()) text += " [$" + option->get_envname() + "]";
  return entry(name, text);
}

std::string HelpPage::make_subcommand(const CLI::App* command) const {
  return entry(command->get_name(), command->get_description());
}

void require_one_of(const CLI::App* command, CLI::Option* argument, std::vector<std::string> values,
                    Choices& choices) {
  choices[argument] = values;
  argument->check(CLI::Validator(
      [command, argument, values = std::move(values)](std::string& given) {
        if (std::find(values.begin(), values.end(), given) != values.end()) return std::string();
        throw UserError({.code = "cli.value",
                         .what = "the value is not one of those that are possible",
                         .where = place_of(command, argument),
                         .got = quote(given),
                         .expected = one_of(values),
                         .hint = did_you_mean(given, values)});
      },
      ""));
}

void require_whole_number(const CLI::App* command, CLI::Option* argument, std::int64_t low,
                          std::int64_t high) {
  argument->check(CLI::Validator(
      [=](std::string& given) {
        long long value = 0;
        if (parse_int(given, value) && value >= low && value <= high) return std::string();
        throw UserError({.code = "cli.value",
                         .what = "the value is not a whole number of the range",
                         .where = place_of(command, argument),
                         .got = quote(given),
                         .expected = std::to_string(low) + " to " + std::to_string(high),
                         .hint = ""});
      },
      ""));
}

std::string describe_refusal(const CLI::App& app, const CLI::ParseError& error,
                             const std::vector<std::string>& words) {
  const CLI::App* command = chosen_command(app, words);
  ErrorInfo info;
  if (command == nullptr) {
    info = describe_missing_command(app, words);
  } else if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    info = describe_extra(*command, words);
  } else if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    const std::string what = error.what();
    info.what = "an argument is missing";
    info.expected = what.substr(0, what.find(" is required"));
  } else if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const std::string what = error.what();
    info.what = "an option needs a value";
    info.got = quote(what.substr(0, what.find(':')));
  } else {
    info.what = error.what();
  }
  info.code = "cli.arguments";
  info.where = command == nullptr ? "trimtab" : "trimtab " + command->get_name();
  if (info.hint.empty()) info.hint = info.where + " --help";
  return render(info);
}

}  // namespace trimtab
