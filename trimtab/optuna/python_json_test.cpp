#include "trimtab/optuna/python_json.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace trimtab::optuna {
namespace {

using Type = PythonValue::Type;

TEST(PythonJson, ReadsWhatPythonWritesAndJsonForbids) {
  const auto value =
      parse_python_json(R"([NaN, Infinity, -Infinity, 123456789012345678901234567890])");
  ASSERT_TRUE(value);
  ASSERT_EQ(value->items.size(), 4U);
  EXPECT_TRUE(std::isnan(value->items[0].number));
  EXPECT_EQ(value->items[1].number, std::numeric_limits<double>::infinity());
  EXPECT_EQ(value->items[2].number, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(value->items[3].text, "123456789012345678901234567890");
}

TEST(PythonJson, ReadsTextWithEscapesAndSurrogatePairs) {
  const auto value = parse_python_json(R"("a\n\u00e9\ud83d\ude00\ud83d")");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->text, "a\n\xC3\xA9\xF0\x9F\x98\x80\xEF\xBF\xBD");
}

TEST(PythonJson, RefusesWhatIsNoJson) {
  for (const char* text : {"", "[", "[1,]", "{\"a\"}", "nul", "01", "1.e", "\"a", "\"\\x\"", "1 2",
                           "--1", "+1", "\"\\u12\"", "{1:2}", "\"\\ud83d\\uzzzz\""}) {
    EXPECT_FALSE(parse_python_json(text)) << text;
  }
  EXPECT_FALSE(parse_python_json(std::string(100'000, '[')));
}

TEST(PythonJson, FindsTheLastMemberOfAName) {
  const auto value = parse_python_json(R"({"a": 1, "b": {"c": []}, "a": 2.5})");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->find("a")->number, 2.5);
  EXPECT_EQ(value->find("b")->find("c")->type, Type::Array);
  EXPECT_EQ(value->find("d"), nullptr);
}

TEST(PythonJson, CallsEqualWhatPythonCallsEqual) {
  const auto equal = [](const char* a, const char* b) {
    return is_equal(*parse_python_json(a), *parse_python_json(b));
  };
  EXPECT_TRUE(equal("1", "1.0"));
  EXPECT_TRUE(equal("true", "1"));
  EXPECT_TRUE(equal("NaN", "NaN"));
  EXPECT_TRUE(equal("null", "null"));
  EXPECT_TRUE(equal(R"({"a": [1], "b": 2})", R"({"b": 2, "a": [1.0]})"));
  EXPECT_FALSE(equal("0", "null"));
  EXPECT_FALSE(equal("\"1\"", "1"));
  EXPECT_FALSE(equal("9007199254740993", "9007199254740992"));
  EXPECT_FALSE(equal("[1, 2]", "[2, 1]"));
}

TEST(PythonJson, WritesNumbersAndTextAsPythonDoes) {
  EXPECT_EQ(python_float(1.0), "1.0");
  EXPECT_EQ(python_float(1e-5), "1e-05");
  EXPECT_EQ(python_float(1e16), "1e+16");
  EXPECT_EQ(python_float(0.1), "0.1");
  EXPECT_EQ(python_float(-0.0), "-0.0");
  EXPECT_EQ(python_float(-HUGE_VAL), "-Infinity");
  EXPECT_EQ(python_quote("a\"\\\n\x01\xC3\xA9\xF0\x9F\x98\x80\xFF"),
            "\"a\\\"\\\\\\n\\u0001\\u00e9\\ud83d\\ude00\\ufffd\"");
}

TEST(PythonJson, SplitsAnObjectIntoMembersWithTheirOwnBytes) {
  const auto members = split_python_object(R"( {"a" : [1,  NaN] ,"b\u00e9":{"c":"}"}, "a":2} )");
  ASSERT_TRUE(members);
  ASSERT_EQ(members->size(), 3u);
  EXPECT_EQ((*members)[0].key, "a");
  EXPECT_EQ((*members)[0].raw, "[1,  NaN]");
  EXPECT_EQ((*members)[1].key, "b\u00e9");
  EXPECT_EQ((*members)[1].raw, R"({"c":"}"})");
  EXPECT_EQ((*members)[2].value.number, 2.0);
  EXPECT_TRUE(split_python_object("{}"));
  for (const char* text : {"", "[]", "{", R"({"a":1)", R"({"a":1} x)", R"({a:1})", R"({"a":})"}) {
    EXPECT_FALSE(split_python_object(text)) << text;
  }
}

TEST(PythonJson, OfAKeyThatStandsTwiceTheLastValueCounts) {
  const auto twice = parse_python_json(R"({"a": 1, "a": 2, "b": 3})");
  const auto once = parse_python_json(R"({"b": 3, "a": 2})");
  const auto first = parse_python_json(R"({"a": 1, "b": 3})");
  ASSERT_TRUE(twice && once && first);
  EXPECT_TRUE(is_equal(*twice, *twice));
  EXPECT_TRUE(is_equal(*twice, *once));
  EXPECT_TRUE(is_equal(*once, *twice));
  EXPECT_FALSE(is_equal(*twice, *first));
  EXPECT_FALSE(is_equal(*first, *twice));
}

}  // namespace
}  // namespace trimtab::optuna
