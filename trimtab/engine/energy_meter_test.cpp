#include "trimtab/engine/energy_meter.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>

#include "trimtab/base/error.hpp"
#include "trimtab/base/testing/fake_cards.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/engine/runner.hpp"
#include "trimtab/executors/process/process_executor.hpp"
#include "trimtab/executors/thread/thread_executor.hpp"

namespace trimtab {
namespace {

namespace fs = std::filesystem;
using Metrics = std::map<std::string, double>;

class EnergyMeterTest : public ::testing::Test {
 protected:
  EnergyMeterTest()
      : root_(fs::temp_directory_path() /
              ("trimtab-meter-" + std::to_string(::getpid()) + "-" +
               ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::remove_all(root_);
    fs::create_directories(root_ / "empty");
  }
  ~EnergyMeterTest() override { fs::remove_all(root_); }

  void set_counter(const std::string& energy) const {
    const fs::path package = root_ / "intel-rapl:0";
    fs::create_directories(package);
    std::ofstream(package / "name") << "package-0\n";
    std::ofstream(package / "max_energy_range_uj") << "1000000000\n";
    std::ofstream(package / "energy_uj") << energy << "\n";
  }
  std::string no_counters() const { return (root_ / "empty").string(); }
  std::string profile() const {
    std::ofstream(root_ / "profile.csv") << "load,watts\n0,10\n1,110\n";
    return (root_ / "profile.csv").string();
  }

  fs::path root_;
};

TEST_F(EnergyMeterTest, ModelsWhatALoadAddsAndSharesTheIdlePower) {
  EnergyMeter meter({.profile = profile(), .grid_grams = 360.0}, 2, no_counters(), "");
  EXPECT_FALSE(meter.is_measured());
  Metrics metrics;
  // Half of the machine for 10 s: 10 * (60 - 10) and half of 10 * 10.
  const double cpu_seconds = 5.0 * num_machine_processors();
  meter.finish(0, 0, {.wall_seconds = 10.0, .cpu_seconds = cpu_seconds, .peak_memory_bytes = 0.0},
               metrics);
  EXPECT_NEAR(metrics.at("energy_modelled_j"), 550.0, 1e-9);
  EXPECT_NEAR(metrics.at("carbon_modelled_g"), 550.0 / 3.6e6 * 360.0, 1e-12);
  EXPECT_EQ(metrics.size(), 2u);
}

TEST_F(EnergyMeterTest, SaysWhyItDoesNotMeasure) {
  EXPECT_NE(EnergyMeter({}, 1, no_counters()).describe().find("not measured: no counters under"),
            std::string::npos);
  try {
    EnergyMeter meter({.meter = EnergyAccount::Meter::Rapl}, 1, no_counters());
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_EQ(error.info().code, "energy.meter");
  }
}

TEST_F(EnergyMeterTest, TakesTheModelWhenAskedThoughThereAreCounters) {
  set_counter("5");
  EXPECT_TRUE(EnergyMeter({}, 1, root_.string()).is_measured());
  EXPECT_FALSE(
      EnergyMeter({.meter = EnergyAccount::Meter::Model}, 1, root_.string()).is_measured());
}

TEST_F(EnergyMeterTest, SharesTheCountersByProcessorTime) {
  set_counter("0");
  EnergyMeter meter({}, 1, root_.string());
  meter.start(3, 0);
  set_counter("2000000");
  const double before = machine_busy_seconds();
  while (machine_busy_seconds() - before < 0.05) {
  }
  Metrics metrics;
  meter.finish(3, 0, {.wall_seconds = 1.0, .cpu_seconds = 1e6, .peak_memory_bytes = 0.0}, metrics);
  EXPECT_EQ(metrics.at("energy_measured_j"), 2.0);  // more than everything is everything
  meter.start(4, 0);
  set_counter("4000000");
  while (machine_busy_seconds() - before < 0.2) {
  }
  meter.finish(4, 0, {.wall_seconds = 1.0, .cpu_seconds = 0.01, .peak_memory_bytes = 0.0}, metrics);
  EXPECT_GT(metrics.at("energy_measured_j"), 0.0);
  EXPECT_LT(metrics.at("energy_measured_j"), 0.4);
}

TEST_F(EnergyMeterTest, AddsTheCardsToTheModelAndTellsThemApart) {
  const FakeCards cards;
  cards.set("1000 0");
  EnergyMeter meter({.profile = profile(), .grid_grams = 360.0}, 2, no_counters(),
                    FakeCards::library());
  ASSERT_TRUE(meter.has_cards());
  EXPECT_FALSE(meter.is_measured());
  EXPECT_NE(meter.describe().find("and 2 graphics cards measured by the driver (NVML"),
            std::string::npos);
  meter.start(0, 0);
  cards.set("61000 40000");
  Metrics metrics;
  const double cpu_seconds = 5.0 * num_machine_processors();
  meter.finish(0, 0, {.wall_seconds = 10.0, .cpu_seconds = cpu_seconds, .peak_memory_bytes = 0.0},
               metrics);
  EXPECT_DOUBLE_EQ(metrics.at("energy_cards_j"), 100.0);
  EXPECT_NEAR(metrics.at("energy_modelled_j"), 550.0 + 100.0, 1e-9);
  EXPECT_NEAR(metrics.at("carbon_modelled_g"), 650.0 / 3.6e6 * 360.0, 1e-12);
  EXPECT_DOUBLE_EQ(energy_joules(metrics), metrics.at("energy_modelled_j"));  // not twice
}

TEST_F(EnergyMeterTest, SharesTheCardsByTheRunsOfEachMoment) {
  const FakeCards cards;
  cards.set("0");
  EnergyMeter meter({.profile = profile()}, 2, no_counters(), FakeCards::library());
  const Resources used = {.wall_seconds = 1.0, .cpu_seconds = 0.0, .peak_memory_bytes = 0.0};
  cards.set("5000");  // before any run: nobody's
  meter.start(0, 0);
  cards.set("15000");  // trial 0 alone: 10 J
  meter.start(1, 0);
  cards.set("35000");  // both: 10 J each
  Metrics first, second;
  meter.finish(0, 0, used, first);
  cards.set("38000");  // trial 1 alone: 3 J
  meter.finish(1, 0, used, second);
  EXPECT_DOUBLE_EQ(first.at("energy_cards_j"), 20.0);
  EXPECT_DOUBLE_EQ(second.at("energy_cards_j"), 13.0);
}

TEST_F(EnergyMeterTest, LeavesTheCardsAloneWhenTheModelIsAskedFor) {
  const FakeCards cards;
  cards.set("0");
  const EnergyMeter meter({.meter = EnergyAccount::Meter::Model}, 1, no_counters(),
                          FakeCards::library());
  EXPECT_FALSE(meter.has_cards());
  EXPECT_EQ(meter.describe().find("card"), std::string::npos);
}

// A study on threads whose trials take 10 ms each.
class MeteredStudyTest : public EnergyMeterTest {
 protected:
  StudySpec spec(const std::string& name) const {
    StudySpec spec;
    spec.name = name;
    spec.sampler.name = "random";
    spec.space_definition = R"({"x": [0.0, 1.0]})";
    spec.validity.confirm_top = 0;
    spec.budget.trials = 6;
    spec.energy = EnergyAccount{.profile = profile()};
    return spec;
  }
  // Every trial is busy for 10 ms on one processor; `run` says what it reports.
  Study run(const StudySpec& spec, const Callable& report) {
    Study study(spec, registry_, registry_.open_storage("memory:"));
    const Callable busy = [&](const Space& space, PointView point, TrialContext& context) {
      const Stopwatch elapsed;
      while (elapsed.seconds() < 0.01) {
      }
      return report(space, point, context);
    };
    ThreadExecutor executor(study.space(), busy, "loss", 1);
    RunObserver observer;
    Runner(study, executor, observer, {.tick_seconds = 0.005, .powercap = no_counters()})
        .run(interrupt_);
    return study;
  }
  template <typename Read>
  static auto look(const Study& study, Read read) {
    std::invoke_result_t<Read, const History&> result{};
    study.view([&](const StudyView& view) { result = read(view.history); });
    return result;
  }

  Registry registry_ = make_registry();
  std::atomic<int> interrupt_ = 0;
};

Metrics report_point(const Space&, PointView point, TrialContext&) { return {{"loss", point[0]}}; }

TEST_F(MeteredStudyTest, GivesEveryTrialItsEnergyAndSumsIt) {
  const Study study = run(spec("counted"), report_point);
  const double sum = look(study, [](const History& history) {
    double joules = 0.0;
    for (std::int64_t number = 0; number < history.size(); ++number) {
      const double own = history.metrics(number).at("energy_modelled_j");
      EXPECT_GE(own, 10.0 * 0.01);  // the idle power alone
      joules += own;
    }
    return joules;
  });
  EXPECT_EQ(look(study, [](const History& history) { return history.search_joules(); }), sum);
}

TEST_F(MeteredStudyTest, CountsFailedTrialsToo) {
  const Study study =
      run(spec("failing"), [](const Space&, PointView, TrialContext&) -> Metrics { return {}; });
  EXPECT_EQ(look(study, [](const History& history) { return history.count(TrialState::Failed); }),
            6);
  EXPECT_GE(look(study, [](const History& history) { return history.search_joules(); }), 0.6);
}

TEST_F(MeteredStudyTest, EndsTheSearchWhenTheBudgetIsUsed) {
  StudySpec frugal = spec("frugal");
  frugal.budget = {.trials = 1000, .energy_joules = 0.5};
  const Study study = run(frugal, report_point);
  const auto size = look(study, [](const History& history) { return history.size(); });
  EXPECT_GE(size, 1);
  EXPECT_LE(size, 5);  // 0.1 J and more each
}

TEST_F(MeteredStudyTest, AsksNoProgramForItsEnergy) {
  StudySpec thrifty = spec("program");
  thrifty.objectives.push_back(Objective{.name = "energy_modelled_j"});
  thrifty.program.command = "echo loss={x}";
  Study study(thrifty, registry_, registry_.open_storage("memory:"));
  ProcessExecutor executor(thrifty, study.space(), {.folder = (root_ / "trials").string()});
  RunObserver observer;
  Runner(study, executor, observer, {.tick_seconds = 0.005, .powercap = no_counters()})
      .run(interrupt_);
  EXPECT_EQ(look(study, [](const History& history) { return history.count(TrialState::Complete); }),
            6);
}

TEST_F(MeteredStudyTest, TakesEnergyAsAnObjectiveAndAsAConstraint) {
  StudySpec thrifty = spec("thrifty");
  thrifty.objectives.push_back(Objective{.name = "energy_modelled_j"});
  thrifty.constraints = {{.name = "energy_modelled_j", .limit = 1e-9}};
  const Study study = run(thrifty, report_point);
  EXPECT_EQ(look(study, [](const History& history) { return history.count(TrialState::Complete); }),
            6);
  look(study, [](const History& history) {
    for (std::int64_t number = 0; number < history.size(); ++number) {
      EXPECT_GT(history.losses(number)[1], 0.0);
      EXPECT_FALSE(history.is_feasible(number));
    }
    return 0;
  });
}

}  // namespace
}  // namespace trimtab
