#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/space/point.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab::space_detail {

/// What an expression may name: one dimension and, for categories, the scalars behind its indices.
struct Variable {
  std::size_t dimension = 0;
  std::span<const Scalar> choices;  ///< empty for numbers
};

/// Names an expression can use. The spans of the variables must outlive the expression.
struct Names {
  std::function<std::optional<Variable>(const std::string& name)> find;
  std::function<std::vector<std::string>()> all;  ///< for "did you mean"
};

/// A truth about a point: numbers, texts in quotes, true and false, names of parameters,
/// + - * / %, comparisons, and, or, not, parentheses, `in [..]`, and the functions abs, min, max,
/// log, exp, sqrt. Names with characters other than letters, digits, _ . [ ] stand in back quotes.
/// Immutable; evaluation allocates nothing.
class Expression {
 public:
  /// @param failure  filled with what, got, expected and hint when the text is wrong; `where` is
  /// "column N".
  /// @return nothing when the text is wrong. O(length).
  static std::optional<Expression> compile(std::string_view text, const Names& names,
                                           ErrorInfo& failure);

  /// Nothing when it names an inactive dimension. O(number of operators).
  std::optional<bool> evaluate(PointView point) const;

  struct Node;

 private:
  std::shared_ptr<const std::vector<Node>> nodes_;  ///< children precede parents; root is last
  std::vector<std::size_t> dimensions_;             ///< named, without repetition
};

}  // namespace trimtab::space_detail
