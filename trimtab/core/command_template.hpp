#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {

/// A hole of a command template.
struct Placeholder {
  std::string name;         ///< "C", "trial.seed", "file:model.json"
  std::size_t offset = 0;   ///< of its '{' in the template, bytes from 0
  bool is_group = false;    ///< {name:TEXT}: left out as a whole when the parameter is inactive
  std::string format = {};  ///< the %-directive of a group ("%g", "%.3f"); empty when plain
};

/// A command line with holes: `python3 train.py --C {C} {gamma:--gamma %g} --seed {trial.seed}`.
/// Grammar and rules: docs/trial-protocol.md.
///
/// The template is cut into words (quotes and backslashes as in a shell) before values go in, so
/// that a value is always one argument, whatever it holds. A template with unquoted shell syntax
/// runs as `/bin/sh -c SCRIPT sh VALUE...`: the script refers to values as positional parameters,
/// which a shell never parses as code.
class CommandTemplate {
 public:
  /// @param where  place of the template for messages, e.g. "study.toml:15:11"; may be empty.
  /// @throws UserError with the column inside the template: empty command, open quote, open or
  /// stray brace, a group without exactly one %-directive, an unknown directive. O(size).
  static CommandTemplate parse(std::string_view text, const std::string& where = {});

  /// In order of position.
  const std::vector<Placeholder>& placeholders() const { return placeholders_; }

  /// Problems of the placeholders against a space and the names of rendered files: unknown names
  /// (with the nearest), formats that cannot show the parameter. Empty = all is well. The field
  /// `where` of each is like that of `parse`.
  std::vector<ErrorInfo> check(const Space& space, std::span<const std::string> files,
                               const std::string& where = {}) const;

  /// True when the command runs through /bin/sh.
  bool uses_shell() const { return uses_shell_; }

  /// The text of a placeholder, or nothing when the parameter is inactive.
  using Lookup = std::function<std::optional<std::string>(const std::string& name)>;
  /// The arguments, program first. A plain {name} of an inactive parameter removes its whole word;
  /// a group removes itself. May be empty when everything was removed. O(size of the result).
  /// @throws BugError when a value does not fit its directive (`check` prevents it).
  std::vector<std::string> arguments(const Lookup& lookup) const;

  /// Placeholders that exist in every study: trial.number, trial.seed, ...
  static std::vector<std::string> builtin_names();

  enum class Quote : char { None, Single, Double };
  struct Word;
  struct Piece {
    enum class Type : char { Literal, Value, Group };
    Type type = Type::Literal;
    std::string text = {};  ///< Literal: after quotes and backslashes were taken away
    std::string raw = {};   ///< Literal: as it was written, for the shell
    Quote quote = Quote::None;
    std::size_t placeholder = 0;   ///< Value, Group
    std::vector<Word> words = {};  ///< Group: what it expands to
  };
  struct Word {
    std::string gap = {};  ///< what stands before it: spaces and shell operators, as written
    std::vector<Piece> pieces = {};
  };

 private:
  CommandTemplate() = default;

  std::vector<Placeholder> placeholders_;
  std::vector<Word> words_;
  std::string tail_;  // what stands after the last word, for the shell
  bool uses_shell_ = false;
};

}  // namespace trimtab
