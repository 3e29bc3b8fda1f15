#pragma once

#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

#include "trimtab/space/detail/expression.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {

/// What the algorithms of this room know about a dimension beside its public description.
struct DimensionFacts {
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  std::size_t parameter = 0;    ///< its owner
  std::size_t group = kNone;    ///< the group it is a member of
  std::size_t member = 0;       ///< its position in that group
  double default_value = 0.0;   ///< declared, else the centre or the first choice; legal
  std::uint64_t name_hash = 0;  ///< of its name
};

struct Constraint {
  std::string text;
  bool is_required = false;
  space_detail::Expression expression;
};

struct SpaceData {
  std::string definition_text = "{}";
  std::vector<Dimension> dimensions;
  std::vector<DimensionFacts> facts;  ///< one per dimension
  std::vector<Parameter> parameters;
  std::vector<std::vector<std::uint64_t>> choice_hashes;  ///< one list per parameter
  std::vector<std::size_t> hash_order;  ///< all dimensions, by the hash of their names
  std::vector<Group> groups;
  std::vector<Constraint> constraints;
  std::unordered_map<std::string, std::size_t> dimension_index;
  std::unordered_map<std::string, std::size_t> parameter_index;
  bool is_conditional = false;
  bool has_default = false;
};

namespace space_detail {

/// The scalars behind a dimension's indices: the parameter's choices; false and true for the items
/// of a subset; empty for numbers.
std::span<const Scalar> choices_of(const SpaceData& data, std::size_t dimension);

}  // namespace space_detail
}  // namespace trimtab
