#include "trimtab/space/detail/document_writer.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "trimtab/base/error.hpp"

namespace trimtab::detail {
namespace {

// Double quotes with escapes that JSON, TOML and YAML share.
std::string quoted(const std::string& text) {
  std::string result = Json(text).dump();
  for (std::size_t at = result.find('\x7f'); at != result.npos; at = result.find('\x7f', at)) {
    result.replace(at, 1, "\\u007f");
  }
  return result;
}

// A float always shows a point or an exponent after a point: some YAML readers take 1e-05 for text.
std::string float_text(double number, const char* infinity, const char* not_a_number) {
  if (std::isnan(number)) return not_a_number;
  if (std::isinf(number)) return (number < 0 ? "-" : "") + std::string(infinity);
  std::string text = Json(number).dump();
  if (text.find('.') == text.npos) text.insert(std::min(text.find('e'), text.size()), ".0");
  return text;
}

bool is_bare_key(const std::string& key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

class TomlWriter {
 public:
  void write_table(const Json& table, const std::string& path) {
    for (const auto& [key, value] : table.items()) {
      if (!is_section(value)) text_ += key_text(key) + " = " + inline_text(value) + "\n";
    }
    for (const auto& [key, value] : table.items()) {
      if (!is_section(value)) continue;
      const std::string inner = path.empty() ? key_text(key) : path + "." + key_text(key);
      if (!text_.empty()) text_ += "\n";
      text_ += "[" + inner + "]\n";
      write_table(value, inner);
    }
  }

  std::string take() { return std::move(text_); }

 private:
  static bool is_section(const Json& value) { return value.is_object() && !value.empty(); }
  static std::string key_text(const std::string& key) {
    return is_bare_key(key) ? key : quoted(key);
  }

  static std::string inline_text(const Json& value) {
    if (value.is_null()) {
      throw BugError({.code = "document.null",
                      .what = "TOML has no null",
                      .where = "write_toml",
                      .got = "null",
                      .expected = "",
                      .hint = ""});
    }
    if (value.is_string()) return quoted(value.get_ref<const std::string&>());
    if (value.is_number_float()) return float_text(value.get<double>(), "inf", "nan");
    if (!value.is_structured()) return value.dump();
    std::string text;
    for (const auto& [key, item] : value.items()) {
      if (!text.empty()) text += ", ";
      if (value.is_object()) text += key_text(key) + " = ";
      text += inline_text(item);
    }
    if (value.is_array()) return "[" + text + "]";
    return text.empty() ? "{}" : "{ " + text + " }";
  }

  std::string text_;
};

class YamlWriter {
 public:
  // @param indent  of the lines of `value`; the first line's start stands already.
  void write_block(const Json& value, std::size_t indent) {
    bool is_first = true;
    for (const auto& [key, item] : value.items()) {
      if (!std::exchange(is_first, false)) text_ += std::string(indent, ' ');
      text_ += value.is_object() ? key_start(key, indent) : "-";
      if (!is_block(item)) {
        text_ += " " + scalar_text(item) + "\n";
      } else if (value.is_array()) {
        text_ += " ";  // the first line of an item stands beside its dash
        write_block(item, indent + 2);
      } else {
        text_ += "\n" + std::string(indent + 2, ' ');
        write_block(item, indent + 2);
      }
    }
  }

  static bool is_block(const Json& value) { return value.is_structured() && !value.empty(); }

  static std::string scalar_text(const Json& value) {
    if (value.is_string()) return quoted(value.get_ref<const std::string&>());
    if (value.is_number_float()) return float_text(value.get<double>(), ".inf", ".nan");
    return value.dump();  // whole numbers, true, false, null, {} and []
  }

  std::string take() { return std::move(text_); }

 private:
  // Bare words that old YAML readers take for true, false or null.
  static bool is_reserved(std::string key) {
    std::ranges::transform(key, key.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    constexpr std::string_view kWords[] = {"true", "false", "null", "yes", "no",
                                           "on",   "off",   "y",    "n"};
    return std::ranges::find(kWords, key) != std::end(kWords);
  }

  // A key up to its colon. YAML allows a key of one line 1024 characters, beyond that it takes "?".
  static std::string key_start(const std::string& key, std::size_t indent) {
    constexpr std::size_t kMaxOneLine = 1000;
    const std::string text = key_text(key);
    if (text.size() <= kMaxOneLine) return text + ":";
    return "? " + text + "\n" + std::string(indent, ' ') + ":";
  }

  static std::string key_text(const std::string& key) {
    const bool is_plain = is_bare_key(key) && !is_reserved(key) && key.front() != '-' &&
                          !(key.front() >= '0' && key.front() <= '9');
    return is_plain ? key : quoted(key);
  }

  std::string text_;
};

}  // namespace

std::string write_json(const Json& value) { return value.dump(2) + "\n"; }

std::string write_toml(const Json& table) {
  TomlWriter writer;
  writer.write_table(table, "");
  return writer.take();
}

std::string write_yaml(const Json& value) {
  if (!YamlWriter::is_block(value)) return YamlWriter::scalar_text(value) + "\n";
  YamlWriter writer;
  writer.write_block(value, 0);
  return writer.take();
}

}  // namespace trimtab::detail
