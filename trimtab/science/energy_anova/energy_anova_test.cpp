#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/numerics/statistics/testing/r_data.hpp"
#include "trimtab/science/energy_anova/factorial_comparison.hpp"

namespace trimtab {
namespace {

using ::testing::HasSubstr;

AnalysisResult analyse(const DataTable& table, const Json& options) {
  const AnalysisEntry entry = energy_anova_entry();
  return entry.run_on_table(table, OptionValues(entry.info, options, "test"));
}

std::string tooth_csv() {
  const std::vector<Factor> factors = testing::tooth_factors();
  std::string csv = "len,supp,dose\n";
  for (std::size_t i = 0; i < testing::kTooth.size(); ++i) {
    csv += format_number(testing::kTooth[i]) + (factors[0].levels[i] == 0 ? ",VC," : ",OJ,") +
           std::to_string(factors[1].levels[i]) + "\n";
  }
  return csv;
}

// R: summary(aov(len ~ supp * factor(dose), ToothGrowth)), TukeyHSD, t.test(len ~ supp).
TEST(EnergyAnova, EqualsROnToothGrowth) {
  const AnalysisResult result =
      analyse(parse_csv(tooth_csv(), "tooth"), {{"response", "len"}, {"factors", "supp,dose"}});
  const Json data = Json::parse(result.data);
  EXPECT_NEAR(data["anova"][0]["p"].get<double>(), 0.00023118280977342623, 1e-12);
  EXPECT_NEAR(data["anova"][2]["p"].get<double>(), 0.021860268964790996, 1e-10);
  EXPECT_NEAR(data["factors"][1]["pairs"][2]["p_tukey"].get<double>(), 2.7075723050273837e-06,
              1e-8);
  EXPECT_NEAR(data["factors"][0]["p_welch"].get<double>(), 0.060634507880934066, 1e-10);
  EXPECT_THAT(result.verdict, HasSubstr("supp matters (F(1, 54) = 15.6"));
}

TEST(EnergyAnova, PairsRunsThatDifferInOneFactorOnly) {
  // Student's sleep: blocks are patients, so p is that of the paired t test, and of the ANOVA.
  std::string csv = "extra,drug,patient\n";
  for (std::size_t i = 0; i < 10; ++i) {
    csv += format_number(testing::kSleep1[i]) + ",1," + std::to_string(i) + "\n";
    csv += format_number(testing::kSleep2[i]) + ",2," + std::to_string(i) + "\n";
  }
  const AnalysisResult result = analyse(
      parse_csv(csv, "sleep"), {{"response", "extra"}, {"factors", "drug"}, {"blocks", "patient"}});
  const Json data = Json::parse(result.data);
  EXPECT_NEAR(data["factors"][0]["p_paired"].get<double>(), 0.0028328901973842702, 1e-10);
  EXPECT_NEAR(data["factors"][0]["p"].get<double>(), 0.0028328901973842702, 1e-10);
}

TEST(EnergyAnova, SaysHowManyRunsANullResultWouldNeed) {
  const DataTable table =
      parse_csv("watts,precision\n50,32\n52,32\n48,32\n51,32\n51,16\n49,16\n50,16\n49,16\n", "w");
  const AnalysisResult result = analyse(table, {{"response", "watts"}, {"factors", "precision"}});
  EXPECT_THAT(result.verdict, HasSubstr("precision is not shown to matter"));
  EXPECT_THAT(result.verdict, HasSubstr("runs per level would be needed"));
}

TEST(EnergyAnova, AsksForItsColumnsAndRefusesUnsuitableOnes) {
  const DataTable table = parse_csv("watts,precision\n50,32\n52,32\n48,32\n", "w");
  EXPECT_THROW(analyse(table, Json::object()), UserError);
  EXPECT_THROW(analyse(table, {{"response", "watts"}, {"factors", "precision"}}), UserError);
  EXPECT_THROW(analyse(table, {{"response", "watt"}, {"factors", "precision"}}), UserError);
}

TEST(EnergyAnova, DropsRowsWithoutAResponse) {
  const DataTable table = parse_csv("w,p\n1,a\n2,a\n,a\n3,b\n5,b\n4,\n", "w");
  const Experiment experiment = read_experiment(table, "w", {"p"}, {});
  EXPECT_EQ(experiment.y.size(), 4u);
  EXPECT_EQ(experiment.num_dropped, 2u);
}

// The measured profiles of five processors: load matters, of course; what the test pins is that
// the estimate of CodeCarbon is read against the meter by the same machinery.
TEST(EnergyAnova, ReadsTheMeasuredPowerProfiles) {
  const char* folder = std::getenv("TRIMTAB_DATA");
  const std::filesystem::path profiles =
      std::filesystem::path(folder == nullptr ? "" : folder) / "codecarbon_profiles";
  if (folder == nullptr || !std::filesystem::exists(profiles)) GTEST_SKIP() << "data absent";
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(profiles)) {
    if (entry.path().string().find("_cores-") != std::string::npos) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  ASSERT_EQ(paths.size(), 10u);
  const AnalysisResult result =
      analyse(read_data_tables(paths),
              {{"response", "rapl_power"}, {"factors", "load_type,cpu_name"}, {"interactions", 1}});
  const Json data = Json::parse(result.data);
  EXPECT_EQ(data["factors"][1]["levels"].size(), 4u);
  EXPECT_GT(data["runs"].get<int>(), 90);
  EXPECT_LT(data["factors"][1]["p_holm"].get<double>(), 1e-6);
}

}  // namespace
}  // namespace trimtab
