#include "trimtab/optuna/distribution.hpp"

#include <gtest/gtest.h>

#include "trimtab/base/error.hpp"

namespace trimtab::optuna {
namespace {

std::string float_text(const std::string& low, const std::string& high, const std::string& log) {
  return R"({"name": "FloatDistribution", "attributes": {"step": null, "low": )" + low +
         R"(, "high": )" + high + R"(, "log": )" + log + "}}";
}

std::string choices_text(const std::string& choices) {
  return R"({"name": "CategoricalDistribution", "attributes": {"choices": )" + choices + "}}";
}

TEST(Distribution, ComesBackFromASpaceAsTheSameText) {
  for (const std::string& text :
       {float_text("1e-05", "1.0", "true"), float_text("-2.5", "3.0", "false"),
        std::string(R"({"name": "FloatDistribution", "attributes": {"step": 0.25, "low": 0.0, )"
                    R"("high": 1.0, "log": false}})"),
        std::string(R"({"name": "IntDistribution", "attributes": {"log": false, "step": 2, )"
                    R"("low": 1, "high": 9}})"),
        choices_text(R"(["a", null, true, 1.5, 7])")}) {
    const std::string definition = native_definition(parse_distribution(text));
    const Space space = Space::parse_text(R"({"x": )" + definition + "}");
    EXPECT_EQ(distribution_text(space.dimensions()[0], space.find_parameter("x")), text);
  }
}

TEST(Distribution, ReadsTheClassesThatOptunaDeprecated) {
  const Distribution log = parse_distribution(
      R"({"name": "LogUniformDistribution", "attributes": {"low": 0.1, "high": 10}})");
  EXPECT_TRUE(is_compatible(log, parse_distribution(float_text("1.0", "2.0", "true"))));
  const Distribution discrete = parse_distribution(
      R"({"name": "DiscreteUniformDistribution", "attributes": {"low": 0, "high": 1, "q": 0.5}})");
  EXPECT_EQ(discrete.step, 0.5);
}

TEST(Distribution, IsCompatibleWhenTypeScaleAndChoicesAgree) {
  const auto check = [](const std::string& a, const std::string& b) {
    return is_compatible(parse_distribution(a), parse_distribution(b));
  };
  EXPECT_TRUE(check(float_text("0.0", "1.0", "false"), float_text("-9.0", "2.0", "false")));
  EXPECT_FALSE(check(float_text("1.0", "2.0", "false"), float_text("1.0", "2.0", "true")));
  EXPECT_TRUE(check(choices_text("[1, NaN]"), choices_text("[true, NaN]")));
  EXPECT_FALSE(check(choices_text("[1, 2]"), choices_text("[2, 1]")));
  EXPECT_FALSE(check(choices_text("[1, 2]"), float_text("1.0", "2.0", "false")));
}

TEST(Distribution, HasNoNativeFormWhereASpaceCannotSayIt) {
  for (const char* choices : {"[NaN]", "[[1]]", "[1, true]", "[1e999]"}) {
    EXPECT_EQ(native_definition(parse_distribution(choices_text(choices))), "") << choices;
  }
  EXPECT_EQ(native_definition(parse_distribution(float_text("0.0", "Infinity", "false"))), "");
}

TEST(Distribution, RefusesWhatIsNone) {
  for (const std::string& text :
       {std::string("7"), std::string("{}"), std::string("nonsense"), choices_text("[]"),
        std::string(R"({"name": "NoDistribution", "attributes": {}})"),
        float_text("2.0", "1.0", "false"), float_text("NaN", "1.0", "false"),
        float_text("\"a\"", "1.0", "false")}) {
    EXPECT_THROW(parse_distribution(text), UserError) << text;
  }
}

}  // namespace
}  // namespace trimtab::optuna
