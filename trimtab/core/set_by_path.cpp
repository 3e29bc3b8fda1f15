// The command line's --set path=value.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "trimtab/base/document.hpp"
#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/study.hpp"

namespace trimtab {
namespace {

[[noreturn]] void refuse(std::string_view assignment, const std::string& what,
                         const std::string& got, const std::string& expected,
                         const std::string& hint = "") {
  throw UserError({.code = "set.path",
                   .what = what,
                   .where = "--set " + std::string(assignment),
                   .got = got,
                   .expected = expected,
                   .hint = hint});
}

// TOML where it is TOML (5, true, [1, 2], "text"), otherwise the text itself.
Json read_value(std::string_view text) {
  const bool is_one_line = text.find('\n') == std::string_view::npos;
  try {
    const Json table =
        Document::parse("value = " + std::string(text), Document::Format::Toml, "--set").root();
    if (is_one_line && table.size() == 1) return table["value"];
  } catch (const UserError&) {
    // not TOML
  }
  return std::string(text);
}

// The part of `path` that is a key of `table`: the longest one, because keys may hold dots; the
// text up to the next dot when there is none.
std::string_view next_key(const Json& table, std::string_view path) {
  std::string_view longest = path.substr(0, path.find('.'));
  for (const auto& [key, value] : table.items()) {
    const bool is_prefix =
        path.starts_with(key) && (path.size() == key.size() || path[key.size()] == '.');
    if (is_prefix && key.size() > longest.size()) longest = path.substr(0, key.size());
  }
  return longest;
}

std::size_t read_index(std::string_view text, std::size_t size, std::string_view assignment) {
  long long index = -1;
  if (!parse_int(text, index) || index < 0 || static_cast<std::size_t>(index) >= size) {
    refuse(assignment, "the list has no such item", quote(text),
           size == 0 ? "nothing, the list is empty" : "0 to " + std::to_string(size - 1));
  }
  return static_cast<std::size_t>(index);
}

}  // namespace

void set_by_path(Json& root, std::string_view assignment) {
  std::size_t bad_byte = 0;
  if (!is_utf8(assignment, bad_byte)) {
    refuse(quote(assignment.substr(0, bad_byte)), "the setting is not UTF-8 text",
           "a wrong byte after " + std::to_string(bad_byte) + " bytes", "UTF-8");
  }
  const std::size_t equals = assignment.find('=');
  std::string_view path = trim(assignment.substr(0, equals));
  if (equals == std::string_view::npos || path.empty()) {
    refuse(assignment, "this is not an assignment", quote(assignment),
           "path=value, as in study.budget.trials=50");
  }
  const std::vector<std::string> sections = {"study",    "space",  "program",  "sampler", "pruner",
                                             "fidelity", "energy", "validity", "data"};
  const std::string first(path.substr(0, path.find('.')));
  if (std::find(sections.begin(), sections.end(), first) == sections.end()) {
    refuse(assignment, "the path does not start with a section of a study file", quote(first),
           one_of(sections), did_you_mean(first, sections));
  }
  Json* node = &root;
  if (node->is_null()) *node = Json::object();
  for (;;) {
    if (!node->is_object() && !node->is_array()) {
      refuse(assignment, "the path leads through a value that is no table", node->dump(),
             "a table or a list before " + quote(path));
    }
    const std::string_view key =
        node->is_array() ? path.substr(0, path.find('.')) : next_key(*node, path);
    if (key.empty()) refuse(assignment, "the path has an empty part", quote(path), "a key");
    Json& next = node->is_array() ? (*node)[read_index(key, node->size(), assignment)]
                                  : (*node)[std::string(key)];
    if (key.size() == path.size()) {
      next = read_value(trim(assignment.substr(equals + 1)));
      return;
    }
    if (next.is_null()) next = Json::object();
    node = &next;
    path.remove_prefix(key.size() + 1);
  }
}

}  // namespace trimtab
