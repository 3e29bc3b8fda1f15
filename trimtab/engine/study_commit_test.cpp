// What a study does when a commit that it already built on fails (core/storage.hpp, `transact`).
#include <gtest/gtest.h>

#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/engine/study.hpp"
#include "trimtab/storage/memory/memory_storage.hpp"

namespace trimtab {
namespace {

// A storage whose next step shares its commit with somebody else's events, and fails.
class FailingStorage final : public Storage {
 public:
  explicit FailingStorage(std::shared_ptr<Storage> real) : real_(std::move(real)) {}

  /// @param others     events of the same commit, seen by the step that fails.
  /// @param meanwhile  runs between the failure and the moment its caller hears of it.
  void fail_next(Batch others, std::function<void()> meanwhile) {
    others_ = std::move(others);
    meanwhile_ = std::move(meanwhile);
    fails_ = true;
  }

  StudyRecord create_study(const std::string& name, const std::string& spec,
                           Timestamp now) override {
    return real_->create_study(name, spec, now);
  }
  std::optional<StudyRecord> find_study(const std::string& name) const override {
    return real_->find_study(name);
  }
  std::vector<StudyRecord> list_studies() const override { return real_->list_studies(); }
  void delete_study(StudyId study) override { real_->delete_study(study); }
  void read(StudyId study, Sequence after, const Visitor& visit) const override {
    real_->read(study, after, visit);
  }
  Sequence transact(StudyId study, Sequence after, Durability durability, const Visitor& visit,
                    const Decide& decide) override {
    if (!std::exchange(fails_, false)) {
      return real_->transact(study, after, durability, visit, decide);
    }
    Sequence last = after;
    real_->read(study, after,
                [&](Sequence sequence, std::string_view bytes) { visit(last = sequence, bytes); });
    for (const std::string& bytes : others_) visit(++last, bytes);
    decide(last);
    meanwhile_();
    throw EnvironmentError({.code = "storage.full",
                            .what = "there is no room",
                            .where = "test",
                            .got = "",
                            .expected = "",
                            .hint = ""});
  }

 private:
  std::shared_ptr<Storage> real_;
  Batch others_;
  std::function<void()> meanwhile_;
  bool fails_ = false;
};

class StudyCommit : public ::testing::Test {
 protected:
  static StudySpec spec() {
    StudySpec spec;
    spec.name = "commit";
    spec.space_definition = R"({"x": [0.0, 1.0]})";
    spec.sampler.name = "random";
    spec.validity.confirm_top = 0;
    return spec;
  }
  static std::string created(std::int64_t number) {
    TrialCreated body;
    body.number = number;
    body.point = {0.5};
    std::string bytes;
    encode({.time = 1, .body = body}, bytes);
    return bytes;
  }
  static std::int64_t size_of(const Study& study) {
    std::int64_t size = 0;
    study.view([&](const StudyView& view) { size = view.history.size(); });
    return size;
  }

  Registry registry_ = make_registry();
  std::shared_ptr<Storage> memory_ = std::make_shared<MemoryStorage>();
  std::shared_ptr<FailingStorage> failing_ = std::make_shared<FailingStorage>(memory_);
  Study study_{spec(), registry_, failing_};
};

TEST_F(StudyCommit, ForgetsWhatAFailedCommitShowed) {
  const Trial trial = *study_.ask();
  failing_->fail_next({created(1), created(2)}, [] {});
  EXPECT_THROW(study_.tell(trial.number, {.values = {1.0}}), EnvironmentError);
  study_.refresh();
  EXPECT_EQ(size_of(study_), 1);
  study_.tell(trial.number, {.values = {1.0}});  // may be repeated
  EXPECT_EQ(study_.ask()->number, 1);
}

TEST_F(StudyCommit, NeverDecidesOnEventsWhosePlaceAnotherProcessHasTaken) {
  Study other(spec(), registry_, memory_);
  const Trial trial = *study_.ask();
  std::int64_t asked_meanwhile = -1;
  failing_->fail_next({created(1)}, [&] {
    other.report(trial.number, {1, 0.5});  // takes the place of the failed event
    asked_meanwhile = study_.ask()->number;
  });
  EXPECT_THROW(study_.tell(trial.number, {.values = {1.0}}), EnvironmentError);
  EXPECT_EQ(asked_meanwhile, 1);
  other.refresh();
  EXPECT_EQ(size_of(other), 2);
  study_.refresh();
  EXPECT_EQ(size_of(study_), 2);
  study_.view([](const StudyView& view) { EXPECT_EQ(view.history.reports(0).size(), 1u); });
}

TEST_F(StudyCommit, ReadsWithoutWriting) {
  Study other(spec(), registry_, memory_);
  other.ask();
  failing_->fail_next({}, [] {});
  study_.refresh();  // would throw if it needed a step
  EXPECT_EQ(size_of(study_), 1);
}

}  // namespace
}  // namespace trimtab
