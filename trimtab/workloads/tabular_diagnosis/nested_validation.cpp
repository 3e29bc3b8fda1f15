#include "trimtab/workloads/tabular_diagnosis/nested_validation.hpp"

#include <numeric>

#include "trimtab/base/error.hpp"

namespace trimtab::diagnosis {
namespace {

std::vector<int> labels_of(const Table& table, const std::vector<int>& rows) {
  std::vector<int> labels;
  labels.reserve(rows.size());
  for (const int row : rows) labels.push_back(table.label[static_cast<std::size_t>(row)]);
  return labels;
}

class MeanScores {
 public:
  void add(const Scores& s) {
    sum_.auc += s.auc;
    sum_.balanced_accuracy += s.balanced_accuracy;
    sum_.sensitivity += s.sensitivity;
    sum_.specificity += s.specificity;
    sum_.log_loss += s.log_loss;
    count_ += 1.0;
  }
  Scores mean() const {
    return {sum_.auc / count_, sum_.balanced_accuracy / count_, sum_.sensitivity / count_,
            sum_.specificity / count_, sum_.log_loss / count_};
  }
  int count() const { return static_cast<int>(count_); }

 private:
  Scores sum_;
  double count_ = 0.0;
};

}  // namespace

std::vector<Split> outer_splits(const Table& table, const Protocol& protocol) {
  std::vector<int> rows(table.num_rows());
  std::iota(rows.begin(), rows.end(), 0);
  std::vector<Split> splits;
  for (int repeat = 0; repeat < protocol.repeats; ++repeat) {
    Rng rng(protocol.split_seed, static_cast<std::uint64_t>(repeat), "outer folds");
    for (Split& split :
         stratified_folds(rows, table.label, table.group, protocol.outer_folds, rng)) {
      splits.push_back(std::move(split));
    }
  }
  if (protocol.outer_fold < 0) return splits;
  const auto chosen = static_cast<std::size_t>(protocol.outer_fold);
  if (chosen >= splits.size()) {
    throw UserError(
        {.code = "folds.unknown",
         .what = "there is no such outer fold",
         .where = "option outer_fold",
         .got = std::to_string(protocol.outer_fold),
         .expected = "-1.." + std::to_string(splits.size() - 1) + " (outer_folds times repeats)",
         .hint = ""});
  }
  return {splits[chosen]};
}

Scores evaluate(const Table& table, const Split& split, const Configuration& configuration,
                std::uint64_t seed) {
  const Model model =
      fit(configuration, table.x(split.train, Eigen::all), labels_of(table, split.train),
          static_cast<int>(table.num_classes()), seed);
  const double floor = 0.5 / static_cast<double>(split.train.size());
  return score(model(table.x(split.test, Eigen::all)), labels_of(table, split.test), floor);
}

NestedScores nested_validation(const Table& table, std::span<const Split> outer, int inner_folds,
                               const Configuration& configuration, std::uint64_t seed,
                               const std::function<bool(int, const Scores&)>& should_go_on) {
  MeanScores inner_mean;
  MeanScores outer_mean;
  for (std::size_t k = 0; k < outer.size(); ++k) {
    Rng rng(seed, k, "inner folds");
    for (const Split& split :
         stratified_folds(outer[k].train, table.label, table.group, inner_folds, rng)) {
      inner_mean.add(evaluate(table, split, configuration, rng.next_u64()));
      if (!should_go_on(inner_mean.count(), inner_mean.mean())) {
        return {inner_mean.mean(), {}, false};
      }
    }
    outer_mean.add(evaluate(table, outer[k], configuration, rng.next_u64()));
  }
  return {inner_mean.mean(), outer_mean.mean(), true};
}

}  // namespace trimtab::diagnosis
