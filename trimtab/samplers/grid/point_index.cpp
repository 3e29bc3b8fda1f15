// Notation: part = dimensions that depend on one another only; product = independent parts;
// ways[m][v] = points of what hangs on member m of a group when its value is v; chosen = values of
// the first members of a group; e_r, h_r = elementary and complete symmetric polynomials.
#include "trimtab/samplers/grid/point_index.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>

#include "trimtab/base/error.hpp"
#include "trimtab/base/hash.hpp"

namespace trimtab::grid {
namespace {

constexpr std::uint64_t kFewestRanks = std::uint64_t{1} << 32;
constexpr std::size_t kMaxListed = 100'000;
constexpr std::uint64_t kTailSalt = 0x677269642d746169;

// Products and sums that stop at Space::kManyPoints.
std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return Space::kManyPoints;
  return std::min(product, Space::kManyPoints);
}
std::uint64_t add(std::uint64_t a, std::uint64_t b) { return std::min(a + b, Space::kManyPoints); }

[[noreturn]] void throw_too_large(const std::string& got) {
  throw UserError({.code = "grid.too_large",
                   .what = "this space cannot be shuffled without memory",
                   .where = "sampler grid",
                   .got = got,
                   .expected = "fewer points, or order = \"lexicographic\"",
                   .hint = "the samplers random and sobol suit very large spaces"});
}

bool is_legal(const Group& group, std::span<const std::size_t> chosen, std::size_t value) {
  if (group.type == Group::Type::Count || chosen.empty()) return true;
  if (group.is_sorted) return group.is_distinct ? value > chosen.back() : value >= chosen.back();
  return !group.is_distinct || std::find(chosen.begin(), chosen.end(), value) == chosen.end();
}

}  // namespace

PointIndex::PointIndex(const Space& space)
    : space_(space),
      group_of_(space.num_dimensions(), space.groups().size()),
      fixed_(space.num_dimensions(), kInactive),
      is_fixed_(space.num_dimensions(), false) {
  for (std::size_t g = 0; g < space.groups().size(); ++g) {
    for (const std::size_t member : space.groups()[g].members) group_of_[member] = g;
  }
  for (const Dimension& dimension : space.dimensions()) {
    if (dimension.count() == 0) throw_too_large("a continuous parameter: " + dimension.name);
  }
  Indices all(space.num_dimensions());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const Product whole = products_[build_product(all)];
  for (const std::size_t part : whole.parts) {
    const std::uint64_t count = multiply(leading_.count, nodes_[part].count);
    if (count < Space::kManyPoints) {
      leading_.parts.push_back(part);
      leading_.count = count;
    } else {
      trailing_.push_back(part);
    }
  }
  size_ = leading_.count;
  if (!trailing_.empty() && size_ < kFewestRanks) throw_too_large("more than 2^62 points");
}

// Points of dimensions that are not fixed, given those that are.
std::size_t PointIndex::build_product(const Indices& dimensions) {
  Indices open;
  Indices inactive;
  for (const std::size_t i : dimensions) {
    const std::vector<Clause>& clauses = space_.dimensions()[i].when;
    const bool is_off = std::any_of(clauses.begin(), clauses.end(), [&](const Clause& clause) {
      return is_fixed_[clause.parent] && !clause.holds(fixed_[clause.parent]);
    });
    (is_off ? inactive : open).push_back(i);
    if (is_off) fix(i, kInactive);
  }
  Product product;
  for (const Indices& component : split(open)) {
    product.parts.push_back(build_node(component));
    product.count = multiply(product.count, nodes_[product.parts.back()].count);
  }
  for (const std::size_t i : inactive) release(i);
  products_.push_back(std::move(product));
  return products_.size() - 1;
}

// Connected components: joined by conditions and by groups. Ascending inside each.
std::vector<PointIndex::Indices> PointIndex::split(const Indices& dimensions) const {
  std::map<std::size_t, std::size_t> root;
  for (const std::size_t i : dimensions) root[i] = i;
  const auto root_of = [&](std::size_t i) {
    while (root[i] != i) i = root[i] = root[root[i]];
    return i;
  };
  const auto join = [&](std::size_t a, std::size_t b) {
    if (!root.contains(b)) return;
    const auto [low, high] = std::minmax({root_of(a), root_of(b)});
    root[high] = low;
  };
  for (const std::size_t i : dimensions) {
    for (const Clause& clause : space_.dimensions()[i].when) join(i, clause.parent);
    if (group_of_[i] < space_.groups().size()) {
      join(i, space_.groups()[group_of_[i]].members.front());
    }
  }
  std::map<std::size_t, Indices> components;
  for (const std::size_t i : dimensions) components[root_of(i)].push_back(i);
  std::vector<Indices> result;
  for (auto& [first, component] : components) result.push_back(std::move(component));
  return result;
}

std::size_t PointIndex::build_node(const Indices& component) {
  const std::size_t first = component.front();
  Node node;
  if (group_of_[first] < space_.groups().size()) {
    node = build_group(group_of_[first], component);
  } else if (component.size() > 1) {
    node = build_branch(component);
  } else {
    node.dimension = first;
    node.count = std::min(space_.dimensions()[first].count(), Space::kManyPoints);
  }
  nodes_.push_back(std::move(node));
  return nodes_.size() - 1;
}

PointIndex::Node PointIndex::build_branch(const Indices& component) {
  Node node;
  node.type = Node::Type::Branch;
  node.dimension = component.front();
  const Indices rest(component.begin() + 1, component.end());
  node.ranges = value_ranges(node.dimension, rest);
  for (const Range& range : node.ranges) {
    node.count = add(node.count, multiply(range.count, products_[range.product].count));
  }
  return node;
}

// Where runs of values that no condition of the rest tells apart begin, and the end.
std::vector<std::uint64_t> PointIndex::run_starts(const Dimension& shape,
                                                  const std::vector<const Clause*>& clauses) const {
  const std::uint64_t count = shape.count();
  std::vector<std::uint64_t> starts = {0, count};
  for (std::uint64_t k = 1; !shape.is_numeric() && k < count; ++k) starts.push_back(k);
  // A number's conditions are intervals: runs begin at the first value inside and beyond.
  const auto first_where = [&](const auto& is_reached) {
    std::uint64_t low = 0;
    std::uint64_t high = count;
    while (low < high) {
      const std::uint64_t middle = low + (high - low) / 2;
      (is_reached(shape.value_at(middle)) ? high : low) =
          is_reached(shape.value_at(middle)) ? middle : middle + 1;
    }
    return low;
  };
  for (const Clause* clause : clauses) {
    if (!shape.is_numeric()) continue;
    starts.push_back(first_where([&](double value) { return value >= clause->low; }));
    starts.push_back(first_where([&](double value) { return value > clause->high; }));
  }
  std::sort(starts.begin(), starts.end());
  starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
  return starts;
}

std::vector<PointIndex::Range> PointIndex::value_ranges(std::size_t dimension,
                                                        const Indices& rest) {
  const Dimension& shape = space_.dimensions()[dimension];
  std::vector<const Clause*> clauses;
  for (const std::size_t i : rest) {
    for (const Clause& clause : space_.dimensions()[i].when) {
      if (clause.parent == dimension) clauses.push_back(&clause);
    }
  }
  const std::vector<std::uint64_t> starts = run_starts(shape, clauses);
  std::map<std::vector<bool>, std::size_t> products;  // by the conditions that hold
  std::vector<Range> ranges;
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    const double value = shape.value_at(starts[i]);
    std::vector<bool> signature;
    for (const Clause* clause : clauses) signature.push_back(clause->holds(value));
    const auto [found, is_new] = products.try_emplace(signature, 0);
    if (is_new) {
      fix(dimension, value);
      found->second = build_product(rest);
      release(dimension);
    }
    ranges.push_back({starts[i], starts[i + 1] - starts[i], found->second});
  }
  return ranges;
}

PointIndex::Node PointIndex::build_group(std::size_t group, const Indices& component) {
  const Indices& members = space_.groups()[group].members;
  Indices rest;
  std::set_difference(component.begin(), component.end(), members.begin(), members.end(),
                      std::back_inserter(rest));
  Node node;
  node.group = group;
  if (build_members(node, rest)) return node;
  node = Node();
  node.type = Node::Type::Listed;
  node.group = group;
  Indices chosen;
  build_listed(node, rest, chosen);
  return node;
}

// Fails when something hangs on several members, or on the slots of a distinct or sorted group in
// different numbers: then the ways to go on have no closed form.
bool PointIndex::build_members(Node& node, const Indices& rest) {
  const Group& group = space_.groups()[node.group];
  std::vector<Indices> hanging(group.members.size());
  for (const Indices& part : split(rest)) {
    std::vector<std::size_t> parents;
    for (const std::size_t i : part) {
      for (const Clause& clause : space_.dimensions()[i].when) {
        const auto found =
            std::lower_bound(group.members.begin(), group.members.end(), clause.parent);
        if (found == group.members.end() || *found != clause.parent) continue;
        parents.push_back(static_cast<std::size_t>(found - group.members.begin()));
      }
    }
    for (const std::size_t parent : parents) {
      if (parent != parents.front()) return false;
    }
    Indices& own = hanging[parents.front()];
    own.insert(own.end(), part.begin(), part.end());
  }
  node.type = Node::Type::Members;
  for (std::size_t member = 0; member < group.members.size(); ++member) {
    std::sort(hanging[member].begin(), hanging[member].end());
    const std::uint64_t num_values = space_.dimensions()[group.members[member]].count();
    Indices products;
    Ways ways;
    for (std::uint64_t value = 0; value < num_values; ++value) {
      fix(group.members[member], static_cast<double>(value));
      products.push_back(build_product(hanging[member]));
      ways.push_back(products_[products.back()].count);
    }
    release(group.members[member]);
    node.hanging.push_back(std::move(products));
    node.ways.push_back(std::move(ways));
    const bool is_alike = node.ways.back() == node.ways.front();
    if (group.type == Group::Type::Slots && (group.is_distinct || group.is_sorted) && !is_alike) {
      return false;
    }
  }
  node.count = num_ways(node, {});
  return true;
}

// Every legal assignment of the members, one by one.
void PointIndex::build_listed(Node& node, const Indices& rest, Indices& chosen) {
  const Group& group = space_.groups()[node.group];
  if (chosen.size() == group.members.size()) {
    const auto num_on = static_cast<std::size_t>(std::count(chosen.begin(), chosen.end(), 1U));
    const bool is_count = group.type == Group::Type::Count;
    if (is_count && (num_on < group.min_count || num_on > group.max_count)) return;
    if (node.assignments.size() == kMaxListed) throw_too_large("an entangled group of parameters");
    node.assignments.push_back(chosen);
    node.assignment_products.push_back(build_product(rest));
    node.count = add(node.count, products_[node.assignment_products.back()].count);
    return;
  }
  const std::size_t member = group.members[chosen.size()];
  for (std::uint64_t value = 0; value < space_.dimensions()[member].count(); ++value) {
    if (!is_legal(group, chosen, value)) continue;
    fix(member, static_cast<double>(value));
    chosen.push_back(value);
    build_listed(node, rest, chosen);
    chosen.pop_back();
  }
  release(member);
}

namespace {

// e_r of the weights.
std::uint64_t elementary(std::span<const std::uint64_t> weights, std::size_t r) {
  std::vector<std::uint64_t> sums(r + 1, 0);
  sums[0] = 1;
  for (const std::uint64_t weight : weights) {
    for (std::size_t i = r; i > 0; --i) sums[i] = add(sums[i], multiply(weight, sums[i - 1]));
  }
  return sums[r];
}

// h_r of the weights.
std::uint64_t complete(std::span<const std::uint64_t> weights, std::size_t r) {
  std::vector<std::uint64_t> sums(r + 1, 0);
  sums[0] = 1;
  for (const std::uint64_t weight : weights) {
    for (std::size_t i = 1; i <= r; ++i) sums[i] = add(sums[i], multiply(weight, sums[i - 1]));
  }
  return sums[r];
}

// Ways to choose the remaining yes/no items so that the total stays within the limits.
std::uint64_t num_item_ways(const Group& group, std::span<const std::vector<std::uint64_t>> rest,
                            std::size_t num_on) {
  std::vector<std::uint64_t> by_size = {1};
  for (const std::vector<std::uint64_t>& ways : rest) {
    std::vector<std::uint64_t> next(by_size.size() + 1, 0);
    for (std::size_t size = 0; size < by_size.size(); ++size) {
      next[size] = add(next[size], multiply(by_size[size], ways[0]));
      next[size + 1] = add(next[size + 1], multiply(by_size[size], ways[1]));
    }
    by_size = std::move(next);
  }
  std::uint64_t total = 0;
  for (std::size_t size = 0; size < by_size.size(); ++size) {
    const std::size_t all = num_on + size;
    if (all >= group.min_count && all <= group.max_count) total = add(total, by_size[size]);
  }
  return total;
}

}  // namespace

// Points of the members after the chosen ones and of what hangs on them.
std::uint64_t PointIndex::num_ways(const Node& node, std::span<const std::size_t> chosen) const {
  const Group& group = space_.groups()[node.group];
  const std::span<const Ways> rest = std::span(node.ways).subspan(chosen.size());
  if (group.type == Group::Type::Count) {
    return num_item_ways(group, rest,
                         static_cast<std::size_t>(std::count(chosen.begin(), chosen.end(), 1U)));
  }
  if (!group.is_distinct && !group.is_sorted) {
    std::uint64_t total = 1;
    for (const Ways& ways : rest) {
      total = multiply(total, std::accumulate(ways.begin(), ways.end(), std::uint64_t{0}, add));
    }
    return total;
  }
  Ways open;
  for (std::size_t value = 0; value < node.ways.front().size(); ++value) {
    if (is_legal(group, chosen, value)) open.push_back(node.ways.front()[value]);
  }
  if (!group.is_distinct) return complete(open, rest.size());
  std::uint64_t total = elementary(open, rest.size());
  for (std::size_t i = 2; !group.is_sorted && i <= rest.size(); ++i) total = multiply(total, i);
  return total;
}

Point PointIndex::at(std::uint64_t rank) const {
  Point point(space_.num_dimensions(), kInactive);
  for (const std::size_t part : trailing_) {
    decode(nodes_[part], mix64(kTailSalt + part, rank) % nodes_[part].count, point);
  }
  decode(leading_, rank, point);
  return point;
}

void PointIndex::decode(const Product& product, std::uint64_t rank, Point& point) const {
  for (const std::size_t part : product.parts) {
    decode(nodes_[part], rank % nodes_[part].count, point);
    rank /= nodes_[part].count;
  }
}

void PointIndex::decode(const Node& node, std::uint64_t rank, Point& point) const {
  switch (node.type) {
    case Node::Type::Values:
      point[node.dimension] = space_.dimensions()[node.dimension].value_at(rank);
      return;
    case Node::Type::Branch:
      for (const Range& range : node.ranges) {
        const Product& rest = products_[range.product];
        const std::uint64_t count = multiply(range.count, rest.count);
        if (rank >= count) {
          rank -= count;
          continue;
        }
        point[node.dimension] =
            space_.dimensions()[node.dimension].value_at(range.first + rank / rest.count);
        return decode(rest, rank % rest.count, point);
      }
      return;
    case Node::Type::Members:
      return decode_members(node, rank, point);
    case Node::Type::Listed:
      for (std::size_t i = 0; i < node.assignments.size(); ++i) {
        const Product& rest = products_[node.assignment_products[i]];
        if (rank >= rest.count) {
          rank -= rest.count;
          continue;
        }
        const Group& group = space_.groups()[node.group];
        for (std::size_t member = 0; member < group.members.size(); ++member) {
          point[group.members[member]] = static_cast<double>(node.assignments[i][member]);
        }
        return decode(rest, rank, point);
      }
  }
}

void PointIndex::decode_members(const Node& node, std::uint64_t rank, Point& point) const {
  const Group& group = space_.groups()[node.group];
  Indices chosen;
  for (std::size_t member = 0; member < group.members.size(); ++member) {
    const Ways& ways = node.ways[member];
    for (std::size_t value = 0; value < ways.size(); ++value) {
      if (!is_legal(group, chosen, value)) continue;
      chosen.push_back(value);
      const std::uint64_t after = num_ways(node, chosen);
      const std::uint64_t count = multiply(ways[value], after);
      if (rank < count) {
        point[group.members[member]] = static_cast<double>(value);
        decode(products_[node.hanging[member][value]], rank / after, point);
        rank %= after;
        break;
      }
      rank -= count;
      chosen.pop_back();
    }
  }
}

}  // namespace trimtab::grid
