#include "trimtab/workloads/nas_bench_201/nas_bench_201.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "trimtab/base/error.hpp"
#include "trimtab/workloads/nas_bench_201/cell.hpp"
#include "trimtab/workloads/nas_bench_201/table.hpp"

namespace trimtab {
namespace {

using namespace nas_bench_201;

constexpr const char* kFirstCell =
    "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|"
    "skip_connect~2|";

TEST(NasBench201Cell, IsReadAndWritten) {
  const Cell cell = parse_cell(kFirstCell);
  EXPECT_EQ(cell[0], Operation::Pool);
  EXPECT_EQ(cell[4], Operation::Skip);
  EXPECT_EQ(describe(cell), kFirstCell);
  for (const std::size_t index : {std::size_t{0}, std::size_t{777}, kNumCells - 1}) {
    EXPECT_EQ(index_of(parse_cell(describe(cell_at(index)))), index);
  }
}

TEST(NasBench201Cell, ThatIsNoneIsRefused) {
  for (const char* text : {"", "|none~0|", "|none~0|+|none~0|none~1|+|none~0|none~1|none~3|",
                           "|none~0|+|none~0|none~1|+|none~0|none~1|conv~2|", "~+~+~"}) {
    EXPECT_THROW(parse_cell(text), UserError) << text;
  }
}

TEST(NasBench201Cell, HasThePublishedNumbersOfClasses) {
  std::set<std::string> skips, zeros, sums;
  int num_empty = 0;
  for (std::size_t i = 0; i < kNumCells; ++i) {
    const Cell cell = cell_at(i);
    skips.insert(canonical_text(cell, Merge::Skips));
    zeros.insert(canonical_text(cell, Merge::SkipsAndZeros));
    sums.insert(canonical_text(cell, Merge::Sums));
    num_empty += canonical_text(cell, Merge::Sums).empty() ? 1 : 0;
  }
  EXPECT_EQ(skips.size(), 12'751U);
  EXPECT_EQ(zeros.size(), 6'466U);
  EXPECT_EQ(sums.size(), 4'930U);
  EXPECT_EQ(num_empty, 341);
}

TEST(NasBench201Table, NamesTheLineThatIsWrong) {
  const auto error_of = [](const std::string& text) {
    try {
      parse_table(text, "cifar10", "t.csv");
      return std::string("no error");
    } catch (const UserError& error) {
      return std::string(error.what());
    }
  };
  const std::string header = "cifar10-test,cifar10-val,cellstr\n";
  const std::string row = std::string("50,60,") + kFirstCell + "\n";
  EXPECT_TRUE(error_of("a,b\n").starts_with("t.csv:1: the table lacks a column"));
  EXPECT_TRUE(error_of(header + "1,2\n").starts_with("t.csv:2: the row has another length"));
  EXPECT_TRUE(error_of(header + "x,60," + kFirstCell).starts_with("t.csv:2: this is no accuracy"));
  EXPECT_TRUE(error_of(header + row + row).starts_with("t.csv:3: the cell was given before"));
  EXPECT_TRUE(error_of(header + row).starts_with("t.csv: the table lacks a cell"));
}

TEST(NasBench201, LooksUpARecordedCell) {
  if (std::getenv("TRIMTAB_DATA") == nullptr) GTEST_SKIP() << "data absent: NAS-Bench-201";
  const WorkloadEntry entry = nas_bench_201_entry();
  const Workload workload = entry.make(OptionValues(entry.info, Json::object(), "test"));
  EXPECT_EQ(workload.space.size(), kNumCells);
  struct NeverStops final : TrialContext {
    std::uint64_t seed() const override { return 0; }
    bool report(double, double) override { return true; }
    bool should_stop() const override { return false; }
  } context;
  Point point;
  for (const Operation operation : parse_cell(kFirstCell)) {
    point.push_back(static_cast<double>(operation));
  }
  const Metrics metrics = workload.run(workload.space, point, context);
  EXPECT_DOUBLE_EQ(metrics.at("test_accuracy"), 69.55);
  EXPECT_NEAR(metrics.at("validation_accuracy"), 63.364, 1e-6);
  EXPECT_EQ(workload.probe(workload.space, point).size(), 256U);
}

}  // namespace
}  // namespace trimtab
