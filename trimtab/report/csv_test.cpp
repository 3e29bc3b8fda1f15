#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "trimtab/report/table.hpp"
#include "trimtab/report/testing/sample_study.hpp"

namespace trimtab {
namespace {

using Rows = std::vector<std::vector<std::string>>;

// A reader of RFC 4180 written from the standard alone.
Rows read_csv(const std::string& text) {
  Rows rows = {{""}};
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_quoted) {
      if (text[i] != '"') {
        rows.back().back() += text[i];
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        rows.back().back() += text[i++];
      } else {
        is_quoted = false;
      }
    } else if (text[i] == '"') {
      is_quoted = true;
    } else if (text[i] == ',') {
      rows.back().emplace_back();
    } else if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
      rows.push_back({""});
      ++i;
    } else {
      rows.back().back() += text[i];
    }
  }
  rows.pop_back();
  return rows;
}

std::size_t column(const Rows& rows, const std::string& name) {
  const auto found = std::find(rows.front().begin(), rows.front().end(), name);
  EXPECT_NE(found, rows.front().end()) << name;
  return static_cast<std::size_t>(found - rows.front().begin());
}

TEST(TrialsCsv, HasAColumnForEverythingThatIsKnown) {
  SampleStudy study;
  study.builder.complete(study.space.default_point(), {0.8}, {.metrics = {{"loss", 0.25}}});
  EXPECT_THAT(read_csv(trials_csv(study.view())).front(),
              testing::ElementsAre(
                  "number", "state", "purpose", "of_trial", "copy_of", "seed", "value.auc",
                  "parameter.rate", "parameter.units", "parameter.kind", "parameter.depth",
                  "metric.loss", "created", "started", "finished", "wall_seconds", "cpu_seconds",
                  "peak_memory_bytes", "worker", "failure", "failure_code", "failure_detail"));
}

TEST(TrialsCsv, IsReadBackByPython) {
  SampleStudy study;
  const std::string hostile = "a \"quoted\" word, a comma,\r\nand a line ";
  study.builder.complete(study.space.default_point(), {1.0 / 3.0});
  study.builder.fail(study.space.default_point(), {FailureReason::ExitCode, 3, hostile});
  const std::string path =
      (std::filesystem::temp_directory_path() / ("trimtab-csv-" + std::to_string(::getpid())))
          .string();
  std::ofstream(path, std::ios::binary) << trials_csv(study.view());
  const std::string command =
      "python3 -c 'import csv, json, sys; "
      "print(json.dumps(list(csv.DictReader(open(sys.argv[1], newline=\"\")))))' " +
      path + " >" + path + ".json";
  ASSERT_EQ(std::system(command.c_str()), 0);
  std::ifstream file(path + ".json");
  const Json rows = Json::parse(file);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(std::stod(rows[0]["value.auc"].get<std::string>()), 1.0 / 3.0);
  EXPECT_EQ(rows[0]["failure"], "");
  EXPECT_EQ(rows[1]["failure_detail"], hostile);
  EXPECT_EQ(rows[1]["failure_code"], "3");
  EXPECT_EQ(rows[1]["value.auc"], "");
  std::filesystem::remove(path);
  std::filesystem::remove(path + ".json");
}

RC_GTEST_PROP(TrialsCsvProperty, KeepsEveryTextAndEveryNumber, (std::string text, double value)) {
  SampleStudy study;
  study.builder.complete(study.space.default_point(), {0.5}, {.metrics = {{text, value}}});
  study.builder.fail(study.space.default_point(), {FailureReason::Exception, 0, text});
  const Rows rows = read_csv(trials_csv(study.view()));
  RC_ASSERT(rows.size() == 3u);
  RC_ASSERT(rows[2][column(rows, "failure_detail")] == text);
  const std::string number = rows[1][column(rows, "metric." + text)];
  if (!std::isnan(value)) RC_ASSERT(std::strtod(number.c_str(), nullptr) == value);
}

TEST(TrialsCsv, LeavesInactiveParametersEmpty) {
  SampleStudy study;
  study.builder.complete(study.space.from_json({{"kind", "net"}}), {0.5});
  const Rows rows = read_csv(trials_csv(study.view()));
  EXPECT_EQ(rows[1][column(rows, "parameter.kind")], "net");
  EXPECT_EQ(rows[1][column(rows, "parameter.depth")], "");
}

}  // namespace
}  // namespace trimtab
