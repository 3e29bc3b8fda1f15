#include "trimtab/space/symbolic.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "trimtab/base/document.hpp"
#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/space/detail/document_writer.hpp"
#include "trimtab/space/detail/symbolic_text.hpp"
#include "trimtab/space/detail/symbolic_tree.hpp"

namespace trimtab {
namespace {

Document::Format structured_format(SymbolicDocument::Format format) {
  if (format == SymbolicDocument::Format::Toml) return Document::Format::Toml;
  if (format == SymbolicDocument::Format::Yaml) return Document::Format::Yaml;
  return Document::Format::Json;
}

void require_utf8(std::string_view content, const std::string& where) {
  std::size_t offset = 0;
  if (is_utf8(content, offset)) return;
  throw UserError({.code = "symbolic.not_utf8",
                   .what = "the template is not UTF-8 text",
                   .where = where,
                   .got = "a wrong byte after " + std::to_string(offset) + " bytes",
                   .expected = "UTF-8",
                   .hint = ""});
}

}  // namespace

struct SymbolicDocument::Tree {
  Format format = Format::Text;
  std::string where;
  std::optional<detail::SymbolicTree> structure;  ///< all formats but text
  std::optional<detail::TextTemplate> text;
};

SymbolicDocument SymbolicDocument::parse(std::string_view content, Format format,
                                         const std::string& where) {
  auto tree = std::make_shared<Tree>();
  tree->format = format;
  tree->where = where;
  SymbolicDocument result;
  if (format == Format::Text) {
    require_utf8(content, where);
    tree->text = detail::compile_text(content, where);
    result.space_ = Space::parse(tree->text->definition, [&](std::string_view path) {
      const auto place = tree->text->places.find(path.substr(0, path.find('/')));
      return place == tree->text->places.end() ? where : place->second;
    });
  } else {
    const Document document = Document::parse(content, structured_format(format), where);
    tree->structure = detail::compile_symbolic(document);
    const bool is_hole = tree->structure->root.type > detail::SymbolicNode::Type::List;
    if (format == Format::Toml && is_hole) {
      throw UserError({.code = "symbolic.root",
                       .what = "the whole document is one hole",
                       .where = where,
                       .got = "",
                       .expected = "a table of keys, as every TOML document is",
                       .hint = "put the hole under a key"});
    }
    result.space_ = Space::parse(tree->structure->definition, [&](std::string_view path) {
      return document.where(tree->structure->origin_of(path));
    });
  }
  result.tree_ = std::move(tree);
  return result;
}

SymbolicDocument::Format SymbolicDocument::format_of(std::string_view path) {
  if (path.ends_with(".json")) return Format::Json;
  if (path.ends_with(".toml")) return Format::Toml;
  if (path.ends_with(".yaml") || path.ends_with(".yml")) return Format::Yaml;
  return Format::Text;
}

std::string SymbolicDocument::materialise(PointView point) const {
  if (tree_->format == Format::Text) return detail::fill_text(*tree_->text, space_, point);
  const Json document = detail::fill_holes(*tree_->structure, space_, point);
  if (tree_->format == Format::Toml) return detail::write_toml(document);
  if (tree_->format == Format::Yaml) return detail::write_yaml(document);
  return detail::write_json(document);
}

Point SymbolicDocument::recover(std::string_view content) const {
  if (tree_->format == Format::Text) {
    return detail::match_text(*tree_->text, space_, content, tree_->where);
  }
  const Document document =
      Document::parse(content, structured_format(tree_->format), "the document");
  return detail::match_holes(*tree_->structure, space_, document.root(), tree_->where);
}

}  // namespace trimtab
