#pragma once

#include <string>
#include <utility>
#include <vector>

#include "trimtab/space/space.hpp"

namespace trimtab::contract {

struct NamedSpace {
  std::string name;
  Space space;
};

/// Spaces of every shape that the space language has, small enough for quick tests.
inline std::vector<NamedSpace> contract_spaces() {
  const SpaceBuilder layer =
      SpaceBuilder().integer("units", 16, 256, {.is_log = true}).real("dropout", 0.0, 0.5);
  std::vector<NamedSpace> spaces;
  const auto add = [&](std::string name, const SpaceBuilder& builder) {
    spaces.push_back({std::move(name), builder.build()});
  };
  add("empty", SpaceBuilder());
  add("one point", SpaceBuilder().integer("a", 3, 3).categorical("b", {"only"}));
  add("two reals", SpaceBuilder().real("x", 0.0, 1.0).real("y", -1e6, 1e6));
  add("every kind of number", SpaceBuilder()
                                  .real("log", 1e-6, 1e3, {.is_log = true})
                                  .real("step", -1.0, 1.0, {.step = 0.25})
                                  .integer("wide", -1000, 1000000)
                                  .integer("log_integer", 1, 4096, {.is_log = true})
                                  .integer("even", 2, 64, {.step = 2}));
  add("choices", SpaceBuilder()
                     .categorical("mixed", {"text", 7, 2.5, true})
                     .ordinal("ordered", {1, 10, 100, 1000})
                     .categorical("many", {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}));
  add("nested conditions",
      SpaceBuilder()
          .categorical("kernel", {"linear", "rbf", "poly"})
          .real("gamma", 1e-4, 1e2, {.is_log = true, .when = {{"kernel", {"rbf", "poly"}}}})
          .integer("degree", 2, 5, {.when = {{"kernel", {"poly"}}}})
          .real("offset", 0.0, 1.0, {.when = {{"degree", {3, 4, 5}}}})
          .real("C", 1e-3, 1e3, {.is_log = true}));
  add("inequality",
      SpaceBuilder().real("low", 0.0, 1.0).real("high", 0.0, 1.0).require("low <= high"));
  add("forbidden clause", SpaceBuilder()
                              .categorical("solver", {"a", "b", "c"})
                              .integer("n", 1, 9)
                              .forbid("solver == 'a' and n > 4"));
  add("permutation", SpaceBuilder().permutation("order", {"a", "b", "c", "d", "e", "f"}));
  add("subset", SpaceBuilder().subset("some", {1, 2, 3, 4, 5, 6, 7}, 2, 4).real("x", 0.0, 1.0));
  add("distinct slots with parameters",
      SpaceBuilder().many_of("stage", 2, {{"dense", layer}, {"pool"}, {"norm"}},
                             {.is_distinct = true, .is_sorted = false}));
  add("sorted slots", SpaceBuilder().many_of("bag", 3, {{"p"}, {"q"}, {"r"}, {"s"}},
                                             {.is_distinct = false, .is_sorted = true}));
  add("one of several sub-spaces",
      SpaceBuilder().one_of(
          "model",
          {{"net", layer}, {"tree", SpaceBuilder().integer("depth", 1, 12)}, {"constant"}}));
  add("repeat", SpaceBuilder().repeat("layers", 1, 3, layer).real("rate", 0.0, 1.0));
  return spaces;
}

/// One number whose prior is narrow.
inline Space prior_space() {
  return Space::parse_text(
      R"({"x": {"float": [0, 1], "prior": {"normal": [0.9, 0.02]}}, "y": {"float": [0, 1]}})");
}

}  // namespace trimtab::contract
