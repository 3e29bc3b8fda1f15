#include "trimtab/science/surrogate_explanation/explanation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/statistics.hpp"

namespace trimtab::explanation {
namespace {

std::vector<Eigen::Index> as_columns(const std::vector<std::size_t>& features) {
  return {features.begin(), features.end()};
}

// A black box, what it leans on, and its surrogate, all from the same rows.
struct Way {
  Way(const Task& task, const Eigen::MatrixXd& x, const Eigen::MatrixXd& y,
      const ExplanationOptions& options, const Rng& rng)
      : forest(make_forest(task, x, y, options, rng)) {
    Rng shuffles = rng.derive("ranking"), draws = rng.derive("surrogate");
    ranking = rank_features(forest, x, y, options.num_permutations, shuffles);
    for (const RankedFeature& each : ranking) {
      if (chosen.size() == options.num_features) break;
      if (forest.uses(each.feature)) chosen.push_back(each.feature);
    }
    if (chosen.empty()) chosen.push_back(ranking.front().feature);
    SurrogateOptions with_kinds = options.surrogate;
    with_kinds.is_discrete = task.is_discrete;
    const AskedRows asked(forest, x, with_kinds, draws);
    tree.emplace(asked, task.is_class, chosen, with_kinds, draws);
    best.emplace(asked.x(Eigen::all, as_columns(chosen)), asked.scores, task.is_class,
                 ForestBlackBox::Options{.num_trees = options.num_surrogate_trees}, draws);
  }

  Eigen::MatrixXd best_says(const Eigen::MatrixXd& x) const {
    return best->predict(x(Eigen::all, as_columns(chosen)));
  }

  static ForestBlackBox make_forest(const Task& task, const Eigen::MatrixXd& x,
                                    const Eigen::MatrixXd& y, const ExplanationOptions& options,
                                    const Rng& rng) {
    Rng trees = rng.derive("trees");
    return ForestBlackBox(x, y, task.is_class, {.num_trees = options.num_trees}, trees);
  }

  ForestBlackBox forest;
  std::vector<RankedFeature> ranking;
  std::vector<std::size_t> chosen;
  std::optional<SurrogateTree> tree;
  std::optional<ForestBlackBox> best;  // of the chosen features only
};

// Every row's fold, sizes as equal as can be.
std::vector<std::size_t> draw_folds(std::size_t num_rows, std::size_t num_folds, Rng rng) {
  std::vector<std::size_t> folds(num_rows);
  for (std::size_t i = 0; i < num_rows; ++i) folds[i] = i % num_folds;
  rng.shuffle(std::span<std::size_t>(folds));
  return folds;
}

std::vector<Eigen::Index> rows_where(const std::vector<std::size_t>& folds, std::size_t fold,
                                     bool is_inside) {
  std::vector<Eigen::Index> rows;
  for (std::size_t i = 0; i < folds.size(); ++i) {
    if ((folds[i] == fold) == is_inside) rows.push_back(static_cast<Eigen::Index>(i));
  }
  return rows;
}

double score_of(const Task& task, const Eigen::MatrixXd& truth, const Eigen::MatrixXd& said) {
  if (!task.is_class) return r_squared(truth.col(0), said.col(0));
  return macro_f1(labels_of(truth), labels_of(said), static_cast<int>(task.y.cols()));
}

double fidelity_of(const Task& task, const Eigen::MatrixXd& box, const Eigen::MatrixXd& said) {
  if (!task.is_class) return r_squared(box.col(0), said.col(0));
  const std::vector<int> a = labels_of(box), b = labels_of(said);
  double num_equal = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) num_equal += a[i] == b[i] ? 1.0 : 0.0;
  return num_equal / static_cast<double>(a.size());
}

double mean_jaccard(const std::vector<std::vector<std::size_t>>& sets) {
  double sum = 0.0, count = 0.0;
  for (std::size_t a = 0; a < sets.size(); ++a) {
    for (std::size_t b = a + 1; b < sets.size(); ++b) {
      sum += jaccard(sets[a], sets[b]);
      count += 1.0;
    }
  }
  return sum / count;
}

Outcome outcome_of(const Task& task, const Eigen::MatrixXd& scores) {
  if (task.is_class) return {};
  std::vector<double> values(scores.data(), scores.data() + scores.rows());
  return {.is_class = false, .level = quantile(values, 0.5)};
}

void count_counterfactuals(Explanation& result, std::size_t k) {
  std::vector<double> sizes;
  double num_valid = 0.0, num_by_rule = 0.0, num_short = 0.0;
  for (const Counterfactual& each : result.counterfactuals) {
    num_valid += each.is_valid ? 1.0 : 0.0;
    num_by_rule += each.is_rule ? 1.0 : 0.0;
    num_short += each.is_valid && each.changes.size() <= k ? 1.0 : 0.0;
    if (each.is_valid) sizes.push_back(static_cast<double>(each.changes.size()));
  }
  const auto count = static_cast<double>(result.counterfactuals.size());
  result.valid_share = num_valid / count;
  result.short_share = num_short / count;
  result.rule_share = num_by_rule / count;
  result.median_changes = sizes.empty() ? std::nan("") : quantile(sizes, 0.5);
}

}  // namespace

UnseenRows judge_on_unseen_rows(const Task& task, const ExplanationOptions& options,
                                const Rng& rng) {
  const auto n = static_cast<std::size_t>(task.x.rows());
  if (options.num_folds < 2 || n < options.num_folds) {
    throw BugError(
        {.code = "surrogate_explanation.folds",
         .what = "rows cannot be divided into folds",
         .where = "judge_on_unseen_rows",
         .got = std::to_string(n) + " rows, " + std::to_string(options.num_folds) + " folds",
         .expected = "2 folds, and a row for each",
         .hint = ""});
  }
  const std::vector<std::size_t> folds = draw_folds(n, options.num_folds, rng.derive("folds"));
  Eigen::MatrixXd box(task.y.rows(), task.y.cols()), tree = box, best = box;
  std::vector<std::vector<std::size_t>> chosen;
  for (std::size_t fold = 0; fold < options.num_folds; ++fold) {
    const std::vector<Eigen::Index> inside = rows_where(folds, fold, false);
    const std::vector<Eigen::Index> outside = rows_where(folds, fold, true);
    const Way way(task, task.x(inside, Eigen::all), task.y(inside, Eigen::all), options,
                  rng.derive("fold", fold));
    const Eigen::MatrixXd unseen = task.x(outside, Eigen::all);
    box(outside, Eigen::all) = way.forest.predict(unseen);
    tree(outside, Eigen::all) = way.tree->predict(unseen);
    best(outside, Eigen::all) = way.best_says(unseen);
    chosen.push_back(way.chosen);
  }
  return {.black_box_score = score_of(task, task.y, box),
          .features_score = score_of(task, task.y, best),
          .rules_score = score_of(task, task.y, tree),
          .features_fidelity = fidelity_of(task, box, best),
          .rules_fidelity = fidelity_of(task, box, tree),
          .stability = mean_jaccard(chosen)};
}

Explanation explain(const Task& task, const ExplanationOptions& options, const Rng& rng) {
  Way way(task, task.x, task.y, options, rng.derive("all"));
  const Eigen::MatrixXd scores = way.forest.predict(task.x);
  Explanation result;
  result.unseen = judge_on_unseen_rows(task, options, rng);
  result.outcome = outcome_of(task, scores);
  for (Eigen::Index i = 0; i < scores.rows(); ++i) {
    result.answers.push_back(result.outcome.of(scores.row(i)));
  }
  std::vector<std::size_t> order;
  for (const RankedFeature& each : way.ranking) {
    if (way.forest.uses(each.feature)) order.push_back(each.feature);
  }
  const auto n = static_cast<std::size_t>(task.x.rows());
  const std::size_t num_explained = std::min(n, options.num_explained);
  for (std::size_t i = 0; i < num_explained; ++i) {
    const auto row = static_cast<Eigen::Index>(i * n / num_explained);
    result.explained.push_back(row);
    result.counterfactuals.push_back(find_counterfactual(
        way.forest, *way.tree, task.x, result.answers, row, order, result.outcome));
  }
  count_counterfactuals(result, options.num_features);
  result.rules = way.tree->rules();
  std::ranges::stable_sort(result.rules, std::greater<>{}, &Rule::support);
  result.ranking = std::move(way.ranking);
  result.chosen = std::move(way.chosen);
  return result;
}

}  // namespace trimtab::explanation
