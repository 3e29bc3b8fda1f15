// YAML by yaml-cpp; plain scalars are typed by the core schema of YAML 1.2, quoted ones are text.

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <unordered_map>

#include "trimtab/base/detail/document_reader.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab::detail {
namespace {

// An alias repeats a whole tree: ten lines can stand for 10^9 nodes.
constexpr std::size_t kMaxNodes = 500'000;

Position position_of_mark(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
}

bool is_any_of(std::string_view text, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (text == word) return true;
  }
  return false;
}

std::optional<Json> read_integer(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0o")) {
    base = text[1] == 'x' ? 16 : 8;
    text.remove_prefix(2);
    if (text.starts_with('-')) return {};
  } else if (text.starts_with('+') || text.starts_with('-')) {
    if (text.find_first_not_of("0123456789", 1) != text.npos) return {};
    if (text.front() == '+') text.remove_prefix(1);
  }
  const char* end = text.data() + text.size();
  std::int64_t integer = 0;
  if (const auto [last, code] = std::from_chars(text.data(), end, integer, base);
      code == std::errc() && last == end) {
    return integer;
  }
  std::uint64_t natural = 0;
  if (const auto [last, code] = std::from_chars(text.data(), end, natural, base);
      code == std::errc() && last == end) {
    return natural;
  }
  return {};
}

std::optional<Json> read_float(std::string_view text) {
  std::string_view digits = text;
  const bool is_negative = digits.starts_with('-');
  if (digits.starts_with('-') || digits.starts_with('+')) digits.remove_prefix(1);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (is_any_of(digits, {".inf", ".Inf", ".INF"})) return is_negative ? -kInfinity : kInfinity;
  if (is_any_of(text, {".nan", ".NaN", ".NAN"})) return std::numeric_limits<double>::quiet_NaN();
  if (digits.empty() || digits.find_first_not_of("0123456789.eE+-") != digits.npos) return {};
  if (digits.front() == '+' || digits.front() == '-') return {};
  double number = 0.0;
  if (!parse_double(digits, number)) return {};
  return is_negative ? -number : number;
}

Json type_plain_scalar(const std::string& text) {
  if (is_any_of(text, {"", "~", "null", "Null", "NULL"})) return nullptr;
  if (is_any_of(text, {"true", "True", "TRUE"})) return true;
  if (is_any_of(text, {"false", "False", "FALSE"})) return false;
  if (const std::optional<Json> integer = read_integer(text)) return *integer;
  if (const std::optional<Json> number = read_float(text)) return *number;
  return text;
}

class YamlConverter {
 public:
  YamlConverter(const std::string& name, Positions& positions)
      : name_(name), positions_(positions) {}

  Json convert(const YAML::Node& node, const std::string& path, int depth) {
    const std::string where = describe_position(name_, position_of_mark(node.Mark()));
    if (depth > kMaxDocumentDepth) throw_too_deep(where);
    if (++num_nodes_ > kMaxNodes) {
      throw_syntax(where, "the aliases of the document repeat too much",
                   "more than " + std::to_string(kMaxNodes) + " values", "fewer aliases");
    }
    switch (node.Type()) {
      case YAML::NodeType::Map:
        return convert_map(node, path, depth);
      case YAML::NodeType::Sequence:
        return convert_sequence(node, path, depth);
      case YAML::NodeType::Scalar:
        return convert_scalar(node, where);
      default:
        return nullptr;
    }
  }

 private:
  Json convert_map(const YAML::Node& node, const std::string& path, int depth) {
    Json object = Json::object();
    std::unordered_map<std::string, std::string> seen;
    for (const auto& item : node) {
      const Position position = position_of_mark(item.first.Mark());
      const std::string where = describe_position(name_, position);
      if (!item.first.IsScalar()) {
        throw_syntax(where, "a key must be a text", "a list or table as a key", "key: value");
      }
      const std::string& key = checked_text(item.first, where);
      const auto [first, is_new] = seen.try_emplace(key, where);
      if (!is_new) throw_duplicate_key(where, key, first->second);
      const std::string inner = join_path(path, key);
      positions_.insert_or_assign(inner, position);
      append_member(object, key, convert(item.second, inner, depth + 1));
    }
    return object;
  }

  Json convert_sequence(const YAML::Node& node, const std::string& path, int depth) {
    Json items = Json::array();
    for (const YAML::Node& item : node) {
      const std::string inner = join_path(path, std::to_string(items.size()));
      positions_.insert_or_assign(inner, position_of_mark(item.Mark()));
      items.push_back(convert(item, inner, depth + 1));
    }
    return items;
  }

  // yaml-cpp 0.7 writes the escapes \N and \_ as single bytes, which are not UTF-8.
  static const std::string& checked_text(const YAML::Node& node, const std::string& where) {
    std::size_t bad_offset = 0;
    if (is_utf8(node.Scalar(), bad_offset)) return node.Scalar();
    throw_syntax(where, "the file is not valid YAML", "an escape that gives no UTF-8",
                 "the character itself, or \\u0085 for \\N and \\u00a0 for \\_");
  }

  // "?" marks a plain scalar, "!" a quoted one.
  static Json convert_scalar(const YAML::Node& node, const std::string& where) {
    const std::string& tag = node.Tag();
    const std::string& text = checked_text(node, where);
    if (tag == "!" || tag == "tag:yaml.org,2002:str") return text;
    if (tag.empty() || tag == "?" || tag.starts_with("tag:yaml.org,2002:")) {
      return type_plain_scalar(text);
    }
    throw_syntax(where, "this tag is not known", quote(tag), "plain YAML without own tags");
  }

  const std::string& name_;
  Positions& positions_;
  std::size_t num_nodes_ = 0;
};

// Remembers where a document begins; everything else is read in a second pass.
class DocumentStart final : public YAML::EventHandler {
 public:
  const YAML::Mark& mark() const { return mark_; }

  void OnDocumentStart(const YAML::Mark& mark) override { mark_ = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  YAML::Mark mark_;
};

// False when there is none. Not YAML::LoadAll: before a stray comma it finds empty documents for
// ever (yaml-cpp 0.7), which shows as a second document at the place of the first.
bool has_one_document(const std::string& text, const std::string& name) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStart first, second;
  if (!parser.HandleNextDocument(first)) return false;
  if (!parser.HandleNextDocument(second)) return true;
  const std::string where = describe_position(name, position_of_mark(second.mark()));
  const auto at = static_cast<std::size_t>(second.mark().pos);
  if (second.mark().pos == first.mark().pos) {
    throw_syntax(where, "the file is not valid YAML",
                 quote(text.substr(std::min(at, text.size()), 1)),
                 "YAML 1.2, see https://yaml.org");
  }
  throw_syntax(where, "the file holds several YAML documents", "a second one", "one document");
}

}  // namespace

Json read_yaml(std::string_view content, const std::string& name, Positions& positions) {
  try {
    const std::string text(content);
    // yaml-cpp would take it for UTF-16 or UTF-32 and make texts that are not UTF-8.
    if (const std::size_t zero = text.find('\0'); zero != std::string::npos) {
      throw_syntax(describe_position(name, position_of(content, zero)),
                   "the file is not valid YAML", "a zero byte", "text in UTF-8");
    }
    if (!has_one_document(text, name)) return nullptr;
    return YamlConverter(name, positions).convert(YAML::Load(text), "", 0);
  } catch (const YAML::DeepRecursion& error) {
    throw_too_deep(describe_position(name, position_of_mark(error.mark)));
  } catch (const YAML::Exception& error) {
    throw_syntax(describe_position(name, position_of_mark(error.mark)),
                 "the file is not valid YAML", error.msg, "YAML 1.2, see https://yaml.org");
  }
}

}  // namespace trimtab::detail
