#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "trimtab/base/json.hpp"

namespace trimtab::detail {

inline constexpr int kMaxDocumentDepth = 64;

/// Where a value stands in its file; both count from 1, columns in characters.
struct Position {
  std::size_t line = 1;
  std::size_t column = 1;
};

/// Positions by path ("space/C/float/1"; "" is the whole document): where the key stands, for an
/// item of a list the item itself.
using Positions = std::map<std::string, Position, std::less<>>;

/// "study.toml:12:5".
std::string describe_position(const std::string& name, Position position);

/// The position of a byte. O(offset).
Position position_of(std::string_view content, std::size_t offset);

/// "space/C" and "float" make "space/C/float"; "" and "space" make "space".
std::string join_path(const std::string& path, std::string_view key);

/// Adds a member without looking for an equal key. O(1), where `object[key]` is O(members).
void append_member(Json& object, std::string key, Json value);

[[noreturn]] void throw_syntax(const std::string& where, const std::string& what,
                               const std::string& got, const std::string& expected);
[[noreturn]] void throw_duplicate_key(const std::string& where, std::string_view key,
                                      const std::string& first_where);
[[noreturn]] void throw_too_deep(const std::string& where);

// One reader per format. `name` is the file's name in messages; `content` is valid UTF-8 without a
// byte order mark. Each throws UserError with line and column for syntax, duplicate keys and
// nesting deeper than kMaxDocumentDepth.
Json read_toml(std::string_view content, const std::string& name, Positions& positions);
Json read_yaml(std::string_view content, const std::string& name, Positions& positions);
Json read_json(std::string_view content, const std::string& name, Positions& positions);

}  // namespace trimtab::detail
