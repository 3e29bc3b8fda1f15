// Replay, for every registered sampler: a study that is killed and resumed runs the trials of one
// that was not, and a parallel study asks for the same points again when its log is replayed.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <thread>

#include "trimtab/base/error.hpp"
#include "trimtab/base/rng.hpp"
#include "trimtab/engine/replay.hpp"
#include "trimtab/engine/study.hpp"

namespace trimtab {
namespace {

namespace fs = std::filesystem;

constexpr int kTrials = 60;
constexpr int kKills = 20;

// From rich to plain: a sampler is tested on the first space that it takes.
constexpr const char* kSpaces[] = {
    R"({"x": {"float": [-5, 5]}, "rate": {"float": [1e-4, 1], "log": true},
        "n": {"int": [1, 64], "log": true}, "kind": {"choice": ["a", "b", "c"]},
        "depth": {"int": [1, 9], "when": {"kind": ["a", "b"]}}})",
    R"({"x": {"float": [-5, 5]}, "rate": {"float": [1e-4, 1], "log": true},
        "n": {"int": [1, 64], "log": true}, "kind": {"choice": ["a", "b", "c"]}})",
    R"({"x": {"float": [-5, 5]}, "y": {"float": [-5, 5]}, "rate": {"float": [1e-4, 1], "log": true}})",
    R"({"m": {"int": [1, 20]}, "n": {"int": [1, 20]}})",
};

class ReplaySlow : public ::testing::TestWithParam<std::string> {
 protected:
  ReplaySlow() {
    std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    for (char& letter : name) letter = letter == '/' ? '_' : letter;
    folder_ = (fs::temp_directory_path() / ("trimtab_replay_" + name)).string();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~ReplaySlow() override { fs::remove_all(folder_); }

  StudySpec spec() const {
    StudySpec spec;
    spec.name = "replayed";
    spec.seed = 23;
    spec.budget.trials = kTrials;
    spec.sampler.name = GetParam();
    spec.validity.confirm_top = 0;
    for (const char* definition : kSpaces) {
      spec.space_definition = definition;
      try {
        registry_.make_sampler(spec.sampler, Space::parse_text(definition), {}, "test");
        return spec;
      } catch (const UserError&) {
        continue;  // beyond the sampler's capabilities
      }
    }
    ADD_FAILURE() << "no space for " << GetParam();
    return spec;
  }
  Study open(const std::string& file) const {
    return Study(spec(), registry_, registry_.open_storage("sqlite:" + folder_ + "/" + file));
  }

  // A value from the point and nothing else, some of them failures.
  static Outcome outcome_of(const Point& point) {
    double value = 0.0;
    for (std::size_t i = 0; i < point.size(); ++i) {
      if (is_active(point[i])) value += std::abs(point[i] - static_cast<double>(i) * 0.5);
    }
    Outcome outcome;
    if (std::fmod(value, 1.0) < 0.1) {
      outcome.state = TrialState::Failed;
      outcome.failure = {FailureReason::ExitCode, 1, "bad luck"};
    } else {
      outcome.values = {value};
    }
    return outcome;
  }

  // At most `steps` trials; returns whether the study is over.
  static bool run(Study& study, int steps) {
    for (int i = 0; i < steps; ++i) {
      const std::optional<Trial> trial = study.ask();
      if (!trial) return true;
      study.tell(trial->number, outcome_of(trial->point));
    }
    return false;
  }

  // One life of the study in a process of its own, which ends by SIGKILL: after `steps` trials with
  // one more asked, or from outside after `microseconds`.
  void live_and_die(std::uint64_t steps, std::uint64_t microseconds) const {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      Study study = open("killed.db");
      study.recover();
      run(study, static_cast<int>(steps));
      study.ask();
      ::kill(::getpid(), SIGKILL);
    }
    if (microseconds > 0) {
      ::usleep(static_cast<useconds_t>(microseconds));
      ::kill(child, SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  }

  static void expect_equal(const History& killed, const History& whole) {
    ASSERT_EQ(killed.size(), whole.size());
    for (std::int64_t number = 0; number < whole.size(); ++number) {
      const PointView a = killed.point(number), b = whole.point(number);
      ASSERT_EQ(a.size(), b.size());
      EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size_bytes()), 0) << "trial " << number;
      EXPECT_EQ(killed.state(number), whole.state(number)) << "trial " << number;
      EXPECT_EQ(killed.seed(number), whole.seed(number)) << "trial " << number;
    }
  }

  std::string folder_;
  Registry registry_ = make_registry();
};

TEST_P(ReplaySlow, ResumesAKilledStudyWithTheTrialsOfAnUninterruptedOne) {
  for (int i = 0; i < kKills; ++i) {
    Rng rng(5, static_cast<std::uint64_t>(i), "kill");
    // Every second death comes from outside, at any point of a step.
    const bool is_from_outside = i % 2 == 1;
    live_and_die(is_from_outside ? 1'000 : rng.below(4),
                 is_from_outside ? 1'000 + rng.below(20'000) : 0);
  }
  Study killed = open("killed.db");
  killed.recover();
  run(killed, kTrials + 1);
  Study whole = open("whole.db");
  EXPECT_TRUE(run(whole, kTrials + 1));
  killed.view([&](const StudyView& a) {
    whole.view([&](const StudyView& b) { expect_equal(a.history, b.history); });
  });
}

TEST_P(ReplaySlow, AsksForTheSamePointsWhenAParallelStudyIsReplayed) {
  {
    Study study = open("parallel.db");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { run(study, kTrials + 1); });
    for (std::thread& thread : threads) thread.join();
  }
  const ReplayResult result = replay_study(
      "replayed", registry_, registry_.open_storage("sqlite:" + folder_ + "/parallel.db"));
  EXPECT_GT(result.num_proposals, 0);
  EXPECT_EQ(result.num_equal, result.num_proposals)
      << "first difference: trial " << result.first_difference.value_or(-1);
}

std::vector<std::string> samplers() {
  std::vector<std::string> names;
  const Registry registry = make_registry();
  for (const auto& [name, entry] : registry.samplers()) names.push_back(name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Registered, ReplaySlow, ::testing::ValuesIn(samplers()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace trimtab
