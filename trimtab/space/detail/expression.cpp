#include "trimtab/space/detail/expression.hpp"

#include <algorithm>
#include <cmath>

#include "trimtab/space/detail/expression_nodes.hpp"
#include "trimtab/space/detail/scalar.hpp"

namespace trimtab::space_detail {
namespace {

using Node = Expression::Node;

// Evaluates by descent; types were checked when the expression was compiled. Numbers that are not
// defined (0/0, log(-1)) are NaN, and every comparison with NaN except != is false.
class Evaluator {
 public:
  Evaluator(const std::vector<Node>& nodes, PointView point) : nodes_(nodes), point_(point) {}

  bool truth(std::size_t index) const;

 private:
  double number(std::size_t index) const;
  double variable_number(const Node& node) const;
  // The category or literal behind a node; nullptr for computed values.
  const Scalar* scalar(const Node& node) const;
  bool is_equal(std::size_t left, std::size_t right) const;
  bool is_number(std::size_t index) const { return nodes_[index].type == ValueType::Number; }
  bool compare(const Node& node) const;

  const std::vector<Node>& nodes_;
  PointView point_;
};

const Scalar* Evaluator::scalar(const Node& node) const {
  if (node.operation == Operation::Literal) return &node.literal;
  if (node.operation != Operation::Variable || node.variable.choices.empty()) return nullptr;
  return &node.variable.choices[static_cast<std::size_t>(point_[node.variable.dimension])];
}

double Evaluator::variable_number(const Node& node) const {
  if (node.variable.choices.empty()) return point_[node.variable.dimension];
  return scalar_number(*scalar(node)).value_or(kInactive);
}

double Evaluator::number(std::size_t index) const {
  const Node& node = nodes_[index];
  const auto child = [&](std::size_t i) { return number(node.children[i]); };
  switch (node.operation) {
    case Operation::Literal:
      return std::get<double>(node.literal);
    case Operation::Variable:
      return variable_number(node);
    case Operation::Negate:
      return -child(0);
    case Operation::Add:
      return child(0) + child(1);
    case Operation::Subtract:
      return child(0) - child(1);
    case Operation::Multiply:
      return child(0) * child(1);
    case Operation::Divide:
      return child(0) / child(1);
    case Operation::Modulo: {
      const double divisor = child(1);
      const double remainder = std::fmod(child(0), divisor);
      return remainder != 0.0 && (remainder < 0.0) != (divisor < 0.0) ? remainder + divisor
                                                                      : remainder;
    }
    case Operation::Abs:
      return std::abs(child(0));
    case Operation::Log:
      return std::log(child(0));
    case Operation::Exp:
      return std::exp(child(0));
    case Operation::Sqrt:
      return std::sqrt(child(0));
    default:
      break;
  }
  double result = child(0);  // Min, Max
  for (std::size_t i = 1; i < node.children.size(); ++i) {
    result =
        node.operation == Operation::Min ? std::min(result, child(i)) : std::max(result, child(i));
  }
  return result;
}

bool Evaluator::is_equal(std::size_t left, std::size_t right) const {
  if (is_number(left) && is_number(right)) return number(left) == number(right);
  const Node& a = nodes_[left];
  const Node& b = nodes_[right];
  const Scalar* left_scalar = scalar(a);
  const Scalar* right_scalar = scalar(b);
  if (left_scalar != nullptr && right_scalar != nullptr) {
    return same_scalar(*left_scalar, *right_scalar);
  }
  if (a.type == ValueType::Boolean && b.type == ValueType::Boolean) {
    return truth(left) == truth(right);
  }
  // A category of mixed types against a computed number or truth.
  const Scalar* category = left_scalar != nullptr ? left_scalar : right_scalar;
  const std::size_t computed = left_scalar != nullptr ? right : left;
  if (category == nullptr) return false;
  if (is_number(computed)) return scalar_number(*category) == number(computed);
  const bool* flag = std::get_if<bool>(category);
  return flag != nullptr && *flag == truth(computed);
}

bool Evaluator::compare(const Node& node) const {
  const double left = number(node.children[0]);
  const double right = number(node.children[1]);
  switch (node.operation) {
    case Operation::Less:
      return left < right;
    case Operation::LessEqual:
      return left <= right;
    case Operation::Greater:
      return left > right;
    default:
      return left >= right;
  }
}

bool Evaluator::truth(std::size_t index) const {
  const Node& node = nodes_[index];
  switch (node.operation) {
    case Operation::Literal:
    case Operation::Variable:
      return std::get<bool>(*scalar(node));
    case Operation::Not:
      return !truth(node.children[0]);
    case Operation::And:
      return truth(node.children[0]) && truth(node.children[1]);
    case Operation::Or:
      return truth(node.children[0]) || truth(node.children[1]);
    case Operation::Equal:
      return is_equal(node.children[0], node.children[1]);
    case Operation::NotEqual:
      return !is_equal(node.children[0], node.children[1]);
    case Operation::In:
      return std::any_of(node.children.begin() + 1, node.children.end(),
                         [&](std::size_t item) { return is_equal(node.children[0], item); });
    default:
      return compare(node);
  }
}

}  // namespace

std::optional<bool> Expression::evaluate(PointView point) const {
  for (const std::size_t dimension : dimensions_) {
    if (!is_active(point[dimension])) return std::nullopt;
  }
  return Evaluator(*nodes_, point).truth(nodes_->size() - 1);
}

}  // namespace trimtab::space_detail
