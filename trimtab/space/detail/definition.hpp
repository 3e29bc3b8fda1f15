#pragma once

#include <optional>
#include <string>
#include <vector>

#include "trimtab/base/json.hpp"
#include "trimtab/space/detail/problems.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab::space_detail {

/// One entry of a `when`: the parent as written and what it must be.
struct Condition {
  struct Interval {
    double low = 0.0;
    double high = 0.0;
    bool is_low_open = false;
    bool is_high_open = false;
  };
  std::string parent;
  std::vector<Scalar> values;        ///< at least one
  std::optional<Interval> interval;  ///< when the single value is a text like ">= 2" or "2..5"
  std::string path;
};

struct ParameterDefinition;

/// Parameters in the order of the file, names relative to this sub-space.
struct SubSpace {
  std::vector<ParameterDefinition> parameters;
};

/// One checked parameter, before names, conditions and copies are resolved.
struct ParameterDefinition {
  std::string name;
  std::string path;
  ParameterType type = ParameterType::Float;
  Dimension shape;              ///< of one dimension: bounds, step, default, prior (no name, when)
  std::vector<Scalar> choices;  ///< all types with choices; labels of one_of and many_of
  std::vector<SubSpace> candidates;  ///< one_of, many_of with sub-spaces: one per choice
  SubSpace part;                     ///< Repeat
  std::size_t num_slots = 1;         ///< ManyOf, Permutation
  bool is_distinct = false;          ///< ManyOf, Permutation
  bool is_sorted = false;            ///< ManyOf
  std::size_t min_size = 0;          ///< Subset
  std::size_t max_size = 0;          ///< Subset
  std::vector<double>
      member_defaults;  ///< Permutation, Subset, ManyOf: one per dimension, if given
  std::vector<Condition> when;
  std::string unit;

  bool has_default() const { return shape.default_value.has_value() || !member_defaults.empty(); }
};

/// An expression of "forbid" or "require".
struct ConstraintText {
  std::string text;
  std::string path;
  bool is_required = false;  ///< require: must be true; forbid: must not
};

struct SpaceDefinition {
  SubSpace root;
  std::vector<ConstraintText> constraints;
  std::vector<std::string> broken;  ///< names that were left out because of a problem
};

/// The deepest nesting of sub-spaces.
inline constexpr int kMaxDepth = 32;

/// Reads and checks everything that does not need the other parameters. O(size of the JSON).
/// @param problems  what is wrong; parameters that are wrong are left out of the result.
SpaceDefinition read_definition(const Json& definition, Problems& problems);

/// Turns the short forms ([0.0, 1.0], ["a", "b"], "loguniform(1e-5, 1e-1)") into the long one.
/// Nothing and a problem when the value is neither.
std::optional<Json> expand_short_form(const Json& value, const std::string& path,
                                      Problems& problems);

/// Reads ">= 2", "< 3", "2..5"; nothing when the text is something else.
std::optional<Condition::Interval> parse_interval(const std::string& text);

}  // namespace trimtab::space_detail
