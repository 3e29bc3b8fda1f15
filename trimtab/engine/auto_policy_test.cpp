#include "trimtab/engine/auto_policy.hpp"

#include <gtest/gtest.h>

#include "trimtab/core/registry.hpp"

namespace trimtab {
namespace {

// What "auto" stands for; also checks that the choice can handle the study.
std::string choice_for(const char* space, std::int64_t trials, std::size_t num_objectives) {
  StudySpec spec;
  spec.name = "auto";
  spec.space_definition = space;
  spec.budget.trials = trials;
  spec.objectives.assign(num_objectives, Objective{});
  for (std::size_t k = 0; k < num_objectives; ++k) {
    spec.objectives[k].name = "f" + std::to_string(k);
  }
  const Space parsed = Space::parse_text(space);
  const AutoDecision decision = resolve_auto(spec, parsed);
  EXPECT_NE(decision.reason, "");
  EXPECT_EQ(resolve_sampler(spec, parsed).name, decision.choice.name);
  make_registry().make_sampler(decision.choice, parsed, {.num_objectives = num_objectives}, "test");
  return decision.choice.name;
}

TEST(AutoPolicy, TakesTheFirstRuleThatMatches) {
  EXPECT_EQ(choice_for(R"({"n": {"int": [1, 10]}})", 10, 1), "grid");
  EXPECT_EQ(choice_for(R"({"n": {"int": [1, 10]}})", 9, 1), "tpe");
  EXPECT_EQ(choice_for(R"({"x": [0.0, 1.0]})", 100, 1), "tpe");
  EXPECT_EQ(choice_for(R"({"x": [0.0, 1.0]})", 100, 2), "evolution");
}

TEST(AutoPolicy, LeavesANamedSamplerAlone) {
  StudySpec spec;
  spec.sampler.name = "random";
  EXPECT_EQ(resolve_sampler(spec, Space::parse_text(R"({"n": {"int": [1, 2]}})")).name, "random");
}

}  // namespace
}  // namespace trimtab
