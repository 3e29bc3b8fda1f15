#include "trimtab/workloads/tabular_diagnosis/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "trimtab/base/error.hpp"
#include "trimtab/workloads/tabular_diagnosis/folds.hpp"

namespace trimtab::diagnosis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string message(const std::function<void()>& action) {
  try {
    action();
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Table, ReadsTheBundledFormatWithTheDiseasedLast) {
  const Table table =
      parse_table("wdbc", "3,2,malignant,benign\n1.5,2,0\n3,4e1,1\n5,6,1\n", "here.csv");
  EXPECT_THAT(table.classes, ElementsAre("benign", "malignant"));
  EXPECT_THAT(table.label, ElementsAre(1, 0, 0));
  EXPECT_EQ(table.x(1, 1), 40.0);
  EXPECT_EQ(table.x.cols(), 2);
}

TEST(Table, ReadsTheSameTableUnderAHeader) {
  const Table table = parse_table("wdbc", "a,b,target\n1,2,B\n3,4,M\n", "here.csv");
  EXPECT_THAT(table.features, ElementsAre("a", "b"));
  EXPECT_THAT(table.label, ElementsAre(0, 1));
}

TEST(Table, ReadsTheHeaderlessFileWithCaseNumbersAndMissingValues) {
  const Table table = parse_table(
      "wisconsin", "1000025,5,1,1,1,2,1,3,1,1,2\n1057013,8,4,5,1,2,?,7,3,1,4\n", "here.data");
  EXPECT_EQ(table.x.cols(), 9);
  EXPECT_THAT(table.label, ElementsAre(0, 1));
  EXPECT_EQ(table.x(0, 0), 5.0);
  EXPECT_EQ(table.features[5], "Bare.nuclei");
  EXPECT_TRUE(std::isnan(table.x(1, 5)));
}

TEST(Table, ReadsQuotedNamedColumnsInAnyPlace) {
  const Table table = parse_table("wisconsin",
                                  "\"\",\"Id\",\"Cl.thickness\",\"Mitoses\",\"Class\"\n"
                                  "\"1\",\"77\",5,1,\"malignant\"\n\"2\",\"78\",4,NA,\"benign\"\n",
                                  "here.csv");
  EXPECT_THAT(table.features, ElementsAre("Cl.thickness", "Mitoses"));
  EXPECT_THAT(table.label, ElementsAre(1, 0));
}

TEST(Table, NeverTakesTheNumberOfACaseForAMeasurement) {
  for (const char* name : {"Id", "id", "ID", "Sample code number"}) {
    const std::string text = std::string(name) + ",thickness,class\n77,5,2\n78,4,4\n";
    EXPECT_THAT(parse_table("wisconsin", text, "t.csv").features, ElementsAre("thickness")) << name;
  }
}

TEST(Table, SkipsTheByteOrderMarkAndCarriageReturnsAndGroupsEqualRows) {
  const Table table =
      parse_table("breast_tissue",
                  "\xEF\xBB\xBF"
                  "Case #,Class,I0,P\r\n60,gla,197,231.7\r\n61,gla,197,231.7\r\n1,car,524,556\r\n",
                  "here.csv");
  EXPECT_THAT(table.features, ElementsAre("I0", "P"));
  EXPECT_THAT(table.label, ElementsAre(4, 4, 1));
  EXPECT_EQ(table.classes.size(), 6U);
  EXPECT_THAT(table.group, ElementsAre(0, 0, 1));
}

TEST(Table, TakesAnyFileWithTheClassInTheLastColumn) {
  const Table table = parse_table("csv", "f,kind\n1,b\n2,a\n,b\n", "here.csv");
  EXPECT_THAT(table.classes, ElementsAre("a", "b"));
  EXPECT_THAT(table.label, ElementsAre(1, 0, 1));
}

TEST(Table, TellsWhereAFileIsWrong) {
  EXPECT_EQ(message([] { parse_table("csv", "f,kind\n1,a\nx,b\n", "t.csv"); }),
            "t.csv:3: column \"f\" holds no number\n  got:      \"x\"\n  expected: a number, or "
            "nothing, ? or NA where it is missing\n  code:     table.malformed");
  EXPECT_THAT(message([] { parse_table("csv", "f,kind\n1,a\n2\n", "t.csv"); }),
              HasSubstr("t.csv:3: the row has another number of cells than the header"));
  EXPECT_THAT(message([] { parse_table("csv", "f,kind\n1,a\n2,a\n", "t.csv"); }),
              HasSubstr("the table has one class only"));
  EXPECT_THAT(message([] { parse_table("coimbra", "f,Classification\n1,Maybe\n", "t.csv"); }),
              HasSubstr("t.csv:2: the class is unknown"));
  EXPECT_THAT(message([] { parse_table("csv", "f,kind\n", "t.csv"); }),
              HasSubstr("the table has no rows"));
  EXPECT_THAT(message([] { parse_table("csv", "1,2\n3,4\n", "t.csv"); }),
              HasSubstr("t.csv:1: the table has no header row"));
}

TEST(Table, TellsWhereItLookedForAnAbsentTable) {
  const std::string text = message([] { read_table("coimbra", "/nowhere.csv"); });
  EXPECT_THAT(text, HasSubstr("the table's file does not exist"));
  EXPECT_THAT(text, HasSubstr("/nowhere.csv"));
  EXPECT_THAT(message([] { read_table("coimbra", "/proc/self/task"); }),
              HasSubstr("/proc/self/task/coimbra/dataR2.csv"));
  EXPECT_THAT(message([] { read_table("coimbr", ""); }), HasSubstr("did you mean \"coimbra\"?"));
}

struct Labels {
  std::vector<int> rows, label, group;
};

// Two to four classes of 10 to 30 groups; a third of the groups has a twin row.
Labels random_labels(std::uint64_t seed) {
  Rng rng(seed);
  Labels labels;
  int next_group = 0;
  const std::int64_t num_classes = rng.integer(2, 4);
  for (int k = 0; k < num_classes; ++k) {
    for (std::int64_t left = rng.integer(10, 30); left > 0; --left, ++next_group) {
      for (int copy = 0; copy <= (rng.below(3) == 0 ? 1 : 0); ++copy) {
        labels.rows.push_back(static_cast<int>(labels.rows.size()));
        labels.label.push_back(k);
        labels.group.push_back(next_group);
      }
    }
  }
  return labels;
}

RC_GTEST_PROP(StratifiedFolds, TestEveryRowOnceAndKeepGroupsTogether, (std::uint64_t seed)) {
  const Labels labels = random_labels(seed);
  Rng rng(seed, 0, "folds");
  const std::vector<Split> splits =
      stratified_folds(labels.rows, labels.label, labels.group, 5, rng);
  std::vector<int> tested(labels.rows.size(), 0);
  for (const Split& split : splits) {
    std::set<int> train_groups;
    for (const int row : split.train)
      train_groups.insert(labels.group[static_cast<std::size_t>(row)]);
    for (const int row : split.test) {
      ++tested[static_cast<std::size_t>(row)];
      RC_ASSERT(!train_groups.contains(labels.group[static_cast<std::size_t>(row)]));
    }
    RC_ASSERT(split.train.size() + split.test.size() == labels.rows.size());
  }
  RC_ASSERT(std::ranges::all_of(tested, [](int times) { return times == 1; }));
}

RC_GTEST_PROP(StratifiedFolds, GiveEveryPartTheSharesOfTheWhole, (std::uint64_t seed)) {
  const Labels labels = random_labels(seed);
  Rng rng(seed, 0, "folds");
  std::map<int, std::vector<std::size_t>> groups_per_part;  // class -> distinct groups of each part
  for (const Split& split : stratified_folds(labels.rows, labels.label, labels.group, 5, rng)) {
    std::map<int, std::set<int>> seen;
    for (const int row : split.test) {
      seen[labels.label[static_cast<std::size_t>(row)]].insert(
          labels.group[static_cast<std::size_t>(row)]);
    }
    for (const auto& [label, groups] : seen) groups_per_part[label].push_back(groups.size());
  }
  for (const auto& [label, counts] : groups_per_part) {
    RC_ASSERT(counts.size() == 5U);
    RC_ASSERT(std::ranges::max(counts) - std::ranges::min(counts) <= 1U);
  }
}

TEST(StratifiedFolds, ShuffleRowsThatAreSortedByClass) {
  std::vector<int> rows(40), label(40), group(40);
  for (int i = 0; i < 40; ++i) {
    rows[static_cast<std::size_t>(i)] = group[static_cast<std::size_t>(i)] = i;
    label[static_cast<std::size_t>(i)] = i / 20;
  }
  Rng rng(1);
  const std::vector<Split> splits = stratified_folds(rows, label, group, 4, rng);
  EXPECT_NE(splits[0].test, (std::vector<int>{0, 4, 8, 12, 16, 20, 24, 28, 32, 36}));
  EXPECT_EQ(splits[0].test.size(), 10U);
}

TEST(StratifiedFolds, RefuseAClassOfFewerRowsThanFolds) {
  const std::vector<int> rows = {0, 1, 2, 3, 4}, label = {0, 0, 0, 1, 1}, group = {0, 1, 2, 3, 3};
  Rng rng(1);
  EXPECT_THAT(message([&] { stratified_folds(rows, label, group, 2, rng); }),
              HasSubstr("1 distinct rows, 2 folds"));
}

}  // namespace
}  // namespace trimtab::diagnosis
