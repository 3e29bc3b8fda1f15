// Fills the holes of a structured template, and finds the point back.

#include <algorithm>
#include <cmath>
#include <optional>

#include "trimtab/base/detail/document_reader.hpp"
#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/space/detail/symbolic_tree.hpp"

namespace trimtab::detail {
namespace {

using Type = SymbolicNode::Type;

// The names of the dimensions of a hole, as Space makes them.
std::string slot_name(const std::string& name, std::size_t slot) {
  return name + "[" + std::to_string(slot) + "]";
}

std::size_t dimension_of(const Space& space, const std::string& name) {
  const std::optional<std::size_t> index = space.find_dimension(name);
  if (!index) {
    throw BugError({.code = "symbolic.dimension",
                    .what = "a hole has no dimension in the space",
                    .where = name,
                    .got = "",
                    .expected = "",
                    .hint = ""});
  }
  return *index;
}

class Filler {
 public:
  Filler(const Space& space, PointView point) : space_(space), point_(point) {}

  // @param prefix  what the names of the holes in `node` are relative to.
  Json fill(const SymbolicNode& node, const std::string& prefix) const {
    switch (node.type) {
      case Type::Constant:
        return node.constant;
      case Type::Object: {
        Json object = Json::object();
        for (const auto& [key, member] : node.members) {
          append_member(object, key, fill(member, prefix));
        }
        return object;
      }
      case Type::List: {
        Json list = Json::array();
        for (const SymbolicNode& item : node.items) list.push_back(fill(item, prefix));
        return list;
      }
      case Type::Number:
        return fill_number(prefix + node.name);
      case Type::OneOf:
        return fill_choice(node, prefix + node.name);
      default: {
        Json list = Json::array();
        for (std::size_t slot = 0; slot < node.num_slots; ++slot) {
          list.push_back(fill_choice(node, slot_name(prefix + node.name, slot)));
        }
        return list;
      }
    }
  }

 private:
  Json fill_number(const std::string& name) const {
    const std::size_t index = dimension_of(space_, name);
    const double value = point_[index];
    if (space_.dimensions()[index].kind == Kind::Real) return value;
    return static_cast<std::int64_t>(value);
  }

  Json fill_choice(const SymbolicNode& node, const std::string& name) const {
    const auto choice = static_cast<std::size_t>(point_[dimension_of(space_, name)]);
    return fill(node.items[choice], name + ".");
  }

  const Space& space_;
  PointView point_;
};

class Matcher {
 public:
  explicit Matcher(const Space& space) : space_(space) {}

  bool match(const SymbolicNode& node, const Json& json, const std::string& prefix,
             const std::string& path) {
    switch (node.type) {
      case Type::Constant:
        return same_json(node.constant, json) || note(path, json, show_expected(node.constant));
      case Type::Object:
        return match_object(node, json, prefix, path);
      case Type::List:
        return match_list(node, json, prefix, path);
      case Type::Number:
        return match_number(prefix + node.name, json, path);
      case Type::OneOf:
        return match_choice(node, json, prefix + node.name, path);
      default:
        return match_slots(node, json, prefix, path);
    }
  }

  Point point() const {
    Point point(space_.num_dimensions(), kInactive);
    for (const auto& [index, value] : assigned_) point[index] = value;
    return point;
  }

  // The mismatch that lies deepest in the document: the most telling one.
  struct Mismatch {
    std::string path = {};
    std::string got = {};
    std::string expected = {};
  };
  const Mismatch& mismatch() const { return mismatch_; }

 private:
  bool note(const std::string& path, const Json& json, const std::string& expected) {
    if (mismatch_.expected.empty() || path.size() >= mismatch_.path.size()) {
      mismatch_ = {path, show_expected(json), expected};
    }
    return false;
  }

  static std::string show_expected(const Json& json) {
    constexpr std::size_t kMaxShown = 80;
    if (json.is_string()) return quote(json.get_ref<const std::string&>());
    const std::string text = json.dump();
    return text.size() <= kMaxShown ? text : json.is_array() ? "another list" : "another table";
  }

  bool match_object(const SymbolicNode& node, const Json& json, const std::string& prefix,
                    const std::string& path) {
    if (!json.is_object()) return note(path, json, "a table");
    for (const auto& [key, value] : json.items()) {
      const bool is_known = std::ranges::any_of(
          node.members, [&key = key](const auto& member) { return member.first == key; });
      if (!is_known) return note(join_path(path, key), value, "no such key");
    }
    return std::ranges::all_of(node.members, [&](const auto& member) {
      const auto found = json.find(member.first);
      if (found == json.end()) return note(path, json, "the key " + quote(member.first));
      return match(member.second, *found, prefix, join_path(path, member.first));
    });
  }

  bool match_list(const SymbolicNode& node, const Json& json, const std::string& prefix,
                  const std::string& path) {
    if (!json.is_array() || json.size() != node.items.size()) {
      return note(path, json, "a list of " + std::to_string(node.items.size()));
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const std::string inner = join_path(path, std::to_string(i));
      if (!match(node.items[i], json[i], prefix, inner)) return false;
    }
    return true;
  }

  bool match_number(const std::string& name, const Json& json, const std::string& path) {
    const std::size_t index = dimension_of(space_, name);
    const Dimension& dimension = space_.dimensions()[index];
    const std::string expected =
        std::string(dimension.kind == Kind::Real ? "a number" : "a whole number") + " in [" +
        format_number(dimension.low) + ", " + format_number(dimension.high) + "]";
    if (!json.is_number()) return note(path, json, expected);
    const auto value = json.get<double>();
    if (!(value >= dimension.low && value <= dimension.high)) return note(path, json, expected);
    const double legal = dimension.clip(value);
    if (std::abs(legal - value) > 1e-9 * std::max(1.0, std::abs(value))) {
      return note(path, json, expected + " in steps of " + format_number(dimension.step));
    }
    assigned_.emplace_back(index, legal);
    return true;
  }

  bool match_choice(const SymbolicNode& node, const Json& json, const std::string& name,
                    const std::string& path) {
    const std::size_t index = dimension_of(space_, name);
    const std::size_t num_before = assigned_.size();
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      assigned_.emplace_back(index, static_cast<double>(i));
      if (match(node.items[i], json, name + ".", path)) return true;
      assigned_.resize(num_before);
    }
    return note(path, json, "one of the " + std::to_string(node.items.size()) + " candidates");
  }

  bool match_slots(const SymbolicNode& node, const Json& json, const std::string& prefix,
                   const std::string& path) {
    if (!json.is_array() || json.size() != node.num_slots) {
      return note(path, json, "a list of " + std::to_string(node.num_slots));
    }
    for (std::size_t slot = 0; slot < node.num_slots; ++slot) {
      const std::string inner = join_path(path, std::to_string(slot));
      if (!match_choice(node, json[slot], slot_name(prefix + node.name, slot), inner)) return false;
    }
    return true;
  }

  const Space& space_;
  std::vector<std::pair<std::size_t, double>> assigned_ = {};
  Mismatch mismatch_ = {};
};

}  // namespace

Json fill_holes(const SymbolicTree& tree, const Space& space, PointView point) {
  return Filler(space, point).fill(tree.root, "");
}

Point match_holes(const SymbolicTree& tree, const Space& space, const Json& document,
                  const std::string& where) {
  Matcher matcher(space);
  if (!matcher.match(tree.root, document, "", "")) {
    const Matcher::Mismatch& mismatch = matcher.mismatch();
    throw UserError({.code = "symbolic.recover",
                     .what = "the document does not come from this template",
                     .where = mismatch.path.empty() ? where : where + ", at " + mismatch.path,
                     .got = mismatch.got,
                     .expected = mismatch.expected,
                     .hint = ""});
  }
  Point point = matcher.point();
  if (space.contains(point)) return point;
  throw UserError(
      {.code = "symbolic.recover",
       .what = "the document breaks the rules of a \"$many_of\" or \"$permutation\"",
       .where = where,
       .got = space.to_json(point).dump(),
       .expected = "each candidate once where \"$distinct\", in order where \"$sorted\"",
       .hint = ""});
}

}  // namespace trimtab::detail
