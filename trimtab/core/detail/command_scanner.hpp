#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/core/command_template.hpp"

namespace trimtab::detail {

/// Cuts a command template into words, placeholders and gaps in one pass.
class CommandScanner {
 public:
  using Word = CommandTemplate::Word;
  using Piece = CommandTemplate::Piece;
  using Quote = CommandTemplate::Quote;

  CommandScanner(std::string_view text, std::string where);

  /// @throws UserError; see CommandTemplate::parse.
  void scan();

  std::vector<Word> words;
  std::vector<Placeholder> placeholders;
  std::string tail;        ///< what stands after the last word
  bool has_shell = false;  ///< unquoted shell syntax was seen

 private:
  // A list of words under construction: the command itself, or the text of a group.
  struct Builder {
    std::vector<Word> words = {};
    std::string gap = {};
    bool is_in_word = false;
  };

  bool is_at_end() const { return at_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void step(Builder& builder, bool is_group);
  void scan_quote(Builder& builder, char c);
  void scan_backslash(Builder& builder);
  void scan_placeholder(Builder& builder);
  void scan_group(Builder& builder, std::size_t placeholder);
  void scan_directive(Builder& builder, std::size_t placeholder);
  void scan_plain(Builder& builder, char c);
  void note_shell_syntax(char c);
  void add_literal(Builder& builder, std::string_view cooked, std::string_view raw);
  Word& current_word(Builder& builder);
  [[noreturn]] void fail(const std::string& code, const std::string& what, std::size_t offset,
                         const std::string& expected, const std::string& hint) const;

  std::string_view text_;
  std::string where_;
  std::size_t at_ = 0;
  Quote quote_ = Quote::None;
  std::size_t quote_start_ = 0;
};

/// "study.toml:15:11, column 17 of the command".
std::string place_in_command(const std::string& where, std::size_t offset);

}  // namespace trimtab::detail
