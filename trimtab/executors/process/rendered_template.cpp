#include "trimtab/executors/process/rendered_template.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/base/json.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

bool is_plain_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '-' ||
           c == '[' || c == ']';
  });
}

std::string place_of(const std::string& path, std::string_view content, std::size_t offset) {
  const std::string_view before = content.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n');
  const std::size_t column = start == std::string_view::npos ? offset + 1 : offset - start;
  return path + ":" + std::to_string(line) + ":" + std::to_string(column);
}

}  // namespace

RenderedTemplate::RenderedTemplate(std::string content, std::string path, const Space& space)
    : content_(std::move(content)),
      path_(std::move(path)),
      format_(SymbolicDocument::format_of(path_)),
      space_(space) {
  cut();
  const Point point = space_.default_point();
  // Every parameter has some text here, so that wrong holes show before the first trial.
  const CommandTemplate::Lookup any = [](const std::string&) { return std::string("0"); };
  const SymbolicDocument document = SymbolicDocument::parse(fill(point, any), format_, path_);
  // Other formats are written anew by their hole filler: left alone when there is nothing to fill.
  has_holes_ = format_ == SymbolicDocument::Format::Text || !document.space().parameters().empty();
  for (const Parameter& parameter : document.space().parameters()) {
    require_known(parameter.name, 0);
  }
}

void RenderedTemplate::cut() {
  std::size_t start = 0;
  for (std::size_t at = content_.find("{{"); at != std::string::npos;
       at = content_.find("{{", at + 2)) {
    const std::size_t end = content_.find("}}", at);
    if (end == std::string::npos) break;
    const bool is_literal = at > 0 && content_[at - 1] == '\\';
    const std::string name(trim(std::string_view(content_).substr(at + 2, end - at - 2)));
    const bool is_declared = content_.find("{{" + name + ":") != std::string::npos;
    if (is_literal || !is_plain_name(name) || is_declared) continue;
    require_known(name, at);
    const bool is_json = format_ == SymbolicDocument::Format::Json && at > 0 &&
                         content_[at - 1] == '"' && content_.compare(end + 2, 1, "\"") == 0;
    const std::size_t quote_size = is_json ? 1 : 0;
    pieces_.push_back({content_.substr(start, at - quote_size - start), name, is_json});
    start = end + 2 + quote_size;
  }
  pieces_.push_back({content_.substr(start), "", false});
}

void RenderedTemplate::require_known(const std::string& name, std::size_t offset) const {
  std::vector<std::string> known = CommandTemplate::builtin_names();
  if (std::find(known.begin(), known.end(), name) != known.end()) return;
  if (space_.find_parameter(name) != nullptr) return;
  for (const Parameter& parameter : space_.parameters()) known.push_back(parameter.name);
  throw UserError({.code = "program.file_name",
                   .what = "the file to render names something the study does not have",
                   .where = place_of(path_, content_, offset),
                   .got = name,
                   .expected = one_of(known),
                   .hint = did_you_mean(name, known)});
}

std::string RenderedTemplate::render(PointView point, const CommandTemplate::Lookup& lookup) const {
  const std::string text = fill(point, lookup);
  if (!has_holes_) return text;
  return fill_holes(SymbolicDocument::parse(text, format_, path_), point);
}

std::string RenderedTemplate::fill(PointView point, const CommandTemplate::Lookup& lookup) const {
  const Json values = space_.to_json(point);
  std::string text;
  for (const Piece& piece : pieces_) {
    text += piece.literal;
    if (piece.name.empty()) continue;
    if (piece.is_json && space_.find_parameter(piece.name) != nullptr) {
      const auto found = values.find(piece.name);
      text += found == values.end() ? "null" : found->dump();
      continue;
    }
    const std::string value = lookup(piece.name).value_or("");
    text += piece.is_json ? Json(value).dump() : value;
  }
  return text;
}

std::string RenderedTemplate::fill_holes(const SymbolicDocument& document, PointView point) const {
  const Json values = space_.to_json(point);
  Json own = Json::object();
  for (const Parameter& parameter : document.space().parameters()) {
    const auto found = values.find(parameter.name);
    if (found != values.end()) own[parameter.name] = *found;
  }
  return document.materialise(document.space().from_json(
      own, [&](std::string_view name) { return path_ + ", hole " + std::string(name); }));
}

}  // namespace trimtab
