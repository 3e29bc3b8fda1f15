#include "trimtab/science/intrinsic_dimension/classification_task.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

[[noreturn]] void refuse(const DataTable& table, const std::string& what, const std::string& got,
                         const std::string& expected) {
  throw UserError({.code = "intrinsic_dimension.table",
                   .what = what,
                   .where = table.source,
                   .got = got,
                   .expected = expected,
                   .hint = ""});
}

// (features, rows).
Eigen::MatrixXd features_of(const DataTable& table, const std::string& label) {
  Eigen::MatrixXd x(static_cast<Eigen::Index>(table.names.size() - 1),
                    static_cast<Eigen::Index>(table.num_rows()));
  Eigen::Index row = 0;
  for (const std::string& name : table.names) {
    if (name == label) continue;
    const std::vector<double> column = table.numbers(name);
    if (!std::all_of(column.begin(), column.end(), [](double v) { return std::isfinite(v); })) {
      refuse(table, "a feature has holes", quote(name), "numbers");
    }
    x.row(row++) = Eigen::Map<const Eigen::RowVectorXd>(column.data(),
                                                        static_cast<Eigen::Index>(column.size()));
  }
  return x;
}

std::vector<int> classes_of(const std::vector<std::string>& cells, int& num_classes) {
  std::vector<std::string> names(cells.begin(), cells.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<int> labels;
  for (const std::string& cell : cells) {
    const auto found = std::lower_bound(names.begin(), names.end(), cell);
    labels.push_back(static_cast<int>(found - names.begin()));
  }
  num_classes = static_cast<int>(names.size());
  return labels;
}

LabelledCases cases_of(const Eigen::MatrixXd& x, const std::vector<int>& labels,
                       std::span<const std::size_t> rows) {
  LabelledCases cases = {Eigen::MatrixXf(x.rows(), static_cast<Eigen::Index>(rows.size())), {}};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    cases.x.col(static_cast<Eigen::Index>(i)) =
        x.col(static_cast<Eigen::Index>(rows[i])).cast<float>();
    cases.labels.push_back(labels[rows[i]]);
  }
  return cases;
}

void scale(LabelledCases& cases, const Eigen::VectorXf& low, const Eigen::VectorXf& range) {
  for (Eigen::Index j = 0; j < cases.x.rows(); ++j) {
    if (range(j) > 0.0F) {
      cases.x.row(j) = (cases.x.row(j).array() - low(j)) / range(j);
    } else {
      cases.x.row(j).setZero();  // does not vary where it could be learned from
    }
  }
}

}  // namespace

ClassificationSplit read_split(const DataTable& table, const std::string& label,
                               std::size_t num_train, bool shuffles_labels, std::uint64_t seed) {
  ClassificationSplit split;
  const std::vector<int> labels = classes_of(table.texts(label), split.num_classes);
  if (split.num_classes < 2 || table.names.size() < 2) {
    refuse(table, "there is nothing to learn",
           fmt::format("{} classes, {} features", split.num_classes, table.names.size() - 1),
           "two classes and a feature");
  }
  if (num_train < 2 || num_train >= labels.size()) {
    refuse(table, "no rows are left to train or to score on",
           fmt::format("{} training rows of {}", num_train, labels.size()),
           "at least 2, and fewer than there are");
  }
  const Eigen::MatrixXd x = features_of(table, label);
  std::vector<std::size_t> rows(labels.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  Rng rng(seed, 0, "intrinsic_dimension.split");
  rng.shuffle(std::span<std::size_t>(rows));
  const std::span<const std::size_t> all(rows);
  split.training = cases_of(x, labels, all.first(num_train));
  split.held_out = cases_of(x, labels, all.subspan(num_train));
  const Eigen::VectorXf low = split.training.x.rowwise().minCoeff();
  const Eigen::VectorXf range = split.training.x.rowwise().maxCoeff() - low;
  scale(split.training, low, range);
  scale(split.held_out, low, range);
  if (shuffles_labels) {
    Rng shuffle = rng.derive("labels");
    shuffle.shuffle(std::span<int>(split.training.labels));
  }
  return split;
}

SubspaceTask perceptron_task(const ClassificationSplit& split,
                             const std::vector<Eigen::Index>& hidden, bool scores_training) {
  std::vector<Eigen::Index> widths = {split.training.x.rows()};
  widths.insert(widths.end(), hidden.begin(), hidden.end());
  widths.push_back(split.num_classes);
  const Perceptron network(widths);
  const auto training = std::make_shared<const LabelledCases>(split.training);
  const auto scored =
      scores_training ? training : std::make_shared<const LabelledCases>(split.held_out);
  return {.objective = cross_entropy(network, training),
          .random_start = [network](Rng& rng) { return network.random_start(rng); },
          .score = [network, scored](
                       const Eigen::VectorXd& theta) { return accuracy(network, theta, *scored); }};
}

}  // namespace trimtab
