#include "trimtab/report/svg/markup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "trimtab/base/text.hpp"
#include "trimtab/report/svg/frame.hpp"

namespace trimtab {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Escape, DisarmsMarkup) {
  EXPECT_EQ(escape("<script>alert(\"1\")</script> & 'x'"),
            "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;");
}

TEST(Escape, ReplacesWhatXmlForbids) {
  EXPECT_EQ(escape(std::string_view("a\0b\x1b[31mc\x7f", 10)), "a?b?[31mc?");
  EXPECT_EQ(escape("tab\tline\n"), "tab\tline\n");
  EXPECT_EQ(escape("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(escape("bad \xff\xfe"), "bad ??");
}

std::string unescape(std::string text) {
  const std::pair<const char*, const char*> pairs[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}};
  for (const auto& [from, to] : pairs) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; ++at) {
      text.replace(at, std::string_view(from).size(), to);
    }
  }
  return text;
}

RC_GTEST_PROP(EscapeProperty, LeavesNoMarkupAndLosesNoText, (std::string text)) {
  const std::string escaped = escape(text);
  RC_ASSERT(escaped.find_first_of("<>\"'") == std::string::npos);
  std::size_t bad_offset = 0;
  RC_ASSERT(is_utf8(escaped, bad_offset));
  const bool is_plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7F; });
  if (is_plain) RC_ASSERT(unescape(escaped) == text);
}

TEST(Pixels, HaveAtMostOneDecimal) {
  EXPECT_EQ(pixels(12.0), "12");
  EXPECT_EQ(pixels(12.04), "12");
  EXPECT_EQ(pixels(12.06), "12.1");
  EXPECT_EQ(pixels(-0.04), "0");
}

TEST(Canvas, EscapesNamesAndTitles) {
  Canvas canvas(100.0, 50.0, "wide", "value over <x>");
  canvas.circle(1.0, 2.0, 3.0, "dot", "a & b");
  canvas.text(4.0, 5.0, "</svg>", "tick");
  EXPECT_EQ(canvas.take(),
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"wide\" viewBox=\"0 0 100 50\" "
            "role=\"img\" aria-label=\"value over &lt;x&gt;\">\n"
            "<circle class=\"dot\" cx=\"1\" cy=\"2\" r=\"3\"><title>a &amp; b</title></circle>\n"
            "<text class=\"tick\" x=\"4\" y=\"5\" text-anchor=\"start\">&lt;/svg&gt;</text>\n"
            "</svg>\n");
}

TEST(Frame, DrawsLabelsThatFitAndMapsValues) {
  Frame frame(kTile, Scale::linear(0.0, 1.0), Scale::linear(0.0, 10.0), "step", "loss", "curves");
  EXPECT_DOUBLE_EQ(frame.x(0.0), frame.left());
  EXPECT_DOUBLE_EQ(frame.x(1.0), frame.right());
  EXPECT_DOUBLE_EQ(frame.y(0.0), frame.bottom());
  EXPECT_DOUBLE_EQ(frame.y(10.0), frame.top());
  EXPECT_DOUBLE_EQ(frame.y(-5.0), frame.bottom());
  EXPECT_THAT(frame.take(), HasSubstr(">step</text>"));
}

TEST(Frame, CutsLongNames) {
  EXPECT_EQ(fit_text("short", 100.0), "short");
  const std::string cut = fit_text("a very long name of a metric", 100.0);
  EXPECT_LE(text_width(cut), 100.0);
  EXPECT_THAT(cut, testing::EndsWith("..."));
}

}  // namespace
}  // namespace trimtab
