// Text templates: any format, holes in double braces.

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <bit>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/space/symbolic.hpp"

namespace trimtab {
namespace {

SymbolicDocument text(const std::string& content) {
  return SymbolicDocument::parse(content, SymbolicDocument::Format::Text, "t.cfg");
}

template <typename Action>
std::string error_of(Action action) {
  try {
    action();
    return "no error";
  } catch (const UserError& error) {
    return error.what();
  }
}

TEST(SymbolicText, FillsHolesAndLeavesEverythingElseByteForByte) {
  const SymbolicDocument document = text(
      "lr={{lr: float(1e-5, 1e-1, log, default=0.01)}};\r\n\tn = {{ n : int(1, 8) }} # {x} }}\n"
      "opt={{opt: choice(adam, 'sgd, nesterov', 3)}} again {{lr}} \\{{ literal\n");
  EXPECT_EQ(document.space().num_dimensions(), 3u);
  EXPECT_EQ(document.materialise(Point{0.01, 4, 1}),
            "lr=0.01;\r\n\tn = 4 # {x} }}\nopt=sgd, nesterov again 0.01 {{ literal\n");
  EXPECT_EQ(document.materialise(document.space().default_point()),
            "lr=0.01;\r\n\tn = 5 # {x} }}\nopt=adam again 0.01 {{ literal\n");
  EXPECT_EQ(document.recover("lr=0.001;\r\n\tn = 8 # {x} }}\nopt=3 again 0.001 {{ literal\n"),
            (Point{0.001, 8, 2}));
}

// A hole inside a string: a JSON file as text, named model.json.in.
TEST(SymbolicText, PutsHolesIntoStringsOfOtherFormats) {
  EXPECT_EQ(SymbolicDocument::format_of("model.json.in"), SymbolicDocument::Format::Text);
  EXPECT_EQ(SymbolicDocument::format_of("dir.toml/model.json"), SymbolicDocument::Format::Json);
  EXPECT_EQ(SymbolicDocument::format_of("a.yml"), SymbolicDocument::Format::Yaml);
  EXPECT_EQ(SymbolicDocument::format_of("a.toml"), SymbolicDocument::Format::Toml);
  const SymbolicDocument document =
      text(R"({"run": "lr-{{lr: float(0, 1)}}/n-{{n: int(1, 9)}}", "args": ["--lr", "{{lr}}"]})");
  const std::string filled = document.materialise(Point{0.5, 3});
  EXPECT_EQ(Json::parse(filled)["run"], "lr-0.5/n-3");
  EXPECT_EQ(document.recover(filled), (Point{0.5, 3}));
}

TEST(SymbolicText, FloatsShowThatTheyAreFloats) {
  EXPECT_EQ(text("{{x: float(0, 2)}}").materialise(Point{1.0}), "1.0");
  EXPECT_EQ(text("{{x: float(0, 1e30)}}").materialise(Point{1e25}), "1e+25");
}

TEST(SymbolicText, NamesEveryWrongHoleWithLineAndColumn) {
  EXPECT_EQ(
      error_of([] {
        text(
            "a {{x: flot(1, 2)}}\nb {{y: int(1)}} {{z}}\n  {{w: choice(a, , b)}}\n"
            "{{v: float(0, 1, lgo)}} {{u: int(3, 1)}}\n{{t: choice('a, b)}}\n{{open\n");
      }),
      "t.cfg:1:3: this is no type of a hole\n"
      "  got:      \"flot(1, 2)\"\n"
      "  expected: float(low, high), int(low, high) or choice(a, b)\n"
      "  hint:     did you mean \"float\"?\n"
      "  code:     symbolic.type\n"
      "t.cfg:2:3: a range has two ends\n"
      "  got:      int(1)\n"
      "  expected: int(low, high)\n"
      "  code:     symbolic.range\n"
      "t.cfg:2:17: this hole is not declared before\n"
      "  got:      {{z}}\n"
      "  expected: {{name: float(low, high)}}, {{name: int(low, high)}} or {{name: choice(a, b)}}\n"
      "  code:     symbolic.unknown_hole\n"
      "t.cfg:3:3: a choice is empty\n"
      "  expected: a text between the commas\n"
      "  code:     symbolic.empty_choice\n"
      "t.cfg:4:1: a range has no such option\n"
      "  got:      \"lgo\"\n"
      "  expected: one of log, step=..., default=...\n"
      "  hint:     did you mean \"log\"?\n"
      "  code:     symbolic.option\n"
      "t.cfg:5:1: a quote of a hole is not closed\n"
      "  got:      \"choice('a, b)\"\n"
      "  expected: quotes around a whole value\n"
      "  code:     symbolic.quote\n"
      "t.cfg:6:1: a hole is not closed on its line\n"
      "  got:      \"{{open\"\n"
      "  expected: }}\n"
      "  hint:     write \\{{ for a literal {{\n"
      "  code:     symbolic.open_hole");
}

TEST(SymbolicText, PassesTheProblemsOfTheSpaceOn) {
  EXPECT_EQ(error_of([] { text("a\n  b {{x: float(0, 1, log)}}"); }),
            "t.cfg:2:5: a logarithmic range must be above 0\n"
            "  got:      0\n"
            "  expected: low > 0\n"
            "  hint:     drop \"log\", or start the range at a small positive number\n"
            "  code:     space.log_of_nonpositive");
}

TEST(SymbolicText, RefusesHolesThatCouldNotBeToldApart) {
  EXPECT_NE(error_of([] { text("{{a: int(1, 9)}}{{b: int(1, 9)}}"); }).find("two numbers touch"),
            std::string::npos);
  EXPECT_NE(error_of([] { text("{{a: int(1, 9)}}0"); }).find("a digit touches"), std::string::npos);
  EXPECT_EQ(text("{{a: int(1, 9)}}{{b: choice(x, y)}}").recover("3y"), (Point{3, 1}));
}

TEST(SymbolicText, TriesLongerChoicesAndBacktracks) {
  const SymbolicDocument document = text("{{a: choice(x, xy)}}{{b: choice(y, z)}}!");
  EXPECT_EQ(document.recover("xyz!"), (Point{1, 1}));
  EXPECT_EQ(document.recover("xz!"), (Point{0, 1}));
  EXPECT_EQ(error_of([&] { document.recover("xyq!"); }),
            "t.cfg: the document does not come from this template\n"
            "  got:      a difference at line 1, column 3 of the document\n"
            "  expected: the template with its holes filled\n"
            "  code:     symbolic.recover");
}

TEST(SymbolicText, RefusesBytesThatAreNoText) {
  EXPECT_NE(error_of([] { text("a\xFF"); }).find("symbolic.not_utf8"), std::string::npos);
}

TEST(SymbolicText, ManyHolesDoNotExhaustTheStack) {
  std::string content = "{{a: int(1, 9)}} ";
  for (int i = 0; i < 1'900; ++i) content += "{{a}} ";
  const SymbolicDocument document = text(content);
  EXPECT_EQ(document.recover(document.materialise(Point{7})), Point{7});
  for (int i = 0; i < 200; ++i) content += "{{a}} ";
  EXPECT_NE(error_of([&] { text(content); }).find("too many holes"), std::string::npos);
}

RC_GTEST_PROP(SymbolicText, EveryPointComesBackFromItsText, (std::uint64_t seed)) {
  Rng rng(seed);
  std::string content;
  const std::uint64_t num_holes = 1 + rng.below(5);
  for (std::uint64_t i = 0; i < num_holes; ++i) {
    const std::string name = "h" + std::to_string(i);
    static const std::vector<std::string> kTypes = {"float(1e-8, 1e8, log)", "float(-1, 1)",
                                                    "int(-50, 50)", "choice(a, b, 'c d')",
                                                    "float(0, 1, step=0.1)"};
    static const std::vector<std::string> kSeparators = {" ", "\n", ", ", "\\{{", "ä\""};
    content += "{{" + name + ": " + kTypes[rng.below(kTypes.size())] + "}}";
    content += kSeparators[rng.below(kSeparators.size())];
    if (rng.below(3) == 0) content += "{{" + name + "}};";
  }
  const SymbolicDocument document = text(content);
  const Point point = document.space().sample(rng);
  RC_ASSERT(document.recover(document.materialise(point)) == point);
}

}  // namespace
}  // namespace trimtab
