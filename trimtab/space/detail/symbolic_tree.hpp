#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "trimtab/base/document.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab::detail {

/// A node of a structured template: a constant, a container that holds holes somewhere, or a hole.
struct SymbolicNode {
  enum class Type : std::uint8_t { Constant, Object, List, Number, OneOf, ManyOf, Permutation };
  Type type = Type::Constant;
  /// Of a hole, relative to the candidate that holds it: the parameter's name is the prefix of the
  /// candidate plus this name.
  std::string name = {};
  Json constant = {};                                              ///< Constant
  std::vector<std::pair<std::string, SymbolicNode>> members = {};  ///< Object
  std::vector<SymbolicNode> items = {};  ///< List; candidates; items of a permutation
  std::size_t num_slots = 1;             ///< ManyOf, Permutation
};

/// A structured template, compiled once.
struct SymbolicTree {
  SymbolicNode root = {};
  /// The space of the holes, as `Space::parse` reads it.
  Json definition = Json::object();
  /// Where a part of the definition comes from: path in the definition -> path in the document.
  /// What follows a listed path is the same in both.
  std::map<std::string, std::string, std::less<>> origins = {};

  /// "model/units/$float/1" for "model.units/float/1".
  std::string origin_of(std::string_view definition_path) const;
};

/// Finds the holes of a document. @throws UserError with every hole that is wrong. O(size).
SymbolicTree compile_symbolic(const Document& document);

/// Fills the holes. @param point  canonical.
Json fill_holes(const SymbolicTree& tree, const Space& space, PointView point);

/// The point for which `fill_holes` gives `document` (members of objects in any order).
/// @param where  names the template in messages. @throws UserError when there is none.
Point match_holes(const SymbolicTree& tree, const Space& space, const Json& document,
                  const std::string& where);

/// Equal values; members of objects in any order, 1 and 1.0 equal, nan and nan equal.
bool same_json(const Json& left, const Json& right);

}  // namespace trimtab::detail
