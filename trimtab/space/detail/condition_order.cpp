#include "trimtab/space/detail/condition_order.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <unordered_map>

namespace trimtab::space_detail {
namespace {

using NameIndex = std::unordered_map<std::string, std::size_t>;

// The parameter of this sub-space that `name` belongs to: "ops[0].filters" belongs to "ops".
std::optional<std::size_t> owner_of(const std::string& name, const NameIndex& names) {
  if (const auto found = names.find(name); found != names.end()) return found->second;
  for (std::size_t end = name.size(); end-- > 0;) {
    if (name[end] != '.' && name[end] != '[') continue;
    if (const auto found = names.find(name.substr(0, end)); found != names.end()) {
      return found->second;
    }
  }
  return std::nullopt;
}

class ConditionSorter {
 public:
  explicit ConditionSorter(Problems& problems) : problems_(problems) {}

  // Sorts one sub-space and returns the names it looks for outside.
  std::vector<std::string> sort(SubSpace& space);
  bool is_circular() const { return is_circular_; }

 private:
  std::vector<std::string> sort_inner(ParameterDefinition& parameter);
  void reorder(SubSpace& space, const std::vector<std::vector<std::size_t>>& parents);
  void report_circle(const SubSpace& space, const std::vector<std::vector<std::size_t>>& parents,
                     const std::vector<std::size_t>& num_open);

  Problems& problems_;
  bool is_circular_ = false;
};

std::vector<std::string> ConditionSorter::sort_inner(ParameterDefinition& parameter) {
  std::vector<std::string> outside = sort(parameter.part);
  for (SubSpace& candidate : parameter.candidates) {
    const std::vector<std::string> names = sort(candidate);
    outside.insert(outside.end(), names.begin(), names.end());
  }
  return outside;
}

std::vector<std::string> ConditionSorter::sort(SubSpace& space) {
  NameIndex names;
  const std::size_t num_parameters = space.parameters.size();
  for (std::size_t i = 0; i < num_parameters; ++i) names.emplace(space.parameters[i].name, i);
  std::vector<std::string> outside;
  std::vector<std::vector<std::size_t>> parents(num_parameters);
  for (std::size_t i = 0; i < num_parameters; ++i) {
    ParameterDefinition& parameter = space.parameters[i];
    for (const Condition& condition : parameter.when) {
      const auto owner = owner_of(condition.parent, names);
      if (owner) {
        parents[i].push_back(*owner);
      } else {
        outside.push_back(condition.parent);
      }
    }
    for (std::string& name : sort_inner(parameter)) {
      const auto owner = owner_of(name, names);
      if (!owner) {
        outside.push_back(std::move(name));
      } else if (*owner != i) {
        parents[i].push_back(*owner);
      }
    }
  }
  reorder(space, parents);
  return outside;
}

void ConditionSorter::reorder(SubSpace& space,
                              const std::vector<std::vector<std::size_t>>& parents) {
  const std::size_t num_parameters = parents.size();
  std::vector<std::vector<std::size_t>> children(num_parameters);
  std::vector<std::size_t> num_open(num_parameters);
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < num_parameters; ++i) {
    num_open[i] = parents[i].size();
    for (const std::size_t parent : parents[i]) children[parent].push_back(i);
    if (num_open[i] == 0) ready.push(i);
  }
  std::vector<std::size_t> order;
  while (!ready.empty()) {
    const std::size_t next = ready.top();
    ready.pop();
    order.push_back(next);
    for (const std::size_t child : children[next]) {
      if (--num_open[child] == 0) ready.push(child);
    }
  }
  if (order.size() < num_parameters) {
    report_circle(space, parents, num_open);
    return;
  }
  if (std::is_sorted(order.begin(), order.end())) return;
  std::vector<ParameterDefinition> sorted;
  sorted.reserve(num_parameters);
  for (const std::size_t i : order) sorted.push_back(std::move(space.parameters[i]));
  space.parameters = std::move(sorted);
}

void ConditionSorter::report_circle(const SubSpace& space,
                                    const std::vector<std::vector<std::size_t>>& parents,
                                    const std::vector<std::size_t>& num_open) {
  is_circular_ = true;
  // Every parameter that is still open has an open parent, so walking up must come back.
  const auto is_open = [&](std::size_t i) { return num_open[i] > 0; };
  std::size_t at = 0;
  while (!is_open(at)) ++at;
  std::vector<std::size_t> walk;
  while (std::find(walk.begin(), walk.end(), at) == walk.end()) {
    walk.push_back(at);
    at = *std::find_if(parents[at].begin(), parents[at].end(), is_open);
  }
  walk.erase(walk.begin(), std::find(walk.begin(), walk.end(), at));
  std::string circle = space.parameters[at].name;
  for (std::size_t i = 1; i < walk.size(); ++i) circle += " -> " + space.parameters[walk[i]].name;
  circle += " -> " + space.parameters[at].name;
  problems_.add({.code = "space.circular_condition",
                 .what = "the conditions form a circle",
                 .where = space.parameters[at].path + "/when",
                 .got = circle,
                 .expected = "conditions that end at a parameter without conditions",
                 .hint = ""});
}

}  // namespace

bool sort_by_conditions(SubSpace& root, Problems& problems) {
  ConditionSorter sorter(problems);
  sorter.sort(root);
  return !sorter.is_circular();
}

}  // namespace trimtab::space_detail
