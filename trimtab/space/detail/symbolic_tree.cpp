#include "trimtab/space/detail/symbolic_tree.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "trimtab/base/detail/document_reader.hpp"
#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab::detail {
namespace {

using Type = SymbolicNode::Type;

constexpr std::size_t kMaxCandidates = 10'000;

// What marks a hole, and the keys that may stand beside it. "$x" becomes "x" in the definition.
struct HoleKind {
  const char* key;
  Type type;
  std::vector<std::string> options;
};

const std::vector<HoleKind>& hole_kinds() {
  static const std::vector<HoleKind> kKinds = {
      {"$float", Type::Number, {"$log", "$step", "$default", "$unit", "$prior"}},
      {"$int", Type::Number, {"$log", "$step", "$default", "$unit", "$prior"}},
      {"$one_of", Type::OneOf, {"$default"}},
      {"$many_of", Type::ManyOf, {"$k", "$distinct", "$sorted"}},
      {"$permutation", Type::Permutation, {}}};
  return kKinds;
}

std::vector<std::string> hole_keys() {
  std::vector<std::string> keys;
  for (const HoleKind& kind : hole_kinds()) keys.emplace_back(kind.key);
  return keys;
}

// What others call our kinds, else the nearest one; "" for keys that mean something else ("$ref").
std::string kind_hint(const std::string& key) {
  static const std::map<std::string, std::string> kSynonyms = {
      {"$choice", "$one_of"}, {"$categorical", "$one_of"}, {"$ordinal", "$one_of"},
      {"$uniform", "$float"}, {"$loguniform", "$float"},   {"$real", "$float"},
      {"$integer", "$int"},   {"$subset", "$many_of"},     {"$shuffle", "$permutation"}};
  const auto found = kSynonyms.find(key);
  if (found != kSynonyms.end()) return "did you mean " + quote(found->second) + "?";
  return did_you_mean(key, hole_keys());
}

// "model/learning rate" gives "model.learning_rate": a name that needs no quotes.
std::string name_from_path(std::string_view path) {
  std::string name;
  for (const char c : path) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == '-';
    name += c == '/' ? '.' : is_plain ? c : '_';
  }
  return name.empty() ? "value" : name;
}

// The holes of the document itself, or of one candidate: a space of their own.
struct Scope {
  Json definition = Json::object();
  std::set<std::string> names = {};
  std::string definition_path = {};  // "" or "op/one_of/conv"
  std::string document_path = {};    // of the candidate; names are relative to it
  std::string name_prefix = {};      // keeps the candidates of one hole apart: "1."
};

bool has_holes(const SymbolicNode& node) {
  switch (node.type) {
    case Type::Constant:
      return false;
    case Type::Object:
      return std::ranges::any_of(node.members, [](const auto& m) { return has_holes(m.second); });
    case Type::List:
      return std::ranges::any_of(node.items, has_holes);
    default:
      return true;
  }
}

// A short text for a candidate that is no scalar: its first text member ("conv" for
// {"type": "conv", ...}), else itself.
std::string label_of(const Json& candidate) {
  constexpr std::size_t kMaxLabel = 40;
  if (candidate.is_string()) return candidate.get<std::string>();
  if (candidate.is_object()) {
    for (const auto& [key, value] : candidate.items()) {
      if (value.is_string()) return value.get<std::string>();
    }
  }
  const std::string text = candidate.dump();
  return text.size() <= kMaxLabel ? text : "";
}

class Compiler {
 public:
  explicit Compiler(const Document& document) : document_(document) {}

  SymbolicTree compile() {
    Scope scope;
    tree_.root = compile_node(document_.root(), "", scope);
    tree_.definition = std::move(scope.definition);
    if (!problems_.empty()) throw UserError(std::move(problems_));
    return std::move(tree_);
  }

 private:
  void fail(const std::string& code, const std::string& what, const std::string& path,
            const std::string& got, const std::string& expected, const std::string& hint = "") {
    problems_.push_back({.code = code,
                         .what = what,
                         .where = document_.where(path),
                         .got = got,
                         .expected = expected,
                         .hint = hint});
  }

  SymbolicNode compile_node(const Json& json, const std::string& path, Scope& scope) {
    if (json.is_object()) return compile_object(json, path, scope);
    if (!json.is_array()) return {.constant = json};
    SymbolicNode node = {.type = Type::List};
    for (std::size_t i = 0; i < json.size(); ++i) {
      node.items.push_back(compile_node(json[i], join_path(path, std::to_string(i)), scope));
    }
    return simplify(std::move(node), json);
  }

  SymbolicNode compile_object(const Json& json, const std::string& path, Scope& scope) {
    const HoleKind* kind = find_kind(json, path);
    if (kind != nullptr) return compile_hole(json, *kind, path, scope);
    SymbolicNode node = {.type = Type::Object};
    for (const auto& [key, value] : json.items()) {
      node.members.emplace_back(key, compile_node(value, join_path(path, key), scope));
    }
    return simplify(std::move(node), json);
  }

  // A container without holes is a constant.
  static SymbolicNode simplify(SymbolicNode node, const Json& json) {
    if (has_holes(node)) return node;
    return {.constant = json};
  }

  const HoleKind* find_kind(const Json& json, const std::string& path) {
    const HoleKind* found = nullptr;
    for (const HoleKind& kind : hole_kinds()) {
      if (!json.contains(kind.key)) continue;
      if (found != nullptr) {
        fail("symbolic.two_kinds", "a hole has two kinds", join_path(path, kind.key),
             quote(found->key) + " and " + quote(kind.key), "one of them");
      }
      found = &kind;
    }
    if (found != nullptr) return found;
    for (const auto& [key, value] : json.items()) {
      const std::string hint = key.starts_with('$') ? kind_hint(key) : "";
      if (hint.empty()) continue;
      fail("symbolic.unknown_kind", "this kind of hole does not exist", join_path(path, key),
           quote(key), one_of(hole_keys()), hint);
    }
    return nullptr;
  }

  void check_keys(const Json& json, const HoleKind& kind, const std::string& path) {
    std::vector<std::string> known = {kind.key, "$name"};
    known.insert(known.end(), kind.options.begin(), kind.options.end());
    for (const auto& [key, value] : json.items()) {
      const bool is_other_kind = std::ranges::any_of(
          hole_kinds(), [&key = key](const HoleKind& other) { return key == other.key; });
      if (is_other_kind || std::ranges::find(known, key) != known.end()) continue;
      fail("symbolic.unknown_key", "a hole of kind " + quote(kind.key) + " has no such key",
           join_path(path, key), quote(key), one_of(known), did_you_mean(key, known));
    }
  }

  std::string read_name(const Json& json, const std::string& path, const Scope& scope) {
    if (!json.contains("$name")) {
      std::string_view relative = path;
      relative.remove_prefix(std::min(relative.size(), scope.document_path.size()));
      if (relative.starts_with('/')) relative.remove_prefix(1);
      return scope.name_prefix + name_from_path(relative);
    }
    const Json& name = json["$name"];
    if (!name.is_string()) {
      fail("symbolic.name", "the name of a hole is no text", join_path(path, "$name"), name.dump(),
           "a text");
      return scope.name_prefix + name_from_path(path);
    }
    return name.get<std::string>();
  }

  SymbolicNode compile_hole(const Json& json, const HoleKind& kind, const std::string& path,
                            Scope& scope) {
    check_keys(json, kind, path);
    SymbolicNode node = {.type = kind.type, .name = read_name(json, path, scope)};
    const std::string definition_path = join_path(scope.definition_path, node.name);
    const std::string type_key = std::string(kind.key).substr(1);
    tree_.origins[definition_path] = path;
    tree_.origins[join_path(definition_path, type_key)] = join_path(path, kind.key);
    Json definition = Json::object();
    if (kind.type == Type::Number) {
      definition[type_key] = json[kind.key];
    } else {
      definition[type_key] = compile_candidates(json[kind.key], kind, join_path(path, kind.key),
                                                join_path(definition_path, type_key), node);
    }
    for (const std::string& option : kind.options) {
      if (!json.contains(option)) continue;
      definition[option.substr(1)] = json[option];
      tree_.origins[join_path(definition_path, option.substr(1))] = join_path(path, option);
    }
    if (kind.type == Type::OneOf && json.contains("$default")) {
      translate_default(json, path, node, definition);
    }
    if (kind.type == Type::ManyOf) read_num_slots(json, path, node);
    if (kind.type == Type::Permutation) node.num_slots = node.items.size();
    if (!scope.names.insert(node.name).second) {
      fail("symbolic.same_name", "two holes have the same name", path, quote(node.name),
           "a name of its own for each hole", "name one of them with \"$name\"");
    }
    append_member(scope.definition, node.name, std::move(definition));
    return node;
  }

  void read_num_slots(const Json& json, const std::string& path, SymbolicNode& node) {
    constexpr std::int64_t kMaxSlots = 10'000;
    if (!json.contains("$k")) {
      fail("symbolic.missing", "a \"$many_of\" does not say how many", path, "",
           "\"$k\": the number of candidates to take");
      return;
    }
    const Json& count = json["$k"];
    if (!count.is_number_integer() || count.get<double>() < 1.0 ||
        count.get<double>() > static_cast<double>(kMaxSlots)) {
      fail("symbolic.k", "\"$k\" is no number of candidates", join_path(path, "$k"), count.dump(),
           "a whole number in [1, " + std::to_string(kMaxSlots) + "]");
      return;
    }
    node.num_slots = count.get<std::size_t>();
  }

  // The default of a hole is written as the candidate; the space knows its label.
  void translate_default(const Json& json, const std::string& path, const SymbolicNode& node,
                         Json& definition) {
    const Json& candidates = json["$one_of"];
    const Json& labels = definition["one_of"];
    for (std::size_t i = 0; i < node.items.size() && i < candidates.size(); ++i) {
      if (!same_json(candidates[i], json["$default"])) continue;
      definition["default"] =
          labels.is_array() ? labels[i]
                            : Json(std::next(labels.begin(), static_cast<std::ptrdiff_t>(i)).key());
      return;
    }
    definition.erase("default");
    fail("symbolic.default", "the default is not among the candidates", join_path(path, "$default"),
         json["$default"].dump(), "one of the candidates, written the same way");
  }

  // The candidates of a hole as a definition: a list of labels, or a table of sub-spaces when some
  // candidate holds holes.
  Json compile_candidates(const Json& json, const HoleKind& kind, const std::string& path,
                          const std::string& definition_path, SymbolicNode& node) {
    if (!json.is_array() || json.empty() || json.size() > kMaxCandidates) {
      fail("symbolic.candidates", quote(kind.key) + " holds no candidates", path,
           json.is_array() ? "a list of " + std::to_string(json.size()) : json.dump(),
           "a list of 1 to " + std::to_string(kMaxCandidates) + " candidates");
      return Json::array({0});
    }
    std::vector<Scope> scopes;
    bool is_table = false;
    const std::vector<std::string> labels = unique_labels(json);
    for (std::size_t i = 0; i < json.size(); ++i) {
      const std::string inner = join_path(path, std::to_string(i));
      Scope& scope = scopes.emplace_back();
      scope.definition_path = join_path(definition_path, labels[i]);
      scope.document_path = inner;
      scope.name_prefix = std::to_string(i) + ".";
      tree_.origins[scope.definition_path] = inner;
      node.items.push_back(compile_node(json[i], inner, scope));
      is_table |= !scope.definition.empty();
      check_duplicate(json, i, path);
    }
    if (is_table && kind.type == Type::Permutation) {
      fail("symbolic.permutation", "an item of a \"$permutation\" holds a hole", path,
           "a hole inside an item", "items without holes");
    }
    qualify_shared_names(labels, scopes, node);
    return describe_candidates(json, labels, scopes, is_table);
  }

  // The space puts the candidate's label before a name that two candidates use.
  static void qualify_shared_names(const std::vector<std::string>& labels,
                                   const std::vector<Scope>& scopes, SymbolicNode& node) {
    std::map<std::string, int> num_uses;
    for (const Scope& scope : scopes) {
      for (const std::string& name : scope.names) ++num_uses[name];
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) qualify(node.items[i], labels[i], num_uses);
  }

  static void qualify(SymbolicNode& node, const std::string& label,
                      const std::map<std::string, int>& num_uses) {
    if (node.type == Type::Object) {
      for (auto& [key, member] : node.members) qualify(member, label, num_uses);
    } else if (node.type == Type::List) {
      for (SymbolicNode& item : node.items) qualify(item, label, num_uses);
    } else if (node.type != Type::Constant && num_uses.at(node.name) > 1) {
      node.name = label + "." + node.name;
    }
  }

  static Json describe_candidates(const Json& json, const std::vector<std::string>& labels,
                                  std::vector<Scope>& scopes, bool is_table) {
    if (is_table) {
      Json table = Json::object();
      for (std::size_t i = 0; i < labels.size(); ++i) {
        table[labels[i]] = std::move(scopes[i].definition);
      }
      return table;
    }
    // Scalars are their own labels, so that people and programs see 16 and not "16".
    const bool is_plain =
        std::ranges::none_of(json, [](const Json& c) { return c.is_structured(); });
    return is_plain ? json : Json(labels);
  }

  void check_duplicate(const Json& json, std::size_t index, const std::string& path) {
    for (std::size_t i = 0; i < index; ++i) {
      if (!same_json(json[i], json[index])) continue;
      fail("symbolic.same_candidate", "a candidate stands twice",
           join_path(path, std::to_string(index)), json[index].dump(), "different candidates");
      return;
    }
  }

  static std::vector<std::string> unique_labels(const Json& candidates) {
    std::vector<std::string> labels;
    std::set<std::string> seen;
    for (const Json& candidate : candidates) {
      std::string label = label_of(candidate);
      while (label.empty() || seen.contains(label)) {
        label += (label.empty() ? "" : " ") + ("#" + std::to_string(labels.size()));
      }
      seen.insert(label);
      labels.push_back(std::move(label));
    }
    return labels;
  }

  const Document& document_;
  SymbolicTree tree_;
  std::vector<ErrorInfo> problems_;
};

}  // namespace

std::string SymbolicTree::origin_of(std::string_view definition_path) const {
  std::string_view known = definition_path;
  for (;;) {
    const auto found = origins.find(known);
    if (found != origins.end()) {
      return found->second + std::string(definition_path.substr(known.size()));
    }
    const std::size_t slash = known.rfind('/');
    if (slash == std::string_view::npos) return "";
    known = known.substr(0, slash);
  }
}

bool same_json(const Json& left, const Json& right) {
  if (left.is_object() && right.is_object()) {
    return left.size() == right.size() && std::ranges::all_of(left.items(), [&](const auto& item) {
             const auto found = right.find(item.key());
             return found != right.end() && same_json(item.value(), *found);
           });
  }
  if (left.is_array() && right.is_array()) {
    return std::ranges::equal(left, right, same_json);
  }
  if (left.is_number_float() && right.is_number_float()) {
    const auto a = left.get<double>();
    const auto b = right.get<double>();
    return a == b || (a != a && b != b);  // TOML and YAML have nan
  }
  return left == right;
}

SymbolicTree compile_symbolic(const Document& document) { return Compiler(document).compile(); }

}  // namespace trimtab::detail
