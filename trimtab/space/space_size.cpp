// Counts the points of a finite space exactly, without walking through them.
//
// Dimensions that share no condition and no group are independent: their counts multiply. Inside
// such a component the first dimension has no open condition; the count is the sum over its values
// (values that no condition tells apart are counted together), each fixing what hangs on it and
// splitting the rest into smaller components. Groups have closed forms.
//
// Notation: w[v] = number of ways of what hangs on a slot when its value is v; k = slots.
// Source (groups): Peng et al. 2020, "PyGlove", size of a manyof; the recursions over candidates
// are the elementary (distinct) and complete (sorted) symmetric polynomials of w.
// Differs: none.
#include <algorithm>
#include <map>
#include <numeric>

#include "trimtab/space/detail/groups.hpp"
#include "trimtab/space/detail/space_data.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {
namespace {

using Indices = std::vector<std::size_t>;

std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return Space::kManyPoints;
  return std::min(product, Space::kManyPoints);
}

// Both at most 2^62, so the sum does not overflow.
std::uint64_t add(std::uint64_t a, std::uint64_t b) { return std::min(a + b, Space::kManyPoints); }

// Coefficients of prod_v (1 + w[v] x) up to x^degree.
std::vector<std::uint64_t> elementary(const std::vector<std::uint64_t>& weights,
                                      std::size_t degree) {
  std::vector<std::uint64_t> result(degree + 1, 0);
  result[0] = 1;
  for (const std::uint64_t weight : weights) {
    for (std::size_t i = degree; i > 0; --i) {
      result[i] = add(result[i], multiply(weight, result[i - 1]));
    }
  }
  return result;
}

// Coefficient of x^degree in prod_v 1 / (1 - w[v] x).
std::uint64_t complete(const std::vector<std::uint64_t>& weights, std::size_t degree) {
  std::vector<std::uint64_t> result(degree + 1, 0);
  result[0] = 1;
  for (const std::uint64_t weight : weights) {
    for (std::size_t i = 1; i <= degree; ++i) {
      result[i] = add(result[i], multiply(weight, result[i - 1]));
    }
  }
  return result[degree];
}

// Slots that share their weights.
std::uint64_t count_slots(const Group& group, const std::vector<std::uint64_t>& weights) {
  const std::size_t num_slots = group.members.size();
  if (!group.is_distinct) return complete(weights, num_slots);
  std::uint64_t total = elementary(weights, num_slots)[num_slots];
  for (std::size_t i = 2; !group.is_sorted && i <= num_slots; ++i) total = multiply(total, i);
  return total;
}

// Yes/no items: coefficients of prod (w[0] + w[1] x), summed over the allowed sizes.
std::uint64_t count_items(const Group& group,
                          const std::vector<std::vector<std::uint64_t>>& weights) {
  std::vector<std::uint64_t> by_size = {1};
  for (const std::vector<std::uint64_t>& weight : weights) {
    std::vector<std::uint64_t> next(by_size.size() + 1, 0);
    for (std::size_t size = 0; size < by_size.size(); ++size) {
      next[size] = add(next[size], multiply(by_size[size], weight[0]));
      next[size + 1] = add(next[size + 1], multiply(by_size[size], weight[1]));
    }
    by_size = std::move(next);
  }
  std::uint64_t total = 0;
  for (std::size_t size = group.min_count; size <= group.max_count; ++size) {
    total = add(total, by_size[size]);
  }
  return total;
}

class SizeCounter {
 public:
  explicit SizeCounter(const SpaceData& data)
      : data_(data),
        is_fixed_(data.dimensions.size(), false),
        values_(data.dimensions.size(), kInactive),
        position_(data.dimensions.size(), kNowhere) {}

  std::uint64_t count_all() {
    Indices all(data_.dimensions.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return count_open(all);
  }

 private:
  static constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();
  struct ValueClass {
    double representative = 0.0;
    std::uint64_t num_values = 0;
  };

  void fix(std::size_t dimension, double value) {
    is_fixed_[dimension] = true;
    values_[dimension] = value;
  }
  void release(const Indices& dimensions) {
    for (const std::size_t dimension : dimensions) is_fixed_[dimension] = false;
  }
  std::uint64_t count_open(const Indices& dimensions);
  std::uint64_t count_component(const Indices& component);
  std::uint64_t count_group(const Group& group, const Indices& component);
  std::uint64_t count_weighted(const Group& group, const std::vector<Indices>& hanging);
  std::uint64_t count_assignments(const Group& group, const std::vector<bool>& is_attached,
                                  const Indices& rest, std::size_t member);
  std::uint64_t count_completions(const Group& group, const std::vector<bool>& is_attached);
  std::vector<Indices> split(const Indices& dimensions);
  std::vector<ValueClass> value_classes(std::size_t dimension, const Indices& component) const;

  const SpaceData& data_;
  std::vector<bool> is_fixed_;
  Point values_;      // of fixed dimensions; NaN = inactive
  Indices position_;  // work space of split()
};

// Points of dimensions that are not fixed, given those that are.
std::uint64_t SizeCounter::count_open(const Indices& dimensions) {
  Indices open;
  Indices inactive;
  for (const std::size_t i : dimensions) {
    const std::vector<Clause>& clauses = data_.dimensions[i].when;
    const bool is_off = std::any_of(clauses.begin(), clauses.end(), [&](const Clause& clause) {
      return is_fixed_[clause.parent] && !clause.holds(values_[clause.parent]);
    });
    if (is_off) {
      fix(i, kInactive);
      inactive.push_back(i);
    } else {
      open.push_back(i);
    }
  }
  std::uint64_t total = 1;
  for (const Indices& component : split(open)) {
    total = multiply(total, count_component(component));
  }
  release(inactive);
  return total;
}

// Connected components: joined by open conditions and by groups. Ascending inside each.
std::vector<Indices> SizeCounter::split(const Indices& dimensions) {
  Indices roots(dimensions.size());
  std::iota(roots.begin(), roots.end(), std::size_t{0});
  const auto root_of = [&](std::size_t at) {
    while (roots[at] != at) at = roots[at] = roots[roots[at]];
    return at;
  };
  const auto join = [&](std::size_t a, std::size_t dimension) {
    const std::size_t b = position_[dimension];
    if (b == kNowhere) return;
    const std::size_t left = root_of(a);
    const std::size_t right = root_of(b);
    roots[std::max(left, right)] = std::min(left, right);
  };
  for (std::size_t i = 0; i < dimensions.size(); ++i) position_[dimensions[i]] = i;
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    for (const Clause& clause : data_.dimensions[dimensions[i]].when) join(i, clause.parent);
    const DimensionFacts& facts = data_.facts[dimensions[i]];
    if (facts.group != DimensionFacts::kNone) join(i, data_.groups[facts.group].members.front());
  }
  for (const std::size_t dimension : dimensions) position_[dimension] = kNowhere;
  std::vector<Indices> components;
  Indices component_of(dimensions.size(), kNowhere);
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    const std::size_t root = root_of(i);
    if (component_of[root] == kNowhere) {
      component_of[root] = components.size();
      components.emplace_back();
    }
    components[component_of[root]].push_back(dimensions[i]);
  }
  return components;
}

std::uint64_t SizeCounter::count_component(const Indices& component) {
  const std::size_t first = component.front();
  if (data_.facts[first].group != DimensionFacts::kNone) {
    return count_group(data_.groups[data_.facts[first].group], component);
  }
  if (component.size() == 1) return std::min(data_.dimensions[first].count(), Space::kManyPoints);
  const Indices rest(component.begin() + 1, component.end());
  std::uint64_t total = 0;
  for (const ValueClass& values : value_classes(first, rest)) {
    fix(first, values.representative);
    total = add(total, multiply(values.num_values, count_open(rest)));
  }
  release({first});
  return total;
}

// Values that satisfy the same conditions of the rest.
std::vector<SizeCounter::ValueClass> SizeCounter::value_classes(std::size_t dimension,
                                                                const Indices& rest) const {
  const Dimension& shape = data_.dimensions[dimension];
  std::vector<const Clause*> clauses;
  for (const std::size_t i : rest) {
    for (const Clause& clause : data_.dimensions[i].when) {
      if (clause.parent == dimension) clauses.push_back(&clause);
    }
  }
  // Numbers change class only at the first value inside or beyond a condition's interval.
  std::vector<std::uint64_t> starts = {0};
  const std::uint64_t count = shape.count();
  const auto first_above = [&](double bound, bool includes_bound) {
    std::uint64_t low = 0;
    std::uint64_t high = count;
    while (low < high) {
      const std::uint64_t middle = low + (high - low) / 2;
      const double value = shape.value_at(middle);
      const bool is_above = includes_bound ? value >= bound : value > bound;
      (is_above ? high : low) = is_above ? middle : middle + 1;
    }
    return low;
  };
  for (const Clause* clause : clauses) {
    if (!clause->allowed.empty()) continue;
    starts.push_back(first_above(clause->low, true));
    starts.push_back(first_above(clause->high, false));
  }
  for (std::uint64_t k = 0; !shape.is_numeric() && k < count; ++k) starts.push_back(k);
  starts.push_back(count);
  std::sort(starts.begin(), starts.end());
  std::map<std::vector<bool>, ValueClass> classes;
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    if (starts[i] == starts[i + 1]) continue;
    const double value = shape.value_at(starts[i]);
    std::vector<bool> signature;
    for (const Clause* clause : clauses) signature.push_back(clause->holds(value));
    ValueClass& found = classes[signature];
    found.representative = value;
    found.num_values += starts[i + 1] - starts[i];
  }
  std::vector<ValueClass> result;
  for (const auto& [signature, found] : classes) result.push_back(found);
  return result;
}

std::uint64_t SizeCounter::count_group(const Group& group, const Indices& component) {
  Indices rest;
  std::set_difference(component.begin(), component.end(), group.members.begin(),
                      group.members.end(), std::back_inserter(rest));
  std::vector<Indices> hanging(group.members.size());  // what hangs on one member alone
  std::vector<bool> is_attached(group.members.size(), group.is_sorted);
  bool is_separable = true;
  for (const Indices& part : split(rest)) {
    std::vector<std::size_t> members;
    for (const std::size_t i : part) {
      for (const Clause& clause : data_.dimensions[i].when) {
        const auto found =
            std::lower_bound(group.members.begin(), group.members.end(), clause.parent);
        if (found == group.members.end() || *found != clause.parent) continue;
        members.push_back(static_cast<std::size_t>(found - group.members.begin()));
      }
    }
    for (const std::size_t member : members) {
      is_attached[member] = true;
      is_separable = is_separable && member == members.front();
    }
    Indices& own = hanging[members.front()];
    own.insert(own.end(), part.begin(), part.end());
  }
  if (is_separable) {
    for (Indices& own : hanging) std::sort(own.begin(), own.end());
    const std::uint64_t total = count_weighted(group, hanging);
    if (total > 0) return total;
  }
  return count_assignments(group, is_attached, rest, 0);
}

// Closed forms; 0 when the slots of a distinct or sorted group differ in what hangs on them.
std::uint64_t SizeCounter::count_weighted(const Group& group, const std::vector<Indices>& hanging) {
  const std::size_t num_values = space_detail::num_slot_values(data_, group);
  std::vector<std::vector<std::uint64_t>> weights;
  for (std::size_t member = 0; member < group.members.size(); ++member) {
    std::vector<std::uint64_t> ways(num_values, 1);
    for (std::size_t value = 0; value < num_values && !hanging[member].empty(); ++value) {
      fix(group.members[member], static_cast<double>(value));
      ways[value] = count_open(hanging[member]);
    }
    release({group.members[member]});
    weights.push_back(std::move(ways));
  }
  if (group.type == Group::Type::Count) return count_items(group, weights);
  if (!group.is_distinct && !group.is_sorted) {
    std::uint64_t total = 1;
    for (const std::vector<std::uint64_t>& ways : weights) {
      std::uint64_t sum = 0;
      for (const std::uint64_t way : ways) sum = add(sum, way);
      total = multiply(total, sum);
    }
    return total;
  }
  for (const std::vector<std::uint64_t>& ways : weights) {
    if (ways != weights.front()) return 0;
  }
  return count_slots(group, weights.front());
}

// The general case: tries every legal value of the members that something hangs on.
std::uint64_t SizeCounter::count_assignments(const Group& group,
                                             const std::vector<bool>& is_attached,
                                             const Indices& rest, std::size_t member) {
  while (member < group.members.size() && !is_attached[member]) ++member;
  if (member == group.members.size()) {
    return multiply(count_completions(group, is_attached), count_open(rest));
  }
  const std::size_t dimension = group.members[member];
  const std::size_t num_values = space_detail::num_slot_values(data_, group);
  std::uint64_t total = 0;
  for (std::size_t value = 0; value < num_values && total < Space::kManyPoints; ++value) {
    const auto coordinate = static_cast<double>(value);
    bool is_legal = true;
    for (std::size_t other = 0; other < member; ++other) {
      if (!is_attached[other] || group.type == Group::Type::Count) continue;
      const double before = values_[group.members[other]];
      is_legal = is_legal && !(group.is_distinct && before == coordinate) &&
                 !(group.is_sorted && before > coordinate);
    }
    if (!is_legal) continue;
    fix(dimension, coordinate);
    total = add(total, count_assignments(group, is_attached, rest, member + 1));
  }
  release({dimension});
  return total;
}

// Ways to choose the members nothing hangs on, given the others. Sorted groups have none of them.
std::uint64_t SizeCounter::count_completions(const Group& group,
                                             const std::vector<bool>& is_attached) {
  const auto num_attached =
      static_cast<std::size_t>(std::count(is_attached.begin(), is_attached.end(), true));
  const std::size_t num_free = group.members.size() - num_attached;
  if (group.type == Group::Type::Count) {
    std::size_t num_on = 0;
    for (std::size_t i = 0; i < group.members.size(); ++i) {
      num_on += is_attached[i] && values_[group.members[i]] == 1.0 ? 1 : 0;
    }
    const std::vector<std::uint64_t> ways =
        elementary(std::vector<std::uint64_t>(num_free, 1), num_free);
    std::uint64_t total = 0;
    for (std::size_t size = 0; size <= num_free; ++size) {
      const std::size_t sum = num_on + size;
      if (sum >= group.min_count && sum <= group.max_count) total = add(total, ways[size]);
    }
    return total;
  }
  const std::size_t num_values = space_detail::num_slot_values(data_, group);
  std::uint64_t total = 1;
  for (std::size_t i = 0; i < num_free; ++i) {
    total = multiply(total, group.is_distinct ? num_values - num_attached - i : num_values);
  }
  return total;
}

}  // namespace

std::optional<std::uint64_t> Space::size() const {
  for (const Dimension& dimension : data_->dimensions) {
    if (dimension.count() == 0) return std::nullopt;
  }
  return SizeCounter(*data_).count_all();
}

}  // namespace trimtab
