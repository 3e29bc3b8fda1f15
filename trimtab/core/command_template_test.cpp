#include "trimtab/core/command_template.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cstdio>
#include <map>

namespace trimtab {
namespace {

using Words = std::vector<std::string>;
using Values = std::map<std::string, std::string>;

Words render(const std::string& text, const Values& values = {}) {
  return CommandTemplate::parse(text).arguments(
      [&](const std::string& name) -> std::optional<std::string> {
        const auto found = values.find(name);
        if (found == values.end()) return std::nullopt;
        return found->second;
      });
}

ErrorInfo error_of(const std::string& text) {
  try {
    CommandTemplate::parse(text, "study.toml:15:11");
  } catch (const UserError& error) {
    return error.info();
  }
  return {};
}

// What the arguments look like from inside a program that a shell started.
std::string run(const Words& arguments) {
  std::string line;
  for (const std::string& argument : arguments) {
    line += '\'';
    for (const char c : argument) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += "' ";
  }
  std::string output;
  std::FILE* pipe = ::popen(line.c_str(), "r");
  std::array<char, 4096> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), count);
  }
  ::pclose(pipe);
  return output;
}

TEST(CommandTemplate, FillsTheCommandOfTheStudyFile) {
  const std::string text =
      "python3 train.py --C {C} --kernel {kernel} {gamma:--gamma %g} {degree:--degree %d} --seed "
      "{trial.seed}";
  EXPECT_EQ(render(text, {{"C", "0.1"}, {"kernel", "rbf"}, {"gamma", "0.25"}, {"trial.seed", "7"}}),
            (Words{"python3", "train.py", "--C", "0.1", "--kernel", "rbf", "--gamma", "0.25",
                   "--seed", "7"}));
  EXPECT_FALSE(CommandTemplate::parse(text).uses_shell());
}

TEST(CommandTemplate, ListsPlaceholdersWithTheirOffsets) {
  const auto found = CommandTemplate::parse("run {a} {{x}} {b:-b %.3f} {file:m:1}").placeholders();
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].name, "a");
  EXPECT_EQ(found[0].offset, 4u);
  EXPECT_FALSE(found[0].is_group);
  EXPECT_EQ(found[1].name, "b");
  EXPECT_EQ(found[1].offset, 14u);
  EXPECT_EQ(found[1].format, "%.3f");
  EXPECT_EQ(found[2].name, "file:m:1");
  EXPECT_EQ(found[2].offset, 26u);
}

TEST(CommandTemplate, SplitsWordsAsAShellDoes) {
  EXPECT_EQ(render("a  'b c'\t\"d e\" f\\ g '' h\"i\"'j' \\\n k '\\' \"\\x\\\"\" \n"),
            (Words{"a", "b c", "d e", "f g", "", "hij", "k", "\\", "\\x\""}));
}

TEST(CommandTemplate, KeepsAValueOneArgumentWhateverItHolds) {
  const Values values = {{"v", "a b'c\"d $(x) ; {y} %s\\"}};
  EXPECT_EQ(render("run {v} x{v} '{v}' \"{v}\"", values),
            (Words{"run", values.at("v"), "x" + values.at("v"), values.at("v"), values.at("v")}));
}

TEST(CommandTemplate, FormatsNumbers) {
  const Values values = {{"x", "0.123456789012"}, {"n", "12"}, {"w", "3"}};
  EXPECT_EQ(render("p {x:%g} {x:%.3f} {x:%.2e} {n:%d} {n:%05d} {n:%s} {w:%f} {n:100%%-%d}", values),
            (Words{"p", "0.123456789012", "0.123", "1.23e-01", "12", "00012", "12", "3.000000",
                   "100%-12"}));
}

TEST(CommandTemplate, LeavesOutWhatIsInactive) {
  EXPECT_EQ(render("p {a:--a %g} b"), (Words{"p", "b"}));
  EXPECT_EQ(render("p --a={a} b"), (Words{"p", "b"}));
  EXPECT_EQ(render("p x{a:,a=%g} b"), (Words{"p", "x", "b"}));
  EXPECT_EQ(render("p {a:,a=%g}{b:,b=%g} c"), (Words{"p", "c"}));
  EXPECT_EQ(render("p \"{a:x %g}\" c"), (Words{"p", "c"}));
  EXPECT_EQ(render("{a}"), Words{});
}

TEST(CommandTemplate, WritesLiteralBraces) {
  EXPECT_EQ(render("p '{{\"a\": {a}}}' {a:{{%g}}}", {{"a", "1"}}),
            (Words{"p", "{\"a\": 1}", "{1}"}));
}

TEST(CommandTemplate, UsesAShellForUnquotedShellSyntaxOnly) {
  for (const char* text : {"a | b", "a > b", "a && b", "a; b", "a $HOME", "a \"$HOME\"", "a `b`",
                           "a *.csv", "a ~/b", "A=1 b", "a\nb", "(a)", "a < b", "a &"}) {
    EXPECT_TRUE(CommandTemplate::parse(text).uses_shell()) << text;
  }
  for (const char* text : {"a '|' \">\" \\& x", "a '$HOME' \\$HOME", "a --b=c", "./a=b c", "a b~c",
                           "\n a \\\n b \n", "a '*'", "a [1,2] %g #x !"}) {
    EXPECT_FALSE(CommandTemplate::parse(text).uses_shell()) << text;
  }
}

TEST(CommandTemplate, PassesValuesToAShellAsData) {
  const std::string nasty = "a b'c\"d $(echo x) ; echo `echo y` * \\";
  const Words words = render("printf '[%s]' {v} x{v} '{v}' \"{v}\" | cat", {{"v", nasty}});
  EXPECT_EQ(words[0], "/bin/sh");
  EXPECT_EQ(words[1], "-c");
  EXPECT_EQ(run(words), "[" + nasty + "][x" + nasty + "][" + nasty + "][" + nasty + "]");
}

TEST(CommandTemplate, NeverLetsAShellParseAValueEvenInNestedQuotes) {
  EXPECT_EQ(run(render("echo \"$(echo \"{v}\")\"", {{"v", "$(echo;exit)`date`;x"}})),
            "$(echo;exit)`date`;x\n");
}

TEST(CommandTemplate, LeavesOutWhatIsInactiveInAShellToo) {
  EXPECT_EQ(
      run(render("printf '[%s]' a {b:--b %g} \"--c={c}\" {d:--d %d} e; echo done", {{"d", "4"}})),
      "[a][--d][4][e]done\n");
}

TEST(CommandTemplate, RunsSeveralLinesAsAScript) {
  EXPECT_EQ(run(render("x={a}\necho \"$x\" \\\n  two\n", {{"a", "1 2"}})), "1 2 two\n");
}

TEST(CommandTemplate, NamesTheColumnOfASyntaxError) {
  struct Case {
    const char* text;
    const char* code;
    const char* column;
  };
  for (const Case& c :
       {Case{"  ", "command.empty", ""}, Case{"a 'b", "command.open_quote", "3"},
        Case{"a \\", "command.open_quote", "3"}, Case{"a {b", "command.brace", "3"},
        Case{"a }", "command.brace", "3"}, Case{"a {}", "command.brace", "3"},
        Case{"a {b:{c}%g}", "command.brace", "6"}, Case{"a \\{b}", "command.brace", "3"},
        Case{"a {b:%g", "command.brace", "3"}, Case{"a {b:text}", "command.directive", "3"},
        Case{"a {b:%x}", "command.directive", "6"}, Case{"a {b:%g %g}", "command.directive", "9"},
        Case{"a {b:%999g}", "command.directive", "6"},
        Case{"a x{b:--b %g}", "command.glued_group", "4"}}) {
    const ErrorInfo info = error_of(c.text);
    EXPECT_EQ(info.code, c.code) << c.text;
    const std::string place =
        "study.toml:15:11, column " + std::string(c.column) + " of the command";
    EXPECT_EQ(info.where, *c.column == '\0' ? "study.toml:15:11" : place) << c.text;
  }
  EXPECT_EQ(error_of(std::string("a\0b", 3)).code, "command.zero_byte");
}

TEST(CommandTemplate, ChecksEveryPlaceholderAgainstTheSpace) {
  const Space space = SpaceBuilder()
                          .real("gamma", 0.0, 1.0)
                          .integer("degree", 1, 5)
                          .categorical("kernel", {Scalar("rbf"), Scalar("poly")})
                          .build();
  const std::vector<std::string> files = {"model.json"};
  const CommandTemplate fine = CommandTemplate::parse(
      "p {gamma} {gamma:%g} {degree:%d} {degree:%.2f} {kernel:-k %s} {trial.seed:%d} {study.name} "
      "{file:model.json} {trial.dir}");
  EXPECT_TRUE(fine.check(space, files).empty());
  const CommandTemplate wrong = CommandTemplate::parse(
      "p {gama} {gamma:%d} {kernel:%g} {file:model} {trial.dir:%g} {nothing_like_it}");
  const std::vector<ErrorInfo> problems = wrong.check(space, files, "s.toml:1:1");
  ASSERT_EQ(problems.size(), 6u);
  EXPECT_EQ(problems[0].code, "command.unknown_placeholder");
  EXPECT_EQ(problems[0].where, "s.toml:1:1, column 3 of the command");
  EXPECT_EQ(problems[0].hint, "did you mean \"gamma\"?");
  EXPECT_EQ(problems[1].code, "command.format");
  EXPECT_EQ(problems[1].got, "%d for gamma");
  EXPECT_EQ(problems[2].code, "command.format");
  EXPECT_EQ(problems[3].code, "command.unknown_placeholder");
  EXPECT_EQ(problems[4].code, "command.format");
  EXPECT_EQ(problems[5].hint, "write {{ and }} for literal braces");
}

TEST(CommandTemplate, RefusesAValueThatDoesNotFit) {
  EXPECT_THROW(render("p {a:%d}", {{"a", "1.5"}}), BugError);
  EXPECT_THROW(render("p {a:%.2f}", {{"a", "rbf"}}), BugError);
}

RC_GTEST_PROP(CommandTemplate, NeverFailsOtherwiseThanByAUserError, ()) {
  const std::string alphabet = "ab {}:%gd.'\"\\$|\n~=3";
  const auto picks = *rc::gen::container<std::vector<std::size_t>>(
      rc::gen::inRange<std::size_t>(0, alphabet.size()));
  std::string text;
  for (const std::size_t pick : picks) text += alphabet[pick];
  try {
    const CommandTemplate command = CommandTemplate::parse(text);
    const auto arguments = command.arguments([](const std::string&) { return "1"; });
    RC_ASSERT(!arguments.empty());
    for (const Placeholder& placeholder : command.placeholders()) {
      RC_ASSERT(text[placeholder.offset] == '{');
    }
  } catch (const UserError& error) {
    RC_ASSERT(error.info().code.starts_with("command."));
  }
}

}  // namespace
}  // namespace trimtab
