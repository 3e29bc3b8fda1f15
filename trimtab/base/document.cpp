#include "trimtab/base/document.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "trimtab/base/detail/document_reader.hpp"
#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab {
namespace detail {

std::string describe_position(const std::string& name, Position position) {
  return name + ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
}

Position position_of(std::string_view content, std::size_t offset) {
  Position position;
  for (std::size_t i = 0; i < offset && i < content.size(); ++i) {
    const auto byte = static_cast<unsigned char>(content[i]);
    if (byte == '\n') {
      ++position.line;
      position.column = 1;
    } else if ((byte & 0xC0U) != 0x80U) {  // not the continuation of a character
      ++position.column;
    }
  }
  return position;
}

std::string join_path(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : path + "/" + std::string(key);
}

void append_member(Json& object, std::string key, Json value) {
  using Members = Json::object_t;
  static_cast<Members::Container&>(object.get_ref<Members&>())
      .emplace_back(std::move(key), std::move(value));
}

void throw_syntax(const std::string& where, const std::string& what, const std::string& got,
                  const std::string& expected) {
  throw UserError({.code = "document.syntax",
                   .what = what,
                   .where = where,
                   .got = got,
                   .expected = expected,
                   .hint = ""});
}

void throw_duplicate_key(const std::string& where, std::string_view key,
                         const std::string& first_where) {
  throw UserError({.code = "document.duplicate_key",
                   .what = "the key stands twice in the same table",
                   .where = where,
                   .got = quote(key),
                   .expected = "each key once",
                   .hint = first_where.empty() ? "" : "the first one is at " + first_where});
}

void throw_too_deep(const std::string& where) {
  throw UserError({.code = "document.depth",
                   .what = "tables and lists are nested too deeply",
                   .where = where,
                   .got = "more than " + std::to_string(kMaxDocumentDepth) + " levels",
                   .expected = "at most " + std::to_string(kMaxDocumentDepth) + " levels",
                   .hint = ""});
}

}  // namespace detail

namespace {

constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

void require_utf8(std::string_view content, const std::string& name) {
  std::size_t offset = 0;
  if (is_utf8(content, offset)) return;
  constexpr char kDigits[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(content[offset]);
  throw UserError({.code = "document.not_utf8",
                   .what = "the file is not UTF-8 text",
                   .where = detail::describe_position(name, detail::position_of(content, offset)),
                   .got = std::string("byte 0x") + kDigits[byte >> 4U] + kDigits[byte & 15U],
                   .expected = "UTF-8",
                   .hint = "save the file as UTF-8"});
}

Document::Format format_of(const std::string& path) {
  if (path.ends_with(".toml")) return Document::Format::Toml;
  if (path.ends_with(".yaml") || path.ends_with(".yml")) return Document::Format::Yaml;
  if (path.ends_with(".json")) return Document::Format::Json;
  throw UserError({.code = "document.format",
                   .what = "the file's name does not say its format",
                   .where = path,
                   .got = quote(path.substr(path.find_last_of('/') + 1)),
                   .expected = "a name that ends in .toml, .yaml, .yml or .json",
                   .hint = ""});
}

}  // namespace

struct Document::Content {
  std::string name;
  Json root;
  detail::Positions positions;
};

Document Document::parse(std::string_view content, Format format, const std::string& name) {
  require_utf8(content, name);
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (content.starts_with(kByteOrderMark)) content.remove_prefix(kByteOrderMark.size());
  auto result = std::make_shared<Content>();
  result->name = name;
  switch (format) {
    case Format::Toml:
      result->root = detail::read_toml(content, name, result->positions);
      break;
    case Format::Yaml:
      result->root = detail::read_yaml(content, name, result->positions);
      break;
    case Format::Json:
      result->root = detail::read_json(content, name, result->positions);
      break;
  }
  Document document;
  document.content_ = std::move(result);
  return document;
}

Document Document::read(const std::string& path) {
  const Format format = format_of(path);
  return parse(read_file(path, kMaxBytes), format, path);
}

const Json& Document::root() const { return content_->root; }

Document Document::with_root(const Json& root) const {
  auto changed = std::make_shared<Content>(*content_);
  changed->root = root;
  Document document;
  document.content_ = std::move(changed);
  return document;
}

std::string Document::where(std::string_view path) const {
  for (;;) {
    const auto found = content_->positions.find(path);
    if (found != content_->positions.end()) {
      // The position of the whole document says nothing.
      return path.empty() ? content_->name
                          : detail::describe_position(content_->name, found->second);
    }
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return content_->name;
    path = path.substr(0, slash);
  }
}

}  // namespace trimtab
