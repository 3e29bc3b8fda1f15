#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "trimtab/base/text.hpp"
#include "trimtab/space/detail/expression_lexer.hpp"
#include "trimtab/space/detail/expression_nodes.hpp"
#include "trimtab/space/detail/scalar.hpp"

namespace trimtab::space_detail {
namespace {

using Node = Expression::Node;

constexpr std::size_t kMaxLength = 10'000;
constexpr int kMaxNesting = 64;

const char* type_name(ValueType type) {
  switch (type) {
    case ValueType::Number:
      return "a number";
    case ValueType::Text:
      return "a text";
    case ValueType::Boolean:
      return "true or false";
    case ValueType::Any:
      break;
  }
  return "a choice of mixed types";
}

ValueType type_of(const Scalar& scalar) {
  if (scalar_number(scalar)) return ValueType::Number;
  if (std::holds_alternative<std::string>(scalar)) return ValueType::Text;
  if (std::holds_alternative<bool>(scalar)) return ValueType::Boolean;
  return ValueType::Any;
}

std::string shown(const Token& token) {
  return token.type == Token::Type::End ? "the end of the text" : quote(token.text);
}

// A wrong expression ends the descent; compile() turns this into its failure.
struct Failure {
  ErrorInfo info;
};

class Parser {
 public:
  Parser(std::vector<Token> tokens, const Names& names)
      : tokens_(std::move(tokens)), names_(names) {}

  std::vector<Node> run();

 private:
  using Level = std::size_t (Parser::*)();
  struct BinaryOperator {
    std::string_view symbol;
    Operation operation;
  };

  std::size_t parse_or();
  std::size_t parse_and();
  std::size_t parse_not();
  std::size_t parse_comparison();
  std::size_t parse_sum();
  std::size_t parse_product();
  std::size_t parse_unary();
  std::size_t parse_primary();
  std::size_t parse_call(const Token& name);
  std::size_t parse_in(std::size_t value, std::size_t column);
  std::size_t parse_name(const Token& token);

  bool accept(std::string_view symbol);
  void expect(std::string_view symbol);
  void require_type(std::size_t node, ValueType type);
  void check_comparable(std::size_t left, std::size_t right, std::size_t column);
  void check_choice(const Node& variable, const Node& literal);
  std::size_t add(Operation operation, ValueType type, std::vector<std::size_t> children,
                  std::size_t column);
  std::size_t add_literal(Scalar value, std::size_t column);
  std::size_t parse_chain(Level next, std::span<const BinaryOperator> operators, ValueType type);
  [[noreturn]] void fail(std::string code, std::size_t column, std::string what, std::string got,
                         std::string expected, std::string hint = "");

  std::vector<Token> tokens_;
  const Names& names_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::vector<Node> nodes_;
};

void Parser::fail(std::string code, std::size_t column, std::string what, std::string got,
                  std::string expected, std::string hint) {
  throw Failure{{.code = std::move(code),
                 .what = std::move(what),
                 .where = "column " + std::to_string(column),
                 .got = std::move(got),
                 .expected = std::move(expected),
                 .hint = std::move(hint)}};
}

std::vector<Node> Parser::run() {
  const std::size_t root = parse_or();
  const Token& rest = tokens_[at_];
  if (rest.type != Token::Type::End) {
    fail("space.bad_expression", rest.column, "something is left over", quote(rest.text),
         "an operator such as and, or, ==, <", "");
  }
  require_type(root, ValueType::Boolean);
  return std::move(nodes_);
}

bool Parser::accept(std::string_view symbol) {
  const Token& token = tokens_[at_];
  if (token.type != Token::Type::Symbol || token.text != symbol) return false;
  ++at_;
  return true;
}

void Parser::expect(std::string_view symbol) {
  if (accept(symbol)) return;
  fail("space.bad_expression", tokens_[at_].column, "something is missing", shown(tokens_[at_]),
       quote(symbol));
}

std::size_t Parser::add(Operation operation, ValueType type, std::vector<std::size_t> children,
                        std::size_t column) {
  nodes_.push_back({operation, type, std::move(children), {}, {}, column});
  return nodes_.size() - 1;
}

std::size_t Parser::add_literal(Scalar value, std::size_t column) {
  const ValueType type = type_of(value);
  const std::size_t index = add(Operation::Literal, type, {}, column);
  nodes_[index].literal = std::move(value);
  return index;
}

void Parser::require_type(std::size_t node, ValueType type) {
  if (nodes_[node].type == type) return;
  fail("space.wrong_type", nodes_[node].column, "a part of the expression has the wrong type",
       type_name(nodes_[node].type), type_name(type));
}

std::size_t Parser::parse_chain(Level next, std::span<const BinaryOperator> operators,
                                ValueType type) {
  std::size_t left = (this->*next)();
  while (true) {
    const std::size_t column = tokens_[at_].column;
    const auto found = std::find_if(operators.begin(), operators.end(),
                                    [&](const auto& entry) { return accept(entry.symbol); });
    if (found == operators.end()) return left;
    const std::size_t right = (this->*next)();
    require_type(left, type);
    require_type(right, type);
    left = add(found->operation, type, {left, right}, column);
  }
}

std::size_t Parser::parse_or() {
  static constexpr std::array<BinaryOperator, 1> kOr = {{{"or", Operation::Or}}};
  if (++depth_ > kMaxNesting) {
    fail("space.bad_expression", tokens_[at_].column, "the expression is nested too deeply", "",
         "at most " + std::to_string(kMaxNesting) + " levels");
  }
  const std::size_t result = parse_chain(&Parser::parse_and, kOr, ValueType::Boolean);
  --depth_;
  return result;
}

std::size_t Parser::parse_and() {
  static constexpr std::array<BinaryOperator, 1> kAnd = {{{"and", Operation::And}}};
  return parse_chain(&Parser::parse_not, kAnd, ValueType::Boolean);
}

std::size_t Parser::parse_not() {
  const std::size_t column = tokens_[at_].column;
  bool is_negated = false;
  bool is_any = false;
  while (accept("not")) {
    is_negated = !is_negated;
    is_any = true;
  }
  const std::size_t inner = parse_comparison();
  if (is_any) require_type(inner, ValueType::Boolean);
  return is_negated ? add(Operation::Not, ValueType::Boolean, {inner}, column) : inner;
}

std::size_t Parser::parse_comparison() {
  static constexpr std::array<BinaryOperator, 6> kComparisons = {{{"==", Operation::Equal},
                                                                  {"!=", Operation::NotEqual},
                                                                  {"<=", Operation::LessEqual},
                                                                  {">=", Operation::GreaterEqual},
                                                                  {"<", Operation::Less},
                                                                  {">", Operation::Greater}}};
  const std::size_t left = parse_sum();
  const std::size_t column = tokens_[at_].column;
  if (accept("in")) return parse_in(left, column);
  if (accept("not")) {
    expect("in");
    return add(Operation::Not, ValueType::Boolean, {parse_in(left, column)}, column);
  }
  const auto find = [&] {
    return std::find_if(kComparisons.begin(), kComparisons.end(),
                        [&](const auto& entry) { return accept(entry.symbol); });
  };
  const auto found = find();
  if (found == kComparisons.end()) return left;
  const std::size_t right = parse_sum();
  if (found->operation == Operation::Equal || found->operation == Operation::NotEqual) {
    check_comparable(left, right, column);
  } else {
    require_type(left, ValueType::Number);
    require_type(right, ValueType::Number);
  }
  const std::size_t next_column = tokens_[at_].column;
  if (find() != kComparisons.end()) {
    fail("space.bad_expression", next_column, "comparisons do not chain", "",
         "two comparisons joined by and, e.g. 1 < x and x < 3");
  }
  return add(found->operation, ValueType::Boolean, {left, right}, column);
}

std::size_t Parser::parse_in(std::size_t value, std::size_t column) {
  std::vector<std::size_t> children = {value};
  expect("[");
  do {
    children.push_back(parse_sum());
    check_comparable(value, children.back(), column);
  } while (accept(","));
  expect("]");
  return add(Operation::In, ValueType::Boolean, std::move(children), column);
}

void Parser::check_comparable(std::size_t left, std::size_t right, std::size_t column) {
  const Node& a = nodes_[left];
  const Node& b = nodes_[right];
  if (a.type != b.type && a.type != ValueType::Any && b.type != ValueType::Any) {
    fail("space.wrong_type", column, "the two sides can never be equal",
         std::string(type_name(a.type)) + " and " + type_name(b.type), "two values of one type");
  }
  check_choice(a, b);
  check_choice(b, a);
}

void Parser::check_choice(const Node& variable, const Node& literal) {
  if (variable.operation != Operation::Variable || literal.operation != Operation::Literal) return;
  const std::span<const Scalar> choices = variable.variable.choices;
  if (choices.empty() || find_choice(choices, literal.literal)) return;
  fail("space.unknown_choice", literal.column, "the parameter never has this value",
       scalar_json_text(literal.literal), one_of(choice_texts(choices)),
       choice_hint(scalar_to_json(literal.literal), choices));
}

std::size_t Parser::parse_sum() {
  static constexpr std::array<BinaryOperator, 2> kSum = {
      {{"+", Operation::Add}, {"-", Operation::Subtract}}};
  return parse_chain(&Parser::parse_product, kSum, ValueType::Number);
}

std::size_t Parser::parse_product() {
  static constexpr std::array<BinaryOperator, 3> kProduct = {
      {{"*", Operation::Multiply}, {"/", Operation::Divide}, {"%", Operation::Modulo}}};
  return parse_chain(&Parser::parse_unary, kProduct, ValueType::Number);
}

std::size_t Parser::parse_unary() {
  const std::size_t column = tokens_[at_].column;
  bool is_negative = false;
  bool is_any = false;
  while (tokens_[at_].type == Token::Type::Symbol && (accept("-") || accept("+"))) {
    if (tokens_[at_ - 1].text == "-") is_negative = !is_negative;
    is_any = true;
  }
  const std::size_t inner = parse_primary();
  if (is_any) require_type(inner, ValueType::Number);
  if (!is_negative) return inner;
  if (nodes_[inner].operation == Operation::Literal) {
    nodes_[inner].literal = -std::get<double>(nodes_[inner].literal);
    return inner;
  }
  return add(Operation::Negate, ValueType::Number, {inner}, column);
}

std::size_t Parser::parse_primary() {
  const Token token = tokens_[at_];
  switch (token.type) {
    case Token::Type::Number:
      ++at_;
      return add_literal(token.number, token.column);
    case Token::Type::Text:
      ++at_;
      return add_literal(token.text, token.column);
    case Token::Type::Name:
      ++at_;
      if (accept("(")) return parse_call(token);
      return parse_name(token);
    default:
      break;
  }
  if (accept("(")) {
    const std::size_t inner = parse_or();
    expect(")");
    return inner;
  }
  fail("space.bad_expression", token.column, "a value is missing", shown(token),
       "a number, a text in quotes, a parameter or a parenthesis");
}

std::size_t Parser::parse_call(const Token& name) {
  struct Function {
    std::string_view name;
    Operation operation;
    bool takes_many;
  };
  static constexpr std::array<Function, 6> kFunctions = {{{"abs", Operation::Abs, false},
                                                          {"min", Operation::Min, true},
                                                          {"max", Operation::Max, true},
                                                          {"log", Operation::Log, false},
                                                          {"exp", Operation::Exp, false},
                                                          {"sqrt", Operation::Sqrt, false}}};
  const auto found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                  [&](const Function& entry) { return entry.name == name.text; });
  if (found == kFunctions.end()) {
    const std::vector<std::string> known = {"abs", "min", "max", "log", "exp", "sqrt"};
    fail("space.unknown_name", name.column, "there is no such function", quote(name.text),
         one_of(known), did_you_mean(name.text, known));
  }
  std::vector<std::size_t> arguments;
  if (++depth_ > kMaxNesting) {
    fail("space.bad_expression", name.column, "the expression is nested too deeply", "",
         "at most " + std::to_string(kMaxNesting) + " levels");
  }
  do {
    arguments.push_back(parse_sum());
    require_type(arguments.back(), ValueType::Number);
  } while (accept(","));
  --depth_;
  expect(")");
  if (!found->takes_many && arguments.size() != 1) {
    fail("space.bad_expression", name.column, std::string(found->name) + " takes one argument",
         std::to_string(arguments.size()) + " arguments", "one number");
  }
  return add(found->operation, ValueType::Number, std::move(arguments), name.column);
}

std::size_t Parser::parse_name(const Token& token) {
  const std::optional<Variable> variable = names_.find(token.text);
  if (!variable && (token.text == "true" || token.text == "false")) {
    return add_literal(token.text == "true", token.column);
  }
  if (!variable) {
    const std::vector<std::string> known = names_.all();
    fail("space.unknown_name", token.column, "the expression names an unknown parameter",
         quote(token.text), one_of(known), did_you_mean(token.text, known));
  }
  ValueType type = ValueType::Number;
  if (!variable->choices.empty()) type = type_of(variable->choices.front());
  for (const Scalar& choice : variable->choices) {
    if (type_of(choice) != type) type = ValueType::Any;
  }
  const std::size_t index = add(Operation::Variable, type, {}, token.column);
  nodes_[index].variable = *variable;
  return index;
}

}  // namespace

std::optional<Expression> Expression::compile(std::string_view text, const Names& names,
                                              ErrorInfo& failure) {
  if (text.size() > kMaxLength) {
    failure = {.code = "space.bad_expression",
               .what = "the expression is too long",
               .where = "column 1",
               .got = std::to_string(text.size()) + " characters",
               .expected = "at most " + std::to_string(kMaxLength),
               .hint = ""};
    return std::nullopt;
  }
  std::optional<std::vector<Token>> tokens = tokenize(text, failure);
  if (!tokens) return std::nullopt;
  try {
    Expression expression;
    std::vector<Node> nodes = Parser(std::move(*tokens), names).run();
    for (const Node& node : nodes) {
      if (node.operation != Operation::Variable) continue;
      expression.dimensions_.push_back(node.variable.dimension);
    }
    std::sort(expression.dimensions_.begin(), expression.dimensions_.end());
    expression.dimensions_.erase(
        std::unique(expression.dimensions_.begin(), expression.dimensions_.end()),
        expression.dimensions_.end());
    expression.nodes_ = std::make_shared<const std::vector<Node>>(std::move(nodes));
    return expression;
  } catch (const Failure& wrong) {
    failure = wrong.info;
    return std::nullopt;
  }
}

}  // namespace trimtab::space_detail
