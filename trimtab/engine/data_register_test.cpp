#include "trimtab/engine/data_register.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <numeric>

#include "trimtab/base/error.hpp"
#include "trimtab/base/hash.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/engine/study.hpp"
#include "trimtab/executors/process/testing/process_fixture.hpp"

namespace trimtab {
namespace {

std::vector<std::uint64_t> rows(std::size_t from, std::size_t to) {
  std::vector<std::uint64_t> hashes;
  for (std::size_t i = from; i < to; ++i) hashes.push_back(hash64(std::to_string(i)));
  return hashes;
}

TEST(RowSketch, IsExactForSmallSets) {
  const RowSketch a(rows(0, 1000)), b(rows(900, 1000)), none;
  EXPECT_EQ(a.num_rows(), 1000u);
  EXPECT_DOUBLE_EQ(b.share_in(a), 1.0);
  EXPECT_DOUBLE_EQ(a.share_in(b), 0.1);
  EXPECT_DOUBLE_EQ(none.share_in(a), 0.0);
  EXPECT_DOUBLE_EQ(a.share_in(none), 0.0);
}

TEST(RowSketch, EstimatesTheShareOfBigOnes) {
  const RowSketch a(rows(0, 100'000)), b(rows(70'000, 170'000)), small(rows(0, 500));
  EXPECT_NEAR(a.share_in(b), 0.3, 3.0 * 0.5 / std::sqrt(1024.0));
  EXPECT_DOUBLE_EQ(RowSketch(rows(200'000, 300'000)).share_in(a), 0.0);
  EXPECT_DOUBLE_EQ(small.share_in(a), 1.0) << "the few that both would have kept";
}

TEST(RowSketch, ReadsBackWhatItWroteAndNothingElse) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{5000}}) {
    const RowSketch sketch(rows(0, size));
    EXPECT_EQ(RowSketch::from_text(sketch.to_text()), sketch);
  }
  for (const char* text : {"", "3", "x:", "1:", "1:00", "1:000000000000000g",
                           "2:00000000000000020000000000000001", "9:0000000000000001"}) {
    EXPECT_THROW(RowSketch::from_text(text), UserError) << text;
  }
}

class DataRegisterTest : public ProcessFixture {
 protected:
  std::string table(const std::string& name, std::size_t from, std::size_t to) const {
    std::ofstream out(path(name));
    out << "value\n";
    for (std::size_t i = from; i < to; ++i) out << i << '\n';
    return path(name);
  }
  StudySpec spec(const std::string& name, const std::string& tune,
                 const std::string& evaluate) const {
    StudySpec spec = spec_of("true");
    spec.name = name;
    spec.sampler = {.name = "random", .options = "{}"};
    spec.data = {.tune = {tune}, .evaluate = {evaluate}};
    return spec;
  }
  std::string problem_of(const StudySpec& spec) {
    try {
      Study study(spec, registry_, storage_);
    } catch (const UserError& error) {
      return error.info().code + ": " + error.info().got;
    }
    return "";
  }
  std::vector<std::string> notes_of(const StudySpec& spec) {
    const Study study(spec, registry_, storage_);
    std::vector<std::string> texts;
    study.view([&](const StudyView& view) {
      for (const auto& [time, note] : view.history.notes()) {
        if (note.topic == "data") texts.push_back(note.text);
      }
    });
    return texts;
  }

  Registry registry_ = make_registry();
  std::shared_ptr<Storage> storage_ = registry_.open_storage("memory:");
};

TEST_F(DataRegisterTest, RefusesToJudgeOnRowsThatAreTunedOn) {
  const StudySpec leaking = spec("a", table("t.csv", 0, 100), table("e.csv", 99, 150));
  EXPECT_EQ(problem_of(leaking), "data.leak: 1 of 51 rows are in data.tune too");
  EXPECT_TRUE(storage_->list_studies().empty()) << "nothing is written";
}

TEST_F(DataRegisterTest, NoticesThatTheDataChangedUnderAStudy) {
  const StudySpec first = spec("a", table("t.csv", 0, 100), table("e.csv", 100, 150));
  EXPECT_EQ(problem_of(first), "");
  EXPECT_EQ(problem_of(first), "") << "the same again";
  table("t.csv", 0, 99);
  EXPECT_EQ(problem_of(first), "data.changed: 99 rows to tune on, 50 to judge");
}

TEST_F(DataRegisterTest, TellsOnceWhatOtherStudiesDidWithTheRows) {
  EXPECT_EQ(problem_of(spec("a", table("t.csv", 0, 100), table("e.csv", 100, 150))), "");
  const StudySpec later = spec("b", table("t2.csv", 100, 110), table("e2.csv", 90, 100));
  const std::vector<std::string> expected = {
      "100 % of the rows that judge here were tuned on by study a",
      "100 % of the rows that are tuned on here judge study a"};
  EXPECT_EQ(notes_of(later), expected);
  EXPECT_EQ(notes_of(later), expected) << "not again at the next start";
  EXPECT_EQ(notes_of(spec("c", table("t3.csv", 0, 50), table("e3.csv", 500, 510))),
            std::vector<std::string>{})
      << "that two studies tune on the same rows is no leak";
}

TEST_F(DataRegisterTest, RefusesToStartFromAStudyThatHasTunedOnItsJudges) {
  EXPECT_EQ(problem_of(spec("a", table("t.csv", 0, 100), table("e.csv", 100, 150))), "");
  StudySpec child = spec("b", table("t2.csv", 200, 300), table("e2.csv", 50, 150));
  child.sampler = {.name = "cmaes", .options = R"({"warm_start": "a"})"};
  EXPECT_EQ(problem_of(child),
            "data.leak: 50 % of the 100 rows of data.evaluate were tuned on by a");
  child.data.evaluate = {table("e3.csv", 300, 310)};
  EXPECT_EQ(problem_of(child), "");
}

TEST_F(DataRegisterTest, KnowsRowsOfTextsTablesAndFolders) {
  std::ofstream(path("a.csv")) << "x,y\r\n1,2\r\n3,4\r\n";
  std::ofstream(path("b.csv")) << "x,y\n\"1\",2\n";
  std::ofstream(path("c.txt")) << "one\n\n two \n";
  std::ofstream(path("d.bin"), std::ios::binary) << std::string("a\0b\nc", 5);
  EXPECT_EQ(rows_of_files({path("a.csv")}).size(), 2u);
  EXPECT_EQ(rows_of_files({path("a.csv")})[0], rows_of_files({path("b.csv")})[0]);
  EXPECT_EQ(rows_of_files({path("c.txt")}).size(), 2u);
  EXPECT_EQ(rows_of_files({path("d.bin")}).size(), 1u);
  std::filesystem::create_directory(path("folder"));
  std::ofstream(path("folder/one.txt")) << "1\n2\n";
  std::ofstream(path("folder/two.txt")) << "3\n";
  EXPECT_EQ(rows_of_files({path("folder")}).size(), 3u);
  EXPECT_THROW(rows_of_files({path("absent.csv")}), UserError);
}

TEST_F(DataRegisterTest, ADealtTableIsComparedWithFiles) {
  StudySpec dealt = spec("a", "", "");
  dealt.data = {.table = table("all.csv", 0, 100), .split = SplitPlan{.sealed_share = 0.5}};
  dealt.validity.tuning_seeds = 5;
  EXPECT_EQ(problem_of(dealt), "");
  const std::vector<std::string> notes =
      notes_of(spec("b", table("t.csv", 0, 100), table("e.csv", 100, 150)));
  EXPECT_EQ(notes,
            std::vector<std::string>{"50 % of the rows that are tuned on here judge study a"});
}

}  // namespace
}  // namespace trimtab
