#include "trimtab/science/surrogate_explanation/counterfactual.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace trimtab::explanation {
namespace {

Eigen::Index at(std::size_t feature) { return static_cast<Eigen::Index>(feature); }

// The search around one row.
class Neighbourhood {
 public:
  Neighbourhood(const BlackBox& black_box, const Eigen::MatrixXd& x,
                const std::vector<int>& answers, Eigen::Index row, const Outcome& outcome)
      : black_box_(black_box), x_(x), answers_(answers), row_(row), outcome_(outcome) {}

  /// The changes that a rule asks for.
  std::vector<Change> changes_for(const Rule& rule) const {
    const int wanted = outcome_.of(rule.scores);
    std::vector<Change> changes;
    for (const Condition& each : rule.conditions) {
      const double value = x_(row_, at(each.feature));
      if (!each.holds(value)) changes.push_back({each.feature, value, inside(each, wanted)});
    }
    return changes;
  }

  bool reaches(const std::vector<Change>& changes, int wanted) const {
    Eigen::MatrixXd changed = x_.row(row_);
    for (const Change& each : changes) changed(0, at(each.feature)) = each.to;
    return outcome_.of(black_box_.predict(changed).row(0)) == wanted;
  }

  /// The real row of an answer that is nearest in the given features, scaled by their spread.
  std::optional<Eigen::Index> nearest(int wanted, const std::vector<std::size_t>& order) const {
    Eigen::VectorXd distance = Eigen::VectorXd::Zero(x_.rows());
    for (const std::size_t feature : order) {
      const auto column = x_.col(at(feature)).array();
      const double spread = (column - column.mean()).square().mean();
      if (spread > 0.0) distance.array() += (column - x_(row_, at(feature))).square() / spread;
    }
    std::optional<Eigen::Index> best;
    for (Eigen::Index i = 0; i < x_.rows(); ++i) {
      if (answers_[static_cast<std::size_t>(i)] != wanted) continue;
      if (!best || distance(i) < distance(*best)) best = i;
    }
    return best;
  }

  /// What differs from the donor: the features of a rule first, then in the given order.
  std::vector<Change> changes_towards(Eigen::Index donor, const std::vector<Change>& rule,
                                      const std::vector<std::size_t>& order) const {
    std::vector<std::size_t> features;
    for (const Change& each : rule) features.push_back(each.feature);
    for (const std::size_t feature : order) {
      if (std::ranges::find(rule, feature, &Change::feature) == rule.end()) {
        features.push_back(feature);
      }
    }
    std::vector<Change> changes;
    for (const std::size_t feature : features) {
      const double from = x_(row_, at(feature)), to = x_(donor, at(feature));
      if (from != to) changes.push_back({feature, from, to});
    }
    return changes;
  }

  /// A short beginning of the changes that reaches the answer, by doubling and halving; empty when
  /// even all of them do not.
  std::vector<Change> shortest(const std::vector<Change>& changes, int wanted) const {
    const auto reaches_with = [&](std::size_t count) {
      return reaches({changes.begin(), changes.begin() + static_cast<std::ptrdiff_t>(count)},
                     wanted);
    };
    std::size_t too_few = 0, enough = 1;
    while (enough < changes.size() && !reaches_with(enough)) {
      too_few = enough;
      enough = std::min(2 * enough, changes.size());
    }
    if (enough > changes.size() || !reaches_with(enough)) return {};
    while (enough - too_few > 1) {
      const std::size_t middle = too_few + (enough - too_few) / 2;
      (reaches_with(middle) ? enough : too_few) = middle;
    }
    return {changes.begin(), changes.begin() + static_cast<std::ptrdiff_t>(enough)};
  }

 private:
  // The median of the values that lie inside, first among rows of the wanted answer.
  double inside(const Condition& condition, int wanted) const {
    std::vector<double> values;
    for (const bool is_strict : {true, false}) {
      for (Eigen::Index i = 0; i < x_.rows(); ++i) {
        if (is_strict && answers_[static_cast<std::size_t>(i)] != wanted) continue;
        if (condition.holds(x_(i, at(condition.feature)))) {
          values.push_back(x_(i, at(condition.feature)));
        }
      }
      if (!values.empty()) break;
    }
    if (values.empty()) return std::isfinite(condition.high) ? condition.high : condition.low + 1.0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
  }

  const BlackBox& black_box_;
  const Eigen::MatrixXd& x_;
  const std::vector<int>& answers_;
  Eigen::Index row_;
  const Outcome& outcome_;
};

}  // namespace

int Outcome::of(const Eigen::RowVectorXd& scores) const {
  if (!is_class) return scores(0) <= level ? 0 : 1;
  Eigen::Index best = 0;
  scores.maxCoeff(&best);
  return static_cast<int>(best);
}

Counterfactual find_counterfactual(const BlackBox& black_box, const SurrogateTree& surrogate,
                                   const Eigen::MatrixXd& x, const std::vector<int>& answers,
                                   Eigen::Index row, const std::vector<std::size_t>& order,
                                   const Outcome& outcome) {
  const Neighbourhood around(black_box, x, answers, row, outcome);
  struct Candidate {
    int wanted = 0;
    std::vector<Change> changes;
  };
  std::vector<Candidate> candidates;
  for (const Rule& rule : surrogate.rules()) {
    const int wanted = outcome.of(rule.scores);
    if (wanted == answers[static_cast<std::size_t>(row)]) continue;
    candidates.push_back({wanted, around.changes_for(rule)});
  }
  std::ranges::stable_sort(candidates, {}, [](const Candidate& c) { return c.changes.size(); });
  for (const Candidate& each : candidates) {
    if (!each.changes.empty() && around.reaches(each.changes, each.wanted)) {
      return {each.changes, true, true};
    }
  }
  Counterfactual best;
  std::vector<int> tried;
  for (const Candidate& each : candidates) {
    if (std::ranges::find(tried, each.wanted) != tried.end()) continue;
    tried.push_back(each.wanted);
    const std::optional<Eigen::Index> donor = around.nearest(each.wanted, order);
    if (!donor) continue;
    const std::vector<Change> changes =
        around.shortest(around.changes_towards(*donor, each.changes, order), each.wanted);
    if (!changes.empty() && (!best.is_valid || changes.size() < best.changes.size())) {
      best = {changes, true, false};
    }
  }
  return best;
}

}  // namespace trimtab::explanation
