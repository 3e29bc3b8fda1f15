#include "trimtab/science/model_soup/model_soup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

using ::testing::HasSubstr;

AnalysisResult analyse(const DataTable& table, const Json& options) {
  const AnalysisEntry entry = model_soup_entry();
  return entry.run_on_table(table, OptionValues(entry.info, options, "test"));
}

std::string csv_of(const std::string& folder, const std::vector<std::string>& files) {
  const std::vector<std::string> shifted = {"ImageNetV2", "ImageNetSketch", "ImageNetR",
                                            "ObjectNet", "ImageNetA"};
  std::string csv = "model_name,validation,ImageNet,shifted\n", line;
  for (const std::string& name : files) {
    std::ifstream file(folder + "/" + name);
    while (std::getline(file, line)) {
      const Json row = Json::parse(line);
      double sum = 0.0;
      for (const std::string& each : shifted) sum += row[each].get<double>();
      csv += row["model_name"].get<std::string>() + "," + row["ImageNet2p"].dump() + "," +
             row["ImageNet"].dump() + "," + Json(sum / 5.0).dump() + "\n";
    }
  }
  return csv;
}

TEST(ModelSoup, OrdersThePublishedSweepAndJudgesItsSoups) {
  const char* data = std::getenv("TRIMTAB_DATA");
  const std::string folder = data == nullptr ? "" : std::string(data) + "/model_soups";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "data absent";
  const DataTable table =
      parse_csv(csv_of(folder, {"individual_model_results.jsonl", "uniform_soup_results.jsonl",
                                "greedy_soup_results.jsonl"}),
                "published");
  const AnalysisResult result =
      analyse(table, {{"tests", "ImageNet,shifted"}, {"soups", "uniform_soup,greedy_soup"}});
  const Json json = Json::parse(result.data);
  EXPECT_EQ(json["best"], "model_43");
  ASSERT_EQ(json["order"].size(), 72u);
  EXPECT_NEAR(json["tests"]["ImageNet"]["best_by_validation"].get<double>(), 0.80386, 5e-6);
  EXPECT_NEAR(json["tests"]["shifted"]["best_by_validation"].get<double>(), 0.4797, 5e-5);
  EXPECT_NEAR(json["tests"]["ImageNet"]["mean"].get<double>(), 0.7793, 5e-5);
  EXPECT_NEAR(json["tests"]["ImageNet"]["low"].get<double>(), 0.7499, 5e-5);
  ASSERT_EQ(json["soups"].size(), 2u);
  EXPECT_NEAR(json["soups"][0]["gains"]["shifted"].get<double>(), 0.5158 - 0.4797, 1e-4);
  EXPECT_NEAR(json["soups"][1]["gains"]["ImageNet"].get<double>(), 0.81026 - 0.80386, 1e-9);
  EXPECT_THAT(result.verdict, HasSubstr("model_43 is the best single of 72"));
}

TEST(ModelSoup, SaysThatATableWithoutSoupsJudgesNone) {
  EXPECT_THAT(analyse(parse_csv("model_name,validation\na,1\nb,2\n", "t"), Json::object()).verdict,
              HasSubstr("b is the best single of 2 by validation (2); no soup is in the table"));
  EXPECT_THROW(analyse(parse_csv("model_name,validation\na,\n", "t"), Json::object()), UserError);
}

}  // namespace
}  // namespace trimtab
