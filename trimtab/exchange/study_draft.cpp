#include "trimtab/exchange/study_draft.hpp"

#include <algorithm>
#include <optional>

#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/study.hpp"

namespace trimtab::exchange {
namespace {

constexpr std::size_t kLongestName = 200;

bool is_bare(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

std::string toml_key(const std::string& key) { return is_bare(key) ? key : Json(key).dump(); }

// JSON's texts and numbers are TOML's too; only tables are written in another way.
std::string toml_value(const Json& value) {
  if (!value.is_structured()) return value.dump();
  std::string text;
  for (const auto& [key, item] : value.items()) {
    text += text.empty() ? "" : ", ";
    if (value.is_object()) text += toml_key(key) + " = ";
    text += toml_value(item);
  }
  if (value.is_array()) return "[" + text + "]";
  return text.empty() ? "{}" : "{ " + text + " }";
}

std::string comment(const std::string& text) {
  std::string line = "# ";
  for (const char c : text) line += c == '\n' || c == '\r' ? ' ' : c;
  return line + "\n";
}

std::string toml_text(const Json& root, const std::string& program,
                      const std::vector<std::string>& notes) {
  std::string text = comment("Made from a file of " + program + "'s by `trimtab import`.");
  if (!notes.empty()) text += comment("What is not the same, or has no place here:");
  for (const std::string& note : notes) text += comment("- " + note);
  for (const auto& [section, table] : root.items()) {
    text += "\n[" + section + "]\n";
    for (const auto& [key, value] : table.items()) {
      text += toml_key(key) + " = " + toml_value(value) + "\n";
    }
  }
  return text;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

std::string join(std::string_view path, std::string_view key) {
  return path.empty() ? std::string(key) : std::string(path) + "/" + std::string(key);
}

void StudyDraft::set_name(std::string_view text) {
  std::string name(trim(text.substr(0, kLongestName)));
  for (char& c : name) c = c == '/' || is_control(c) ? '-' : c;
  if (name.empty() || name.starts_with('.')) name = "study" + name;
  section("study")["name"] = name;
}

void StudyDraft::note(std::string_view path, const std::string& text) {
  notes_.push_back(source_.where(path) + ": " + text);
}

void StudyDraft::refuse(std::string_view path, const std::string& what, std::string got,
                        std::string expected, std::string hint) {
  refusals_.push_back({.code = "import.not_expressible",
                       .what = what,
                       .where = source_.where(path),
                       .got = std::move(got),
                       .expected = std::move(expected),
                       .hint = std::move(hint)});
}

void StudyDraft::note_others(std::string_view path, const Json& table,
                             std::initializer_list<std::string_view> known) {
  if (!table.is_object()) return;
  for (const auto& [key, value] : table.items()) {
    if (std::ranges::find(known, std::string_view(key)) != known.end()) continue;
    std::string shown = value.dump();
    if (shown.size() > 100) shown = shown.substr(0, 100) + "...";
    note(join(path, key), key + " = " + shown + " is left out");
  }
}

double StudyDraft::require_number(std::string_view path, const Json& table, const char* key) {
  if (!table.contains(key)) {
    refuse(path, std::string(key) + " is missing", "", "a number");
    return 1.0;
  }
  return number(path, table, key, 1.0);
}

double StudyDraft::number(std::string_view path, const Json& table, const char* key,
                          double fallback) {
  if (!table.contains(key)) return fallback;
  const Json& value = table[key];
  if (value.is_number()) return value.get<double>();
  double number = fallback;
  if (!value.is_string() || !parse_double(value.get<std::string>(), number)) {
    refuse(join(path, key), std::string(key) + " is no number", value.dump(), "a number");
  }
  return number;
}

StudyFileText StudyDraft::finish(const std::string& program) const {
  if (!refusals_.empty()) throw UserError(refusals_);
  StudyFileText file{.name = root_["study"]["name"].get<std::string>(),
                     .text = toml_text(root_, program, notes_),
                     .notes = notes_};
  parse_study(Document::parse(file.text, Document::Format::Toml, "the study file"));
  return file;
}

Document read_document(const SourceFile& source) {
  const std::string content = read_file(source.path, std::size_t{1} << 24);
  const bool is_json = trim(content).starts_with('{');
  return Document::parse(content, is_json ? Document::Format::Json : Document::Format::Yaml,
                         source.path);
}

std::optional<Json> try_document(const SourceFile& source) {
  if (source.head.find('\0') != source.head.npos) return std::nullopt;
  try {
    Json root = read_document(source).root();
    if (!root.is_object()) return std::nullopt;
    return root;
  } catch (const UserError&) {
    return std::nullopt;
  }
}

std::string command_word(std::string_view text) {
  std::string word;
  const bool is_plain = !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_bare({&c, 1}) || std::string_view("./=:,+@%").find(c) != std::string_view::npos;
  });
  if (is_plain) return std::string(text);
  for (const char c : text) {
    if (c == '\'') {
      word += R"('"'"')";
    } else if (c == '{' || c == '}') {
      word += std::string(2, c);
    } else {
      word += c;
    }
  }
  return "'" + word + "'";
}

}  // namespace trimtab::exchange
