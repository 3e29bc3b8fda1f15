#include "trimtab/exchange/store_studies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trimtab/base/error.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/core/testing/forwarding_storage.hpp"

namespace trimtab::exchange {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A study of `count` trials.
ForeignStudy study_of(const std::string& name, std::int64_t count) {
  return {name, [count](const std::string& as, Timestamp fallback) {
            StudyContent content{.spec = R"({"study":{"name":")" + as + R"("}})"};
            for (std::int64_t number = 0; number < count; ++number) {
              TrialCreated created{.number = number, .state = TrialState::Waiting};
              encode({.time = fallback, .body = created}, content.events.emplace_back());
            }
            return content;
          }};
}

// Refuses the commit of the n-th batch; everything else is the storage's.
class FullStorage final : public ForwardingStorage {
 public:
  FullStorage(std::shared_ptr<Storage> inner, int refused)
      : ForwardingStorage(std::move(inner)), refused_(refused) {}
  Sequence transact(StudyId study, Sequence after, Durability durability, const Visitor& visit,
                    const Decide& decide) override {
    if (refused_-- == 0) {
      throw EnvironmentError(ErrorInfo{.code = "storage.full",
                                       .what = "no room",
                                       .where = "",
                                       .got = "",
                                       .expected = "",
                                       .hint = ""});
    }
    return ForwardingStorage::transact(study, after, durability, visit, decide);
  }

 private:
  int refused_;
};

class StoreStudies : public ::testing::Test {
 protected:
  std::int64_t num_events(const std::string& name) const {
    std::int64_t count = 0;
    const std::optional<StudyRecord> record = storage_->find_study(name);
    if (!record) return -1;
    storage_->read(record->id, 0, [&](Sequence, std::string_view) { ++count; });
    return count;
  }

  std::vector<bool> store(const std::vector<ForeignStudy>& studies) {
    clock_.advance(1'000);
    std::vector<bool> are_new;
    for (const StoredImport& import : store_studies(studies, *storage_, clock_)) {
      are_new.push_back(import.is_new);
    }
    return are_new;
  }

  ManualClock clock_;
  std::shared_ptr<Storage> storage_ = make_registry().open_storage("memory:");
};

TEST_F(StoreStudies, DoesNothingTheSecondTime) {
  EXPECT_THAT(store({study_of("a", 3), study_of("b", 2)}), ElementsAre(true, true));
  EXPECT_THAT(store({study_of("b", 2), study_of("a", 3)}), ElementsAre(false, false));
  EXPECT_EQ(num_events("a"), 3);
  EXPECT_EQ(num_events("b"), 2);
}

TEST_F(StoreStudies, LeavesAStudyAloneThatHasGoneOn) {
  store({study_of("a", 3)});
  std::string more;
  encode({.body = TrialCreated{.number = 3, .state = TrialState::Waiting}}, more);
  storage_->transact(
      storage_->find_study("a")->id, 0, Durability::Disk, [](Sequence, std::string_view) {},
      [&](Sequence) { return Storage::Batch{more}; });
  EXPECT_THAT(store({study_of("a", 3)}), ElementsAre(false));
  EXPECT_EQ(num_events("a"), 4);
}

TEST_F(StoreStudies, RefusesANameOfAnotherStudyBeforeItWritesAnything) {
  store({study_of("a", 3)});
  try {
    store({study_of("new", 1), study_of("a", 4)});
    FAIL() << "another study was taken for the same";
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(),
                 "study \"a\": the storage has another study of this name\n"
                 "  expected: a new name\n"
                 "  hint:     import it under another name with --as NAME\n"
                 "  code:     import.study_exists");
  }
  EXPECT_EQ(num_events("new"), -1);
  EXPECT_THROW(store({study_of("new", 1), study_of("new", 1)}), UserError);
  EXPECT_EQ(num_events("new"), -1);
}

TEST_F(StoreStudies, KeepsNothingWhenTheStorageRefusesHalfWay) {
  FullStorage full(storage_, 1);
  EXPECT_THROW(store_studies({study_of("a", 3), study_of("b", 2)}, full, clock_), EnvironmentError);
  EXPECT_THAT(storage_->list_studies(), IsEmpty());
}

TEST_F(StoreStudies, CompletesAnImportThatWasKilledBeforeItsCommit) {
  storage_->create_study("a", study_of("a", 3).make("a", 0).spec, 0);
  EXPECT_THAT(store({study_of("a", 3)}), ElementsAre(true));
  EXPECT_EQ(num_events("a"), 3);
}

}  // namespace
}  // namespace trimtab::exchange
