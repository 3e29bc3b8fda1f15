#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/base/document.hpp"
#include "trimtab/base/error.hpp"
#include "trimtab/base/json.hpp"
#include "trimtab/exchange/format.hpp"

namespace trimtab::exchange {

/// A study file that is written from another program's file. Every key of the source has an effect,
/// or a note that says where it stood and what became of it, or is refused; all refusals are told
/// together.
class StudyDraft {
 public:
  /// @param source  outlives the draft.
  explicit StudyDraft(const Document& source) : source_(source) {}

  /// A section of the study file ("study", "space", ...), in the order of the first use.
  Json& section(const std::string& name) { return root_[name]; }
  bool has_section(const std::string& name) const { return root_.contains(name); }
  /// The study's name: the text without what a name cannot have.
  void set_name(std::string_view text);

  /// A comment of the study file: what is not the same there. @param path  in the source.
  void note(std::string_view path, const std::string& text);
  /// The source cannot be said in a study file.
  void refuse(std::string_view path, const std::string& what, std::string got, std::string expected,
              std::string hint = "");
  /// Notes every key of a table that is not one of `known`.
  void note_others(std::string_view path, const Json& table,
                   std::initializer_list<std::string_view> known);
  /// The number at a key of a table; `fallback` when it is not there, refused when it is none.
  double number(std::string_view path, const Json& table, const char* key, double fallback);
  double require_number(std::string_view path, const Json& table, const char* key);

  /// The file's text, TOML. @param program  whose file the source is.
  /// @throws UserError with everything that was refused, or with what the study file's own reader
  /// has against the result.
  StudyFileText finish(const std::string& program) const;

 private:
  const Document& source_;
  Json root_ = Json::object();
  std::vector<std::string> notes_;
  std::vector<ErrorInfo> refusals_;
};

/// A source as a document: JSON when it begins with a brace, else YAML.
/// @throws UserError when it is neither.
Document read_document(const SourceFile& source);

/// The same for recognising a format: nothing when it cannot be read.
std::optional<Json> try_document(const SourceFile& source);

/// A text as one word of a command: in quotes where a shell would change it, braces doubled.
std::string command_word(std::string_view text);

/// "a/b" for joining places.
std::string join(std::string_view path, std::string_view key);

}  // namespace trimtab::exchange
