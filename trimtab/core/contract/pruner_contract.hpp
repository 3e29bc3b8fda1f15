#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/base/rng.hpp"
#include "trimtab/core/registry.hpp"

/// What every pruner promises (core/pruner.hpp), as tests. Include this in one source file of a
/// test program that links GoogleTest, and name the pruners:
///
///   trimtab::Registry registry;
///   registry.add_pruner<MyPruner>();
///   INSTANTIATE_TEST_SUITE_P(Mine, PrunerContract,
///                            ::testing::ValuesIn(trimtab::contract::pruner_cases(registry)),
///                            trimtab::contract::name_of_pruner);
///
/// A promise is skipped only where the pruner's own PrunerCapabilities exclude it.
namespace trimtab::contract {

struct PrunerCase {
  std::string pruner;          ///< its registered name
  std::string options = "{}";  ///< JSON
  std::shared_ptr<const Registry> registry = {};
};

/// One case per pruner of the registry, with default options.
inline std::vector<PrunerCase> pruner_cases(const Registry& registry) {
  const auto shared = std::make_shared<const Registry>(registry);
  std::vector<PrunerCase> cases;
  for (const auto& [name, entry] : registry.pruners()) cases.push_back({name, "{}", shared});
  return cases;
}

inline std::string name_of_pruner(const ::testing::TestParamInfo<PrunerCase>& info) {
  return info.param.pruner;
}

inline void PrintTo(const PrunerCase& pruner, std::ostream* out) {
  *out << pruner.pruner << " " << pruner.options;
}

/// A log that a test writes: it owns the losses that its events refer to.
class ToldProgress {
 public:
  void report(std::int64_t trial, double step, std::vector<double> losses) {
    rows_.push_back({Progress::Kind::Report, trial, step, std::move(losses), TrialState::Running});
  }
  void end(std::int64_t trial, TrialState state, std::vector<double> losses = {}) {
    rows_.push_back({Progress::Kind::End, trial, 0.0, std::move(losses), state});
  }
  /// A trial that reports loss(step) for steps 1 to num_steps and completes with its last value.
  template <typename Loss>
  void complete(std::int64_t trial, int num_steps, std::size_t objectives, Loss loss) {
    for (int step = 1; step <= num_steps; ++step) {
      report(trial, step, std::vector<double>(objectives, loss(step)));
    }
    end(trial, TrialState::Complete, std::vector<double>(objectives, loss(num_steps)));
  }

  std::size_t size() const { return rows_.size(); }
  /// Events [first, last) as a pruner is told them.
  std::vector<Progress> events(std::size_t first, std::size_t last) const {
    std::vector<Progress> result;
    for (std::size_t i = first; i < last; ++i) {
      const Row& row = rows_[i];
      result.push_back({row.kind, row.trial, row.step, row.losses, row.state});
    }
    return result;
  }
  std::vector<Progress> all() const { return events(0, size()); }

 private:
  struct Row {
    Progress::Kind kind;
    std::int64_t trial;
    double step;
    std::vector<double> losses;
    TrialState state;
  };
  std::vector<Row> rows_;
};

class PrunerContract : public ::testing::TestWithParam<PrunerCase> {
 protected:
  static constexpr int kSteps = 27;

  const PrunerEntry& entry() const {
    return GetParam().registry->pruner(GetParam().pruner, "contract");
  }

  AnyPruner make(std::size_t objectives = 1) const {
    PrunerSetting setting;
    setting.seed = 11;
    setting.min_step = 1.0;
    setting.max_step = kSteps;
    for (std::size_t k = 1; k < objectives; ++k) {
      setting.objectives.push_back({.name = "other" + std::to_string(k)});
    }
    return GetParam().registry->make_pruner({GetParam().pruner, GetParam().options}, setting,
                                            "contract");
  }

  /// The numbers of objectives that the capabilities let the pruner serve.
  std::vector<std::size_t> objectives() const {
    if (entry().capabilities.multi_objective) return {1, 2, 3};
    return {1};
  }

  /// Tells event by event and asks after each report; the trials that it would stop.
  static std::set<std::int64_t> stopped(AnyPruner& pruner, const ToldProgress& log) {
    std::set<std::int64_t> numbers;
    for (std::size_t i = 0; i < log.size(); ++i) {
      const std::vector<Progress> event = log.events(i, i + 1);
      pruner.tell(event);
      if (event[0].kind != Progress::Kind::Report) continue;
      if (!pruner.should_prune(event[0].trial, event[0].step)) continue;
      numbers.insert(event[0].trial);
      EXPECT_FALSE(pruner.explain(event[0].trial, event[0].step).empty());
    }
    return numbers;
  }

  static bool has_any_from(std::int64_t first, const std::set<std::int64_t>& numbers) {
    return numbers.lower_bound(first) != numbers.end();
  }

  /// `count` complete trials with noisy falling curves around `level`.
  static void add_crowd(ToldProgress& log, std::int64_t first, std::int64_t count, double level,
                        std::size_t objectives) {
    for (std::int64_t trial = first; trial < first + count; ++trial) {
      Rng rng(17, static_cast<std::uint64_t>(trial), "crowd");
      const double own = level + rng.uniform01();
      log.complete(trial, kSteps, objectives,
                   [&](int step) { return own + 1.0 / step + 0.01 * rng.uniform01(); });
    }
  }

  /// Trials whose reports mix, come twice, out of order and with gaps; NaN, infinities, every end.
  static ToldProgress wild_log(std::size_t objectives) {
    ToldProgress log;
    Rng rng(3);
    for (std::int64_t wave = 0; wave < 12; ++wave) {
      for (int i = 0; i < 60; ++i) {
        const auto trial = wave * 4 + static_cast<std::int64_t>(rng.uniform01() * 4.0);
        const double step = std::floor(rng.uniform01() * kSteps);
        std::vector<double> losses;
        for (std::size_t k = 0; k < objectives; ++k) losses.push_back(any_loss(rng));
        log.report(trial, step, std::move(losses));
      }
      const std::vector<double> values(objectives, static_cast<double>(wave % 3));
      log.end(wave * 4, TrialState::Complete, values);
      log.end(wave * 4 + 1, TrialState::Complete, values);
      log.end(wave * 4 + 2, TrialState::Failed);
      log.end(wave * 4 + 3, TrialState::Pruned);
    }
    return log;
  }

 private:
  static double any_loss(Rng& rng) {
    const double kind = rng.uniform01();
    if (kind < 0.05) return std::numeric_limits<double>::quiet_NaN();
    if (kind < 0.10) return std::numeric_limits<double>::infinity();
    if (kind < 0.15) return -std::numeric_limits<double>::infinity();
    return std::floor(rng.uniform01() * 8.0);  // with many ties
  }
};

TEST_P(PrunerContract, SaysWhatItIs) {
  const Info& info = entry().info;
  EXPECT_EQ(info.name, GetParam().pruner);
  EXPECT_FALSE(info.purpose.empty());
  EXPECT_EQ(info.purpose.find('\n'), std::string::npos) << "the purpose is one line";
  EXPECT_FALSE(info.source.empty()) << "say authors and year, or that there is no source";
  std::set<std::string> names;
  for (const OptionInfo& option : info.options) {
    EXPECT_TRUE(names.insert(option.name).second) << option.name << " is declared twice";
    EXPECT_FALSE(option.purpose.empty()) << option.name << " has no purpose";
  }
}

TEST_P(PrunerContract, AcceptsItsOwnDefaultsWrittenOut) {
  Json written = Json::object();
  for (const OptionInfo& option : entry().info.options) {
    std::visit([&](const auto& value) { written[option.name] = value; }, option.default_value);
  }
  EXPECT_NO_THROW(OptionValues(entry().info, written, "contract"));
}

TEST_P(PrunerContract, StopsNobodyOfWhomItWasToldNothing) {
  for (const std::size_t m : objectives()) {
    AnyPruner pruner = make(m);
    EXPECT_FALSE(pruner.should_prune(0, 1.0));
    ToldProgress log;
    add_crowd(log, 0, 12, 0.0, m);
    log.report(20, 3.0, std::vector<double>(m, 100.0));
    log.end(21, TrialState::Complete, std::vector<double>(m, 0.0));  // without any report
    log.end(22, TrialState::Failed);
    pruner.tell(log.all());
    EXPECT_FALSE(pruner.should_prune(20, 4.0)) << "a step that was not reported";
    EXPECT_FALSE(pruner.should_prune(21, 1.0)) << "a trial without reports";
    EXPECT_FALSE(pruner.should_prune(99, 1.0)) << "an unknown trial";
  }
}

// The log is all it knows: told at once or bit by bit, asked before or not, now or in a replay.
TEST_P(PrunerContract, DecidesTheSameForTheSameLogInAnyChunks) {
  for (const std::size_t m : objectives()) {
    const ToldProgress log = wild_log(m);
    AnyPruner watched = make(m);
    std::size_t num_stops = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
      const Progress event = log.events(i, i + 1)[0];
      watched.tell({&event, 1});
      const bool is_stopped = watched.should_prune(event.trial, event.step);
      EXPECT_EQ(watched.should_prune(event.trial, event.step), is_stopped) << "asked twice";
      num_stops += is_stopped;
      if (i % 7 != 0) continue;
      AnyPruner at_once = make(m);
      at_once.tell(log.events(0, i + 1));
      EXPECT_EQ(at_once.should_prune(event.trial, event.step), is_stopped) << "event " << i;
      AnyPruner in_chunks = make(m);
      in_chunks.tell(log.events(0, i / 3));
      in_chunks.should_prune(event.trial, event.step);
      in_chunks.tell(log.events(i / 3, i + 1));
      EXPECT_EQ(in_chunks.should_prune(event.trial, event.step), is_stopped) << "event " << i;
    }
    if (!entry().capabilities.compares) continue;
    EXPECT_LT(num_stops, log.size());
  }
}

TEST_P(PrunerContract, StopsNobodyWhenAllAreEqual) {
  if (!entry().capabilities.compares) GTEST_SKIP() << "declares: does not compare trials";
  for (const std::size_t m : objectives()) {
    for (const double value : {0.0, -3.0, std::numeric_limits<double>::infinity()}) {
      ToldProgress log;
      for (std::int64_t trial = 0; trial < 20; ++trial) {
        log.complete(trial, kSteps, m, [&](int) { return value; });
      }
      AnyPruner pruner = make(m);
      EXPECT_EQ(stopped(pruner, log), std::set<std::int64_t>{}) << value;
    }
  }
}

TEST_P(PrunerContract, NeverStopsTheBestOfAll) {
  if (!entry().capabilities.compares) GTEST_SKIP() << "declares: does not compare trials";
  for (const std::size_t m : objectives()) {
    ToldProgress log;
    for (std::int64_t trial = 0; trial < 40; ++trial) {
      log.complete(trial, kSteps, m, [&](int step) { return 1.0 / step - double(trial); });
    }
    AnyPruner pruner = make(m);
    EXPECT_EQ(stopped(pruner, log), std::set<std::int64_t>{});
  }
}

// A diverging trial is as bad as can be, and makes nobody else look worse.
TEST_P(PrunerContract, TakesNotANumberAsTheWorst) {
  if (!entry().capabilities.compares) GTEST_SKIP() << "declares: does not compare trials";
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  for (const std::size_t m : objectives()) {
    ToldProgress log;
    for (std::int64_t trial = 0; trial < 20; ++trial) {
      for (int step = 1; step <= kSteps; ++step) {
        log.report(trial, step, std::vector<double>(m, kNan));
      }
      log.end(trial, trial % 2 == 0 ? TrialState::Complete : TrialState::Failed,
              trial % 2 == 0 ? std::vector<double>(m, 5.0) : std::vector<double>());
    }
    log.complete(20, kSteps, m, [](int step) { return 1.0 / step; });
    AnyPruner pruner = make(m);
    EXPECT_FALSE(stopped(pruner, log).contains(20));
    ToldProgress other;
    add_crowd(other, 0, 30, 0.0, m);
    for (std::int64_t trial = 30; trial < 40; ++trial) {
      for (int step = 1; step <= kSteps; ++step) {
        other.report(trial, step, std::vector<double>(m, kNan));
      }
      other.end(trial, TrialState::Failed);
    }
    AnyPruner strict = make(m);
    EXPECT_TRUE(has_any_from(30, stopped(strict, other)));
  }
}

TEST_P(PrunerContract, StopsWhoIsMuchWorseThanManyOthers) {
  if (!entry().capabilities.compares) GTEST_SKIP() << "declares: does not compare trials";
  for (const std::size_t m : objectives()) {
    ToldProgress log;
    add_crowd(log, 0, 30, 0.0, m);
    add_crowd(log, 30, 10, 50.0, m);
    AnyPruner pruner = make(m);
    EXPECT_TRUE(has_any_from(30, stopped(pruner, log))) << m << " objectives";
  }
}

// What a restarted trial says again replaces what it said before its death.
TEST_P(PrunerContract, LetsARestartReplaceWhatWasSaid) {
  if (!entry().capabilities.compares) GTEST_SKIP() << "declares: does not compare trials";
  ToldProgress log;
  add_crowd(log, 0, 30, 0.0, 1);
  for (int step = 1; step <= kSteps; ++step) log.report(30, step, {50.0});
  for (int step = 1; step <= kSteps; ++step) log.report(30, step, {-50.0 - step});
  AnyPruner pruner = make();
  pruner.tell(log.all());
  for (int step = 1; step <= kSteps; ++step) EXPECT_FALSE(pruner.should_prune(30, step)) << step;
}

TEST_P(PrunerContract, RefusesSeveralObjectivesOrServesThem) {
  if (!entry().capabilities.multi_objective) {
    EXPECT_THROW(make(2), UserError);
  } else {
    EXPECT_NO_THROW(make(2));
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PrunerContract);

}  // namespace trimtab::contract
