#include "trimtab/base/document.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

using Format = Document::Format;

Json root_of(std::string_view content, Format format) {
  return Document::parse(content, format, "file").root();
}

std::string error_of(std::string_view content, Format format) {
  try {
    Document::parse(content, format, "file");
    return "no error";
  } catch (const UserError& error) {
    return error.what();
  }
}

// "file:1:5 document.syntax": position and code alone, where the wording is the library's.
std::string place_of(std::string_view content, Format format) {
  try {
    Document::parse(content, format, "file");
    return "no error";
  } catch (const UserError& error) {
    return error.info().where + " " + error.info().code;
  }
}

TEST(Document, ReadsTheSameValuesFromTomlYamlAndJson) {
  const Json expected = Json::parse(
      R"({"study":{"seed":1,"rate":0.5,"name":"a b","on":true,"list":[1,2.0,"x",{"k":-3}]}})");
  EXPECT_EQ(root_of(R"([study]
seed = 1
rate = 0.5
name = "a b"
on = true
list = [1, 2.0, "x", {k = -3}]
)",
                    Format::Toml),
            expected);
  EXPECT_EQ(root_of(R"(study:
  seed: 1
  rate: 0.5
  name: a b
  on: true
  list: [1, 2.0, "x", {k: -3}]
)",
                    Format::Yaml),
            expected);
  EXPECT_EQ(root_of(expected.dump(), Format::Json), expected);
}

TEST(Document, KeepsTheOrderOfTheFile) {
  const auto keys = [](const Json& json) {
    std::string text;
    for (const auto& [key, value] : json.items()) text += key;
    return text;
  };
  EXPECT_EQ(keys(root_of("z = 1\nb = 2\na.y = 3\nm = {}\n[c]\n[[d]]\n", Format::Toml)), "zbamcd");
  EXPECT_EQ(keys(root_of("z: 1\nb: 2\na: 3\n", Format::Yaml)), "zba");
  EXPECT_EQ(keys(root_of(R"({"z":1,"b":2,"a":3})", Format::Json)), "zba");
}

TEST(Document, KnowsWhereKeysAndItemsStand) {
  const Document toml =
      Document::parse("[space]\nC = { float = [1e-3, 1e3] }\n", Format::Toml, "s");
  EXPECT_EQ(toml.where("space"), "s:1:2");
  EXPECT_EQ(toml.where("space/C"), "s:2:1");
  EXPECT_EQ(toml.where("space/C/float"), "s:2:7");
  EXPECT_EQ(toml.where("space/C/float/1"), "s:2:22");
  const Document yaml = Document::parse("space:\n  C:\n    float: [1, 3]\n", Format::Yaml, "s");
  EXPECT_EQ(yaml.where("space/C/float"), "s:3:5");
  EXPECT_EQ(yaml.where("space/C/float/1"), "s:3:16");
  const Document json =
      Document::parse("{\"space\":\n  {\"ä\": 1, \"C\": [1, 3]}}", Format::Json, "s");
  EXPECT_EQ(json.where("space/C"), "s:2:12");
  EXPECT_EQ(json.where("space/C/1"), "s:2:21");
}

TEST(Document, GivesTheNearestKnownAncestorOfAnUnknownPath) {
  const Document document = Document::parse("[a]\nb = [1, 2]\n", Format::Toml, "s");
  EXPECT_EQ(document.where("a/b/7/x"), "s:2:1");
  EXPECT_EQ(document.where("a/c"), "s:1:2");
  EXPECT_EQ(document.where("x/y"), "s");
  EXPECT_EQ(document.where(""), "s");
}

TEST(Document, KeepsPositionsWhenValuesAreReplaced) {
  const Document document = Document::parse("a = 1\nb = 2\n", Format::Toml, "s");
  const Document changed = document.with_root(Json{{"b", 3}});
  EXPECT_EQ(changed.root().dump(), R"({"b":3})");
  EXPECT_EQ(changed.where("b"), "s:2:1");
  EXPECT_EQ(document.root().dump(), R"({"a":1,"b":2})");
}

TEST(Document, ToleratesAByteOrderMarkAndAnEmptyFile) {
  EXPECT_EQ(root_of("\xEF\xBB\xBF"
                    "a = 1",
                    Format::Toml)
                .dump(),
            R"({"a":1})");
  EXPECT_EQ(root_of("", Format::Toml), Json::object());
  EXPECT_EQ(root_of("# only words\n", Format::Yaml), Json(nullptr));
  EXPECT_EQ(error_of("", Format::Json),
            "file:1:1: this is not a JSON value\n"
            "  got:      the end of the file\n"
            "  expected: an object, list, text, number, true, false or null\n"
            "  code:     document.syntax");
}

TEST(Document, NamesTheFirstByteThatIsNotUtf8) {
  EXPECT_EQ(error_of("a = 1\nb = \"gr\xFC\xDF\"\n", Format::Toml),
            "file:2:8: the file is not UTF-8 text\n"
            "  got:      byte 0xfc\n"
            "  expected: UTF-8\n"
            "  hint:     save the file as UTF-8\n"
            "  code:     document.not_utf8");
}

TEST(Document, RefusesDuplicateKeysInEveryFormat) {
  EXPECT_EQ(error_of("{\"a\": 1,\n \"a\": 2}", Format::Json),
            "file:2:2: the key stands twice in the same table\n"
            "  got:      \"a\"\n"
            "  expected: each key once\n"
            "  hint:     the first one is at file:1:2\n"
            "  code:     document.duplicate_key");
  EXPECT_EQ(place_of("a: 1\nb: 2\na: 3\n", Format::Yaml), "file:3:1 document.duplicate_key");
  EXPECT_EQ(place_of("a = 1\na = 2\n", Format::Toml).substr(0, 7), "file:2:");
}

TEST(Document, RefusesNestingDeeperThan64InEveryFormat) {
  const auto repeat = [](const std::string& text, int count) {
    std::string result;
    for (int i = 0; i < count; ++i) result += text;
    return result;
  };
  for (const int depth : {65, 400, 100'000}) {
    EXPECT_TRUE(place_of(repeat("[", depth + 1), Format::Json).ends_with("document.depth"));
    EXPECT_TRUE(
        place_of("a = " + repeat("[", depth + 1), Format::Toml).ends_with("document.depth"));
    EXPECT_TRUE(
        place_of(repeat("a.", depth + 1) + "b = 1", Format::Toml).ends_with("document.depth"));
    EXPECT_TRUE(
        place_of("[" + repeat("a.", depth + 1) + "b]", Format::Toml).ends_with("document.depth"));
    EXPECT_TRUE(
        place_of(repeat("[", depth + 1) + repeat("]", depth + 1), Format::Yaml).ends_with("depth"));
  }
  EXPECT_EQ(root_of(repeat("[", 64) + repeat("]", 64), Format::Json).size(), 1u);
  EXPECT_EQ(root_of("a=" + repeat("[", 63) + repeat("]", 63), Format::Toml).size(), 1u);
  EXPECT_EQ(root_of("a = \"" + repeat(".[", 100) + "\" # " + repeat("[", 100), Format::Toml).size(),
            1u);
}

TEST(Document, RefusesAliasesThatExplode) {
  std::string bomb = "a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int k = 0; k < 8; ++k) bomb += ", " + last;
    bomb += "]\n";
  }
  EXPECT_TRUE(place_of(bomb, Format::Yaml).ends_with("document.syntax"));
  EXPECT_TRUE(place_of("a: &x [*x, *x]\n", Format::Yaml).ends_with("document.depth"));
}

struct TypedScalar {
  std::string yaml;
  std::string json;
};

TEST(Document, TypesYamlScalarsByTheCoreSchema) {
  const std::vector<TypedScalar> cases = {{"1", "1"},
                                          {"+1", "1"},
                                          {"-12", "-12"},
                                          {"0x1F", "31"},
                                          {"0o17", "15"},
                                          {"012", "12"},
                                          {"1.5", "1.5"},
                                          {".5", "0.5"},
                                          {"1.", "1.0"},
                                          {"1e3", "1000.0"},
                                          {"1e-3", "0.001"},
                                          {"-1.5E+2", "-150.0"},
                                          {"true", "true"},
                                          {"False", "false"},
                                          {"yes", "\"yes\""},
                                          {"on", "\"on\""},
                                          {"~", "null"},
                                          {"", "null"},
                                          {"Null", "null"},
                                          {"'1'", "\"1\""},
                                          {"\"true\"", "\"true\""},
                                          {"!!str 1", "\"1\""},
                                          {"1_000", "\"1_000\""},
                                          {"e3", "\"e3\""},
                                          {"1-2", "\"1-2\""},
                                          {"0x", "\"0x\""},
                                          {"+-1", "\"+-1\""},
                                          {"--1", "\"--1\""},
                                          {"0x-5", "\"0x-5\""},
                                          {"2024-01-01", "\"2024-01-01\""},
                                          {"18446744073709551615", "18446744073709551615"},
                                          {"1.2.3", "\"1.2.3\""}};
  for (const TypedScalar& item : cases) {
    EXPECT_EQ(root_of("k: " + item.yaml, Format::Yaml)["k"].dump(), item.json) << item.yaml;
  }
  EXPECT_EQ(root_of("k: -.inf", Format::Yaml)["k"].get<double>(), -HUGE_VAL);
  EXPECT_TRUE(std::isnan(root_of("k: .nan", Format::Yaml)["k"].get<double>()));
}

TEST(Document, ReadsEveryJsonValue) {
  const auto text_of = [](std::string_view content) {
    return root_of(content, Format::Json).dump();
  };
  EXPECT_EQ(text_of(" [ ] "), "[]");
  EXPECT_EQ(text_of("{}"), "{}");
  EXPECT_EQ(text_of("[0,-0.5,1e2,1E+2,9223372036854775807,-9223372036854775808]"),
            "[0,-0.5,100.0,100.0,9223372036854775807,-9223372036854775808]");
  EXPECT_EQ(text_of("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(text_of("18446744073709551616"), "1.8446744073709552e+19");
  EXPECT_EQ(text_of(R"(["a\n\"\\\/\b\f\r\t", true, false, null])"),
            R"(["a\n\"\\/\b\f\r\t",true,false,null])");
  EXPECT_EQ(root_of(R"("\u00e9\u20ac\ud83d\ude00\u0041")", Format::Json), "é€😀A");
}

struct WrongText {
  std::string content;
  std::string place;
  std::string what;
};

TEST(Document, NamesLineColumnAndReasonOfWrongJson) {
  const std::vector<WrongText> cases = {
      {"[1, 2", "file:1:6", "the items of a list are separated by commas"},
      {"[1,\n]", "file:2:1", "this is not a JSON value"},
      {"{\"a\": 1 \"b\": 2}", "file:1:9", "the items of an object are separated by commas"},
      {"{a: 1}", "file:1:2", "a key must be a text in double quotes"},
      {"{\"a\" 1}", "file:1:6", "a key is followed by a colon"},
      {"{\"ä\" 1}", "file:1:6", "a key is followed by a colon"},
      {"\"a", "file:1:3", "a text is not closed"},
      {"\"a\n\"", "file:1:3", "a text holds a control character"},
      {"\"\\x\"", "file:1:3", "this escape does not exist"},
      {"\"\\u12g4\"", "file:1:6", "\\u is followed by four hexadecimal digits"},
      {"\"\\ud800\"", "file:1:8", "half of a surrogate pair"},
      {"\"\\ud800\\n\"", "file:1:9", "half of a surrogate pair"},
      {"01", "file:1:2", "a number must not start with 0"},
      {"-", "file:1:2", "a number lacks a digit"},
      {"1.", "file:1:3", "a number lacks a digit"},
      {"[1e999]", "file:1:2", "the number is out of range"},
      {"tru", "file:1:4", "this is not a JSON value"},
      {"1 2", "file:1:3", "there is text after the end of the document"},
      {"{\"a\":", "file:1:6", "this is not a JSON value"}};
  for (const WrongText& item : cases) {
    try {
      Document::parse(item.content, Format::Json, "file");
      ADD_FAILURE() << item.content;
    } catch (const UserError& error) {
      EXPECT_EQ(error.info().where, item.place) << item.content;
      EXPECT_EQ(error.info().what, item.what) << item.content;
    }
  }
}

TEST(Document, EndsOnYamlThatIsNoOneDocument) {
  const auto message = [](const char* content) -> std::string {
    try {
      Document::parse(content, Document::Format::Yaml, "s.yaml");
    } catch (const UserError& error) {
      return error.info().where + ": " + error.info().what + ", got " + error.info().got;
    }
    return "read";
  };
  EXPECT_EQ(message("a: 1\n---\nb: 2\n---\nc: 3\n"),
            "s.yaml:2:1: the file holds several YAML documents, got a second one");
  // yaml-cpp 0.7 finds empty documents before these for ever.
  EXPECT_EQ(message(","), "s.yaml:1:1: the file is not valid YAML, got \",\"");
  EXPECT_EQ(message("\n,!\n"), "s.yaml:2:1: the file is not valid YAML, got \",\"");
  EXPECT_NE(message("a: 1\n,"), "read");
  EXPECT_EQ(message("a: \"\\N\""),
            "s.yaml:1:4: the file is not valid YAML, got an escape that gives no UTF-8");
  EXPECT_EQ(place_of(std::string("Q\nb\0\0\0", 6), Format::Yaml), "file:2:2 document.syntax");
}

TEST(Document, NamesLineAndColumnOfWrongTomlAndYaml) {
  EXPECT_EQ(place_of("a = 1\nb = \n", Format::Toml), "file:2:5 document.syntax");
  EXPECT_EQ(place_of("a = \"open\nb = 1\n", Format::Toml), "file:1:10 document.syntax");
  EXPECT_EQ(place_of("[~[", Format::Toml), "file:1:2 document.syntax");  // toml++ asserts here
  EXPECT_EQ(place_of("a: [1, 2\nb: 3\n", Format::Yaml), "file:2:2 document.syntax");
  EXPECT_EQ(place_of("a: 1\n---\nb: 2\n", Format::Yaml), "file:2:1 document.syntax");
  EXPECT_EQ(place_of("? [1, 2]\n: 3\n", Format::Yaml), "file:1:3 document.syntax");
  EXPECT_EQ(place_of("a: !mine 3\n", Format::Yaml), "file:1:4 document.syntax");
}

TEST(Document, ReadsTomlDatesAsText) {
  EXPECT_EQ(
      root_of("a = 2024-02-29\nb = 07:32:00\nc = 1979-05-27T07:32:00Z\n", Format::Toml).dump(),
      R"({"a":"2024-02-29","b":"07:32:00","c":"1979-05-27T07:32:00Z"})");
}

TEST(Document, StaysLinearInTheNumberOfKeys) {
  std::string content = "{";
  for (int i = 0; i < 100'000; ++i) content += "\"k" + std::to_string(i) + "\":1,";
  content.back() = '}';
  EXPECT_EQ(root_of(content, Format::Json).size(), 100'000u);
}

class DocumentFile : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  static std::string error_of_file(const std::string& path) {
    try {
      Document::read(path);
      return "no error";
    } catch (const UserError& error) {
      return error.what();
    }
  }

  std::filesystem::path folder_ = [] {
    const auto folder = std::filesystem::temp_directory_path() /
                        ("trimtab_document_test_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    return folder;
  }();
};

TEST_F(DocumentFile, FollowsTheEndingOfTheName) {
  std::ofstream(path("a.toml")) << "a = 1\n";
  std::ofstream(path("a.yml")) << "a: 1\n";
  std::ofstream(path("a.yaml")) << "a: 1\n";
  std::ofstream(path("a.json")) << "{\"a\": 1}\n";
  for (const char* name : {"a.toml", "a.yml", "a.yaml", "a.json"}) {
    EXPECT_EQ(Document::read(path(name)).root().dump(), R"({"a":1})") << name;
  }
  EXPECT_EQ(error_of_file(path("a.ini")),
            path("a.ini") +
                ": the file's name does not say its format\n"
                "  got:      \"a.ini\"\n"
                "  expected: a name that ends in .toml, .yaml, .yml or .json\n"
                "  code:     document.format");
}

TEST_F(DocumentFile, SaysWhyAFileCannotBeRead) {
  EXPECT_EQ(error_of_file(path("missing.toml")),
            path("missing.toml") +
                ": the file cannot be read\n"
                "  got:      No such file or directory (errno 2)\n"
                "  expected: a readable file\n"
                "  code:     files.unreadable");
  std::filesystem::create_directory(path("folder.toml"));
  EXPECT_EQ(error_of_file(path("folder.toml")), path("folder.toml") +
                                                    ": the file cannot be read\n"
                                                    "  got:      a folder\n"
                                                    "  expected: a file\n"
                                                    "  code:     files.unreadable");
}

TEST_F(DocumentFile, RefusesAGigabyteAtOnce) {
  std::ofstream(path("huge.toml")) << "a = 1\n";
  std::filesystem::resize_file(path("huge.toml"), std::uintmax_t{1} << 30);  // sparse
  EXPECT_EQ(error_of_file(path("huge.toml")), path("huge.toml") +
                                                  ": the file cannot be read\n"
                                                  "  got:      more than 16777216 bytes\n"
                                                  "  expected: at most 16777216 bytes\n"
                                                  "  code:     files.unreadable");
}

}  // namespace
}  // namespace trimtab
