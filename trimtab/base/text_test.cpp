#include "trimtab/base/text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "trimtab/base/error.hpp"
#include "trimtab/base/hash.hpp"

namespace trimtab {
namespace {

const std::vector<std::string> kNames = {"trials", "wall", "patience", "objectives"};

TEST(Nearest, FindsTypingErrorsAndNothingElse) {
  EXPECT_EQ(nearest("trails", kNames), "trials");
  EXPECT_EQ(nearest("WALL", kNames), "wall");
  EXPECT_EQ(nearest("objective", kNames), "objectives");
  EXPECT_EQ(nearest("learning_rate", kNames), "");
  EXPECT_EQ(did_you_mean("patiense", kNames), "did you mean \"patience\"?");
  EXPECT_EQ(did_you_mean("xyz", kNames), "");
  EXPECT_EQ(nearest("y", std::vector<std::string>{"x"}), "");
  EXPECT_EQ(nearest("xs", std::vector<std::string>{"x"}), "x");
}

TEST(OneOf, CutsLongLists) {
  EXPECT_EQ(one_of(kNames), "one of trials, wall, patience, objectives");
  EXPECT_EQ(one_of(std::vector<std::string>{"x"}), "x");
  const std::vector<std::string> many(20, "a");
  EXPECT_NE(one_of(many).find("(8 more)"), std::string::npos);
}

TEST(Quote, EscapesAndCuts) {
  EXPECT_EQ(quote("a\"b\n\x01"), "\"a\\\"b\\n\\x01\"");
  EXPECT_EQ(quote(std::string(100, 'x'), 3), "\"xxx\"...");
}

TEST(FormatShort, IsForPeople) {
  EXPECT_EQ(format_short(0.98841), "0.9884");
  EXPECT_EQ(format_short(13200.4), "13200");
  EXPECT_EQ(format_short(1.2e-5), "1.2e-05");
  EXPECT_EQ(format_short(std::nan("")), "nan");
}

TEST(FormatDuration, ChoosesTheUnit) {
  EXPECT_EQ(format_duration(0.35), "350 ms");
  EXPECT_EQ(format_duration(12.34), "12.3 s");
  EXPECT_EQ(format_duration(245), "4 min 05 s");
  EXPECT_EQ(format_duration(7800), "2 h 10 min");
}

TEST(ParseDuration, ReadsUnitsAndRefusesTheRest) {
  double seconds = 0.0;
  for (const auto& [text, expected] :
       std::initializer_list<std::pair<const char*, double>>{{"90", 90},
                                                             {"90s", 90},
                                                             {"20m", 1200},
                                                             {"8h", 28800},
                                                             {"2d", 172800},
                                                             {"500 ms", 0.5}}) {
    ASSERT_TRUE(parse_duration(text, seconds)) << text;
    EXPECT_DOUBLE_EQ(seconds, expected) << text;
  }
  for (const char* text : {"", "20x", "m", "-5s", "nan", "1e999"}) {
    EXPECT_FALSE(parse_duration(text, seconds)) << text;
  }
}

TEST(ParseBytes, CountsInPowersOf1024) {
  double bytes = 0.0;
  ASSERT_TRUE(parse_bytes("1.5GiB", bytes));
  EXPECT_DOUBLE_EQ(bytes, 1.5 * 1024 * 1024 * 1024);
  ASSERT_TRUE(parse_bytes("512k", bytes));
  EXPECT_DOUBLE_EQ(bytes, 524288);
  EXPECT_FALSE(parse_bytes("2 parsecs", bytes));
}

RC_GTEST_PROP(FormatNumber, ReadsBackAsTheSameDouble, (std::uint64_t bits)) {
  const double value = std::bit_cast<double>(bits);
  RC_PRE(std::isfinite(value));
  double back = 0.0;
  RC_ASSERT(parse_double(format_number(value), back));
  RC_ASSERT(back == value);
}

TEST(ParseDouble, TakesTheWholeTextOrNothing) {
  double value = 0.0;
  EXPECT_TRUE(parse_double("+1e-3", value));
  EXPECT_TRUE(parse_double("inf", value));
  for (const char* text : {"", "1.0x", " 1", "1,5", "--1"}) {
    EXPECT_FALSE(parse_double(text, value)) << text;
  }
}

TEST(Utf8, AcceptsValidTextAndPointsAtTheFirstBadByte) {
  std::size_t bad = 0;
  EXPECT_TRUE(is_utf8("plain, \xC3\xBC, \xE2\x82\xAC, \xF0\x9F\x98\x80", bad));
  for (const auto& [bytes, offset] :
       std::initializer_list<std::pair<const char*, std::size_t>>{{"ab\xFF", 2},
                                                                  {"\xC0\xAF", 0},
                                                                  {"x\xED\xA0\x80", 1},
                                                                  {"\xE2\x82", 0},
                                                                  {"\xF5\x80\x80\x80", 0}}) {
    EXPECT_FALSE(is_utf8(bytes, bad));
    EXPECT_EQ(bad, offset);
  }
}

TEST(Render, PutsPlaceAndSentenceFirstAndLeavesEmptyFieldsOut) {
  const ErrorInfo info = {.code = "space.empty_range",
                          .what = "the range is empty",
                          .where = "study.toml:12:5",
                          .got = "[2, 1]",
                          .expected = "low < high",
                          .hint = ""};
  EXPECT_EQ(render(info),
            "study.toml:12:5: the range is empty\n"
            "  got:      [2, 1]\n"
            "  expected: low < high\n"
            "  code:     space.empty_range");
  const UserError both(
      {info,
       {.code = "x.y", .what = "second", .where = "", .got = "", .expected = "", .hint = ""}});
  EXPECT_EQ(both.infos().size(), 2u);
  EXPECT_NE(std::string(both.what()).find("second"), std::string::npos);
}

TEST(Hash, IsTheSameOnEveryMachine) {
  EXPECT_EQ(hash64(""), 0x2d06800538d394c2ULL);  // XXH3 of nothing, as published
  EXPECT_EQ(hash128("").hex(), "99aa06d3014798d86001c324468d497f");
  EXPECT_NE(hash64("a", 1), hash64("a", 2));
  EXPECT_NE(mix64(1, 2), mix64(2, 1));
}

}  // namespace
}  // namespace trimtab
