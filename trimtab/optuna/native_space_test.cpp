#include "trimtab/optuna/native_space.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trimtab/base/error.hpp"

namespace trimtab::optuna {
namespace {

using ::testing::ElementsAre;

std::string text_of(const std::string& name, const std::string& attributes) {
  return R"({"name": ")" + name + R"(", "attributes": )" + attributes + "}";
}

std::string ints(int low, int high, int step) {
  return text_of("IntDistribution", R"({"log": false, "step": )" + std::to_string(step) +
                                        R"(, "low": )" + std::to_string(low) + R"(, "high": )" +
                                        std::to_string(high) + "}");
}

std::string floats(const std::string& low, const std::string& high, const std::string& step) {
  return text_of("FloatDistribution", R"({"step": )" + step + R"(, "low": )" + low +
                                          R"(, "high": )" + high + R"(, "log": false})");
}

std::string choices(const std::string& list) {
  return text_of("CategoricalDistribution", R"({"choices": )" + list + "}");
}

StoredStudy study_of(const std::vector<std::pair<std::string, std::string>>& entries) {
  StoredStudy study;
  for (const auto& [name, text] : entries) study.intern(name, text);
  return study;
}

TEST(NativeSpace, SpansTheRangesThatTrialsHad) {
  const NativeSpace native = native_space(
      study_of({{"x", floats("0.0", "1.0", "null")}, {"x", floats("-2.5", "0.5", "null")}}));
  EXPECT_THAT(native.definitions, ElementsAre(R"({"float":[-2.5,1.0]})"));
  EXPECT_THAT(native.dimension_of, ElementsAre(0, 0));
}

TEST(NativeSpace, KeepsTheGreatestStepThatBothGridsShare) {
  // 0, 4, 8 and 6, 12, 18: all on multiples of 2.
  const NativeSpace native =
      native_space(study_of({{"n", ints(0, 8, 4)}, {"n", ints(6, 18, 6)}, {"m", ints(1, 9, 4)}}));
  EXPECT_THAT(native.definitions,
              ElementsAre(R"({"int":[0,18],"step":2})", R"({"int":[1,9],"step":4})"));
}

TEST(NativeSpace, LeavesOutAStepOfFloatsThatDiffers) {
  const NativeSpace native = native_space(study_of({{"x", floats("0.0", "1.0", "0.25")},
                                                    {"x", floats("0.0", "2.0", "0.25")},
                                                    {"y", floats("0.0", "1.0", "0.25")},
                                                    {"y", floats("0.1", "1.1", "0.25")}}));
  EXPECT_THAT(native.definitions,
              ElementsAre(R"({"float":[0.0,2.0],"step":0.25})", R"({"float":[0.0,1.1]})"));
}

TEST(NativeSpace, HasNoDimensionForWhatContradictsOrCannotBeSaid) {
  const NativeSpace native = native_space(study_of({{"x", floats("0.0", "1.0", "null")},
                                                    {"x", ints(0, 1, 1)},
                                                    {"shape", choices("[[1, 2], [3, 4]]")},
                                                    {"c", choices(R"(["a", null, true, 1.5])")}}));
  EXPECT_THAT(native.dimension_of, ElementsAre(0, -1, -1, 1));
  EXPECT_THAT(native.foreign, ElementsAre("shape"));
  EXPECT_EQ(native.space.num_dimensions(), 2u);
}

TEST(NativeSpace, NamesTheParameterWhoseDistributionIsNone) {
  try {
    native_space(study_of({{"x", "{}"}}));
    FAIL() << "a distribution without a name was read";
  } catch (const UserError& error) {
    EXPECT_EQ(error.info().code, "optuna.distribution");
    EXPECT_EQ(error.info().where, R"(parameter "x")");
  }
}

}  // namespace
}  // namespace trimtab::optuna
