#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/report/table.hpp"
#include "trimtab/report/testing/sample_study.hpp"

namespace trimtab {
namespace {

std::vector<std::string> keys(const Json& json) {
  std::vector<std::string> names;
  for (const auto& [name, value] : json.items()) names.push_back(name);
  return names;
}

TEST(TrialJson, HasTheDocumentedFields) {
  SampleStudy study;
  study.builder.complete(study.space.from_json({{"kind", "net"}, {"rate", 0.1}, {"units", 8}}),
                         {0.75}, {.seed = 7, .metrics = {{"loss", 0.25}}, .reports = {{1.0, 0.5}}});
  const Json trial = trial_json(study.view(), 0);
  EXPECT_THAT(keys(trial),
              testing::UnorderedElementsAre("number", "state", "purpose", "of_trial", "copy_of",
                                            "seed", "values", "params", "metrics", "is_feasible",
                                            "reports", "stopped", "created", "started", "finished",
                                            "resources", "worker", "failure", "attributes"));
  EXPECT_EQ(trial["state"], "complete");
  EXPECT_EQ(trial["seed"], 7);
  EXPECT_EQ(trial["values"], (Json{{"auc", 0.75}}));
  EXPECT_EQ(trial["params"], (Json{{"rate", 0.1}, {"units", 8}, {"kind", "net"}}));
  EXPECT_EQ(trial["metrics"], (Json{{"loss", 0.25}}));
  EXPECT_EQ(trial["reports"], Json::array({{{"step", 1.0}, {"value", 0.5}}}));
  EXPECT_EQ(trial["created"], "2024-01-01T12:00:00.000Z");
  EXPECT_EQ(trial["finished"], "2024-01-01T12:00:01.000Z");
  EXPECT_EQ(trial["resources"]["wall_seconds"], 1.0);
  EXPECT_TRUE(trial["failure"].is_null());
  EXPECT_TRUE(trial["of_trial"].is_null());
}

TEST(TrialJson, WritesFailuresAndWhatJsonLacks) {
  SampleStudy study;
  study.builder.fail(study.space.default_point(), {FailureReason::Signal, 11, "died"});
  study.builder.complete(study.space.default_point(), {std::numeric_limits<double>::infinity()});
  EXPECT_EQ(trial_json(study.view(), 0)["failure"],
            (Json{{"reason", "signal"}, {"code", 11}, {"detail", "died"}}));
  EXPECT_TRUE(trial_json(study.view(), 0)["values"]["auc"].is_null());
  EXPECT_EQ(trial_json(study.view(), 1)["values"]["auc"], "inf");
}

TEST(TrialJson, IsWrittenWhateverBytesAProgramSaid) {
  SampleStudy study;
  study.builder.fail(study.space.default_point(), {FailureReason::Signal, 11, "bad \xff byte"});
  EXPECT_THAT(pretty_json(trials_json(study.view())), testing::HasSubstr("bad \xef\xbf\xbd byte"));
}

TEST(TrialJson, RefusesATrialThatIsNotThere) {
  SampleStudy study;
  study.add_random(3);
  try {
    trial_json(study.view(), 3);
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(),
                 "study sample: there is no such trial\n"
                 "  got:      3\n"
                 "  expected: 0 to 2\n"
                 "  code:     report.unknown_trial");
  }
}

TEST(StudyJson, HasTheDocumentedFields) {
  SampleStudy study;
  study.add_random(20);
  study.builder.fail(study.space.default_point(), {FailureReason::TimeOut, 0, ""});
  const Json json = study_json(study.view(), study.analyses());
  EXPECT_THAT(keys(json), testing::UnorderedElementsAre("name", "objectives", "trials", "failures",
                                                        "elapsed_seconds", "search_resources",
                                                        "confirm_resources", "best", "verdict",
                                                        "attributes", "analyses"));
  EXPECT_EQ(json["trials"]["all"], 21);
  EXPECT_EQ(json["trials"]["failed"], 1);
  EXPECT_EQ(json["failures"], (Json{{"time-out", 1}}));
  EXPECT_EQ(json["objectives"][0], (Json{{"name", "auc"}, {"goal", "max"}, {"target", nullptr}}));
  EXPECT_EQ(json["best"]["number"], study.builder.history().best());
  EXPECT_EQ(json["verdict"], "not confirmed yet: no finalist has run on a fresh seed");
}

TEST(StudyJson, NamesTheParetoFrontOfSeveralObjectives) {
  SampleStudy study({{.name = "error"}, {.name = "seconds"}});
  const Point point = study.space.default_point();
  study.builder.complete(point, {1.0, 3.0});
  study.builder.complete(point, {2.0, 2.0});
  study.builder.complete(point, {2.0, 2.5});
  study.builder.complete(point, {3.0, 1.0});
  EXPECT_EQ(study_json(study.view(), {})["pareto_front"], Json::array({0, 1, 3}));
}

TEST(StudyJson, SaysNothingAboutAnEmptyStudy) {
  const Json json = study_json(SampleStudy().view(), {});
  EXPECT_TRUE(json["best"].is_null());
  EXPECT_TRUE(json["verdict"].is_null());
  EXPECT_EQ(json["elapsed_seconds"], 0.0);
}

}  // namespace
}  // namespace trimtab
