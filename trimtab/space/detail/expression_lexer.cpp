#include "trimtab/space/detail/expression_lexer.hpp"

#include <array>

#include "trimtab/base/text.hpp"

namespace trimtab::space_detail {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

class Lexer {
 public:
  Lexer(std::string_view text, ErrorInfo& failure) : text_(text), failure_(failure) {}

  std::optional<std::vector<Token>> run();

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool read_token();
  bool read_number();
  bool read_quoted(char quote_mark);
  void read_word();
  bool read_symbol();
  bool fail(const std::string& what, const std::string& expected);
  void push(Token::Type type, std::string text, double number = 0.0) {
    tokens_.push_back({type, std::move(text), number, start_ + 1});
  }

  std::string_view text_;
  ErrorInfo& failure_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
  std::vector<Token> tokens_;
};

std::optional<std::vector<Token>> Lexer::run() {
  while (true) {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
    start_ = at_;
    if (at_ >= text_.size()) break;
    if (!read_token()) return std::nullopt;
  }
  push(Token::Type::End, "the end");
  return std::move(tokens_);
}

bool Lexer::fail(const std::string& what, const std::string& expected) {
  failure_ = {.code = "space.bad_expression",
              .what = what,
              .where = "column " + std::to_string(start_ + 1),
              .got = quote(text_.substr(start_, 20)),
              .expected = expected,
              .hint = ""};
  return false;
}

bool Lexer::read_token() {
  const char c = peek();
  if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return read_number();
  if (c == '\'' || c == '"' || c == '`') return read_quoted(c);
  if (!is_letter(c)) return read_symbol();
  read_word();
  return true;
}

bool Lexer::read_number() {
  while (is_digit(peek()) || peek() == '.') ++at_;
  const bool has_sign = peek(1) == '+' || peek(1) == '-';
  if ((peek() == 'e' || peek() == 'E') && is_digit(peek(has_sign ? 2 : 1))) {
    at_ += has_sign ? 2 : 1;
    while (is_digit(peek())) ++at_;
  }
  double number = 0.0;
  const std::string_view digits = text_.substr(start_, at_ - start_);
  if (is_letter(peek()) || !parse_double(digits, number)) {
    return fail("this is not a number", "a number such as 3, 0.5 or 1e-3");
  }
  push(Token::Type::Number, std::string(digits), number);
  return true;
}

bool Lexer::read_quoted(char quote_mark) {
  const std::size_t end = text_.find(quote_mark, at_ + 1);
  if (end == std::string_view::npos) {
    return fail("a quotation mark is not closed", std::string("a closing ") + quote_mark);
  }
  at_ = end + 1;
  push(quote_mark == '`' ? Token::Type::Name : Token::Type::Text,
       std::string(text_.substr(start_ + 1, end - start_ - 1)));
  return true;
}

void Lexer::read_word() {
  const auto read_letters = [this] {
    while (is_letter(peek()) || is_digit(peek()) || (peek() == '.' && is_letter(peek(1)))) ++at_;
  };
  read_letters();
  const std::string word(text_.substr(start_, at_ - start_));
  if (word == "and" || word == "or" || word == "not" || word == "in") {
    push(Token::Type::Symbol, word);
    return;
  }
  while (peek() == '[' && is_digit(peek(1))) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    if (end >= text_.size() || text_[end] != ']') break;
    at_ = end + 1;
    read_letters();
  }
  push(Token::Type::Name, std::string(text_.substr(start_, at_ - start_)));
}

bool Lexer::read_symbol() {
  static constexpr std::array<std::string_view, 18> kSymbols = {"==", "!=", "<=", ">=", "&&", "||",
                                                                "<",  ">",  "+",  "-",  "*",  "/",
                                                                "%",  "(",  ")",  "[",  "]",  ","};
  for (const std::string_view symbol : kSymbols) {
    if (text_.substr(at_, symbol.size()) != symbol) continue;
    at_ += symbol.size();
    push(Token::Type::Symbol,
         symbol == "&&" ? "and" : (symbol == "||" ? "or" : std::string(symbol)));
    return true;
  }
  return fail("this character has no meaning here",
              peek() == '=' ? "== to compare"
                            : "numbers, names, texts in quotes, operators; names with other "
                              "characters in back quotes");
}

}  // namespace

std::optional<std::vector<Token>> tokenize(std::string_view text, ErrorInfo& failure) {
  return Lexer(text, failure).run();
}

}  // namespace trimtab::space_detail
