#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trimtab {

enum class Kind : std::uint8_t {
  Real,         ///< a float in [low, high]
  Integer,      ///< low, low + step, ..., high
  Categorical,  ///< 0..n-1 without order
  Ordinal,      ///< 0..n-1 with order
};

/// A belief about where good values lie. Samplers that cannot use it ignore it, except that
/// `Space::sample` always draws from it.
struct Prior {
  enum class Shape : std::uint8_t { Uniform, Normal, Weights };
  Shape shape = Shape::Uniform;
  double mean = 0.0;       ///< Normal: in the own unit of the parameter; natural logarithm if log
  double deviation = 1.0;  ///< Normal: > 0, same scale as mean (natural logarithm if log)
  std::vector<double> weights;  ///< Weights: one per choice, >= 0, sum > 0

  bool operator==(const Prior&) const = default;
};

/// "The parent is active and its value is one of these." A dimension is active when all its clauses
/// hold.
struct Clause {
  std::size_t parent = 0;     ///< index of an earlier dimension
  std::vector<bool> allowed;  ///< categorical and ordinal parents: one flag per choice
  double low = 0.0;           ///< real and integer parents: closed interval
  double high = 0.0;

  /// @param parent_value  the parent's coordinate; NaN (inactive) never satisfies a clause.
  bool holds(double parent_value) const;

  bool operator==(const Clause&) const = default;
};

/// One coordinate of a point: what algorithms see. Parents always precede their children.
struct Dimension {
  std::string name;  ///< unique path: "C", "layers[1].units", "order[0]"
  Kind kind = Kind::Real;
  double low = 0.0;     ///< Real, Integer: smallest value; Categorical, Ordinal: 0
  double high = 1.0;    ///< Real, Integer: largest value (already a multiple of step); else n - 1
  bool is_log = false;  ///< scaled by the logarithm; low > 0
  double step = 0.0;    ///< 0 = continuous (Real only); Integer: >= 1
  std::uint64_t levels = 0;  ///< Real: > 0 = that many values, equally spaced on the scale
  std::optional<double> default_value;
  Prior prior;
  std::vector<Clause> when;

  bool is_discrete() const { return kind != Kind::Real || step > 0.0 || levels > 0; }
  bool is_numeric() const { return kind == Kind::Real || kind == Kind::Integer; }
  bool is_conditional() const { return !when.empty(); }
  /// Number of values; 0 when continuous and not a single value.
  std::uint64_t count() const;
  /// The k-th value, k in 0..count()-1. @throws BugError on a continuous dimension.
  double value_at(std::uint64_t k) const;
  /// Nearest legal value: clipped to the bounds, rounded to the step. NaN stays NaN.
  double clip(double value) const;
  /// Position in [0, 1]: linear or logarithmic; discrete values at the centres of equal cells
  /// (numeric discrete cells have width 1/count on a linear scale; logarithmic integers take cells
  /// from value - step/2 to value + step/2 on the logarithmic scale).
  double to_unit(double value) const;
  /// Inverse of `to_unit`; any u in [0, 1] gives a legal value, and uniform u gives uniform values.
  double from_unit(double u) const;

  bool operator==(const Dimension&) const = default;
};

}  // namespace trimtab
