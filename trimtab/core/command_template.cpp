#include "trimtab/core/command_template.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "trimtab/base/text.hpp"
#include "trimtab/core/detail/command_scanner.hpp"

namespace trimtab {
namespace {

using Word = CommandTemplate::Word;
using Piece = CommandTemplate::Piece;
using Quote = CommandTemplate::Quote;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// NAME=value in front of the program is shell syntax for a variable.
bool starts_with_assignment(const Word& word) {
  const Piece& piece = word.pieces.front();
  if (piece.type != Piece::Type::Literal) return false;
  const std::size_t equals = piece.raw.find('=');
  return equals != std::string::npos && equals > 0 &&
         !(piece.raw[0] >= '0' && piece.raw[0] <= '9') &&
         std::all_of(piece.raw.begin(), piece.raw.begin() + static_cast<std::ptrdiff_t>(equals),
                     is_name_character);
}

void require_single_words(const std::vector<Word>& words,
                          const std::vector<Placeholder>& placeholders, const std::string& where) {
  for (const Word& word : words) {
    for (const Piece& piece : word.pieces) {
      if (piece.type != Piece::Type::Group || piece.words.size() <= 1 || word.pieces.size() == 1) {
        continue;
      }
      const Placeholder& placeholder = placeholders[piece.placeholder];
      throw UserError({.code = "command.glued_group",
                       .what = "a group of several words touches other text",
                       .where = detail::place_in_command(where, placeholder.offset),
                       .got = "{" + placeholder.name + ":...}",
                       .expected = "spaces around the group, or a group without spaces",
                       .hint = ""});
    }
  }
}

std::string format_value(const Placeholder& placeholder, const std::string& value) {
  const std::string& format = placeholder.format;
  // The shortest text that reads back as the same number, so that the program gets exactly the
  // recorded point.
  if (format.empty() || format == "%s" || format == "%g") return value;
  char buffer[512];
  double number = 0.0;
  const bool is_number = parse_double(value, number);
  const bool is_whole = is_number && number == std::floor(number) && std::abs(number) < 9.2e18;
  if (format.back() == 'd' && is_whole) {
    long long integer = 0;
    if (!parse_int(value, integer)) integer = static_cast<long long>(number);
    const std::string long_format = format.substr(0, format.size() - 1) + "lld";
    std::snprintf(buffer, sizeof buffer, long_format.c_str(), integer);
    return buffer;
  }
  if (format.back() != 'd' && is_number) {
    std::snprintf(buffer, sizeof buffer, format.c_str(), number);
    return buffer;
  }
  throw BugError({.code = "command.format",
                  .what = "a value does not fit its directive",
                  .where = "{" + placeholder.name + "}",
                  .got = quote(value),
                  .expected = format,
                  .hint = ""});
}

// Puts values into words; one instance per command.
class Renderer {
 public:
  Renderer(const std::vector<Placeholder>& placeholders, const CommandTemplate::Lookup& lookup,
           bool is_shell)
      : placeholders_(placeholders), is_shell_(is_shell) {
    for (const Placeholder& placeholder : placeholders) values_.push_back(lookup(placeholder.name));
  }

  void render(const std::vector<Word>& words, std::vector<std::string>& arguments) {
    for (const Word& word : words) {
      if (!is_shell_ && word.pieces.size() == 1 && word.pieces[0].type == Piece::Type::Group) {
        if (values_[word.pieces[0].placeholder]) render(word.pieces[0].words, arguments);
        continue;
      }
      std::string text = is_shell_ ? word.gap : "";
      if (!is_dropped(word)) append(word, text);
      if (is_shell_ || !is_dropped(word)) arguments.push_back(std::move(text));
    }
  }

  // Positional parameters of the script, in order.
  std::vector<std::string> positional;

 private:
  // A plain placeholder without a value takes its word along; so do groups that leave nothing.
  bool is_dropped(const Word& word) const {
    bool has_text = false;
    bool has_silent_group = false;
    for (const Piece& piece : word.pieces) {
      if (piece.type == Piece::Type::Literal) {
        has_text |= !piece.text.empty();
      } else if (values_[piece.placeholder]) {
        has_text = true;
      } else if (piece.type == Piece::Type::Value) {
        return true;
      } else {
        has_silent_group = true;
      }
    }
    return has_silent_group && !has_text;
  }

  void append(const Word& word, std::string& text) {
    for (const Piece& piece : word.pieces) {
      if (piece.type == Piece::Type::Literal) {
        text += is_shell_ ? piece.raw : piece.text;
      } else if (piece.type == Piece::Type::Value) {
        append_value(piece, text);
      } else if (values_[piece.placeholder]) {
        for (const Word& inner : piece.words) {
          if (is_shell_) text += inner.gap;
          append(inner, text);
        }
      }
    }
  }

  void append_value(const Piece& piece, std::string& text) {
    const std::string value =
        format_value(placeholders_[piece.placeholder], *values_[piece.placeholder]);
    if (!is_shell_) {
      text += value;
      return;
    }
    positional.push_back(value);
    const std::string reference = "${" + std::to_string(positional.size()) + "}";
    if (piece.quote == Quote::Double) {
      text += reference;
    } else if (piece.quote == Quote::Single) {
      text += "'\"" + reference + "\"'";
    } else {
      text += "\"" + reference + "\"";
    }
  }

  const std::vector<Placeholder>& placeholders_;
  std::vector<std::optional<std::string>> values_;
  bool is_shell_;
};

bool is_numeric(const Scalar& scalar, bool is_integer) {
  return std::holds_alternative<std::int64_t>(scalar) ||
         (!is_integer && std::holds_alternative<double>(scalar));
}

bool can_show(const Placeholder& placeholder, const Parameter* parameter) {
  if (placeholder.format.empty() || placeholder.format == "%s") return true;
  const bool is_integer = placeholder.format.back() == 'd';
  if (parameter == nullptr) {
    return placeholder.name.starts_with("trial.") && placeholder.name != "trial.dir";
  }
  switch (parameter->type) {
    case ParameterType::Int:
    case ParameterType::Repeat:
      return true;
    case ParameterType::Float:
      return !is_integer;
    case ParameterType::Categorical:
    case ParameterType::Ordinal:
      return std::all_of(parameter->choices.begin(), parameter->choices.end(),
                         [&](const Scalar& choice) { return is_numeric(choice, is_integer); });
    default:
      return false;
  }
}

}  // namespace

std::vector<std::string> CommandTemplate::builtin_names() {
  return {"trial.number",   "trial.run",   "trial.attempt", "trial.seed", "trial.fidelity",
          "trial.scenario", "trial.split", "trial.dir",     "study.name"};
}

CommandTemplate CommandTemplate::parse(std::string_view text, const std::string& where) {
  detail::CommandScanner scanner(text, where);
  scanner.scan();
  CommandTemplate result;
  result.words_ = std::move(scanner.words);
  result.placeholders_ = std::move(scanner.placeholders);
  result.tail_ = std::move(scanner.tail);
  // A line break counts between words only; at the end it is an ordinary space.
  const bool has_lines =
      std::any_of(result.words_.begin() + 1, result.words_.end(), [](const Word& word) {
        std::size_t at = word.gap.find('\n');
        while (at != std::string::npos && at > 0 && word.gap[at - 1] == '\\') {
          at = word.gap.find('\n', at + 1);
        }
        return at != std::string::npos;
      });
  result.uses_shell_ =
      scanner.has_shell || has_lines || starts_with_assignment(result.words_.front());
  if (!result.uses_shell_) require_single_words(result.words_, result.placeholders_, where);
  return result;
}

std::vector<ErrorInfo> CommandTemplate::check(const Space& space,
                                              std::span<const std::string> files,
                                              const std::string& where) const {
  std::vector<std::string> known = builtin_names();
  for (const std::string& file : files) known.push_back("file:" + file);
  const std::vector<std::string> builtin = known;
  for (const Parameter& parameter : space.parameters()) known.push_back(parameter.name);
  std::vector<ErrorInfo> problems;
  for (const Placeholder& placeholder : placeholders_) {
    const bool is_known = std::find(known.begin(), known.end(), placeholder.name) != known.end();
    const bool is_builtin =
        std::find(builtin.begin(), builtin.end(), placeholder.name) != builtin.end();
    const Parameter* parameter = is_builtin ? nullptr : space.find_parameter(placeholder.name);
    if (is_known && can_show(placeholder, parameter)) continue;
    const std::string near = did_you_mean(placeholder.name, known);
    problems.push_back(
        {.code = is_known ? "command.format" : "command.unknown_placeholder",
         .what = is_known ? "the directive cannot show this value"
                          : "the command names an unknown placeholder",
         .where = detail::place_in_command(where, placeholder.offset),
         .got = is_known ? placeholder.format + " for " + placeholder.name
                         : "{" + placeholder.name + "}",
         .expected = is_known ? "%s, or a parameter of numbers (%d: whole numbers)" : one_of(known),
         .hint = is_known       ? ""
                 : near.empty() ? "write {{ and }} for literal braces"
                                : near});
  }
  return problems;
}

std::vector<std::string> CommandTemplate::arguments(const Lookup& lookup) const {
  Renderer renderer(placeholders_, lookup, uses_shell_);
  std::vector<std::string> words;
  renderer.render(words_, words);
  if (!uses_shell_) return words;
  std::string script;
  for (const std::string& word : words) script += word;
  script += tail_;
  std::vector<std::string> arguments = {"/bin/sh", "-c", std::move(script), "sh"};
  std::move(renderer.positional.begin(), renderer.positional.end(), std::back_inserter(arguments));
  return arguments;
}

}  // namespace trimtab
