#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <ostream>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/core/storage.hpp"

/// What every storage promises (core/storage.hpp), as tests. Include this in one source file of a
/// test program that links GoogleTest, and say how yours is opened:
///
///   INSTANTIATE_TEST_SUITE_P(Mine, StorageContract,
///                            ::testing::Values(trimtab::contract::StorageCase{
///                                .name = "mine",
///                                .open = [](const std::string& folder) {
///                                  return std::make_unique<MyStorage>(folder + "/file");
///                                }}),
///                            trimtab::contract::name_of_case);
namespace trimtab::contract {

struct StorageCase {
  std::string name;  ///< letters and digits
  /// A second handle on the same folder sees what the first one wrote.
  bool is_persistent = true;
  /// Opens the storage that lives in `folder`, an existing folder that is empty at first.
  std::function<std::unique_ptr<Storage>(const std::string& folder)> open = {};
};

inline std::string name_of_case(const ::testing::TestParamInfo<StorageCase>& info) {
  return info.param.name;
}

inline void PrintTo(const StorageCase& storage, std::ostream* out) { *out << storage.name; }

class StorageContract : public ::testing::TestWithParam<StorageCase> {
 protected:
  /// A log as its readers see it.
  using Log = std::vector<std::string>;

  StorageContract() {
    const ::testing::TestInfo& test = *::testing::UnitTest::GetInstance()->current_test_info();
    std::string name = std::string("trimtab_") + test.test_suite_name() + "_" + test.name();
    for (char& letter : name) letter = letter == '/' ? '_' : letter;
    folder_ = std::filesystem::temp_directory_path() / name;
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    storage_ = open();
  }
  ~StorageContract() override {
    storage_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::unique_ptr<Storage> open() const { return GetParam().open(folder_.string()); }

  static Sequence append(Storage& storage, StudyId study, Storage::Batch events,
                         Durability durability = Durability::Process) {
    return storage.transact(
        study, 0, durability, [](Sequence, std::string_view) {},
        [&](Sequence) { return events; });  // may be asked twice
  }

  /// The events after `after`; checks that their sequences have no gap.
  static Log read(const Storage& storage, StudyId study, Sequence after = 0) {
    Log log;
    storage.read(study, after, [&](Sequence sequence, std::string_view bytes) {
      EXPECT_EQ(sequence, ++after);
      log.emplace_back(bytes);
    });
    return log;
  }

  template <typename Action>
  static std::string code_of(Action action) {
    try {
      action();
    } catch (const UserError& error) {
      return error.info().code;
    }
    return "no error";
  }

  std::filesystem::path folder_;
  std::unique_ptr<Storage> storage_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StorageContract);

TEST_P(StorageContract, KeepsARecordOfEachStudyInOrderOfCreation) {
  EXPECT_TRUE(storage_->list_studies().empty());
  EXPECT_FALSE(storage_->find_study("b"));
  const StudyRecord b = storage_->create_study("b", R"({"x": 1})", 17);
  const StudyRecord a = storage_->create_study("a", "", -5);
  EXPECT_NE(a.id, b.id);
  const std::optional<StudyRecord> found = storage_->find_study("b");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, b.id);
  EXPECT_EQ(found->name, "b");
  EXPECT_EQ(found->spec, R"({"x": 1})");
  EXPECT_EQ(found->created, 17);
  const std::vector<StudyRecord> all = storage_->list_studies();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "b");
  EXPECT_EQ(all[1].created, -5);
}

TEST_P(StorageContract, TakesNamesAsTheyAreWritten) {
  const std::vector<std::string> names = {"Ab", "ab", "it's", "a b", "%", "naïve ☂", "a\"b\\c"};
  for (const std::string& name : names) storage_->create_study(name, name, 0);
  for (const std::string& name : names) {
    const std::optional<StudyRecord> found = storage_->find_study(name);
    ASSERT_TRUE(found) << name;
    EXPECT_EQ(found->spec, name);
  }
}

TEST_P(StorageContract, RefusesASecondStudyOfTheSameName) {
  const StudyRecord first = storage_->create_study("twin", "first", 0);
  EXPECT_EQ(code_of([&] { storage_->create_study("twin", "second", 0); }), "storage.study_exists");
  ASSERT_EQ(storage_->list_studies().size(), 1u);
  EXPECT_EQ(storage_->find_study("twin")->spec, "first");
}

TEST_P(StorageContract, FreesTheNameOfADeletedStudyButNeverItsId) {
  const StudyRecord old = storage_->create_study("phoenix", "old", 0);
  append(*storage_, old.id, {"ashes"});
  storage_->delete_study(old.id);
  EXPECT_FALSE(storage_->find_study("phoenix"));
  EXPECT_TRUE(storage_->list_studies().empty());
  const StudyRecord reborn = storage_->create_study("phoenix", "new", 0);
  EXPECT_GT(reborn.id, old.id);
  EXPECT_TRUE(read(*storage_, reborn.id).empty());
  storage_->delete_study(old.id);  // unknown by now: ignored
  EXPECT_TRUE(storage_->find_study("phoenix"));
}

TEST_P(StorageContract, KnowsWhichStudyIsUnknown) {
  const StudyId gone = storage_->create_study("gone", "", 0).id;
  storage_->delete_study(gone);
  for (const StudyId unknown : {gone, gone + 1, StudyId{0}, StudyId{-1}}) {
    EXPECT_EQ(code_of([&] { read(*storage_, unknown); }), "storage.unknown_study");
    EXPECT_EQ(code_of([&] { append(*storage_, unknown, {"x"}); }), "storage.unknown_study");
  }
}

TEST_P(StorageContract, NumbersTheEventsOfEachStudyFromOneWithoutGaps) {
  const StudyId first = storage_->create_study("first", "", 0).id;
  const StudyId second = storage_->create_study("second", "", 0).id;
  EXPECT_EQ(append(*storage_, first, {"a", "b"}), 2);
  EXPECT_EQ(append(*storage_, second, {"x"}), 1);
  EXPECT_EQ(append(*storage_, first, {}), 2);
  EXPECT_EQ(append(*storage_, first, {"c"}), 3);
  EXPECT_EQ(read(*storage_, first), (Log{"a", "b", "c"}));
  EXPECT_EQ(read(*storage_, first, 1), (Log{"b", "c"}));
  EXPECT_TRUE(read(*storage_, first, 3).empty());
  EXPECT_TRUE(read(*storage_, first, 99).empty());
  EXPECT_EQ(read(*storage_, second), (Log{"x"}));
}

TEST_P(StorageContract, KeepsEveryByteOfAnEvent) {
  const StudyId study = storage_->create_study("bytes", "", 0).id;
  std::string all(256, '\0');
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<char>(i);
  const std::string long_one(300'000, 'x');
  append(*storage_, study, {all, "", long_one}, Durability::Disk);
  const Log log = read(*storage_, study);
  ASSERT_EQ(log.size(), 3u);
  EXPECT_EQ(log[0], all);
  EXPECT_EQ(log[1], "");
  EXPECT_TRUE(log[2] == long_one);
}

TEST_P(StorageContract, ShowsWhatIsNewBeforeItAsksForADecision) {
  const StudyId study = storage_->create_study("order", "", 0).id;
  append(*storage_, study, {"a", "b", "c"});
  std::vector<std::string> calls;
  const Sequence end = storage_->transact(
      study, 1, Durability::Disk,
      [&](Sequence sequence, std::string_view bytes) {
        calls.push_back(std::to_string(sequence) + std::string(bytes));
      },
      [&](Sequence last) {
        calls.push_back("decide at " + std::to_string(last));
        return Storage::Batch{"d"};
      });
  EXPECT_EQ(calls, (std::vector<std::string>{"2b", "3c", "decide at 3"}));
  EXPECT_EQ(end, 4);
}

TEST_P(StorageContract, AppendsNothingWhenACallbackThrows) {
  struct OfTheCaller {};
  const StudyId study = storage_->create_study("throws", "", 0).id;
  append(*storage_, study, {"a"});
  bool has_decided = false;
  const auto ignore = [](Sequence, std::string_view) {};
  EXPECT_THROW(
      storage_->transact(
          study, 0, Durability::Process, [](Sequence, std::string_view) { throw OfTheCaller(); },
          [&](Sequence) {
            has_decided = true;
            return Storage::Batch{"b"};
          }),
      OfTheCaller);
  EXPECT_FALSE(has_decided);
  EXPECT_THROW(storage_->transact(study, 0, Durability::Disk, ignore,
                                  [](Sequence) -> Storage::Batch { throw OfTheCaller(); }),
               OfTheCaller);
  EXPECT_THROW(
      storage_->read(study, 0, [](Sequence, std::string_view) { throw std::runtime_error("me"); }),
      std::runtime_error);
  EXPECT_EQ(read(*storage_, study), (Log{"a"}));
  EXPECT_EQ(append(*storage_, study, {"c"}), 2);  // and it goes on
}

TEST_P(StorageContract, LetsCallbacksReadIt) {
  const StudyId study = storage_->create_study("nested", "", 0).id;
  append(*storage_, study, {"a", "b"});
  std::size_t num_seen = 0;
  storage_->read(study, 0, [&](Sequence, std::string_view) {
    EXPECT_TRUE(storage_->find_study("nested"));
    num_seen += read(*storage_, study).size();
  });
  EXPECT_EQ(num_seen, 4u);
  storage_->transact(
      study, 0, Durability::Process,
      [&](Sequence, std::string_view) { EXPECT_EQ(storage_->list_studies().size(), 1u); },
      [&](Sequence last) {
        EXPECT_EQ(read(*storage_, study).size(), static_cast<std::size_t>(last));
        return Storage::Batch{};
      });
}

TEST_P(StorageContract, GivesManyThreadsOneOrder) {
  constexpr int kThreads = 8, kSteps = 40;
  const StudyId study = storage_->create_study("threads", "", 0).id;
  std::atomic<int> num_thrown{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Sequence known = 0;
      for (int i = 0; i < kSteps; ++i) {
        Sequence seen = known;
        try {
          known = storage_->transact(
              study, known, i % 8 == 0 ? Durability::Disk : Durability::Process,
              [&](Sequence sequence, std::string_view) { EXPECT_EQ(sequence, ++seen); },
              [&](Sequence last) -> Storage::Batch {
                EXPECT_EQ(seen, last);  // a decision knows the whole log
                if (i % 10 == 9) throw std::runtime_error("changed my mind");
                return {std::to_string(last + 1), std::to_string(t) + "/" + std::to_string(i)};
              });
        } catch (const std::runtime_error&) {
          ++num_thrown;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(num_thrown, kThreads * kSteps / 10);
  const Log log = read(*storage_, study);
  ASSERT_EQ(log.size(), 2u * kThreads * (kSteps - kSteps / 10));
  std::set<std::string> distinct;
  for (std::size_t i = 0; i < log.size(); i += 2) {
    EXPECT_EQ(log[i], std::to_string(i + 1));  // the pair stands where its decision thought
    distinct.insert(log[i + 1]);
  }
  EXPECT_EQ(distinct.size(), log.size() / 2);
}

TEST_P(StorageContract, CreatesAStudyOnceHoweverManyTry) {
  std::atomic<int> num_created{0}, num_refused{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      try {
        storage_->create_study("contested", "", 0);
        ++num_created;
      } catch (const UserError&) {
        ++num_refused;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(num_created, 1);
  EXPECT_EQ(num_refused, 7);
}

TEST_P(StorageContract, SharesOneLogAmongHandles) {
  if (!GetParam().is_persistent) GTEST_SKIP() << "not persistent by declaration";
  const std::unique_ptr<Storage> other = open();
  const StudyId study = storage_->create_study("shared", "s", 3).id;
  ASSERT_TRUE(other->find_study("shared"));
  EXPECT_EQ(other->find_study("shared")->id, study);
  std::vector<std::thread> threads;
  for (Storage* handle : {storage_.get(), other.get()}) {
    threads.emplace_back([handle, study] {
      for (int i = 0; i < 50; ++i) {
        handle->transact(
            study, 0, Durability::Process, [](Sequence, std::string_view) {},
            [](Sequence last) { return Storage::Batch{std::to_string(last + 1)}; });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const Log log = read(*other, study);
  ASSERT_EQ(log.size(), 100u);
  for (std::size_t i = 0; i < log.size(); ++i) EXPECT_EQ(log[i], std::to_string(i + 1));
}

TEST_P(StorageContract, RemembersEverythingWhenItIsOpenedAgain) {
  if (!GetParam().is_persistent) GTEST_SKIP() << "not persistent by declaration";
  const StudyId gone = storage_->create_study("gone", "", 0).id;
  const StudyId kept = storage_->create_study("kept", "spec", 8).id;
  append(*storage_, kept, {"a", "b"});
  storage_->delete_study(gone);
  storage_ = open();
  EXPECT_EQ(storage_->find_study("kept")->id, kept);
  EXPECT_EQ(storage_->find_study("kept")->spec, "spec");
  EXPECT_EQ(read(*storage_, kept), (Log{"a", "b"}));
  EXPECT_EQ(append(*storage_, kept, {"c"}), 3);
  EXPECT_GT(storage_->create_study("next", "", 0).id, kept);
  storage_->delete_study(storage_->find_study("next")->id);
  storage_ = open();
  EXPECT_GT(storage_->create_study("after", "", 0).id, kept + 1);
}

}  // namespace trimtab::contract
