// JSON with positions (RFC 8259). nlohmann's parser gives neither positions of values nor errors
// for duplicate keys, so the text is read here, in one pass.

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "trimtab/base/detail/document_reader.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab::detail {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& text, unsigned code) {
  const auto put = [&](unsigned byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6U));
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | (code >> 18U));
    put(0x80U | ((code >> 12U) & 0x3FU));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

class JsonReader {
 public:
  JsonReader(std::string_view content, const std::string& name, Positions& positions)
      : text_(content), name_(name), positions_(positions) {}

  Json read() {
    skip_space();
    Json root = read_value("", 0);
    skip_space();
    if (!is_at_end()) fail("there is text after the end of the document", "nothing more");
    return root;
  }

 private:
  bool is_at_end() const { return at_ >= text_.size(); }
  char peek() const { return is_at_end() ? '\0' : text_[at_]; }

  void step() {
    const auto byte = static_cast<unsigned char>(text_[at_++]);
    if (byte == '\n') {
      here_ = {here_.line + 1, 1};
    } else if ((byte & 0xC0U) != 0x80U) {
      ++here_.column;
    }
  }

  void skip_space() {
    while (!is_at_end() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) {
      step();
    }
  }

  [[noreturn]] void fail(const std::string& what, const std::string& expected) const {
    std::size_t end = at_ + 1;
    while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xC0U) == 0x80U) ++end;
    throw_syntax(describe_position(name_, here_), what,
                 is_at_end() ? "the end of the file" : quote(text_.substr(at_, end - at_)),
                 expected);
  }

  void expect(char c, const char* what) {
    if (peek() != c || is_at_end()) fail(what, std::string("\"") + c + "\"");
    step();
  }

  Json read_value(const std::string& path, int depth) {
    positions_.try_emplace(path, here_);  // a member already has the position of its key
    if (depth > kMaxDocumentDepth) throw_too_deep(describe_position(name_, here_));
    switch (peek()) {
      case '{':
        return read_object(path, depth);
      case '[':
        return read_array(path, depth);
      case '"':
        return read_string();
      case 't':
        return read_word("true", true);
      case 'f':
        return read_word("false", false);
      case 'n':
        return read_word("null", nullptr);
      default:
        if (peek() == '-' || is_digit(peek())) return read_number();
        fail("this is not a JSON value", "an object, list, text, number, true, false or null");
    }
  }

  Json read_object(const std::string& path, int depth) {
    Json object = Json::object();
    std::unordered_map<std::string, Position> seen;
    step();
    skip_space();
    while (peek() != '}') {
      if (!object.empty()) {
        expect(',', "the items of an object are separated by commas");
        skip_space();
      }
      if (peek() != '"') fail("a key must be a text in double quotes", "\"key\": value");
      const Position start = here_;
      const std::string key = read_string();
      const auto [first, is_new] = seen.try_emplace(key, start);
      if (!is_new) {
        throw_duplicate_key(describe_position(name_, start), key,
                            describe_position(name_, first->second));
      }
      skip_space();
      expect(':', "a key is followed by a colon");
      skip_space();
      const std::string inner = join_path(path, key);
      positions_.insert_or_assign(inner, start);
      append_member(object, key, read_value(inner, depth + 1));
      skip_space();
    }
    step();
    return object;
  }

  Json read_array(const std::string& path, int depth) {
    Json array = Json::array();
    step();
    skip_space();
    while (peek() != ']') {
      if (!array.empty()) {
        expect(',', "the items of a list are separated by commas");
        skip_space();
      }
      array.push_back(read_value(join_path(path, std::to_string(array.size())), depth + 1));
      skip_space();
    }
    step();
    return array;
  }

  Json read_word(std::string_view word, const Json& value) {
    for (const char c : word) {
      if (peek() != c) fail("this is not a JSON value", "true, false or null");
      step();
    }
    return value;
  }

  std::string read_string() {
    std::string text;
    step();
    while (peek() != '"') {
      if (is_at_end()) fail("a text is not closed", "a closing \"");
      if (static_cast<unsigned char>(peek()) < 0x20) {
        fail("a text holds a control character", "an escape such as \\n, or a closing \"");
      }
      if (peek() == '\\') {
        read_escape(text);
      } else {
        text += peek();
        step();
      }
    }
    step();
    return text;
  }

  void read_escape(std::string& text) {
    step();
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
    const std::size_t index = is_at_end() ? kNames.npos : kNames.find(peek());
    if (index != kNames.npos) {
      text += kValues[index];
      step();
      return;
    }
    if (peek() != 'u') fail("this escape does not exist", R"(\" \\ \/ \b \f \n \r \t or \uXXXX)");
    unsigned code = read_four_digits();
    if (code >= 0xDC00 && code < 0xE000) fail("half of a surrogate pair", "both halves");
    if (code >= 0xD800 && code < 0xDC00) {
      if (peek() != '\\') fail("half of a surrogate pair", "both halves");
      step();
      const unsigned low = peek() == 'u' ? read_four_digits() : 0;
      if (low < 0xDC00 || low >= 0xE000) fail("half of a surrogate pair", "both halves");
      code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
    }
    append_utf8(text, code);
  }

  unsigned read_four_digits() {
    step();
    unsigned code = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = peek();
      unsigned digit = 0;
      if (is_digit(c)) {
        digit = static_cast<unsigned>(c - '0');
      } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
        digit = static_cast<unsigned>((c | 0x20) - 'a') + 10;
      } else {
        fail("\\u is followed by four hexadecimal digits", "four of 0-9, a-f");
      }
      code = code * 16 + digit;
      step();
    }
    return code;
  }

  void read_digits() {
    if (!is_digit(peek())) fail("a number lacks a digit", "a digit");
    while (is_digit(peek())) step();
  }

  Json read_number() {
    const std::size_t start = at_;
    const Position start_position = here_;
    bool is_whole = true;
    if (peek() == '-') step();
    if (peek() == '0') {
      step();
      if (is_digit(peek())) fail("a number must not start with 0", "\".\" or the end");
    } else {
      read_digits();
    }
    if (peek() == '.') {
      is_whole = false;
      step();
      read_digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      is_whole = false;
      step();
      if (peek() == '+' || peek() == '-') step();
      read_digits();
    }
    const std::string_view digits = text_.substr(start, at_ - start);
    const char* end = digits.data() + digits.size();
    std::int64_t integer = 0;
    if (is_whole && std::from_chars(digits.data(), end, integer).ec == std::errc()) return integer;
    std::uint64_t natural = 0;
    if (is_whole && std::from_chars(digits.data(), end, natural).ec == std::errc()) return natural;
    double number = 0.0;
    const bool is_read = parse_double(digits, number);
    if (!is_read || !std::isfinite(number)) {
      throw_syntax(describe_position(name_, start_position), "the number is out of range",
                   quote(digits), "a number that fits 64 bits");
    }
    return number;
  }

  std::string_view text_;
  const std::string& name_;
  Positions& positions_;
  std::size_t at_ = 0;
  Position here_ = {};
};

}  // namespace

Json read_json(std::string_view content, const std::string& name, Positions& positions) {
  return JsonReader(content, name, positions).read();
}

}  // namespace trimtab::detail
