#pragma once

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {

/// Draws definitions of spaces, for tests of what must hold in every space: all types of
/// parameters, nested candidates and copies, conditions, defaults and priors. Always valid.
class RandomDefinition {
 public:
  struct Options {
    bool is_finite = false;           ///< no continuous parameter
    bool has_conditions = true;       ///< "when" beside the conditions that trees bring
    std::int64_t max_parameters = 5;  ///< of the root; half of it one level below, and so on
    int max_depth = 2;
  };

  explicit RandomDefinition(Rng& rng) : RandomDefinition(rng, Options()) {}
  RandomDefinition(Rng& rng, const Options& options) : rng_(rng), options_(options) {}

  Json draw() { return sub_space(0); }

 private:
  // What a parameter can be asked for in a `when`.
  struct Parent {
    std::string name;
    Json allowed;
  };

  bool coin() { return rng_.below(2) == 1; }

  Json sub_space(int depth) {
    Json table = Json::object();
    std::vector<Parent> parents;
    const std::int64_t most = std::max<std::int64_t>(1, options_.max_parameters >> depth);
    const std::int64_t count = rng_.integer(1, most);
    for (std::int64_t i = 0; i < count; ++i) {
      const std::string name = std::string(1, static_cast<char>('a' + i)) + std::to_string(depth);
      Json parameter = draw_parameter(depth);
      if (options_.has_conditions && !parents.empty() && rng_.below(3) == 0) {
        const Parent& parent = parents[rng_.below(parents.size())];
        parameter["when"] = Json::object({{parent.name, parent.allowed}});
      }
      note_parent(name, parameter, parents);
      table[name] = std::move(parameter);
    }
    return table;
  }

  void note_parent(const std::string& name, const Json& parameter, std::vector<Parent>& parents) {
    if (parameter.contains("choice")) {
      parents.push_back({name, parameter["choice"][0]});
    } else if (parameter.contains("int")) {
      parents.push_back({name, ">= " + parameter["int"][1].dump()});
    } else if (parameter.contains("subset")) {
      parents.push_back({name + "[0]", true});
    } else if (parameter.contains("permutation")) {
      parents.push_back({name + "[0]", parameter["permutation"].back()});
    }
  }

  Json draw_parameter(int depth) {
    const bool may_nest = depth < options_.max_depth;
    switch (rng_.below(may_nest ? 9 : 6)) {
      case 0:
        return number();
      case 1:
        return integer();
      case 2:
        return choice("choice");
      case 3:
        return choice("ordinal");
      case 4:
        return Json{{"permutation", labels(rng_.integer(1, 4))}};
      case 5:
        return subset();
      case 6:
        return Json{{"one_of", candidates(depth)}};
      case 7:
        return many_of(depth);
      default:
        return repeat(depth);
    }
  }

  Json number() {
    const bool is_log = coin();
    Json entry = {{"float", is_log ? Json::array({0.01, 10.0}) : Json::array({-1.0, 1.0})}};
    if (is_log) entry["log"] = true;
    if (!is_log && coin()) {
      entry["step"] = 0.5;
    } else if (options_.is_finite || rng_.below(3) == 0) {
      entry["levels"] = rng_.integer(2, 4);
    }
    if (coin()) entry["default"] = is_log ? 0.01 : 1.0;
    if (coin()) entry["prior"] = Json{{"normal", {0.0, 0.7}}};
    return entry;
  }

  Json integer() {
    const bool is_log = coin();
    const std::int64_t low = is_log ? 1 : rng_.integer(-2, 2);
    Json entry = {{"int", {low, low + rng_.integer(0, 4)}}};
    if (is_log) entry["log"] = true;
    if (coin()) entry["default"] = low;
    return entry;
  }

  Json labels(std::int64_t count) {
    Json list = Json::array({"alpha", 2, true, 0.5});
    while (list.size() > static_cast<std::size_t>(count)) list.erase(list.size() - 1);
    return list;
  }

  Json choice(const char* type) {
    const std::int64_t count = rng_.integer(1, 4);
    Json entry = {{type, labels(count)}};
    if (coin()) {
      Json weights = Json::array();
      for (std::int64_t i = 0; i < count; ++i) weights.push_back(i + 1);
      entry["prior"] = Json{{"weights", weights}};
    }
    if (coin()) entry["default"] = entry[type].back();
    return entry;
  }

  Json subset() {
    const std::int64_t count = rng_.integer(1, 4);
    const std::int64_t least = rng_.integer(0, count);
    return Json{{"subset", labels(count)}, {"size", {least, rng_.integer(least, count)}}};
  }

  Json candidates(int depth) {
    Json table = Json::object();
    const std::int64_t count = rng_.integer(1, 3);
    for (std::int64_t i = 0; i < count; ++i) {
      table["op" + std::to_string(i)] = coin() ? sub_space(depth + 1) : Json::object();
    }
    return table;
  }

  Json many_of(int depth) {
    Json entry = {{"many_of", candidates(depth)}};
    const bool is_distinct = coin();
    const auto count = static_cast<std::int64_t>(entry["many_of"].size());
    entry["k"] = rng_.integer(1, is_distinct ? std::min<std::int64_t>(count, 2) : 2);
    entry["distinct"] = is_distinct;
    entry["sorted"] = coin();
    return entry;
  }

  Json repeat(int depth) {
    const std::int64_t least = rng_.integer(0, 1);
    return Json{{"repeat", {least, rng_.integer(least, 2)}}, {"space", sub_space(depth + 1)}};
  }

  Rng& rng_;
  Options options_;
};

/// A space that depends on the seed alone.
inline Space random_space(std::uint64_t seed, const RandomDefinition::Options& options) {
  Rng rng(seed, 0, "random space");
  return Space::parse(RandomDefinition(rng, options).draw());
}
inline Space random_space(std::uint64_t seed) {
  return random_space(seed, RandomDefinition::Options());
}

}  // namespace trimtab
