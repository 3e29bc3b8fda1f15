#include "trimtab/space/detail/groups.hpp"

#include <algorithm>
#include <bitset>
#include <cmath>
#include <numeric>

namespace trimtab::space_detail {
namespace {

// A set of choice indices that allocates only for more than 256 choices.
class ChoiceSet {
 public:
  explicit ChoiceSet(std::size_t num_choices) : large_(num_choices > kSmall ? num_choices : 0) {}
  bool contains(std::size_t choice) const {
    return large_.empty() ? small_[choice] : static_cast<bool>(large_[choice]);
  }
  void insert(std::size_t choice) {
    if (large_.empty()) {
      small_[choice] = true;
    } else {
      large_[choice] = true;
    }
  }

 private:
  static constexpr std::size_t kSmall = 256;
  std::bitset<kSmall> small_;
  std::vector<bool> large_;
};

// Selection sampling (Knuth, Algorithm S): `num_wanted` of 0..num_values-1 in ascending order,
// every subset equally likely. O(num_values), no memory.
template <typename Take>
void select(std::size_t num_wanted, std::size_t num_values, Rng& rng, Take take) {
  std::size_t num_open = num_wanted;
  for (std::size_t i = 0; num_open > 0; ++i) {
    if (rng.below(num_values - i) >= num_open) continue;
    take(i);
    --num_open;
  }
}

// A size of a subset with probability proportional to the number of subsets of that size. Exact up
// to 62 items, beyond that to the rounding of lgamma.
std::size_t sample_size(const Group& group, Rng& rng) {
  const std::size_t num_items = group.members.size();
  constexpr std::size_t kExactItems = 62;
  if (num_items <= kExactItems) {
    std::vector<std::uint64_t> num_subsets = {1};
    for (std::size_t size = 1; size <= group.max_count; ++size) {
      // C(n, s) = C(n, s-1) * (n-s+1) / s; the quotient is split so that nothing overflows.
      const std::uint64_t last = num_subsets.back();
      const std::uint64_t factor = num_items - size + 1;
      num_subsets.push_back(last / size * factor + last % size * factor / size);
    }
    const auto first = num_subsets.begin() + static_cast<std::ptrdiff_t>(group.min_count);
    std::uint64_t position = rng.below(std::accumulate(first, num_subsets.end(), std::uint64_t{0}));
    std::size_t size = group.min_count;
    while (position >= num_subsets[size]) position -= num_subsets[size++];
    return size;
  }
  const auto log_subsets = [&](std::size_t size) {
    const double n = static_cast<double>(num_items);
    const double s = static_cast<double>(size);
    return std::lgamma(n + 1.0) - std::lgamma(s + 1.0) - std::lgamma(n - s + 1.0);
  };
  const double most = log_subsets(std::clamp(num_items / 2, group.min_count, group.max_count));
  std::vector<double> cumulative;
  double total = 0.0;
  for (std::size_t size = group.min_count; size <= group.max_count; ++size) {
    total += std::exp(log_subsets(size) - most);
    cumulative.push_back(total);
  }
  const double position = rng.uniform01() * total;
  const auto found = std::upper_bound(cumulative.begin(), cumulative.end() - 1, position);
  return group.min_count + static_cast<std::size_t>(found - cumulative.begin());
}

void sample_items(const Group& group, Point& point, Rng& rng) {
  const std::size_t num_items = group.members.size();
  if (group.min_count == 0 && group.max_count == num_items) {
    for (const std::size_t member : group.members) point[member] = rng.below(2) == 1 ? 1.0 : 0.0;
    return;
  }
  for (const std::size_t member : group.members) point[member] = 0.0;
  select(sample_size(group, rng), num_items, rng,
         [&](std::size_t item) { point[group.members[item]] = 1.0; });
}

void sample_slots(const SpaceData& data, const Group& group, Point& point, Rng& rng) {
  const std::size_t num_values = num_slot_values(data, group);
  const std::size_t num_slots = group.members.size();
  if (!group.is_distinct && !group.is_sorted) {
    for (const std::size_t member : group.members) {
      point[member] = static_cast<double>(rng.below(num_values));
    }
    return;
  }
  // Sorted tuples with repetitions are subsets of a longer list, each lowered by its rank.
  const std::size_t list_length = group.is_distinct ? num_values : num_values + num_slots - 1;
  std::size_t slot = 0;
  select(num_slots, list_length, rng, [&](std::size_t value) {
    point[group.members[slot]] = static_cast<double>(group.is_distinct ? value : value - slot);
    ++slot;
  });
  if (group.is_sorted) return;
  for (std::size_t i = num_slots; i > 1; --i) {
    std::swap(point[group.members[i - 1]], point[group.members[rng.below(i)]]);
  }
}

bool is_legal_permutation(const Group& group, const Point& point) {
  ChoiceSet used(group.members.size());
  for (const std::size_t member : group.members) {
    const double value = point[member];
    if (!(value >= 0.0 && value < static_cast<double>(group.members.size()))) return false;
    const auto choice = static_cast<std::size_t>(value);
    if (static_cast<double>(choice) != value || used.contains(choice)) return false;
    used.insert(choice);
  }
  return true;
}

void repair_permutation(const Group& group, Point& point) {
  if (is_legal_permutation(group, point)) return;
  std::vector<std::size_t> order = group.members;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return point[a] < point[b]; });
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    point[order[rank]] = static_cast<double>(rank);
  }
}

std::size_t nearest_free(std::size_t choice, std::size_t num_choices, const ChoiceSet& used) {
  for (std::size_t distance = 0;; ++distance) {
    if (choice >= distance && !used.contains(choice - distance)) return choice - distance;
    const std::size_t above = choice + distance;
    if (above < num_choices && !used.contains(above)) return above;
  }
}

void repair_slots(const SpaceData& data, const Group& group, Point& point) {
  const std::size_t num_values = num_slot_values(data, group);
  if (group.is_distinct && !group.is_sorted && group.members.size() == num_values) {
    repair_permutation(group, point);
    return;
  }
  ChoiceSet used(num_values);
  for (const std::size_t member : group.members) {
    point[member] = data.dimensions[member].clip(point[member]);
    if (!group.is_distinct) continue;
    const auto choice = static_cast<std::size_t>(point[member]);
    const std::size_t free_choice = nearest_free(choice, num_values, used);
    used.insert(free_choice);
    point[member] = static_cast<double>(free_choice);
  }
  if (group.is_sorted) sort_slots(group, point);
}

void repair_items(const Group& group, Point& point) {
  const auto is_on = [&](std::size_t member) { return point[member] >= 0.5; };
  const auto num_on =
      static_cast<std::size_t>(std::count_if(group.members.begin(), group.members.end(), is_on));
  const std::size_t wanted = std::clamp(num_on, group.min_count, group.max_count);
  if (wanted == num_on) {
    for (const std::size_t member : group.members) point[member] = is_on(member) ? 1.0 : 0.0;
    return;
  }
  std::vector<std::size_t> order = group.members;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return point[a] > point[b]; });
  for (std::size_t i = 0; i < order.size(); ++i) point[order[i]] = i < wanted ? 1.0 : 0.0;
}

bool is_used_before(const Group& group, std::size_t member, PointView point, double value) {
  for (std::size_t i = 0; i < member; ++i) {
    if (point[group.members[i]] == value) return true;
  }
  return false;
}

std::optional<double> next_legal_item(const Group& group, std::size_t member, PointView point,
                                      double from) {
  std::size_t num_on = 0;
  for (std::size_t i = 0; i < member; ++i) num_on += point[group.members[i]] == 1.0 ? 1 : 0;
  const std::size_t num_after = group.members.size() - member - 1;
  if (from <= 0.0 && num_on + num_after >= group.min_count) return 0.0;
  if (from <= 1.0 && num_on + 1 <= group.max_count) return 1.0;
  return std::nullopt;
}

}  // namespace

std::size_t num_slot_values(const SpaceData& data, const Group& group) {
  return static_cast<std::size_t>(data.dimensions[group.members.front()].high) + 1;
}

void swap_slots(const Group& group, std::size_t left, std::size_t right, Point& point) {
  for (std::size_t i = 0; i <= group.block; ++i) {
    std::swap(point[group.members[left] + i], point[group.members[right] + i]);
  }
}

void sort_slots(const Group& group, Point& point) {
  const auto value = [&](std::size_t slot) { return point[group.members[slot]]; };
  for (std::size_t i = 1; i < group.members.size(); ++i) {
    for (std::size_t j = i; j > 0 && value(j) < value(j - 1); --j) {
      swap_slots(group, j - 1, j, point);
    }
  }
}

void sample_group(const SpaceData& data, const Group& group, Point& point, Rng& rng) {
  if (group.type == Group::Type::Count) {
    sample_items(group, point, rng);
  } else {
    sample_slots(data, group, point, rng);
  }
}

void repair_group(const SpaceData& data, const Group& group, Point& point) {
  for (const std::size_t member : group.members) {
    if (!is_active(point[member])) point[member] = data.facts[member].default_value;
  }
  if (group.type == Group::Type::Count) {
    repair_items(group, point);
  } else {
    repair_slots(data, group, point);
  }
}

std::optional<double> next_legal(const SpaceData& data, const Group& group, std::size_t member,
                                 PointView point, double from) {
  if (group.type == Group::Type::Count) return next_legal_item(group, member, point, from);
  const std::size_t num_values = num_slot_values(data, group);
  const std::size_t num_after = group.members.size() - member - 1;
  double value = from;
  double last = static_cast<double>(num_values - 1);
  if (group.is_sorted && group.is_distinct) last -= static_cast<double>(num_after);
  if (group.is_sorted && member > 0) {
    const double previous = point[group.members[member - 1]];
    value = std::max(value, group.is_distinct ? previous + 1.0 : previous);
  }
  while (value <= last && group.is_distinct && is_used_before(group, member, point, value)) {
    value += 1.0;
  }
  if (value > last) return std::nullopt;
  return value;
}

}  // namespace trimtab::space_detail
