#include "trimtab/engine/split_dealer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "trimtab/base/error.hpp"
#include "trimtab/executors/process/testing/process_fixture.hpp"

namespace trimtab {
namespace {

class SplitDealerTest : public ProcessFixture {
 protected:
  // Rows "i,label"; label of row i is i % num_classes, in proportion 1.
  DataAccount table(std::size_t num_rows, std::size_t num_classes, SplitPlan plan) const {
    std::ofstream out(path("table.csv"));
    out << "value,kind\n";
    for (std::size_t i = 0; i < num_rows; ++i) out << i << ",c" << i % num_classes << '\n';
    return {.table = path("table.csv"), .label = "kind", .split = plan};
  }
  static std::set<std::int64_t> set_of(const std::vector<std::int64_t>& rows) {
    return {rows.begin(), rows.end()};
  }
};

TEST_F(SplitDealerTest, FoldsCoverTheOpenRowsOnceAndTheSealedOnesNever) {
  const SplitDealer dealer(table(100, 2, {.folds = 4, .sealed_share = 0.2}), 1);
  std::multiset<std::int64_t> judged;
  const std::set<std::int64_t> sealed = set_of(dealer.evaluation(7)->validation);
  EXPECT_EQ(sealed.size(), 20u);
  for (std::int64_t run = 0; run < 4; ++run) {
    const auto split = dealer.tuning(0, run);
    EXPECT_EQ(split->train.size() + split->validation.size(), 80u);
    EXPECT_EQ(split->validation.size(), 20u);
    judged.insert(split->validation.begin(), split->validation.end());
    for (const auto* rows : {&split->train, &split->validation}) {
      for (const std::int64_t row : *rows) EXPECT_FALSE(sealed.contains(row));
    }
  }
  EXPECT_EQ(judged.size(), 80u);
  EXPECT_EQ(std::set<std::int64_t>(judged.begin(), judged.end()).size(), 80u);
  EXPECT_EQ(dealer.evaluation(7)->train.size(), 80u);
}

TEST_F(SplitDealerTest, LabelsAreDealtInProportion) {
  const SplitDealer dealer(table(200, 4, {.folds = 5, .sealed_share = 0.2}), 3);
  const auto count = [](const std::vector<std::int64_t>& rows, std::int64_t label) {
    return std::ranges::count_if(rows, [&](std::int64_t row) { return row % 4 == label; });
  };
  for (std::int64_t label = 0; label < 4; ++label) {
    EXPECT_EQ(count(dealer.evaluation(1)->validation, label), 10);
    for (std::int64_t run = 0; run < 5; ++run) {
      EXPECT_EQ(count(dealer.tuning(0, run)->validation, label), 8);
    }
  }
}

TEST_F(SplitDealerTest, TheSameForEveryTrialUnlessReshuffled) {
  const DataAccount fixed = table(60, 2, {.folds = 3});
  const SplitDealer dealer(fixed, 1);
  EXPECT_EQ(dealer.tuning(0, 1)->validation, dealer.tuning(9, 1)->validation);
  EXPECT_EQ(dealer.tuning(0, 1)->validation, SplitDealer(fixed, 1).tuning(4, 1)->validation);
  EXPECT_NE(dealer.tuning(0, 1)->validation, dealer.tuning(0, 4)->validation) << "repeated folds";
  EXPECT_NE(dealer.tuning(0, 1)->validation, SplitDealer(fixed, 2).tuning(0, 1)->validation);
  const SplitDealer shuffled(table(60, 2, {.folds = 3, .is_reshuffled = true}), 1);
  EXPECT_NE(shuffled.tuning(0, 1)->validation, shuffled.tuning(9, 1)->validation);
  EXPECT_EQ(shuffled.evaluation(1)->validation, dealer.evaluation(2)->validation)
      << "the sealed rows are the study's";
}

TEST_F(SplitDealerTest, HidesWholeClasses) {
  const SplitDealer dealer(
      table(100, 10, {.is_by_class = true, .folds = 4, .sealed_classes = {"c0", "c3"}}), 1);
  std::multiset<std::string> hidden;
  for (std::int64_t run = 0; run < 4; ++run) {
    const auto split = dealer.tuning(0, run);
    EXPECT_EQ(split->hidden_classes.size(), 2u);
    hidden.insert(split->hidden_classes.begin(), split->hidden_classes.end());
    std::set<std::int64_t> trained;
    for (const std::int64_t row : split->train) trained.insert(row % 10);
    for (const std::int64_t row : split->validation) EXPECT_FALSE(trained.contains(row % 10));
  }
  EXPECT_EQ(hidden, (std::multiset<std::string>{"c1", "c2", "c4", "c5", "c6", "c7", "c8", "c9"}));
  EXPECT_EQ(dealer.evaluation(1)->hidden_classes, (std::vector<std::string>{"c0", "c3"}));
}

TEST_F(SplitDealerTest, OuterFoldsOfNestedValidationCoverEverything) {
  std::multiset<std::int64_t> judged;
  for (std::int64_t fold = 0; fold < 3; ++fold) {
    const SplitDealer dealer(table(90, 2, {.folds = 2, .outer_folds = 3, .outer_fold = fold}), 5);
    const auto split = dealer.evaluation(1);
    EXPECT_EQ(split->validation.size(), 30u);
    judged.insert(split->validation.begin(), split->validation.end());
  }
  EXPECT_EQ(std::set<std::int64_t>(judged.begin(), judged.end()).size(), 90u);
  EXPECT_EQ(judged.size(), 90u);
}

TEST_F(SplitDealerTest, EqualRowsStayTogether) {
  std::ofstream(path("twins.csv")) << "a\n1\n2\n1\n3\n1\n4\n5\n6\n";
  const DataAccount data = {.table = path("twins.csv"),
                            .split = SplitPlan{.folds = 2, .sealed_share = 0.0}};
  const SplitDealer dealer(data, 1);
  for (std::int64_t run = 0; run < 2; ++run) {
    const std::set<std::int64_t> judged = set_of(dealer.tuning(0, run)->validation);
    EXPECT_EQ(judged.contains(0), judged.contains(2));
    EXPECT_EQ(judged.contains(0), judged.contains(4));
  }
}

TEST_F(SplitDealerTest, RefusesWhatCannotBeDealt) {
  const auto problem = [](const DataAccount& data) -> std::string {
    try {
      const SplitDealer dealer(data, 1);
    } catch (const UserError& error) {
      return error.info().code + ": " + error.info().got;
    }
    return "";
  };
  EXPECT_EQ(problem(table(5, 2, {.folds = 6, .sealed_share = 0.0})),
            "data.split: 5 different rows that are not sealed");
  EXPECT_EQ(problem(table(50, 4, {.is_by_class = true, .folds = 4, .sealed_share = 0.25})),
            "data.split: 3 classes that are not sealed");
  EXPECT_EQ(problem(table(50, 4, {.is_by_class = true, .sealed_classes = {"c9"}})),
            "data.split: \"c9\"");
  DataAccount other = table(50, 4, {});
  other.label = "kinds";
  EXPECT_EQ(problem(other), "table.unknown_column: \"kinds\"");
}

}  // namespace
}  // namespace trimtab
