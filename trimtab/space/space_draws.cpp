// Random points: priors, rejection by constraints, mutation.
#include <algorithm>
#include <cmath>

#include "trimtab/base/error.hpp"
#include "trimtab/space/detail/groups.hpp"
#include "trimtab/space/detail/space_data.hpp"
#include "trimtab/space/detail/truncated_normal.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {
namespace {

double sample_weights(const std::vector<double>& weights, Rng& rng) {
  double total = 0.0;
  for (const double weight : weights) total += weight;
  double position = rng.uniform01() * total;
  std::size_t last_possible = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] <= 0.0) continue;
    last_possible = i;
    if (position < weights[i]) return static_cast<double>(i);
    position -= weights[i];
  }
  return static_cast<double>(last_possible);  // rounding used up the last weight
}

double sample_normal(const Dimension& dimension, Rng& rng) {
  // Half a step beyond both ends, so that the end values get their whole cells.
  double low = dimension.low - 0.5 * dimension.step;
  double high = dimension.high + 0.5 * dimension.step;
  if (dimension.is_log) {
    low = std::log(dimension.low - 0.5 * std::min(dimension.step, dimension.low));
    high = std::log(high);
  }
  const double value = space_detail::sample_truncated_normal(
      dimension.prior.mean, dimension.prior.deviation, low, high, rng);
  return dimension.clip(dimension.is_log ? std::exp(value) : value);
}

double draw(const Dimension& dimension, Rng& rng) {
  if (dimension.prior.shape == Prior::Shape::Weights) {
    return sample_weights(dimension.prior.weights, rng);
  }
  const std::uint64_t count = dimension.count();
  if (count == 1) return dimension.low;
  if (dimension.prior.shape == Prior::Shape::Normal) return sample_normal(dimension, rng);
  const bool has_equal_cells = !dimension.is_log || dimension.levels > 0;
  if (count > 0 && has_equal_cells) return dimension.value_at(rng.below(count));
  return dimension.from_unit(rng.uniform01());
}

// Draws dimension `i` of a point whose earlier coordinates are final.
void draw_at(const SpaceData& data, std::size_t i, Point& point, Rng& rng) {
  const DimensionFacts& facts = data.facts[i];
  if (facts.group == DimensionFacts::kNone) {
    point[i] = draw(data.dimensions[i], rng) + 0.0;
  } else if (facts.member == 0) {
    space_detail::sample_group(data, data.groups[facts.group], point, rng);
  }
}

// One slot gets a fresh choice: distinct slots exchange with the slot that holds it. Returns true
// when the slot's own parameters must be drawn again.
bool mutate_slot(const SpaceData& data, const Group& group, std::size_t member, Point& point,
                 Rng& rng) {
  const std::size_t num_values = space_detail::num_slot_values(data, group);
  const auto choice = static_cast<double>(rng.below(num_values));
  for (std::size_t other = 0; group.is_distinct && other < group.members.size(); ++other) {
    if (other == member || point[group.members[other]] != choice) continue;
    if (!group.is_sorted) space_detail::swap_slots(group, member, other, point);
    return false;
  }
  point[group.members[member]] = choice;
  return true;
}

void mutate_item(const Group& group, std::size_t member, Point& point, Rng& rng) {
  std::size_t num_on = 0;
  for (const std::size_t item : group.members) num_on += point[item] == 1.0 ? 1 : 0;
  const bool turns_on = point[group.members[member]] == 0.0;
  const std::size_t after = turns_on ? num_on + 1 : num_on - 1;
  point[group.members[member]] = turns_on ? 1.0 : 0.0;
  if (after >= group.min_count && after <= group.max_count) return;
  // The limits force an exchange with an item of the other kind.
  const std::size_t num_others = turns_on ? num_on : group.members.size() - num_on;
  if (num_others == 0) {
    point[group.members[member]] = turns_on ? 0.0 : 1.0;
    return;
  }
  std::size_t skip = rng.below(num_others);
  for (std::size_t i = 0; i < group.members.size(); ++i) {
    if (i == member || (point[group.members[i]] == 1.0) != turns_on) continue;
    if (skip-- > 0) continue;
    point[group.members[i]] = turns_on ? 0.0 : 1.0;
    return;
  }
}

// Draws anew what hangs on the changed dimensions.
void redraw_descendants(const Space& space, const SpaceData& data, std::vector<bool>& is_changed,
                        Point& point, Rng& rng) {
  for (std::size_t i = 0; i < point.size(); ++i) {
    if (is_changed[i]) continue;
    const std::vector<Clause>& clauses = data.dimensions[i].when;
    const bool hangs_on_change =
        std::any_of(clauses.begin(), clauses.end(),
                    [&](const Clause& clause) { return is_changed[clause.parent]; });
    // An exchange of slots or items may also wake what hangs on the other partner.
    const bool wakes_up = !is_active(point[i]) && space.is_active_at(point, i);
    if (!hangs_on_change && !wakes_up) continue;
    is_changed[i] = true;
    if (space.is_active_at(point, i)) {
      draw_at(data, i, point, rng);
    } else {
      point[i] = kInactive;
    }
  }
}

Point mutate_once(const Space& space, const SpaceData& data, PointView parent,
                  const std::vector<std::size_t>& active, Rng& rng) {
  Point point(parent.begin(), parent.end());
  const std::size_t chosen = active[rng.below(active.size())];
  const DimensionFacts& facts = data.facts[chosen];
  std::vector<bool> is_changed(point.size(), false);
  is_changed[chosen] = true;
  if (facts.group == DimensionFacts::kNone) {
    point[chosen] = draw(data.dimensions[chosen], rng);
  } else if (data.groups[facts.group].type == Group::Type::Count) {
    mutate_item(data.groups[facts.group], facts.member, point, rng);
  } else {
    is_changed[chosen] = mutate_slot(data, data.groups[facts.group], facts.member, point, rng);
  }
  redraw_descendants(space, data, is_changed, point, rng);
  space.canonicalise(point);
  return point;
}

}  // namespace

double Space::sample_dimension(std::size_t index, Rng& rng) const {
  return draw(data_->dimensions[index], rng);
}

Point Space::sample(Rng& rng) const {
  constexpr int kMaxDraws = 10'000;
  Point point(num_dimensions(), kInactive);
  for (int attempt = 0; attempt < kMaxDraws; ++attempt) {
    for (std::size_t i = 0; i < point.size(); ++i) {
      if (is_active_at(point, i)) {
        draw_at(*data_, i, point, rng);
      } else {
        point[i] = kInactive;
      }
    }
    if (satisfies_constraints(point)) return point;
  }
  std::string constraints;
  for (const Constraint& constraint : data_->constraints) {
    if (constraints.size() > 200) break;
    constraints += std::string(constraints.empty() ? "" : "; ") +
                   (constraint.is_required ? "require " : "forbid ") + constraint.text;
  }
  throw UserError({.code = "space.infeasible",
                   .what = "no point of the space satisfies the constraints",
                   .where = "space",
                   .got = std::to_string(kMaxDraws) + " draws, all refused",
                   .expected = "constraints that leave more than a tiny part of the space",
                   .hint = constraints});
}

Point Space::mutate(PointView point, Rng& rng) const {
  std::vector<std::size_t> active;
  for (std::size_t i = 0; i < point.size(); ++i) {
    if (is_active(point[i])) active.push_back(i);
  }
  if (active.empty()) return sample(rng);
  // A mutation that changes nothing or breaks a constraint is drawn again.
  constexpr int kMaxDraws = 100;
  for (int attempt = 0; attempt < kMaxDraws; ++attempt) {
    Point mutant = mutate_once(*this, *data_, point, active, rng);
    const auto is_same = [](double a, double b) { return a == b || (a != a && b != b); };
    if (std::equal(mutant.begin(), mutant.end(), point.begin(), point.end(), is_same)) continue;
    if (satisfies_constraints(mutant)) return mutant;
  }
  return sample(rng);
}

}  // namespace trimtab
