#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>

#include "trimtab/base/error.hpp"
#include "trimtab/engine/detail/leases.hpp"
#include "trimtab/engine/study.hpp"

namespace trimtab {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

// A database that goes with its owner.
class TemporaryDatabase {
 public:
  TemporaryDatabase() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "trimtab-lease-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = pattern;
  }
  ~TemporaryDatabase() { std::filesystem::remove_all(folder_); }
  std::string address() const { return "sqlite:" + (folder_ / "study.db").string(); }

 private:
  std::filesystem::path folder_;
};

// Two engines of other machines on one database: what decides is the lease alone.
class LeaseTest : public ::testing::Test {
 protected:
  static StudySpec spec() {
    StudySpec spec;
    spec.name = "leased";
    spec.budget.trials = 3;
    spec.lease_seconds = 12.0;
    spec.space_definition = R"({"x": [0.0, 1.0]})";
    spec.sampler.name = "random";
    spec.validity.confirm_top = 0;
    return spec;
  }
  static std::int64_t elsewhere(std::int64_t process) {
    const std::int64_t machine = (own_worker_id() >> 45 & 0x1FFFF) ^ 1;
    return std::int64_t{1} << 62 | machine << 45 | process << 23 | 1;
  }
  // The observer looks each second, as a runner does.
  std::int64_t watch(int seconds, Study& observer, Study* renewing = nullptr) {
    std::int64_t num_recovered = 0;
    for (int i = 0; i < seconds; ++i) {
      clock_.advance(kSecond);
      if (renewing != nullptr) renewing->keep_lease();
      observer.refresh();
      if (observer.has_orphans()) num_recovered += observer.recover();
    }
    return num_recovered;
  }
  static std::string code_of(const std::function<void()>& action) {
    try {
      action();
      return "";
    } catch (const UserError& error) {
      return error.info().code;
    }
  }
  std::int64_t num_events() const {
    std::int64_t count = 0;
    storage_->read(storage_->find_study("leased")->id, 0,
                   [&](Sequence, std::string_view) { ++count; });
    return count;
  }

  Registry registry_ = make_registry();
  TemporaryDatabase database_;
  std::shared_ptr<Storage> storage_ = registry_.open_storage(database_.address());
  ManualClock clock_;
  Study first_{spec(), registry_, storage_, clock_, elsewhere(1)};
  Study second_{spec(), registry_, registry_.open_storage(database_.address()), clock_,
                elsewhere(2)};
};

TEST_F(LeaseTest, KeepsTheTrialsOfAWorkerThatRenews) {
  first_.keep_lease();
  const std::int64_t number = first_.ask()->number;
  EXPECT_EQ(watch(100, second_, &first_), 0);
  EXPECT_TRUE(first_.lost_trials().empty());
  first_.tell(number, {.values = {1.0}});
}

TEST_F(LeaseTest, GivesTheTrialOfASilentWorkerToAnotherAndRefusesTheLateResult) {
  first_.keep_lease();
  const Trial lost = *first_.ask();
  EXPECT_EQ(watch(12, second_), 0);
  EXPECT_EQ(watch(2, second_), 1);
  EXPECT_EQ(code_of([&] { first_.report(lost.number, {1.0, 0.5}); }), "study.lease_lost");
  const Trial again = *second_.ask();
  EXPECT_EQ(again.number, lost.number);
  EXPECT_EQ(again.seed, lost.seed);
  EXPECT_EQ(code_of([&] { first_.tell(lost.number, {.values = {7.0}}); }), "study.lease_lost");
  first_.requeue({lost.number});  // not its own any more: nothing happens
  second_.tell(lost.number, {.values = {2.0}});
  EXPECT_EQ(code_of([&] { first_.prune(lost.number); }), "study.lease_lost");
  EXPECT_EQ(first_.lost_trials(), std::vector<std::int64_t>{lost.number});
  second_.view([&](const StudyView& view) {
    EXPECT_EQ(view.history.value(lost.number), 2.0);
    EXPECT_EQ(view.history.size(), 1);
  });
}

TEST_F(LeaseTest, HoldsTheBudgetWhenEveryTrialIsLostOnce) {
  first_.keep_lease();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(first_.ask());
  EXPECT_EQ(watch(30, second_), 3);
  for (int i = 0; i < 3; ++i) second_.tell(second_.ask()->number, {.values = {1.0}});
  EXPECT_FALSE(second_.ask());
  EXPECT_FALSE(first_.ask());
  second_.view([&](const StudyView& view) { EXPECT_EQ(view.history.size(), 3); });
}

TEST_F(LeaseTest, TellsNoLeaseTwiceInAThirdOfItsTimeAndNoneWhileNothingRuns) {
  first_.keep_lease();
  EXPECT_EQ(num_events(), 0);
  const std::int64_t one = first_.ask()->number;
  const std::int64_t two = first_.ask()->number;
  EXPECT_EQ(num_events(), 3) << "two trials and one lease";
  watch(12, second_, &first_);
  EXPECT_EQ(num_events(), 6) << "after 4, 8 and 12 s, for both trials";
  first_.tell(one, {.values = {1.0}});
  first_.tell(two, {.values = {1.0}});
  watch(100, second_, &first_);
  EXPECT_EQ(num_events(), 8);
}

// The others could not be heard while the observer slept.
TEST_F(LeaseTest, DoesNotCountTimeInWhichTheObserverDidNotLook) {
  first_.keep_lease();
  first_.ask();
  watch(1, second_);
  clock_.advance(1000 * kSecond);  // the storage was away for both
  EXPECT_EQ(watch(1, second_), 0);
  EXPECT_EQ(watch(100, second_, &first_), 0);
}

TEST_F(LeaseTest, DoesNotHandOutATrialWhoseEarlierRunHasNotEnded) {
  first_.keep_lease();
  const std::int64_t number = first_.ask()->number;
  EXPECT_EQ(watch(14, second_), 1);
  const NextTrial other = first_.next({number});
  EXPECT_NE(std::get<Trial>(other).number, number);
  EXPECT_EQ(std::get<Trial>(first_.next()).number, number);
  EXPECT_TRUE(first_.lost_trials().empty());
}

// The last trial of the search waits for its earlier run: nothing may be confirmed, or be over.
TEST_F(LeaseTest, DoesNotEndTheSearchWhileATrialIsHeldUp) {
  first_.keep_lease();
  const std::int64_t number = first_.ask()->number;
  for (int i = 0; i < 2; ++i) second_.tell(second_.ask()->number, {.values = {1.0}});
  EXPECT_EQ(watch(14, second_), 1);
  EXPECT_TRUE(std::holds_alternative<WaitForOthers>(first_.next({number})));
  EXPECT_EQ(std::get<Trial>(first_.next()).number, number);
}

TEST_F(LeaseTest, TellsATrialThatAnotherEndedFromOneThatWasLost) {
  first_.keep_lease();
  const std::int64_t number = first_.ask()->number;
  second_.tell(number, {.values = {2.0}});
  EXPECT_EQ(code_of([&] { first_.tell(number, {.values = {7.0}}); }), "study.already_finished");
  EXPECT_TRUE(first_.lost_trials().empty());
  const std::int64_t before = num_events();
  watch(30, second_, &first_);
  EXPECT_EQ(num_events(), before) << "it holds no trial and need not renew";
}

TEST_F(LeaseTest, RenewsNothingOnceItHasLostEverything) {
  first_.keep_lease();
  first_.ask();
  EXPECT_EQ(watch(14, second_), 1);
  const std::int64_t before = num_events();
  watch(30, second_, &first_);
  EXPECT_EQ(num_events(), before);
}

TEST_F(LeaseTest, JudgesByTheLeaseThatTheStudyHasNow) {
  StudySpec shorter = spec();
  shorter.lease_seconds = 2.0;
  const Study changed(shorter, registry_, storage_, clock_, elsewhere(3));
  first_.refresh();
  first_.keep_lease();
  first_.ask();
  watch(1, second_);
  clock_.advance(1000 * kSecond);
  EXPECT_EQ(watch(1, second_), 0) << "half a new lease at most counts";
  EXPECT_EQ(watch(3, second_), 1);
}

}  // namespace
}  // namespace trimtab
