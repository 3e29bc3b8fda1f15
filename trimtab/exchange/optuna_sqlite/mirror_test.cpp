#include "trimtab/exchange/optuna_sqlite/mirror.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "trimtab/base/error.hpp"
#include "trimtab/base/rng.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/exchange/optuna_sqlite/database.hpp"
#include "trimtab/exchange/optuna_sqlite/read_database.hpp"
#include "trimtab/optuna/study_import.hpp"

namespace trimtab::exchange {
namespace {

using optuna::StoredStudy;
using optuna::StoredTrial;
using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr Timestamp kStart = 1'700'000'000'000'000;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

constexpr const char* kFloat =
    R"({"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}})";
constexpr const char* kWideFloat =
    R"({"name": "FloatDistribution", "attributes": {"step": null, "low": -4.0, "high": 2.0, "log": false}})";
constexpr const char* kInt =
    R"({"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 0, "high": 9}})";
constexpr const char* kShapes =
    R"({"name": "CategoricalDistribution", "attributes": {"choices": [[1], NaN, "\u00e9"]}})";

// Draws studies with everything that a file can hold.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : rng_(seed) {}

  StoredStudy study() {
    StoredStudy study;
    study.name = "drawn \"study\"/1";
    study.directions = {Goal::Minimise};
    if (below(2) == 1) study.directions.push_back(Goal::Maximise);
    add_attributes(study.user_attributes);
    add_attributes(study.system_attributes);
    const std::size_t count = below(12);
    for (std::size_t i = 0; i < count; ++i) study.trials.push_back(trial(study));
    return study;
  }

 private:
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(rng_.below(n)); }

  double number(bool may_be_nan) {
    // SQLite keeps no sign of a zero.
    const double numbers[] = {0.1, 0.0, 1e300, -2.5e-300, kInfinity, -kInfinity, std::nan("")};
    return numbers[below(may_be_nan ? 7 : 6)];
  }

  void add_attributes(optuna::AttributeMap& attributes) {
    const char* values[] = {"1", R"({"a": [NaN, "\ud83d\ude00"]})",
                            "123456789012345678901234567890"};
    for (std::size_t i = below(3); i > 0; --i) {
      attributes["key " + std::to_string(below(4))] = values[below(3)];
    }
    if (below(3) == 0) attributes["optuna:start"] = "true";
  }

  StoredTrial trial(StoredStudy& study) {
    StoredTrial trial{.state = static_cast<TrialState>(below(5))};
    if (trial.state != TrialState::Waiting) {
      trial.start = kStart + static_cast<Timestamp>(below(1'000'000'000));
    }
    if (is_finished(trial.state)) {
      trial.complete = *trial.start + static_cast<Timestamp>(below(1'000'000));
    }
    const std::size_t m = study.directions.size();
    const bool has_values = trial.state == TrialState::Complete || below(3) == 0;
    for (std::size_t i = 0; has_values && i < m; ++i) trial.values.push_back(number(false));
    const char* texts[] = {kFloat, kWideFloat, kInt, kShapes};
    for (const char* name : {"x", "name [odd].1"}) {
      if (below(4) == 0) continue;
      trial.parameters.push_back(
          {study.intern(name, texts[below(4)]), 0.25 * static_cast<double>(below(9))});
    }
    for (std::size_t i = below(4); i > 0; --i) {
      trial.reports[static_cast<std::int64_t>(below(9)) - 4] = number(true);
    }
    if (below(9) == 0) trial.reports[(std::int64_t{1} << 60) + 1] = 1.0;
    add_attributes(trial.user_attributes);
    add_attributes(trial.system_attributes);
    return trial;
  }

  Rng rng_;
};

// A text of everything, so that NaN equals NaN and a difference is readable.
std::string text_of(const StoredStudy& study) {
  std::string text = study.name;
  const auto add = [&](const auto& value) { text += ' ' + ::testing::PrintToString(value); };
  for (const Goal goal : study.directions) add(static_cast<int>(goal));
  add(study.user_attributes);
  add(study.system_attributes);
  for (const StoredTrial& trial : study.trials) {
    text += '\n' + std::string(name_of(trial.state));
    add(trial.values);
    add(trial.start.value_or(-1));
    add(trial.complete.value_or(-1));
    for (const StoredTrial::Parameter& parameter : trial.parameters) {
      const auto& entry = study.entries[static_cast<std::size_t>(parameter.entry)];
      text += '\n' + entry.name + ' ' + entry.distribution;
      add(parameter.value);
    }
    add(trial.reports);
    add(trial.user_attributes);
    add(trial.system_attributes);
  }
  return text;
}

class OptunaMirror : public ::testing::Test {
 protected:
  OptunaMirror() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "trimtab-mirror-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    storage_ = make_registry().open_storage("memory:");
  }
  ~OptunaMirror() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  StudyRecord create(const std::string& name, const optuna::ImportPlan& plan) {
    return storage_->create_study(name, plan.spec, 5);
  }

  void append(const StudyRecord& record, const Storage::Batch& events) {
    storage_->transact(
        record.id, 0, Durability::Disk, [](Sequence, std::string_view) {},
        [&](Sequence) { return events; });
  }

  StudyRecord create_whole(const StoredStudy& study) {
    const optuna::ImportPlan plan = optuna::plan_import(study, study.name, kStart);
    const StudyRecord record = create(study.name, plan);
    append(record, plan.events);
    return record;
  }

  static StoredStudy read(const std::string& path) {
    StoredDatabase stored = read_optuna_database(path, {});
    EXPECT_THAT(stored.studies, SizeIs(1));
    return std::move(stored.studies.at(0));
  }

  std::filesystem::path folder_;
  std::shared_ptr<Storage> storage_;
};

TEST_F(OptunaMirror, GivesBackEveryStudyAsItWas) {
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    StoredStudy study = Draw(seed).study();
    study.name += std::to_string(seed);
    const StudyRecord record = create_whole(study);
    const std::string file = path(std::to_string(seed));
    const std::string times = seed % 2 == 0 ? "utc" : "local";
    mirror_to_optuna(*storage_, record, file, {.times = times});
    EXPECT_EQ(text_of(read(file)), text_of(study)) << "seed " << seed;
  }
}

TEST_F(OptunaMirror, HasTheSameInTheEndHoweverTheStudyGrew) {
  for (std::uint64_t seed = 100; seed < 104; ++seed) {
    StoredStudy study = Draw(seed).study();
    study.name += std::to_string(seed);
    const optuna::ImportPlan plan = optuna::plan_import(study, study.name, kStart);
    const StudyRecord record = create(study.name, plan);
    const std::string file = path(std::to_string(seed));
    Rng rng(seed);
    std::unique_ptr<Mirror> mirror = mirror_to_optuna(*storage_, record, file, {});
    for (std::size_t done = 0; done < plan.events.size();) {
      const std::size_t step = std::min<std::size_t>(1 + rng.below(9), plan.events.size() - done);
      append(record, {plan.events.begin() + static_cast<std::ptrdiff_t>(done),
                      plan.events.begin() + static_cast<std::ptrdiff_t>(done + step)});
      done += step;
      if (rng.below(3) == 0) mirror = mirror_to_optuna(*storage_, record, file, {});  // killed
      mirror->catch_up();
    }
    EXPECT_EQ(mirror->catch_up(), 0);
    EXPECT_EQ(text_of(read(file)), text_of(study)) << "seed " << seed;
  }
}

TEST_F(OptunaMirror, ForgetsParametersThatATrialNoLongerHas) {
  const optuna::ImportPlan plan = optuna::plan_import(
      [] {
        StoredStudy study;
        study.name = "s";
        study.directions = {Goal::Minimise};
        StoredTrial trial{.state = TrialState::Running, .start = kStart};
        for (const char* name : {"x", "y"}) {
          trial.parameters.push_back({study.intern(name, kFloat), 0.5});
        }
        study.trials.push_back(trial);
        return study;
      }(),
      "s", 0);
  const StudyRecord record = create("s", plan);
  append(record, plan.events);
  const std::unique_ptr<Mirror> mirror = mirror_to_optuna(*storage_, record, path("m"), {});
  EXPECT_THAT(read(path("m")).trials.at(0).parameters, SizeIs(2));
  std::string placed;
  encode({.body = TrialPlaced{0, {kInactive, 0.75}}}, placed);
  append(record, {placed});
  mirror->catch_up();
  const StoredStudy study = read(path("m"));
  ASSERT_THAT(study.trials.at(0).parameters, SizeIs(1));
  EXPECT_EQ(study.trials[0].parameters[0].value, 0.75);
}

TEST_F(OptunaMirror, RefusesAFileThatIsNotItsOwnAndLeavesItAlone) {
  const StudyRecord record = create_whole(Draw(1).study());
  std::ofstream(path("text")) << "mine";
  EXPECT_THROW(mirror_to_optuna(*storage_, record, path("text"), {}), UserError);
  std::string kept;
  std::ifstream(path("text")) >> kept;
  EXPECT_EQ(kept, "mine");

  mirror_to_optuna(*storage_, record, path("other"), {});
  StudyRecord again = record;
  again.created += 1;  // another study of the same name
  EXPECT_THROW(mirror_to_optuna(*storage_, again, path("other"), {}), UserError);
  std::ptrdiff_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) files += entry.exists();
  EXPECT_EQ(files, 2) << "nothing else is left behind";
}

TEST_F(OptunaMirror, NoticesAnotherWriter) {
  const StudyRecord record = create_whole(Draw(2).study());
  const std::unique_ptr<Mirror> first = mirror_to_optuna(*storage_, record, path("m"), {});
  first->catch_up();
  std::string note;
  encode({.body = Note{"a", "b"}}, note);
  append(record, {note});
  mirror_to_optuna(*storage_, record, path("m"), {});  // writes what is new
  append(record, {note});
  try {
    first->catch_up();
    FAIL() << "two writers were let in";
  } catch (const EnvironmentError& error) {
    EXPECT_EQ(error.info().code, "export.two_writers");
  }
  Database database(path("m"), Database::Mode::ReadWrite);
  database.execute(
      "INSERT INTO trials (number, study_id, state) SELECT count(*), 1, 'WAITING' FROM trials");
  EXPECT_THROW(mirror_to_optuna(*storage_, record, path("m"), {}), EnvironmentError)
      << "a trial of Optuna's is in the file";
}

TEST_F(OptunaMirror, RefusesOtherSchemas) {
  const StudyRecord record = create_whole(Draw(3).study());
  mirror_to_optuna(*storage_, record, path("m"), {});
  Database database(path("m"), Database::Mode::ReadWrite);
  database.execute("UPDATE version_info SET schema_version = 11");
  try {
    read_optuna_database(path("m"), {});
    FAIL() << "another schema was read";
  } catch (const UserError& error) {
    EXPECT_EQ(error.info().code, "import.schema");
    EXPECT_EQ(error.info().hint, "optuna storage upgrade --storage sqlite:///" + path("m"));
  }
}

TEST_F(OptunaMirror, CountsNumbersWithTwinsAnew) {
  const StudyRecord record = create_whole(Draw(4).study());
  mirror_to_optuna(*storage_, record, path("m"), {});
  const std::size_t count = read(path("m")).trials.size();
  Database database(path("m"), Database::Mode::ReadWrite);
  database.execute("INSERT INTO trials (number, study_id, state) VALUES (0, 1, 'WAITING')");
  const StoredDatabase stored = read_optuna_database(path("m"), {});
  EXPECT_THAT(stored.studies.at(0).trials, SizeIs(count + 1));
  EXPECT_THAT(stored.notes, SizeIs(1));
}

TEST(OptunaDatabase, OfOptunaItselfIsRead) {
  const char* data = std::getenv("TRIMTAB_DATA");
  const std::string path =
      std::string(data == nullptr ? "" : data) + "/optuna_fixtures/optuna_v5dev.sqlite3";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "data absent";
  const StoredDatabase stored = read_optuna_database(path, {});
  ASSERT_THAT(stored.studies, SizeIs(2));
  const StoredStudy& demo = stored.studies[0];
  EXPECT_THAT(demo.directions, ElementsAre(Goal::Minimise, Goal::Maximise));
  EXPECT_THAT(demo.trials, SizeIs(4));
  EXPECT_THAT(demo.trials.at(1).values, ElementsAre(0.0045445639267248468, kInfinity));
  EXPECT_EQ(demo.trials.at(3).state, TrialState::Waiting);
  EXPECT_EQ(demo.trials.at(3).system_attributes.at("fixed_params"), R"({"x": 0.1})");
  EXPECT_TRUE(std::isnan(stored.studies[1].trials.at(1).reports.at(1)));
  EXPECT_EQ(stored.studies[1].trials.at(1).state, TrialState::Pruned);
}

}  // namespace
}  // namespace trimtab::exchange
