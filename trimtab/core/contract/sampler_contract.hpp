#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
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
#include "trimtab/core/contract/sampler_spaces.hpp"
#include "trimtab/core/registry.hpp"

/// What every sampler promises (core/sampler.hpp), as tests. Include this in one source file of a
/// test program that links GoogleTest, and name the samplers:
///
///   trimtab::Registry registry;
///   registry.add_sampler<MySampler>();
///   INSTANTIATE_TEST_SUITE_P(Mine, SamplerContract,
///                            ::testing::ValuesIn(trimtab::contract::sampler_cases(registry)),
///                            trimtab::contract::name_of_sampler);
///
/// A promise is skipped only where the sampler's own Capabilities exclude it.
namespace trimtab::contract {

struct SamplerCase {
  std::string sampler;         ///< its registered name
  std::string options = "{}";  ///< JSON
  std::shared_ptr<const Registry> registry = {};
  std::size_t num_trials = 60;  ///< per space; fewer for samplers that take long
};

/// One case per sampler of the registry, with default options.
inline std::vector<SamplerCase> sampler_cases(const Registry& registry) {
  const auto shared = std::make_shared<const Registry>(registry);
  std::vector<SamplerCase> cases;
  for (const auto& [name, entry] : registry.samplers()) cases.push_back({name, "{}", shared});
  return cases;
}

inline std::string name_of_sampler(const ::testing::TestParamInfo<SamplerCase>& info) {
  return info.param.sampler;
}

inline void PrintTo(const SamplerCase& sampler, std::ostream* out) {
  *out << sampler.sampler << " " << sampler.options;
}

/// A history that a test writes: it owns the points that its observations refer to.
class ToldTrials {
 public:
  enum class End : std::uint8_t { Complete, Failed, Infeasible, Pruned, Infinite, MinusInfinite };

  void add(const Space& space, Point point, End end = End::Complete, std::size_t objectives = 1) {
    Row row;
    row.point = std::move(point);
    row.end = end;
    std::vector<double> unit(space.num_dimensions());
    space.to_unit(row.point, unit);
    for (std::size_t k = 0; k < objectives; ++k) {
      double loss = 0.0;
      for (const double u : unit) loss += std::pow(u - 0.3 - 0.4 * static_cast<double>(k), 2.0);
      row.losses.push_back(loss);
    }
    if (end == End::Infinite) row.losses.assign(objectives, HUGE_VAL);
    if (end == End::MinusInfinite) row.losses.assign(objectives, -HUGE_VAL);
    rows_.push_back(std::move(row));
  }
  std::size_t size() const { return rows_.size(); }
  const Point& point(std::size_t i) const { return rows_[i].point; }

  /// Trials [first, last) as a sampler sees them when they have ended.
  std::vector<Observation> finished(std::size_t first, std::size_t last) const {
    std::vector<Observation> result;
    for (std::size_t i = first; i < last; ++i) {
      const Row& row = rows_[i];
      Observation seen;
      seen.number = static_cast<std::int64_t>(i);
      seen.point = row.point;
      seen.loss = std::numeric_limits<double>::quiet_NaN();
      if (row.end == End::Failed || row.end == End::Infeasible) {
        seen.state = TrialState::Failed;
        seen.is_infeasible = row.end == End::Infeasible;
      } else {
        seen.state = row.end == End::Pruned ? TrialState::Pruned : TrialState::Complete;
        seen.loss = row.losses.front();
        if (row.end != End::Pruned) seen.losses = row.losses;
      }
      result.push_back(seen);
    }
    return result;
  }

  /// The same trials while they run.
  std::vector<Observation> running(std::size_t first, std::size_t last) const {
    std::vector<Observation> result;
    for (std::size_t i = first; i < last; ++i) {
      Observation seen;
      seen.number = static_cast<std::int64_t>(i);
      seen.point = rows_[i].point;
      seen.state = TrialState::Running;
      seen.loss = std::numeric_limits<double>::quiet_NaN();
      result.push_back(seen);
    }
    return result;
  }

 private:
  struct Row {
    Point point;
    std::vector<double> losses;
    End end = End::Complete;
  };
  std::vector<Row> rows_;
};

class SamplerContract : public ::testing::TestWithParam<SamplerCase> {
 protected:
  using End = ToldTrials::End;

  const SamplerEntry& entry() const {
    return GetParam().registry->sampler(GetParam().sampler, "contract");
  }

  AnySampler make(const Space& space, std::size_t objectives = 1) const {
    const SamplerSetting setting{.num_objectives = objectives,
                                 .budget_trials = static_cast<std::int64_t>(GetParam().num_trials),
                                 .seed = 11};
    return GetParam().registry->make_sampler({GetParam().sampler, GetParam().options}, space,
                                             setting, "contract");
  }

  /// The contract's spaces that the capabilities let the sampler serve.
  std::vector<NamedSpace> spaces() const {
    std::vector<NamedSpace> served;
    for (NamedSpace& named : contract_spaces()) {
      const Capabilities& can = entry().capabilities;
      if (named.space.is_conditional() && !can.conditional) continue;
      if (!named.space.size() && can.needs_finite_space) continue;
      served.push_back(std::move(named));
    }
    return served;
  }

  static Rng generator(std::size_t trial) { return Rng(5, trial, "ask"); }

  /// How trial i ends: mostly well.
  static End mixed_end(std::size_t i) {
    if (i % 7 == 3) return End::Failed;
    if (i % 11 == 4) return End::Infeasible;
    if (i % 13 == 5) return End::Infinite;
    if (i % 9 == 6) return End::Pruned;
    return End::Complete;
  }

  /// A sequential search of `num_trials` at most; shorter when the sampler has no further point.
  template <typename EndOf>
  ToldTrials search(const Space& space, EndOf end_of, std::size_t objectives = 1) const {
    AnySampler sampler = make(space, objectives);
    ToldTrials trials;
    while (trials.size() < GetParam().num_trials) {
      Rng rng = generator(trials.size());
      std::vector<Point> asked = sampler.ask(1, rng);
      if (asked.empty()) break;
      EXPECT_TRUE(space.contains(asked.front())) << "trial " << trials.size();
      trials.add(space, std::move(asked.front()), end_of(trials.size()), objectives);
      sampler.tell(trials.finished(trials.size() - 1, trials.size()), {});
    }
    return trials;
  }

  static std::vector<std::string> hashes(const Space& space, const std::vector<Point>& points) {
    std::vector<std::string> result;
    for (const Point& point : points) result.push_back(space.hash(point).hex());
    return result;
  }
};

TEST_P(SamplerContract, SaysWhatItIs) {
  const Info& info = entry().info;
  const auto is_plain = [](char c) {
    return std::islower(static_cast<unsigned char>(c)) != 0 ||
           std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  EXPECT_TRUE(!info.name.empty() && std::all_of(info.name.begin(), info.name.end(), is_plain));
  EXPECT_FALSE(info.purpose.empty());
  EXPECT_EQ(info.purpose.find('\n'), std::string::npos) << "the purpose is one line";
  EXPECT_FALSE(info.source.empty()) << "say authors and year, or that there is no source";
  std::set<std::string> names;
  for (const OptionInfo& option : info.options) {
    EXPECT_TRUE(names.insert(option.name).second) << option.name << " is declared twice";
    EXPECT_FALSE(option.purpose.empty()) << option.name << " has no purpose";
  }
}

TEST_P(SamplerContract, AcceptsItsOwnDefaultsWrittenOut) {
  Json written = Json::object();
  for (const OptionInfo& option : entry().info.options) {
    std::visit([&](const auto& value) { written[option.name] = value; }, option.default_value);
  }
  EXPECT_NO_THROW(OptionValues(entry().info, written, "contract"));
}

TEST_P(SamplerContract, ProposesPointsOfTheSpaceWhateverHappens) {
  for (const NamedSpace& named : spaces()) {
    SCOPED_TRACE(named.name);
    const ToldTrials trials = search(named.space, mixed_end);
    if (!named.space.size()) {
      EXPECT_GE(trials.size(), std::min<std::size_t>(GetParam().num_trials, 4));
    }
  }
}

TEST_P(SamplerContract, ProposesTheSameForTheSameHistoryAndGenerator) {
  for (const NamedSpace& named : spaces()) {
    SCOPED_TRACE(named.name);
    const ToldTrials left = search(named.space, mixed_end);
    const ToldTrials right = search(named.space, mixed_end);
    ASSERT_EQ(left.size(), right.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
      EXPECT_EQ(named.space.hash(left.point(i)), named.space.hash(right.point(i)));
    }
  }
}

TEST_P(SamplerContract, IsNotChangedByBeingAsked) {
  for (const NamedSpace& named : spaces()) {
    SCOPED_TRACE(named.name);
    const ToldTrials trials = search(named.space, mixed_end);
    AnySampler sampler = make(named.space);
    sampler.tell(trials.finished(0, trials.size() / 2), {});
    Rng first = generator(1);
    Rng other = generator(2);
    Rng again = generator(1);
    const std::vector<Point> before = sampler.ask(2, first);
    sampler.ask(5, other);
    EXPECT_EQ(hashes(named.space, sampler.ask(2, again)), hashes(named.space, before));
  }
}

// A study that is resumed tells its sampler everything at once; one that ran told it bit by bit.
TEST_P(SamplerContract, MayBeToldInAnyChunks) {
  for (const NamedSpace& named : spaces()) {
    SCOPED_TRACE(named.name);
    const ToldTrials trials = search(named.space, mixed_end);
    const std::size_t num_finished = trials.size() - std::min<std::size_t>(trials.size(), 3);
    const std::vector<Observation> running = trials.running(num_finished, trials.size());
    AnySampler at_once = make(named.space);
    at_once.tell(trials.finished(0, num_finished), running);
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}}) {
      AnySampler bit_by_bit = make(named.space);
      for (std::size_t first = 0; first < num_finished; first += chunk) {
        const std::size_t last = std::min(first + chunk, num_finished);
        // What will have ended later is running now.
        bit_by_bit.tell(trials.finished(first, last),
                        trials.running(last, std::min(last + 2, num_finished)));
      }
      bit_by_bit.tell({}, running);
      for (std::size_t k = 0; k < 3; ++k) {
        Rng left = generator(k);
        Rng right = generator(k);
        EXPECT_EQ(hashes(named.space, bit_by_bit.ask(2, left)),
                  hashes(named.space, at_once.ask(2, right)))
            << "chunks of " << chunk;
      }
    }
  }
}

TEST_P(SamplerContract, ReturnsAsManyPointsAsAskedUntilItHasNone) {
  for (const NamedSpace& named : spaces()) {
    SCOPED_TRACE(named.name);
    AnySampler sampler = make(named.space);
    ToldTrials trials;
    bool has_ended = false;
    for (int batch = 0; batch < 5; ++batch) {
      Rng rng = generator(trials.size());
      const std::vector<Point> asked = sampler.ask(4, rng);
      EXPECT_LE(asked.size(), 4U);
      EXPECT_TRUE(!has_ended || asked.empty()) << "the end was not the end";
      has_ended = asked.size() < 4;
      const std::size_t first = trials.size();
      for (const Point& point : asked) {
        EXPECT_TRUE(named.space.contains(point));
        trials.add(named.space, point);
      }
      sampler.tell(trials.finished(first, trials.size()), {});
    }
  }
}

// In a space of 6 points: who stops has proposed every point, and none twice.
TEST_P(SamplerContract, StopsOnlyAfterEveryPointOfAFiniteSpace) {
  const Space space = SpaceBuilder().integer("a", 1, 3).categorical("b", {"x", "y"}).build();
  const ToldTrials trials = search(space, mixed_end);
  if (trials.size() == GetParam().num_trials) return;
  std::set<std::string> distinct;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    distinct.insert(space.hash(trials.point(i)).hex());
  }
  EXPECT_EQ(distinct.size(), 6U);
  EXPECT_EQ(trials.size(), 6U);
}

TEST_P(SamplerContract, GoesOnWhenNothingEverSucceeds) {
  for (const End end :
       {End::Failed, End::Infeasible, End::Pruned, End::Infinite, End::MinusInfinite}) {
    for (const NamedSpace& named : spaces()) {
      SCOPED_TRACE(named.name + ", all trials end alike: " + std::to_string(static_cast<int>(end)));
      search(named.space, [&](std::size_t) { return end; });
    }
  }
}

TEST_P(SamplerContract, TakesTrialsThatItDidNotPropose) {
  for (const NamedSpace& named : spaces()) {
    SCOPED_TRACE(named.name);
    AnySampler sampler = make(named.space);
    ToldTrials trials;
    Rng rng(3);
    for (std::size_t i = 0; i < GetParam().num_trials; ++i) {
      trials.add(named.space, named.space.sample(rng), mixed_end(i));
    }
    const std::size_t num_finished = trials.size() - 5;
    sampler.tell(trials.finished(0, num_finished), trials.running(num_finished, trials.size()));
    for (const Point& point : sampler.ask(3, rng)) EXPECT_TRUE(named.space.contains(point));
  }
}

TEST_P(SamplerContract, ProposesOtherPointsThanThoseThatRun) {
  if (!entry().capabilities.parallel) GTEST_SKIP() << "declares: not for parallel trials";
  if (entry().capabilities.needs_finite_space) GTEST_SKIP() << "declares: finite spaces only";
  const Space space = SpaceBuilder().real("x", 0.0, 1.0).real("y", 0.0, 1.0).build();
  AnySampler sampler = make(space);
  ToldTrials trials;
  std::size_t num_finished = 0;
  while (trials.size() < std::min<std::size_t>(GetParam().num_trials, 24)) {
    Rng rng = generator(trials.size());
    const std::vector<Point> asked = sampler.ask(3, rng);
    for (const Point& point : asked) trials.add(space, point);
    if (asked.empty()) break;
    // The oldest running trial ends; up to five go on.
    const std::size_t last = trials.size() - std::min<std::size_t>(trials.size(), 5);
    sampler.tell(trials.finished(num_finished, std::max(num_finished, last)),
                 trials.running(std::max(num_finished, last), trials.size()));
    num_finished = std::max(num_finished, last);
  }
  std::set<std::string> distinct;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    distinct.insert(space.hash(trials.point(i)).hex());
  }
  EXPECT_EQ(distinct.size(), trials.size());
}

TEST_P(SamplerContract, RefusesConditionalSpacesOrServesThem) {
  for (const NamedSpace& named : contract_spaces()) {
    if (!named.space.is_conditional()) continue;
    SCOPED_TRACE(named.name);
    if (entry().capabilities.conditional) {
      EXPECT_NO_THROW(make(named.space));
    } else {
      EXPECT_THROW(make(named.space), UserError);
    }
  }
}

TEST_P(SamplerContract, RefusesSeveralObjectivesOrServesThem) {
  const Space space = SpaceBuilder().integer("a", 1, 30).integer("b", 1, 30).build();
  if (!entry().capabilities.multi_objective) {
    EXPECT_THROW(make(space, 2), UserError);
    return;
  }
  search(space, mixed_end, 2);
}

// The prior is normal with mean 0.9 and deviation 0.02. Of 12 uniform draws none lies below 0.7
// with probability 5e-7.
TEST_P(SamplerContract, StartsWhereThePriorSaysIfItUsesPriors) {
  if (!entry().capabilities.uses_priors) GTEST_SKIP() << "declares: uses no priors";
  const Space space = prior_space();
  AnySampler sampler = make(space);
  Rng rng(1);
  std::vector<double> values;
  for (const Point& point : sampler.ask(12, rng)) values.push_back(point[0]);
  ASSERT_EQ(values.size(), 12U);
  EXPECT_GT(*std::min_element(values.begin(), values.end()), 0.7);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SamplerContract);

}  // namespace trimtab::contract
