// Walking through a finite space, and cutting an infinite one into levels.
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/space/detail/definition.hpp"
#include "trimtab/space/detail/groups.hpp"
#include "trimtab/space/detail/space_data.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {
namespace {

// The smallest legal value of an active dimension that is >= `from`, given the ones before it.
std::optional<double> smallest_value(const SpaceData& data, PointView point, std::size_t i,
                                     double from) {
  const DimensionFacts& facts = data.facts[i];
  if (facts.group != DimensionFacts::kNone) {
    return space_detail::next_legal(data, data.groups[facts.group], facts.member, point, from);
  }
  if (from > data.dimensions[i].high) return std::nullopt;
  return from;
}

void fill_from(const Space& space, const SpaceData& data, Point& point, std::size_t begin) {
  for (std::size_t i = begin; i < point.size(); ++i) {
    point[i] = space.is_active_at(point, i)
                   ? *smallest_value(data, point, i, data.dimensions[i].low)
                   : kInactive;
  }
}

// The value after `value`, ignoring groups; beyond `high` when there is none.
double successor(const Dimension& dimension, double value) {
  if (!dimension.is_numeric()) return value + 1.0;
  const std::uint64_t count = dimension.count();
  std::uint64_t low = 0;
  std::uint64_t high = count;  // first index whose value is above
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (dimension.value_at(middle) > value) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low < count ? dimension.value_at(low) : dimension.high + 1.0;
}

void check_finite(const SpaceData& data) {
  for (const Dimension& dimension : data.dimensions) {
    if (dimension.count() > 0) continue;
    throw UserError({.code = "space.not_finite",
                     .what = "a continuous space cannot be enumerated",
                     .where = dimension.name,
                     .got = "a continuous parameter",
                     .expected = "parameters with finitely many values",
                     .hint = "give it a \"step\" or \"levels\""});
  }
}

// Gives every continuous float of a (sub-)space its number of levels.
void add_levels(Json& table, std::size_t levels) {
  const Space::Locator nowhere;
  space_detail::Problems none(nowhere);
  for (auto& [name, entry] : table.items()) {
    const auto expanded = space_detail::expand_short_form(entry, name, none);
    if (!expanded || !expanded->is_object()) continue;  // forbid, require
    entry = *expanded;
    if (entry.contains("float")) {
      const bool is_continuous = !entry.contains("step") && !entry.contains("levels");
      if (is_continuous) entry["levels"] = levels;
      continue;
    }
    for (const char* key : {"one_of", "many_of"}) {
      if (!entry.contains(key) || !entry[key].is_object()) continue;
      for (auto& [label, candidate] : entry[key].items()) add_levels(candidate, levels);
    }
    if (entry.contains("repeat")) add_levels(entry["space"], levels);
  }
}

}  // namespace

Point Space::first() const {
  check_finite(*data_);
  Point point(num_dimensions(), kInactive);
  fill_from(*this, *data_, point, 0);
  return point;
}

bool Space::next(Point& point) const {
  check_finite(*data_);
  for (std::size_t i = point.size(); i-- > 0;) {
    if (!is_active(point[i])) continue;
    const double after = successor(data_->dimensions[i], point[i]);
    const auto value = smallest_value(*data_, point, i, after);
    if (!value) continue;
    point[i] = *value;
    fill_from(*this, *data_, point, i + 1);
    return true;
  }
  return false;
}

Space Space::discretised(std::size_t levels) const {
  if (levels < 2) {
    throw UserError({.code = "space.bad_levels",
                     .what = "a grid needs at least two levels",
                     .where = "levels",
                     .got = std::to_string(levels),
                     .expected = "at least 2",
                     .hint = ""});
  }
  Json definition = Json::parse(data_->definition_text);
  Json constraints = Json::object();
  for (const char* key : {"forbid", "require"}) {
    if (!definition.contains(key)) continue;
    constraints[key] = definition[key];
    definition.erase(key);
  }
  add_levels(definition, levels);
  definition.update(constraints);
  return parse(definition);
}

}  // namespace trimtab
