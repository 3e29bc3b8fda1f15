#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "trimtab/base/json.hpp"

namespace trimtab {

/// A configuration file as JSON values that remember where they stood.
class Document {
 public:
  enum class Format : std::uint8_t { Toml, Yaml, Json };

  /// Parses TOML, YAML or JSON.
  /// @param name  the file's name in messages.
  /// @throws UserError with line and column: not UTF-8, syntax, duplicate keys, nesting deeper
  /// than 64. Cost: O(size).
  static Document parse(std::string_view content, Format format, const std::string& name);
  /// Reads a file (at most 16 MiB); the format follows the ending: .toml, .yaml/.yml, .json.
  static Document read(const std::string& path);

  const Json& root() const;
  /// The same document with other values (`--set`); positions stay those of the file.
  Document with_root(const Json& root) const;
  /// "study.toml:12:5" for a path of keys and indices joined by '/', e.g. "space/C/float/1"; the
  /// nearest known ancestor when that very node has no position; the bare file name when nothing is
  /// known.
  std::string where(std::string_view path) const;

 private:
  struct Content;
  std::shared_ptr<const Content> content_;
};

}  // namespace trimtab
