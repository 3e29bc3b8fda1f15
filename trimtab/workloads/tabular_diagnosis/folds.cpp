#include "trimtab/workloads/tabular_diagnosis/folds.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "trimtab/base/error.hpp"

namespace trimtab::diagnosis {
namespace {

void check_enough(int label, std::size_t num_groups, int k) {
  if (num_groups >= static_cast<std::size_t>(k)) return;
  throw UserError(
      {.code = "folds.too_few",
       .what = "a class has fewer distinct rows than there are folds",
       .where = "class number " + std::to_string(label),
       .got = std::to_string(num_groups) + " distinct rows, " + std::to_string(k) + " folds",
       .expected = "at least as many rows as folds",
       .hint = "use fewer folds"});
}

}  // namespace

std::vector<Split> stratified_folds(std::span<const int> rows, std::span<const int> label,
                                    std::span<const int> group, int k, Rng& rng) {
  std::map<int, std::vector<int>> members;          // group -> rows
  std::map<int, std::vector<int>> groups_of_class;  // label -> groups, by first row
  for (const int row : rows) {
    std::vector<int>& same = members[group[static_cast<std::size_t>(row)]];
    if (same.empty()) {
      groups_of_class[label[static_cast<std::size_t>(row)]].push_back(
          group[static_cast<std::size_t>(row)]);
    }
    same.push_back(row);
  }
  std::vector<Split> splits(static_cast<std::size_t>(k));
  std::size_t next = 0;
  for (auto& [class_label, groups] : groups_of_class) {
    check_enough(class_label, groups.size(), k);
    rng.shuffle(std::span(groups));
    for (const int g : groups) {
      std::vector<int>& test = splits[next++ % splits.size()].test;
      test.insert(test.end(), members[g].begin(), members[g].end());
    }
  }
  for (Split& split : splits) {
    std::sort(split.test.begin(), split.test.end());
    std::vector<int> all(rows.begin(), rows.end());
    std::sort(all.begin(), all.end());
    std::set_difference(all.begin(), all.end(), split.test.begin(), split.test.end(),
                        std::back_inserter(split.train));
  }
  return splits;
}

}  // namespace trimtab::diagnosis
