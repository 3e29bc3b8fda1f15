#include "trimtab/core/detail/command_scanner.hpp"

#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab::detail {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";
constexpr std::string_view kOperators = "|&;<>()";

bool is_one_of(char c, std::string_view set) {
  return c != '\0' && set.find(c) != std::string_view::npos;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string place_in_command(const std::string& where, std::size_t offset) {
  const std::string column = "column " + std::to_string(offset + 1) + " of the command";
  return where.empty() ? column : where + ", " + column;
}

CommandScanner::CommandScanner(std::string_view text, std::string where)
    : text_(text), where_(std::move(where)) {}

void CommandScanner::fail(const std::string& code, const std::string& what, std::size_t offset,
                          const std::string& expected, const std::string& hint) const {
  throw UserError({.code = code,
                   .what = what,
                   .where = place_in_command(where_, offset),
                   .got = quote(text_.substr(offset), 40),
                   .expected = expected,
                   .hint = hint});
}

void CommandScanner::scan() {
  const std::size_t zero = text_.find('\0');
  if (zero != std::string_view::npos) {
    fail("command.zero_byte", "the command holds a zero byte", zero, "text", "");
  }
  Builder builder;
  while (!is_at_end()) step(builder, /*is_group=*/false);
  if (quote_ != Quote::None) {
    fail("command.open_quote", "a quote in the command is never closed", quote_start_,
         "a second quote of the same kind", "");
  }
  words = std::move(builder.words);
  tail = std::move(builder.gap);
  if (words.empty()) {
    throw UserError({.code = "command.empty",
                     .what = "the command is empty",
                     .where = where_,
                     .got = quote(text_),
                     .expected = "a program with its arguments",
                     .hint = ""});
  }
}

void CommandScanner::step(Builder& builder, bool is_group) {
  const char c = peek();
  if (c == '{' || c == '}') {
    if (peek(1) == c) {  // {{ and }} are literal braces
      add_literal(builder, text_.substr(at_, 1), text_.substr(at_, 1));
      at_ += 2;
      return;
    }
    if (c == '}' || is_group) {
      fail("command.brace", "a brace stands alone", at_, "",
           c == '{' ? "write {{ for a literal {" : "write }} for a literal }");
    }
    return scan_placeholder(builder);
  }
  if (quote_ == Quote::Single) return scan_quote(builder, c);
  if (c == '\\') return scan_backslash(builder);
  if (quote_ == Quote::Double || c == '"' || c == '\'') return scan_quote(builder, c);
  scan_plain(builder, c);
}

void CommandScanner::scan_quote(Builder& builder, char c) {
  const Quote kind = c == '"' ? Quote::Double : Quote::Single;
  const bool is_quote = c == '"' || c == '\'';
  const std::string_view raw = text_.substr(at_, 1);
  if (is_quote && quote_ == Quote::None) {
    quote_ = kind;
    quote_start_ = at_;
    add_literal(builder, "", raw);
  } else if (is_quote && quote_ == kind) {
    quote_ = Quote::None;
    add_literal(builder, "", raw);
  } else {
    if (quote_ == Quote::Double && (c == '$' || c == '`')) has_shell = true;
    add_literal(builder, raw, raw);
  }
  ++at_;
}

void CommandScanner::scan_backslash(Builder& builder) {
  const char next = peek(1);
  if (next == '\0') {
    fail("command.open_quote", "the command ends with a backslash", at_,
         "a character after the backslash", "write \\\\ for a literal backslash");
  }
  if (next == '{' || next == '}') {
    fail("command.brace", "a backslash does not escape a brace", at_, "",
         next == '{' ? "write {{ for a literal {" : "write }} for a literal }");
  }
  const std::string_view raw = text_.substr(at_, 2);
  if (next == '\n') {  // a continued line
    if (quote_ == Quote::None && !builder.is_in_word) {
      builder.gap += raw;
    } else {
      add_literal(builder, "", raw);
    }
  } else if (quote_ == Quote::Double && !is_one_of(next, "\"\\$`")) {
    add_literal(builder, raw.substr(0, 1), raw.substr(0, 1));
    ++at_;
    return;
  } else {
    add_literal(builder, raw.substr(1), raw);
  }
  at_ += 2;
}

void CommandScanner::note_shell_syntax(char c) {
  if (is_one_of(c, kOperators) || is_one_of(c, "$`*?")) has_shell = true;
}

void CommandScanner::scan_plain(Builder& builder, char c) {
  const std::string_view raw = text_.substr(at_, 1);
  ++at_;
  note_shell_syntax(c);
  if (is_one_of(c, kSpaces) || is_one_of(c, kOperators)) {
    builder.gap += raw;
    builder.is_in_word = false;
    return;
  }
  if (c == '~' && !builder.is_in_word) has_shell = true;
  add_literal(builder, raw, raw);
}

CommandTemplate::Word& CommandScanner::current_word(Builder& builder) {
  if (!builder.is_in_word) {
    builder.words.push_back({.gap = std::exchange(builder.gap, {})});
    builder.is_in_word = true;
  }
  return builder.words.back();
}

void CommandScanner::add_literal(Builder& builder, std::string_view cooked, std::string_view raw) {
  Word& word = current_word(builder);
  if (word.pieces.empty() || word.pieces.back().type != Piece::Type::Literal) {
    word.pieces.emplace_back();
  }
  word.pieces.back().text += cooked;
  word.pieces.back().raw += raw;
}

void CommandScanner::scan_placeholder(Builder& builder) {
  const std::size_t start = at_++;
  const bool is_file = text_.substr(at_, 5) == "file:";
  const std::size_t end = text_.find_first_of(is_file ? "{}" : "{}:", at_);
  if (end == std::string_view::npos || text_[end] == '{') {
    fail("command.brace", "a placeholder is never closed", start, "{name} or {name:TEXT %g}",
         "write {{ for a literal {");
  }
  if (end == at_) {
    fail("command.brace", "a placeholder has no name", start, "{name}", "write {{ for a literal {");
  }
  placeholders.push_back({.name = std::string(text_.substr(at_, end - at_)), .offset = start});
  at_ = end + 1;
  const std::size_t index = placeholders.size() - 1;
  if (text_[end] == ':') return scan_group(builder, index);
  Word& word = current_word(builder);
  word.pieces.emplace_back();
  word.pieces.back().type = Piece::Type::Value;
  word.pieces.back().quote = quote_;
  word.pieces.back().placeholder = index;
}

void CommandScanner::scan_group(Builder& builder, std::size_t placeholder) {
  const std::size_t start = placeholders[placeholder].offset;
  const Quote outer = quote_;
  Word& word = current_word(builder);
  Builder inner;
  placeholders[placeholder].is_group = true;
  while (peek() != '}' || peek(1) == '}' || quote_ != outer) {
    // "}}}" is a literal brace and the end of the group.
    if (is_at_end()) {
      fail("command.brace", "a placeholder is never closed", start, "{name:TEXT %g}", "");
    }
    if (peek() == '%') {
      scan_directive(inner, placeholder);
    } else {
      step(inner, /*is_group=*/true);
    }
  }
  ++at_;
  if (placeholders[placeholder].format.empty()) {
    fail("command.directive", "the text of a group does not show the value", start,
         "one of %g %d %s %f %.3f in the text", "");
  }
  word.pieces.emplace_back();
  word.pieces.back().type = Piece::Type::Group;
  word.pieces.back().placeholder = placeholder;
  word.pieces.back().words = std::move(inner.words);
}

void CommandScanner::scan_directive(Builder& builder, std::size_t placeholder) {
  const std::size_t start = at_++;
  if (peek() == '%') {
    ++at_;
    return add_literal(builder, "%", "%");
  }
  while (is_one_of(peek(), "+-0 #")) ++at_;
  const std::size_t width = at_;
  while (is_digit(peek())) ++at_;
  const std::size_t width_size = at_ - width;
  std::size_t precision_size = 0;
  if (peek() == '.') {
    ++at_;
    while (is_digit(peek())) ++at_, ++precision_size;
  }
  const char conversion = peek();
  ++at_;
  const std::string format(text_.substr(start, at_ - start));
  const bool is_known = is_one_of(conversion, "gefd") || format == "%s";
  if (!is_known || width_size > 2 || precision_size > 2) {
    fail("command.directive", "unknown directive in a group", start,
         "%g, %d, %s, %f or %e, with a width and a precision of at most two digits",
         "write %% for a literal %");
  }
  if (!placeholders[placeholder].format.empty()) {
    fail("command.directive", "a group shows its value once", start, "one directive per group",
         "write %% for a literal %");
  }
  placeholders[placeholder].format = format;
  Word& word = current_word(builder);
  word.pieces.emplace_back();
  word.pieces.back().type = Piece::Type::Value;
  word.pieces.back().quote = quote_;
  word.pieces.back().placeholder = placeholder;
}

}  // namespace trimtab::detail
