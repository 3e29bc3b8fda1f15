#include "trimtab/executors/process/rendered_template.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/json.hpp"

namespace trimtab {
namespace {

const Space& space() {
  static const Space kSpace = Space::parse_text(R"({
    "C": {"float": [0.5, 100.0]},
    "depth": {"int": [1, 9]},
    "kernel": {"choice": ["rbf", "a \"b\""]},
    "gamma": {"float": [0.1, 10.0], "when": {"kernel": "rbf"}}
  })");
  return kSpace;
}

Point point_of(const char* json) { return space().from_json(Json::parse(json), {}); }

std::string render(const std::string& content, const std::string& path, const Point& point) {
  const RenderedTemplate file(content, path, space());
  return file.render(point, [&](const std::string& name) -> std::optional<std::string> {
    if (name == "trial.seed") return "7";
    const Parameter* parameter = space().find_parameter(name);
    return parameter == nullptr ? std::nullopt : space().value_text(point, *parameter);
  });
}

const char kRbf[] = R"({"C": 2.5, "depth": 3, "kernel": "rbf", "gamma": 0.5})";
const char kOther[] = R"({"C": 2.5, "depth": 3, "kernel": "a \"b\""})";

TEST(RenderedTemplate, PutsTextsIntoTextFiles) {
  const std::string content = "C = {{C}}\nd = {{ depth }}\ng = <{{gamma}}>\ns = {{trial.seed}}\n";
  EXPECT_EQ(render(content, "a.conf", point_of(kRbf)), "C = 2.5\nd = 3\ng = <0.5>\ns = 7\n");
  EXPECT_EQ(render(content, "a.conf", point_of(kOther)), "C = 2.5\nd = 3\ng = <>\ns = 7\n");
}

TEST(RenderedTemplate, PutsTypedValuesIntoJson) {
  const std::string content =
      R"({"C": "{{C}}", "k": "{{kernel}}", "g": "{{gamma}}", "t": "x {{depth}}", "s": "{{trial.seed}}"})";
  EXPECT_EQ(Json::parse(render(content, "a.json", point_of(kOther))),
            Json::parse(R"({"C": 2.5, "k": "a \"b\"", "g": null, "t": "x 3", "s": "7"})"));
  EXPECT_EQ(Json::parse(render(content, "a.json", point_of(kRbf)))["g"], 0.5);
}

TEST(RenderedTemplate, FillsTheHolesOfSymbolicDocuments) {
  const std::string content = R"({"svm": {"C": {"$name": "C", "$float": [0.5, 100.0]}}})";
  try {
    EXPECT_EQ(Json::parse(render(content, "a.json", point_of(kRbf))),
              Json::parse(R"({"svm": {"C": 2.5}})"));
  } catch (const UserError& error) {
    FAIL() << error.what();
  }
}

TEST(RenderedTemplate, LeavesFilesWithoutHolesAlone) {
  const std::string content = "# 100 % as it was {not a hole} \t\n\n{ {C} }\n";
  EXPECT_EQ(render(content, "a.conf", point_of(kRbf)), content);
}

TEST(RenderedTemplate, NamesAnUnknownParameterWithItsPlace) {
  try {
    RenderedTemplate("a\nb {{C}} {{dpeth}}\n", "conf/a.conf", space());
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_EQ(error.info().where, "conf/a.conf:2:9");
    EXPECT_EQ(error.info().got, "dpeth");
    EXPECT_EQ(error.info().hint, "did you mean \"depth\"?");
  }
}

TEST(RenderedTemplate, RefusesHolesThatTheStudyDoesNotHave) {
  EXPECT_THROW(
      RenderedTemplate(R"({"w": {"$name": "width", "$float": [0, 1]}})", "a.json", space()),
      UserError);
}

}  // namespace
}  // namespace trimtab
