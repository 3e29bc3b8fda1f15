#include "trimtab/optuna/python_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace trimtab::optuna {
namespace {

constexpr int kDeepest = 64;

void append_utf8(std::uint32_t code, std::string& text) {
  const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0 | code >> 6);
    add(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    add(0xE0 | code >> 12);
    add(0x80 | (code >> 6 & 0x3F));
    add(0x80 | (code & 0x3F));
  } else {
    add(0xF0 | code >> 18);
    add(0x80 | (code >> 12 & 0x3F));
    add(0x80 | (code >> 6 & 0x3F));
    add(0x80 | (code & 0x3F));
  }
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool read_whole(PythonValue& value) {
    if (!read(value, 0)) return false;
    skip_space();
    return rest_.empty();
  }

  bool read_members(std::vector<PythonMember>& members) {
    if (!take_sign('{')) return false;
    if (!take_sign('}')) {
      do {
        PythonMember& member = members.emplace_back();
        skip_space();
        if (rest_.empty() || rest_[0] != '"' || !read_text(member.key)) return false;
        if (!take_sign(':')) return false;
        skip_space();
        const char* begin = rest_.data();
        if (!read(member.value, 1)) return false;
        member.raw = {begin, static_cast<std::size_t>(rest_.data() - begin)};
      } while (take_sign(','));
      if (!take_sign('}')) return false;
    }
    skip_space();
    return rest_.empty();
  }

 private:
  using Type = PythonValue::Type;

  void skip_space() {
    while (!rest_.empty() && std::string_view(" \t\r\n").find(rest_[0]) != rest_.npos) {
      rest_.remove_prefix(1);
    }
  }

  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  bool take_sign(char sign) {
    skip_space();
    return take({&sign, 1});
  }

  bool read(PythonValue& value, int depth) {
    skip_space();
    if (depth > kDeepest || rest_.empty()) return false;
    if (rest_[0] == '"') {
      value.type = Type::Text;
      return read_text(value.text);
    }
    if (take("[")) return read_array(value, depth);
    if (take("{")) return read_object(value, depth);
    return read_word(value) || read_number(value);
  }

  bool read_word(PythonValue& value) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (take("null")) return true;
    if (take("true")) return set(value, Type::Bool, 1.0);
    if (take("false")) return set(value, Type::Bool, 0.0);
    if (take("NaN")) return set(value, Type::Float, std::numeric_limits<double>::quiet_NaN());
    if (take("Infinity")) return set(value, Type::Float, kInfinity);
    return take("-Infinity") && set(value, Type::Float, -kInfinity);
  }

  static bool set(PythonValue& value, Type type, double number) {
    value.type = type;
    value.number = number;
    return true;
  }

  bool read_number(PythonValue& value) {
    const std::size_t length = std::min(rest_.find_first_not_of("+-.0123456789eE"), rest_.size());
    const std::string_view word = rest_.substr(0, length);
    const std::string_view digits = word.substr(word.starts_with('-') ? 1 : 0);
    if (digits.empty() || digits[0] < '0' || digits[0] > '9') return false;
    if (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') return false;
    rest_.remove_prefix(length);
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value.number);
    if (end != word.data() + word.size()) return false;
    if (error == std::errc::result_out_of_range) {
      const double huge = word[0] == '-' ? -HUGE_VAL : HUGE_VAL;
      value.number = word.find("e-") == word.npos && word.find("E-") == word.npos ? huge : 0.0;
    }
    const bool is_integer = digits.find_first_not_of("0123456789") == digits.npos;
    value.type = is_integer ? Type::Int : Type::Float;
    if (is_integer) value.text = digits == "0" ? "0" : std::string(word);
    return true;
  }

  bool read_hex(std::uint32_t& code) {
    if (rest_.size() < 4) return false;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + 4, code, 16);
    if (error != std::errc() || end != rest_.data() + 4) return false;
    rest_.remove_prefix(4);
    return true;
  }

  // After "\u". Half a surrogate pair alone becomes U+FFFD.
  bool read_unicode(std::string& text) {
    std::uint32_t code = 0;
    if (!read_hex(code)) return false;
    const bool is_first_half = code >= 0xD800 && code < 0xDC00;
    if (is_first_half && rest_.starts_with("\\u")) {
      const std::string_view before = rest_;
      rest_.remove_prefix(2);
      std::uint32_t second = 0;
      if (!read_hex(second)) return false;
      if (second >= 0xDC00 && second < 0xE000) {
        append_utf8(0x10000 + ((code - 0xD800) << 10) + (second - 0xDC00), text);
        return true;
      }
      rest_ = before;
    }
    append_utf8(code >= 0xD800 && code < 0xE000 ? 0xFFFD : code, text);
    return true;
  }

  bool read_escape(std::string& text) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (rest_.empty()) return false;
    const char letter = rest_[0];
    rest_.remove_prefix(1);
    if (letter == 'u') return read_unicode(text);
    const std::size_t found = kLetters.find(letter);
    if (found == kLetters.npos) return false;
    text += kMeanings[found];
    return true;
  }

  bool read_text(std::string& text) {
    rest_.remove_prefix(1);
    for (;;) {
      const std::size_t end = rest_.find_first_of("\"\\");
      if (end == rest_.npos) return false;
      text.append(rest_.substr(0, end));
      const bool is_end = rest_[end] == '"';
      rest_.remove_prefix(end + 1);
      if (is_end) return true;
      if (!read_escape(text)) return false;
    }
  }

  bool read_array(PythonValue& value, int depth) {
    value.type = Type::Array;
    if (take_sign(']')) return true;
    do {
      if (!read(value.items.emplace_back(), depth + 1)) return false;
    } while (take_sign(','));
    return take_sign(']');
  }

  bool read_object(PythonValue& value, int depth) {
    value.type = Type::Object;
    if (take_sign('}')) return true;
    do {
      auto& [key, member] = value.members.emplace_back(std::string(), PythonValue());
      skip_space();
      if (rest_.empty() || rest_[0] != '"' || !read_text(key)) return false;
      if (!take_sign(':') || !read(member, depth + 1)) return false;
    } while (take_sign(','));
    return take_sign('}');
  }

  std::string_view rest_;
};

bool is_number(PythonValue::Type type) {
  using Type = PythonValue::Type;
  return type == Type::Bool || type == Type::Int || type == Type::Float;
}

// As Python's dictionaries: of a key that stands twice the last value counts.
bool are_members_equal(const PythonValue& a, const PythonValue& b) {
  const auto is_in_a = [&](const auto& member) { return a.find(member.first) != nullptr; };
  return std::all_of(b.members.begin(), b.members.end(), is_in_a) &&
         std::all_of(a.members.begin(), a.members.end(), [&](const auto& member) {
           const PythonValue* other = b.find(member.first);
           return other != nullptr && is_equal(*a.find(member.first), *other);
         });
}

// Length of the UTF-8 sequence at the beginning and its code; 0 when it is none.
std::size_t read_utf8(std::string_view text, std::uint32_t& code) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::size_t length = byte(0) < 0x80   ? 1
                             : byte(0) < 0xC2 ? 0
                             : byte(0) < 0xE0 ? 2
                             : byte(0) < 0xF0 ? 3
                             : byte(0) < 0xF5 ? 4
                                              : 0;
  if (length == 0 || text.size() < length) return 0;
  code = length == 1 ? byte(0) : byte(0) & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3FU);
  }
  return length;
}

void append_escaped(std::uint32_t code, std::string& quoted) {
  if (code >= 0x10000) {
    append_escaped(0xD800 + ((code - 0x10000) >> 10), quoted);
    append_escaped(0xDC00 + ((code - 0x10000) & 0x3FF), quoted);
  } else {
    quoted += fmt::format("\\u{:04x}", code);
  }
}

}  // namespace

const PythonValue* PythonValue::find(std::string_view key) const {
  // The last one of a name counts, as in Python.
  const auto found = std::find_if(members.rbegin(), members.rend(),
                                  [&](const auto& member) { return member.first == key; });
  return found == members.rend() ? nullptr : &found->second;
}

bool is_equal(const PythonValue& a, const PythonValue& b) {
  using Type = PythonValue::Type;
  if (is_number(a.type) && is_number(b.type)) {
    if (a.type == Type::Int && b.type == Type::Int) return a.text == b.text;
    return a.number == b.number || (std::isnan(a.number) && std::isnan(b.number));
  }
  if (a.type != b.type) return false;
  if (a.type == Type::Text) return a.text == b.text;
  if (a.type == Type::Array) return std::ranges::equal(a.items, b.items, is_equal);
  return a.type == Type::Null || are_members_equal(a, b);
}

std::optional<PythonValue> parse_python_json(std::string_view text) {
  PythonValue value;
  if (!Reader(text).read_whole(value)) return std::nullopt;
  return value;
}

std::optional<std::vector<PythonMember>> split_python_object(std::string_view text) {
  std::vector<PythonMember> members;
  if (!Reader(text).read_members(members)) return std::nullopt;
  return members;
}

std::string python_quote(std::string_view text) {
  constexpr std::string_view kSpecial = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  std::string quoted = "\"";
  while (!text.empty()) {
    std::uint32_t code = 0xFFFD;
    const std::size_t length = read_utf8(text, code);
    const std::size_t special = kSpecial.find(text[0]);
    if (special != kSpecial.npos) {
      quoted += '\\';
      quoted += kLetters[special];
    } else if (length == 1 && code >= 0x20 && code < 0x7F) {
      quoted += text[0];
    } else {
      append_escaped(code, quoted);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return quoted + "\"";
}

std::string python_float(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == text.npos) text += ".0";
  return text;
}

}  // namespace trimtab::optuna
