#include "trimtab/exchange/optuna_journal/replay_journal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "trimtab/base/error.hpp"

namespace trimtab::exchange {
namespace {

using optuna::StoredStudy;
using optuna::StoredTrial;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr const char* kStudy = R"({"op_code":0,"worker_id":"w","study_name":"s","directions":[2]})";
constexpr const char* kTrial =
    R"({"op_code":4,"worker_id":"w","study_id":0,"datetime_start":"2026-01-02T03:04:05.000006+00:00"})";
constexpr Timestamp kMoment = 1'767'323'045'000'006;

std::string lines(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& line : all) text += line + "\n";
  return text;
}

StoredStudy only_study(const std::vector<std::string>& all) {
  ReplayedJournal journal = replay_journal(lines(all), "j");
  EXPECT_THAT(journal.studies, SizeIs(1));
  return std::move(journal.studies.at(0));
}

std::string set_parameter(int trial, const std::string& value, const std::string& type) {
  return R"({"op_code":5,"worker_id":"w","trial_id":)" + std::to_string(trial) +
         R"(,"param_name":"x","param_value_internal":)" + value +
         R"(,"distribution":"{\"name\": \")" + type +
         R"(\", \"attributes\": {\"log\": false, \"step\": 1, \"low\": 0, \"high\": 9}}"})";
}

std::string error_of(const std::string& text) {
  try {
    replay_journal(text, "j.log");
    return "";
  } catch (const UserError& error) {
    return error.what();
  }
}

TEST(Journal, ReplaysATrialFromItsBirthToItsEnd) {
  const StoredStudy study = only_study(
      {kStudy, kTrial, set_parameter(0, "4", "IntDistribution"),
       R"({"op_code":7,"worker_id":"w","trial_id":0,"step":3,"intermediate_value":NaN})",
       R"({"op_code":7,"worker_id":"w","trial_id":0,"step":4,"intermediate_value":-Infinity})",
       R"({"op_code":8,"worker_id":"w","trial_id":0,"user_attr":{"k":{"a":[1,2]}}})",
       R"({"op_code":9,"worker_id":"w","trial_id":0,"system_attr":{"constraints":[0.5]}})",
       R"({"op_code":6,"worker_id":"w","trial_id":0,"state":1,"values":[0.25],)"
       R"("datetime_complete":"2026-01-02T03:04:06+00:00"})"});
  EXPECT_EQ(study.name, "s");
  EXPECT_THAT(study.directions, ElementsAre(Goal::Maximise));
  ASSERT_THAT(study.trials, SizeIs(1));
  const StoredTrial& trial = study.trials[0];
  EXPECT_EQ(trial.state, TrialState::Complete);
  EXPECT_THAT(trial.values, ElementsAre(0.25));
  EXPECT_EQ(trial.start, kMoment);
  EXPECT_EQ(trial.complete, kMoment - 6 + 1'000'000);
  ASSERT_THAT(trial.parameters, SizeIs(1));
  EXPECT_EQ(trial.parameters[0].value, 4.0);
  EXPECT_TRUE(std::isnan(trial.reports.at(3)));
  EXPECT_EQ(trial.reports.at(4), -HUGE_VAL);
  EXPECT_THAT(trial.user_attributes, ElementsAre(Pair("k", R"({"a":[1,2]})")));
  EXPECT_THAT(trial.system_attributes, ElementsAre(Pair("constraints", "[0.5]")));
}

TEST(Journal, CountsIdsAsOptunaDoes) {
  // A second study of the same name is none, a deleted one keeps its id, its trials keep theirs.
  const StoredStudy study = only_study(
      {kStudy, kStudy, kTrial, R"({"op_code":1,"worker_id":"w","study_id":0})",
       R"({"op_code":0,"worker_id":"w","study_name":"s","directions":[1]})",
       R"({"op_code":4,"worker_id":"w","study_id":1,"datetime_start":null,"state":4})",
       R"({"op_code":4,"worker_id":"w","study_id":9,"datetime_start":null,"state":4})",
       R"({"op_code":6,"worker_id":"w","trial_id":1,"state":0,"values":null,)"
       R"("datetime_start":"2026-01-02T03:04:05.000006+00:00"})",
       R"({"op_code":2,"worker_id":"w","study_id":1,"user_attr":{"u":1}})",
       R"({"op_code":3,"worker_id":"w","study_id":1,"system_attr":{"v":2}})",
       R"({"op_code":2,"worker_id":"w","study_id":0,"user_attr":{"of":"the deleted"}})"});
  EXPECT_THAT(study.directions, ElementsAre(Goal::Minimise));
  ASSERT_THAT(study.trials, SizeIs(1));
  EXPECT_EQ(study.trials[0].state, TrialState::Running);
  EXPECT_EQ(study.trials[0].start, kMoment);
  EXPECT_THAT(study.user_attributes, ElementsAre(Pair("u", "1")));
  EXPECT_THAT(study.system_attributes, ElementsAre(Pair("v", "2")));
}

TEST(Journal, IgnoresWhatComesTooLateOrContradicts) {
  const StoredStudy study = only_study(
      {kStudy, kTrial, kTrial, set_parameter(0, "4", "IntDistribution"),
       set_parameter(1, "0.5", "FloatDistribution"),  // the study has it as whole numbers
       R"({"op_code":6,"worker_id":"v","trial_id":0,"state":0,"values":null,)"
       R"("datetime_start":"2027-01-01T00:00:00+00:00"})",  // it runs already
       R"({"op_code":6,"worker_id":"w","trial_id":0,"state":3,"values":null})",
       R"({"op_code":6,"worker_id":"w","trial_id":0,"state":1,"values":[1.0]})",  // it has ended
       set_parameter(0, "5", "IntDistribution"), set_parameter(7, "5", "IntDistribution")});
  ASSERT_THAT(study.trials, SizeIs(2));
  EXPECT_EQ(study.trials[0].state, TrialState::Failed);
  EXPECT_EQ(study.trials[0].start, kMoment);
  EXPECT_THAT(study.trials[0].values, IsEmpty());
  EXPECT_EQ(study.trials[0].parameters.at(0).value, 4.0);
  EXPECT_THAT(study.trials[1].parameters, IsEmpty());
}

TEST(Journal, TakesATrialThatWasAddedAsAWhole) {
  const StoredStudy study = only_study(
      {kStudy,
       R"({"op_code":4,"worker_id":"w","study_id":0,"datetime_start":"2026-01-02T03:04:05.000006+00:00",)"
       R"("datetime_complete":"2026-01-02T03:04:05.000006+00:00","state":1,"value":-0.0,"values":null,)"
       R"("distributions":{"x":"{\"name\": \"UniformDistribution\", \"attributes\": {\"low\": 0, \"high\": 1}}"},)"
       R"("params":{"x":0.5},"user_attrs":{"a":"b"},"system_attrs":{},"intermediate_values":{"-3":1}})"});
  const StoredTrial& trial = study.trials.at(0);
  EXPECT_TRUE(std::signbit(trial.values.at(0)));
  EXPECT_EQ(study.entries.at(0).name, "x");
  EXPECT_EQ(trial.parameters.at(0).value, 0.5);
  EXPECT_EQ(trial.reports.at(-3), 1.0);
  EXPECT_THAT(trial.user_attributes, ElementsAre(Pair("a", R"("b")")));
}

TEST(Journal, KeepsTrialsThatRustunaDiscards) {
  const ReplayedJournal journal = replay_journal(
      lines({kStudy, kTrial, kTrial, R"({"op_code":10,"worker_id":"w","trial_ids":[0,1,0]})"}),
      "j");
  EXPECT_EQ(journal.num_discarded, 2);
  EXPECT_THAT(journal.studies.at(0).trials, SizeIs(2));
}

TEST(Journal, LeavesOutALineThatHasNoEndYet) {
  const std::string whole = lines({kStudy, kTrial});
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    const ReplayedJournal journal = replay_journal(std::string_view(whole).substr(0, cut), "j");
    const bool is_at_end = cut == 0 || whole[cut - 1] == '\n';
    EXPECT_EQ(journal.is_torn, !is_at_end) << cut;
  }
}

TEST(Journal, SaysWhichLineIsWrong) {
  EXPECT_EQ(error_of(lines({kStudy, "{\"op_code\":4"})),
            "j.log:2: the line is no record of a journal\n"
            "  got:      \"{\\\"op_code\\\":4\"\n"
            "  expected: one JSON object per line\n"
            "  code:     import.journal");
  EXPECT_EQ(error_of(lines({R"({"op_code":11})"})),
            "j.log:1, op_code: a member of the record is wrong\n"
            "  got:      \"11\"\n"
            "  expected: 0 to 10\n"
            "  code:     import.journal");
  EXPECT_EQ(error_of(lines({R"({"op_code":0,"directions":[1]})"})),
            "j.log:1, study_name: a member of the record is missing\n"
            "  expected: a text\n"
            "  code:     import.journal");
}

}  // namespace
}  // namespace trimtab::exchange
