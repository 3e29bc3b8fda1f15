#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/rng.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/science/inductive_bias/kernel_bias.hpp"
#include "trimtab/science/inductive_bias/testing/digits_split.hpp"

namespace trimtab {
namespace {

using ::testing::HasSubstr;

// Two noisy clusters on a line.
LabelledItems clusters(std::size_t n, std::uint64_t seed) {
  Rng rng(seed, 0, "clusters");
  LabelledItems items = {2, 1, {}, {}};
  for (std::size_t i = 0; i < n; ++i) {
    const double side = i % 2 == 0 ? 1.0 : -1.0;
    items.x.push_back(side + 0.3 * rng.normal());
    items.x.push_back(rng.normal());
    items.y.push_back(side);
  }
  return items;
}

TEST(InductiveBias, FallsWithTheErrorAllowed) {
  const LabelledItems training = clusters(20, 1), test = clusters(30, 2);
  double before = INFINITY;
  for (const double eps : {0.01, 0.05, 0.2, 0.8}) {
    const InductiveBias bias = kernel_inductive_bias(training, test, 1.0, eps);
    EXPECT_LT(bias.nats, before);
    EXPECT_GE(bias.nats, 0.0);
    before = bias.nats;
  }
}

TEST(InductiveBias, OfOneFreeTestPointIsAOneDimensionalTail) {
  // A test item far from all training items has mean 0 and variance 1; target 1, so the error is
  // (Z - 1)^2 and P(error <= eps) = P(1 - s <= Z <= 1 + s), s = sqrt(eps).
  const LabelledItems training = {1, 1, {0.0}, {1.0}};
  const LabelledItems test = {1, 1, {100.0}, {1.0}};
  const InductiveBias bias = kernel_inductive_bias(training, test, 1.0, 0.25);
  const double exact = 0.5 * (std::erfc(-1.5 / std::sqrt(2.0)) - std::erfc(-0.5 / std::sqrt(2.0)));
  EXPECT_NEAR(bias.mean_error, 2.0, 1e-12);
  // One degree of freedom is the saddlepoint's hardest case.
  EXPECT_NEAR(bias.nats, -std::log(exact), 0.05);
}

TEST(InductiveBias, RefusesTablesThatDoNotFit) {
  const LabelledItems items = clusters(4, 1);
  LabelledItems other = items;
  other.num_outputs = 2;
  EXPECT_THROW(kernel_inductive_bias(items, other, 1.0, 0.1), BugError);
}

std::string digits_csv() {
  const char* folder = std::getenv("TRIMTAB_DATA");
  const std::string path =
      std::string(folder == nullptr ? "" : folder) + "/optdigits/optdigits.tes.csv";
  if (folder == nullptr || !std::filesystem::exists(path)) return "";
  std::string csv = "p0";
  for (int j = 1; j < 64; ++j) csv += ",p" + std::to_string(j);
  return csv + ",digit\n" + read_file(path);
}

class Digits {
 public:
  explicit Digits(const std::string& csv) : table_(parse_csv(csv, "digits")) {
    for (std::size_t j = 0; j < 65; ++j) columns_.push_back(table_.numbers(table_.names[j]));
  }

  LabelledItems items(std::span<const int> lines) const {
    LabelledItems items = {64, 10, {}, {}};
    for (const int line : lines) {
      const auto row = static_cast<std::size_t>(line);
      for (std::size_t j = 0; j < 64; ++j) items.x.push_back(columns_[j][row] / 16.0);
      for (int c = 0; c < 10; ++c) items.y.push_back(columns_[64][row] == c ? 1.0 : 0.0);
    }
    return items;
  }

 private:
  DataTable table_;
  std::vector<std::vector<double>> columns_;
};

void expect_digits(std::size_t n, const std::vector<double>& nats) {
  const std::string csv = digits_csv();
  if (csv.empty()) GTEST_SKIP() << "data absent";
  const Digits digits(csv);
  const LabelledItems test = digits.items(testing::kDigitsTest);
  const LabelledItems training =
      digits.items(std::span<const int>(testing::kDigitsTraining).first(n));
  double width = 1.0;
  for (const double expected : nats) {
    SCOPED_TRACE(width);
    EXPECT_NEAR(kernel_inductive_bias(training, test, width, 0.02).nats, expected, 0.01 * expected);
    width *= 2.0;
  }
}

// An independent computation on the same split, eps = 0.02, widths 1, 2 and 4. More data and a
// better prior leave less to be known beforehand.
TEST(InductiveBias, OfDigitsEqualsTheCalibration) {
  expect_digits(50, {2657.6, 1417.8, 387.1});
  expect_digits(100, {2591.9, 1243.4, 229.0});
  expect_digits(200, {2487.4, 1008.8, 84.3});
}

TEST(InductiveBiasSlow, OfManyDigitsEqualsTheCalibration) {
  expect_digits(400, {2350.4, 721.9});
  expect_digits(800, {2168.6, 418.0});
  expect_digits(1400, {1999.4, 205.6});
}

TEST(InductiveBias, ReadsATableAndNamesErrorAndPrior) {
  std::string csv = "a,b,class\n";
  const LabelledItems items = clusters(40, 5);
  for (std::size_t i = 0; i < 40; ++i) {
    csv += format_number(items.x[2 * i]) + "," + format_number(items.x[2 * i + 1]) +
           (items.y[i] > 0 ? ",right\n" : ",left\n");
  }
  const AnalysisEntry entry = inductive_bias_entry();
  const DataTable table = parse_csv(csv, "t");
  const auto analyse = [&](Json options) {
    return entry.run_on_table(table, OptionValues(entry.info, options, "test"));
  };
  const AnalysisResult result =
      analyse({{"label", "class"}, {"train", 20}, {"test", 20}, {"widths", "0.5, 1"}});
  EXPECT_THAT(result.verdict, HasSubstr("after 20 items"));
  EXPECT_THAT(result.verdict, HasSubstr("this error and this prior only"));
  EXPECT_EQ(Json::parse(result.data)["kernels"].size(), 2u);
  EXPECT_THROW(analyse({{"label", "class"}, {"train", 30}, {"test", 20}}), UserError);
  EXPECT_THROW(analyse(Json::object()), UserError);
  EXPECT_THROW(analyse({{"label", "class"}, {"train", 20}, {"test", 20}, {"widths", "x"}}),
               UserError);
}

}  // namespace
}  // namespace trimtab
