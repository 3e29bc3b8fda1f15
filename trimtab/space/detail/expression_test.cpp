// The language of "forbid" and "require": lexer, precedence, types, messages with columns.

#include "trimtab/space/detail/expression.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "trimtab/space/space.hpp"

namespace trimtab::space_detail {
namespace {

// x = 2, y = 3, kernel = "rbf", deep = true, mixed = 1, off = inactive, `a-b` = 5, ops[0].n = 7
class ExpressionTest : public ::testing::Test {
 protected:
  ExpressionTest()
      : names_{.find = [this](const std::string& name) { return find(name); },
               .all = [] { return std::vector<std::string>{"x", "y", "kernel"}; }} {}

  std::optional<Variable> find(const std::string& name) const {
    static const std::vector<std::string> kOrder = {"x",     "y",   "kernel", "deep",
                                                    "mixed", "off", "a-b",    "ops[0].n"};
    for (std::size_t i = 0; i < kOrder.size(); ++i) {
      if (kOrder[i] != name) continue;
      if (name == "kernel") return Variable{i, kernels_};
      if (name == "deep") return Variable{i, flags_};
      if (name == "mixed") return Variable{i, mixed_};
      return Variable{i, {}};
    }
    return std::nullopt;
  }

  // "true", "false", "nothing" (an inactive parameter) or the message.
  std::string evaluate(std::string_view text) const {
    ErrorInfo failure;
    const auto expression = Expression::compile(text, names_, failure);
    if (!expression) return failure.where + ": " + failure.what + " [" + failure.got + "]";
    const std::optional<bool> truth = expression->evaluate(point_);
    return truth ? (*truth ? "true" : "false") : "nothing";
  }

  const std::vector<Scalar> kernels_ = {"rbf", "poly"};
  const std::vector<Scalar> flags_ = {false, true};
  const std::vector<Scalar> mixed_ = {"one", std::int64_t{1}, true};
  const Point point_ = {2.0, 3.0, 0.0, 1.0, 1.0, kInactive, 5.0, 7.0};
  const Names names_;
};

TEST_F(ExpressionTest, BindsAsInPython) {
  for (const char* text : {"x + y * 2 == 8", "(x + y) * 2 == 10", "x - 1 - 1 == 0", "-x + y == 1",
                           "12 / 2 / 3 == 2", "7 % 4 == 3", "-7 % 4 == 1", "7 % -4 == -1",
                           "not x == 3", "not x == 3 and y == 3", "x == 9 and x == 9 or y == 3",
                           "x == 2 or x == 9 and x == 9", "not not x == 2", "- -x == 2"}) {
    EXPECT_EQ(evaluate(text), "true") << text;
  }
  EXPECT_EQ(evaluate("not (x == 2 or y == 9)"), "false");
  EXPECT_EQ(evaluate("x == 2 && y == 9 || false"), "false");
}

TEST_F(ExpressionTest, ComparesNumbersTextsAndFlags) {
  for (const char* text : {"x < y",
                           "x <= 2",
                           "y >= 3",
                           "y > 2.5",
                           "x != y",
                           "kernel == 'rbf'",
                           "kernel != \"poly\"",
                           "kernel in ['poly', 'rbf']",
                           "x in [1, 2]",
                           "x not in [3, 4]",
                           "deep",
                           "deep == true",
                           "not (deep == false)",
                           "true",
                           "mixed == 1",
                           "mixed != 'one'",
                           "mixed != true",
                           "mixed == x - 1",
                           "`a-b` == 5",
                           "ops[0].n == 7",
                           "`ops[0].n` > 6"}) {
    EXPECT_EQ(evaluate(text), "true") << text;
  }
  EXPECT_EQ(evaluate("kernel == 'poly'"), "false");
  EXPECT_EQ(evaluate("mixed == (x == 2)"), "false");
}

TEST_F(ExpressionTest, KnowsItsFunctions) {
  for (const char* text : {"abs(-3) == y", "min(x, y, 1) == 1", "max(x, y) == 3", "log(1) == 0",
                           "exp(0) == 1", "sqrt(x * 8) == 4", "max(x) == 2"}) {
    EXPECT_EQ(evaluate(text), "true") << text;
  }
}

TEST_F(ExpressionTest, ReadsNumbersAsProgramsWriteThem) {
  for (const char* text : {"x == 2.0", "x == .2e1", "x == 2e0", "x == 20E-1", "x == 0.2e+1"}) {
    EXPECT_EQ(evaluate(text), "true") << text;
  }
}

TEST_F(ExpressionTest, IsNothingWhenAParameterIsInactive) {
  EXPECT_EQ(evaluate("off > 1"), "nothing");
  EXPECT_EQ(evaluate("x == 2 or off > 1"), "nothing");  // not even when the rest would decide
}

TEST_F(ExpressionTest, IsFalseForUndefinedNumbers) {
  EXPECT_EQ(evaluate("log(-1) < 1"), "false");
  EXPECT_EQ(evaluate("(x - x) / 0 >= 0"), "false");
  EXPECT_EQ(evaluate("log(-1) != 1"), "true");
  EXPECT_EQ(evaluate("1 / 0 > 1000"), "true");
}

TEST_F(ExpressionTest, NamesTheColumnOfWhatIsWrong) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"x < z", "column 5: the expression names an unknown parameter [\"z\"]"},
      {"x <", "column 4: a value is missing [the end of the text]"},
      {"", "column 1: a value is missing [the end of the text]"},
      {"(x < y", "column 7: something is missing [the end of the text]"},
      {"x < y)", "column 6: something is left over [\")\"]"},
      {"x = 2", "column 3: this character has no meaning here [\"= 2\"]"},
      {"x < y < 3", "column 7: comparisons do not chain []"},
      {"x + 1", "column 3: a part of the expression has the wrong type [a number]"},
      {"kernel < 3", "column 1: a part of the expression has the wrong type [a text]"},
      {"kernel + 1 < 3", "column 1: a part of the expression has the wrong type [a text]"},
      {"kernel == 3", "column 8: the two sides can never be equal [a text and a number]"},
      {"kernel == 'rfb'", "column 11: the parameter never has this value [\"rfb\"]"},
      {"kernel in ['rbf', 'x']", "column 19: the parameter never has this value [\"x\"]"},
      {"x in 3", "column 6: something is missing [\"3\"]"},
      {"x and y > 1", "column 1: a part of the expression has the wrong type [a number]"},
      {"kernel == 'rbf", "column 11: a quotation mark is not closed [\"'rbf\"]"},
      {"x < 1.2.3", "column 5: this is not a number [\"1.2.3\"]"},
      {"x < 3y", "column 5: this is not a number [\"3y\"]"},
      {"sin(x) < 1", "column 1: there is no such function [\"sin\"]"},
      {"abs(x, y) < 1", "column 1: abs takes one argument [2 arguments]"},
      {"max() < 1", "column 5: a value is missing [\")\"]"},
      {"x < @", "column 5: this character has no meaning here [\"@\"]"},
      {"not x", "column 5: a part of the expression has the wrong type [a number]"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(evaluate(text), message) << text;
}

TEST_F(ExpressionTest, RefusesWhatWouldExhaustTheStack) {
  const auto repeat = [](const std::string& part, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += part;
    return text;
  };
  EXPECT_EQ(evaluate(repeat("(", 100) + "x" + repeat(")", 100)),
            "column 65: the expression is nested too deeply []");
  EXPECT_EQ(evaluate(repeat("abs(", 100) + "x" + repeat(")", 100) + " < 3"),
            "column 253: the expression is nested too deeply []");
  EXPECT_EQ(evaluate(repeat("x", 10'001)),
            "column 1: the expression is too long [10001 characters]");
  EXPECT_EQ(evaluate(repeat("not ", 2000) + "true"), "true");
  EXPECT_EQ(evaluate("x" + repeat("+x", 2000) + " == 4002"), "true");
  EXPECT_EQ(evaluate(repeat("-", 9000) + "x == 2"), "true");
}

TEST(SpaceConstraints, ExcludePoints) {
  const Space space = Space::parse_text(R"({"kernel": ["rbf", "poly"],
      "degree": {"int": [2, 9], "when": {"kernel": "poly"}}, "low": [0, 9], "high": [0, 9],
      "forbid": "kernel == 'poly' and degree > 4", "require": ["low <= high"]})");
  EXPECT_TRUE(space.has_constraints());
  EXPECT_TRUE(space.satisfies_constraints(Point{1, 4, 0, 9}));
  EXPECT_FALSE(space.satisfies_constraints(Point{1, 5, 0, 9}));
  EXPECT_FALSE(space.satisfies_constraints(Point{1, 4, 3, 2}));
  // A constraint that names an inactive parameter holds.
  EXPECT_TRUE(space.satisfies_constraints(Point{0, kInactive, 0, 9}));
  EXPECT_FALSE(space.contains(Point{1, 5, 0, 9}));
  EXPECT_TRUE(space.contains(Point{1, 4, 0, 9}));
}

}  // namespace
}  // namespace trimtab::space_detail
