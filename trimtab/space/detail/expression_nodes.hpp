#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trimtab/space/detail/expression.hpp"

namespace trimtab::space_detail {

/// What a sub-expression yields. Any: a category whose choices have different types, or null; it
/// can only be compared for equality.
enum class ValueType : std::uint8_t { Number, Text, Boolean, Any };

enum class Operation : std::uint8_t {
  Literal,
  Variable,
  Negate,
  Not,
  Add,
  Subtract,
  Multiply,
  Divide,
  Modulo,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  And,
  Or,
  In,
  Abs,
  Min,
  Max,
  Log,
  Exp,
  Sqrt,
};

struct Expression::Node {
  Operation operation = Operation::Literal;
  ValueType type = ValueType::Any;
  std::vector<std::size_t> children;  ///< indices of earlier nodes; In: the value, then the list
  Scalar literal;                     ///< Literal; doubles only, never int64
  Variable variable;
  std::size_t column = 0;  ///< 1-based, of the operator or first character
};

}  // namespace trimtab::space_detail
