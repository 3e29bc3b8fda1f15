#include "trimtab/science/model_soup/model_soup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/rng.hpp"

namespace trimtab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ModelSoup, OfCopiesIsTheCopyBitByBit) {
  Rng rng(1);
  std::vector<float> weights;
  for (int i = 0; i < 1000; ++i) weights.push_back(static_cast<float>(rng.normal()));
  for (const std::size_t k : {1u, 3u, 7u, 72u}) {
    EXPECT_EQ(mean_weights(std::vector<std::vector<float>>(k, weights)), weights) << k;
  }
}

TEST(ModelSoup, IsTheMeanAndRefusesOtherShapes) {
  const std::vector<std::vector<float>> pair = {{1.0F, 4.0F}, {2.0F, 8.0F}};
  EXPECT_THAT(mean_weights(pair), ElementsAre(1.5F, 6.0F));
  EXPECT_THROW(mean_weights(std::vector<std::vector<float>>{{1.0F}, {1.0F, 2.0F}}), BugError);
  EXPECT_THROW(mean_weights(std::vector<std::vector<float>>{}), BugError);
}

TEST(ModelSoup, TriesTheBestFirstAndKeepsWhatHelps) {
  // Weights on a line, the optimum at 0: -0.4 and 0.5 make 0.05; a third -1 would make -0.3.
  const std::vector<double> weights = {0.5, 5.0, -1.0, -0.4};
  const auto score = [&](std::span<const std::size_t> ingredients) {
    double sum = 0.0;
    for (const std::size_t i : ingredients) sum += weights[i];
    return -std::abs(sum / static_cast<double>(ingredients.size()));
  };
  std::vector<double> scores;
  for (std::size_t i = 0; i < weights.size(); ++i) scores.push_back(score({&i, 1}));
  const GreedySoup soup = greedy_soup(scores, score);
  EXPECT_THAT(soup.ingredients, ElementsAre(3u, 0u));
  EXPECT_NEAR(soup.score, -0.05, 1e-12);
}

RC_GTEST_PROP(ModelSoup, GreedyIsNeverBelowTheBestSingle, (std::uint64_t seed)) {
  Rng rng(seed);
  std::vector<double> scores;
  for (int i = 0; i < 12; ++i) scores.push_back(rng.normal());
  const GreedySoup soup =
      greedy_soup(scores, [&](std::span<const std::size_t>) { return 2.0 * rng.normal(); });
  RC_ASSERT(soup.score >= *std::max_element(scores.begin(), scores.end()));
}

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
