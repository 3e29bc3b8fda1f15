#include "trimtab/optuna/native_space.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <unordered_map>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab::optuna {
namespace {

using Type = Distribution::Type;

constexpr double kLargestWhole = 0x1p53;

bool is_whole(double value) { return std::abs(value) <= kLargestWhole; }

double shared_whole_step(const Distribution& a, const Distribution& b) {
  if (!is_whole(a.low) || !is_whole(b.low) || !is_whole(a.step) || !is_whole(b.step)) return 1.0;
  const auto whole = [](double value) { return static_cast<std::int64_t>(value); };
  const std::int64_t steps = std::gcd(whole(a.step), whole(b.step));
  return static_cast<double>(std::gcd(steps, whole(a.low) - whole(b.low)));
}

// All distributions that a name has, in one.
struct Range {
  std::string name;
  Distribution all;
  std::vector<std::size_t> entries = {};
};

Distribution parse_entry(const StoredStudy::Entry& entry) {
  try {
    return parse_distribution(entry.distribution);
  } catch (const UserError& error) {
    ErrorInfo info = error.info();
    info.where = "parameter " + quote(entry.name);
    throw UserError(std::move(info));
  }
}

std::vector<Range> ranges_of(const StoredStudy& stored) {
  std::vector<Range> ranges;
  std::unordered_map<std::string, std::size_t> range_of;
  for (std::size_t i = 0; i < stored.entries.size(); ++i) {
    const StoredStudy::Entry& entry = stored.entries[i];
    Distribution distribution = parse_entry(entry);
    const auto [found, is_new] = range_of.try_emplace(entry.name, ranges.size());
    if (is_new) {
      ranges.push_back({entry.name, std::move(distribution), {i}});
      continue;
    }
    Range& range = ranges[found->second];
    if (!is_compatible(range.all, distribution)) continue;
    widen(range.all, distribution);
    range.entries.push_back(i);
  }
  return ranges;
}

// False when the space can have no such parameter.
bool add_parameter(Space& space, const std::string& name, const std::string& definition) {
  try {
    space = space.with_parameter(name, Json::parse(definition));
    return true;
  } catch (const UserError&) {
    return false;
  }
}

}  // namespace

void widen(Distribution& range, const Distribution& other) {
  if (range.type == Type::Categorical) return;  // compatible ones have equal choices
  if (range.type == Type::Int) {
    range.step = range.is_log ? 1.0 : shared_whole_step(range, other);
  } else if (range.step != other.step || range.low != other.low) {
    range.step = 0.0;
  }
  range.low = std::min(range.low, other.low);
  range.high = std::max(range.high, other.high);
}

NativeSpace native_space(const StoredStudy& stored) {
  NativeSpace native{.space = Space::parse_text("{}")};
  native.dimension_of.assign(stored.entries.size(), -1);
  for (const Range& range : ranges_of(stored)) {
    const std::string definition = native_definition(range.all);
    if (definition.empty() || !add_parameter(native.space, range.name, definition)) {
      native.foreign.push_back(range.name);
      continue;
    }
    const auto dimension = static_cast<std::int64_t>(native.definitions.size());
    native.definitions.push_back(definition);
    for (const std::size_t entry : range.entries) native.dimension_of[entry] = dimension;
  }
  return native;
}

}  // namespace trimtab::optuna
