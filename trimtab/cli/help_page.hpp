#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace trimtab {

/// Renders help that fits 80 columns: options with the name of their value, wrapped explanations,
/// defaults and environment variables at their end.
class HelpPage final : public CLI::Formatter {
 public:
  HelpPage();

  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_subcommand(const CLI::App* command) const override;
};

/// The values that an argument takes, for its check, its help and completion.
using Choices = std::map<const CLI::Option*, std::vector<std::string>>;

/// The argument must be one of the values. @throws UserError with the nearest one, while parsing.
void require_one_of(const CLI::App* command, CLI::Option* argument, std::vector<std::string> values,
                    Choices& choices);

/// The argument must be a whole number of the range. @throws UserError while parsing.
void require_whole_number(const CLI::App* command, CLI::Option* argument, std::int64_t low,
                          std::int64_t high);

/// What is wrong with a command line that could not be parsed, with the nearest right name.
/// @param words  the command line without the program's name.
std::string describe_refusal(const CLI::App& app, const CLI::ParseError& error,
                             const std::vector<std::string>& words);

}  // namespace trimtab
