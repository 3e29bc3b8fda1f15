// TOML 1.0 by toml++ (the only file that includes it). toml++ sorts the keys of a table; the order
// of the file is restored from their positions.

// toml++ asserts what a wrong file can break, and without NDEBUG it is an abort, with it undefined
// behaviour (an assumption for the compiler). With an assertion that does nothing, its ordinary
// error handling takes over a few lines later.
#ifdef NDEBUG
#undef NDEBUG
#define TRIMTAB_RESTORE_NDEBUG
#endif
#define TOML_ASSERT(expression) static_cast<void>(0)
#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>
#ifdef TRIMTAB_RESTORE_NDEBUG
#define NDEBUG
#undef TRIMTAB_RESTORE_NDEBUG
#endif

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>
#include <vector>

#include "trimtab/base/detail/document_reader.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab::detail {
namespace {

Position position_of_node(const toml::source_region& source) {
  return {source.begin.line, source.begin.column};
}

// The parser and its tree recurse: a key of a million dots would overflow the stack before any
// depth could be counted. So depth is bounded on the text first, brackets and dots together.
class DepthScan {
 public:
  DepthScan(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  void run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        skip_string(c);
        continue;
      }
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      if (c == '[' || c == '{') ++brackets_;
      if (c == ']' || c == '}') brackets_ = std::max(brackets_ - 1, 0);
      if (c == '.') ++dots_;
      if (c == '\n' || c == '=' || c == ',' || c == ']' || c == '}') dots_ = 0;
      if (brackets_ + dots_ > kMaxDocumentDepth + 1) {
        throw_too_deep(describe_position(name_, position_of(text_, at_)));
      }
      ++at_;
    }
  }

 private:
  void skip_string(char delimiter) {
    const std::string triple(3, delimiter);
    const bool is_long = text_.substr(at_, 3) == triple;
    at_ += is_long ? 3 : 1;
    while (at_ < text_.size()) {
      if (text_[at_] == '\\' && delimiter == '"') {
        at_ += 2;
      } else if (is_long && text_.substr(at_, 3) == triple) {
        at_ += 3;
        return;
      } else if (!is_long && (text_[at_] == delimiter || text_[at_] == '\n')) {
        ++at_;
        return;
      } else {
        ++at_;
      }
    }
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
  int brackets_ = 0;
  int dots_ = 0;
};

class TomlConverter {
 public:
  TomlConverter(const std::string& name, Positions& positions)
      : name_(name), positions_(positions) {}

  Json convert(const toml::node& node, const std::string& path, int depth) {
    if (depth > kMaxDocumentDepth) {
      throw_too_deep(describe_position(name_, position_of_node(node.source())));
    }
    if (const toml::table* table = node.as_table()) return convert_table(*table, path, depth);
    if (const toml::array* array = node.as_array()) return convert_array(*array, path, depth);
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* integer = node.as_integer()) return integer->get();
    if (const auto* number = node.as_floating_point()) return number->get();
    if (const auto* flag = node.as_boolean()) return flag->get();
    return convert_date(node);
  }

 private:
  Json convert_table(const toml::table& table, const std::string& path, int depth) {
    std::vector<std::pair<const toml::key*, const toml::node*>> members;
    for (const auto& [key, value] : table) members.emplace_back(&key, &value);
    std::ranges::stable_sort(members, [](const auto& a, const auto& b) {
      const toml::source_position& left = a.first->source().begin;
      const toml::source_position& right = b.first->source().begin;
      return std::pair(left.line, left.column) < std::pair(right.line, right.column);
    });
    Json object = Json::object();
    for (const auto& [key, value] : members) {
      const std::string inner = join_path(path, key->str());
      positions_.insert_or_assign(inner, position_of_node(key->source()));
      append_member(object, std::string(key->str()), convert(*value, inner, depth + 1));
    }
    return object;
  }

  Json convert_array(const toml::array& array, const std::string& path, int depth) {
    Json items = Json::array();
    for (const toml::node& item : array) {
      const std::string inner = join_path(path, std::to_string(items.size()));
      positions_.insert_or_assign(inner, position_of_node(item.source()));
      items.push_back(convert(item, inner, depth + 1));
    }
    return items;
  }

  // Dates have no JSON type: they become the text that they are.
  static Json convert_date(const toml::node& node) {
    std::ostringstream text;
    if (const auto* date = node.as_date()) text << date->get();
    if (const auto* time = node.as_time()) text << time->get();
    if (const auto* date_time = node.as_date_time()) text << date_time->get();
    return text.str();
  }

  const std::string& name_;
  Positions& positions_;
};

// toml++ says "Error while parsing table header: cannot redefine existing table 'study'".
[[noreturn]] void throw_parse_error(const std::string& where, std::string_view description) {
  const std::size_t colon = description.find(": ");
  if (description.starts_with("Error while parsing") && colon != description.npos) {
    description.remove_prefix(colon + 2);
  }
  const std::size_t open = description.find('\'');
  if (description.starts_with("cannot redefine existing") && open != description.npos) {
    const std::string_view key = description.substr(open + 1);
    throw_duplicate_key(where, key.substr(0, key.rfind('\'')), "");
  }
  // The only control character that a text meets by accident is the end of its line.
  const bool is_open_text = description.starts_with("unescaped control characters");
  throw_syntax(where, "the file is not valid TOML",
               is_open_text ? "a text that is not closed on its line" : std::string(description),
               is_open_text ? "a closing quote" : "TOML 1.0, see https://toml.io");
}

}  // namespace

Json read_toml(std::string_view content, const std::string& name, Positions& positions) {
  DepthScan(content, name).run();
  try {
    const toml::table table = toml::parse(content, name);
    return TomlConverter(name, positions).convert(table, "", 0);
  } catch (const toml::parse_error& error) {
    throw_parse_error(describe_position(name, position_of_node(error.source())),
                      error.description());
  }
}

}  // namespace trimtab::detail
