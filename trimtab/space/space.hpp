#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "trimtab/base/hash.hpp"
#include "trimtab/base/json.hpp"
#include "trimtab/base/rng.hpp"
#include "trimtab/space/dimension.hpp"
#include "trimtab/space/point.hpp"

namespace trimtab {

/// A JSON scalar: null, boolean, integer, number or text.
using Scalar = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

enum class ParameterType : std::uint8_t {
  Float,
  Int,
  Categorical,
  Ordinal,
  Permutation,  ///< an ordering of all choices: one slot per position
  Subset,       ///< some of the choices: one yes/no dimension per choice
  ManyOf,       ///< k slots, each one of the choices (distinct and/or sorted if asked)
  Repeat,       ///< a count; the parts' copies are parameters of their own
};

/// What the user declared; it owns the dimensions [first, first + count). A ManyOf with sub-spaces
/// owns k slots of 1 + Group::block dimensions each, i.e. slot i is first + i * (count / k), and
/// the parameters of its candidates are parameters of their own inside that range.
struct Parameter {
  std::string name;
  ParameterType type = ParameterType::Float;
  std::size_t first = 0;
  std::size_t count = 1;
  std::vector<Scalar> choices;  ///< Categorical, Ordinal, Permutation, Subset, ManyOf
  std::string unit;

  bool operator==(const Parameter&) const = default;
};

/// Dimensions that constrain one another. Slots: values are choice indices, distinct and/or
/// ascending. Count: yes/no dimensions of which `min_count`..`max_count` are 1.
struct Group {
  enum class Type : std::uint8_t { Slots, Count };
  Type type = Type::Slots;
  std::vector<std::size_t> members;  ///< dimension of each slot or item
  bool is_distinct = false;
  bool is_sorted = false;
  std::size_t min_count = 0;
  std::size_t max_count = 0;
  /// Dimensions that follow each slot and belong to it (sub-spaces of its candidates).
  std::size_t block = 0;

  bool operator==(const Group&) const = default;
};

struct SpaceData;

/// A search space: a tree of parameters, flattened to dimensions with activity conditions, plus
/// groups (permutations, subsets, many_of) and known constraints. A value; copies share their data.
///
/// Algorithms work on dimensions and points and repair what they propose with `canonicalise`;
/// people and programs see parameters and JSON.
class Space {
 public:
  /// The empty space: one point, no dimensions.
  Space();

  /// Builds a space from its definition, the `[space]` table of a study file:
  ///   {"C": {"float": [1e-3, 1e3], "log": true, "default": 1.0}, "kernel": {"choice": ["rbf",
  ///   "poly"]}, ...}
  /// plus optional keys "forbid" and "require" (arrays of expressions). Grammar:
  /// docs/study-file.md.
  /// @param where  maps a path inside the definition ("C/float/1", "" = whole) to a place for
  /// messages.
  /// @throws UserError with every problem found.
  /// Cost: O(number of dimensions + conditions).
  using Locator = std::function<std::string(std::string_view path)>;
  static Space parse(const Json& definition, const Locator& where = {});
  static Space parse_text(std::string_view json_text);

  /// The definition this space was built from, as JSON text; `parse_text` of it gives an equal
  /// space.
  const std::string& definition_text() const;

  /// The same space with one more parameter at the end (define-by-run). Existing dimensions keep
  /// their indices; points of the old space are completed with NaN.
  /// @throws UserError when the name exists or the definition is wrong.
  Space with_parameter(std::string_view name, const Json& definition) const;

  std::span<const Dimension> dimensions() const;
  std::span<const Parameter> parameters() const;
  std::span<const Group> groups() const;
  std::size_t num_dimensions() const { return dimensions().size(); }
  std::optional<std::size_t> find_dimension(std::string_view name) const;
  const Parameter* find_parameter(std::string_view name) const;  ///< nullptr when absent

  bool is_conditional() const;   ///< some dimension has a condition
  bool has_constraints() const;  ///< forbidden clauses or inequalities
  bool has_default() const;      ///< some parameter declares a default

  /// Whether dimension `index` is active given the coordinates before it. O(clauses).
  bool is_active_at(PointView point, std::size_t index) const;

  /// One point from the priors (uniform where none): exactly uniform over slots and subsets,
  /// constraints by bounded rejection. @throws UserError "space.infeasible" after 10 000 refused
  /// draws. Cost: O(d) expected per draw.
  Point sample(Rng& rng) const;

  /// One coordinate from its prior. O(1) (O(n) for weights).
  double sample_dimension(std::size_t index, Rng& rng) const;

  /// Declared defaults, else the centre of the range (first choice for categories). Canonical.
  Point default_point() const;

  /// Makes any full-length vector a point: clips and rounds, deactivates what its parents exclude,
  /// gives newly active NaN coordinates their default, repairs groups deterministically.
  /// Idempotent. Does not look at constraints. O(d).
  void canonicalise(Point& point) const;

  /// Forbidden clauses and inequalities. A constraint that names an inactive parameter holds.
  bool satisfies_constraints(PointView point) const;

  /// Canonical, of the right length, and satisfies the constraints.
  bool contains(PointView point) const;

  /// Number of points: a number, kManyPoints when it exceeds 2^62, or nothing when a dimension is
  /// continuous. Constraints are not subtracted.
  static constexpr std::uint64_t kManyPoints = std::uint64_t{1} << 62;
  std::optional<std::uint64_t> size() const;

  /// Lexicographic enumeration of a finite space, constraints not applied: first point, then
  /// successors.
  Point first() const;
  bool next(Point& point) const;  ///< false after the last one

  /// The same space with every continuous dimension cut into `levels` equally spaced values on its
  /// scale (end points included). Discrete dimensions keep their values. @param levels  >= 2.
  Space discretised(std::size_t levels) const;

  /// Replaces one random active dimension (and what hangs on it) by a fresh draw; the result is
  /// canonical and satisfies the constraints (bounded retries, else a fresh sample). O(d).
  Point mutate(PointView point, Rng& rng) const;

  /// Coordinates scaled to [0, 1] by `Dimension::to_unit`; inactive ones become 0.5.
  void to_unit(PointView point, std::span<double> unit) const;
  /// Inverse, canonical: every u in [0, 1]^d is a point.
  Point from_unit(std::span<const double> unit) const;

  /// Canonical hash of the active parameters' names and values: equal whatever else the space holds
  /// and in whatever order it is declared; the order inside of permutations and slots counts. O(d).
  Hash128 hash(PointView point) const;

  /// {"C": 0.1, "kernel": "rbf"}: active parameters only. Permutations, subsets and many_of as
  /// arrays.
  Json to_json(PointView point) const;
  /// Inverse; missing active parameters take their default.
  /// @throws UserError for unknown names, wrong types, values outside, inactive parameters.
  Point from_json(const Json& values, const Locator& where = {}) const;
  /// One parameter's value as text for command lines ("rbf", "0.1", "[2,0,1]"); nothing when
  /// inactive.
  std::optional<std::string> value_text(PointView point, const Parameter& parameter) const;

  bool operator==(const Space& other) const;

 private:
  explicit Space(std::shared_ptr<const SpaceData> data);
  friend class SpaceAssembler;
  std::shared_ptr<const SpaceData> data_;
};

/// Builds a definition step by step in C++. Names are checked at `build()`.
///
///   Space space = SpaceBuilder()
///                     .real("learning_rate", 1e-5, 1e-1, {.is_log = true, .default_value = 1e-3})
///                     .categorical("optimizer", {"sgd", "adam"})
///                     .real("momentum", 0.0, 0.99, {.when = {{"optimizer", {"sgd"}}}})
///                     .build();
class SpaceBuilder {
 public:
  /// The parent's name and the values that switch a parameter on.
  struct When {
    std::string parent;
    std::vector<Scalar> values;
  };
  struct Options {
    bool is_log = false;
    double step = 0.0;
    std::optional<double> default_value = std::nullopt;   ///< real, integer
    std::optional<Scalar> default_choice = std::nullopt;  ///< categorical, ordinal
    std::vector<When> when = {};
    std::string unit = {};
  };
  struct SlotOptions {
    bool is_distinct = true;
    bool is_sorted = false;
    std::vector<When> when = {};
  };
  /// A candidate of one_of / many_of: its label and its own parameters.
  struct Candidate;

  SpaceBuilder();
  SpaceBuilder(const SpaceBuilder& other);
  SpaceBuilder(SpaceBuilder&& other) noexcept;
  SpaceBuilder& operator=(SpaceBuilder other) noexcept;
  ~SpaceBuilder();

  SpaceBuilder& real(std::string name, double low, double high) {
    return real(std::move(name), low, high, Options());
  }
  SpaceBuilder& real(std::string name, double low, double high, const Options& options);
  SpaceBuilder& integer(std::string name, std::int64_t low, std::int64_t high) {
    return integer(std::move(name), low, high, Options());
  }
  SpaceBuilder& integer(std::string name, std::int64_t low, std::int64_t high,
                        const Options& options);
  SpaceBuilder& categorical(std::string name, std::vector<Scalar> choices) {
    return categorical(std::move(name), std::move(choices), Options());
  }
  SpaceBuilder& categorical(std::string name, std::vector<Scalar> choices, const Options& options);
  SpaceBuilder& ordinal(std::string name, std::vector<Scalar> choices) {
    return ordinal(std::move(name), std::move(choices), Options());
  }
  SpaceBuilder& ordinal(std::string name, std::vector<Scalar> choices, const Options& options);
  SpaceBuilder& permutation(std::string name, std::vector<Scalar> choices);
  SpaceBuilder& subset(std::string name, std::vector<Scalar> choices, std::size_t min_size,
                       std::size_t max_size);
  /// A choice whose candidates carry parameters of their own, named "name.sub".
  SpaceBuilder& one_of(std::string name, std::vector<Candidate> candidates);
  /// `count` choices, slots "name[i]", their parameters "name[i].sub".
  SpaceBuilder& many_of(std::string name, std::size_t count, std::vector<Candidate> candidates,
                        const SlotOptions& options);
  /// `low`..`high` copies of a sub-space: count "name", copies "name[i].sub".
  SpaceBuilder& repeat(std::string name, std::int64_t low, std::int64_t high,
                       const SpaceBuilder& part);
  /// Excludes points for which the expression is true, e.g. "kernel == 'poly' and degree > 4".
  SpaceBuilder& forbid(std::string expression);
  /// Keeps only points for which the expression is true, e.g. "min_depth <= max_depth".
  SpaceBuilder& require(std::string expression);

  /// @throws UserError with every problem found.
  Space build() const;
  /// The definition collected so far (see Space::parse), as JSON text.
  std::string definition_text() const;

 private:
  struct Draft;
  std::unique_ptr<Draft> draft_;
};

struct SpaceBuilder::Candidate {
  Scalar label;
  SpaceBuilder parameters = {};
};

}  // namespace trimtab
