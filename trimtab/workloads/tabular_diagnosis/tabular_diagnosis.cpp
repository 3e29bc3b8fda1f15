#include "trimtab/workloads/tabular_diagnosis/tabular_diagnosis.hpp"

#include <memory>

#include "trimtab/core/registry.hpp"
#include "trimtab/workloads/tabular_diagnosis/nested_validation.hpp"

namespace trimtab {
namespace {

using diagnosis::Scores;

Info make_info() {
  const diagnosis::Protocol usual;
  return {
      .name = "tabular_diagnosis",
      .purpose = "diagnosis from a table: algorithm and hyperparameters by nested cross-validation",
      .source =
          "nested cross-validation: Varma and Simon 2006; combined selection: Thornton et al. "
          "2013, equation 1",
      .options = {
          {.name = "table",
           .default_value = std::string("wdbc"),
           .purpose = "which table; csv = any file with a header, numbers, and the class last",
           .choices = diagnosis::table_names()},
          {.name = "data",
           .default_value = std::string(),
           .purpose = "a file, or a folder of tables; empty = $TRIMTAB_DATA and scikit-learn's "
                      "own files"},
          {.name = "objective",
           .default_value = std::string("balanced_accuracy"),
           .purpose = "what is tuned: the mean over the inner folds of this metric",
           .choices = {"balanced_accuracy", "auc", "log_loss"}},
          {.name = "outer_folds",
           .default_value = std::int64_t{usual.outer_folds},
           .purpose = "parts of the table of which one is held out",
           .low = 2,
           .high = 20},
          {.name = "inner_folds",
           .default_value = std::int64_t{usual.inner_folds},
           .purpose = "folds of the cross-validation inside the rest",
           .low = 2,
           .high = 20},
          {.name = "repeats",
           .default_value = std::int64_t{usual.repeats},
           .purpose = "shuffles of the outer cut; outer folds are numbered through",
           .low = 1,
           .high = 20},
          {.name = "outer_fold",
           .default_value = std::int64_t{usual.outer_fold},
           .purpose = "the part held out; -1 = each in turn, averaged (dearer; the choice then "
                      "averages over folds that share rows, so outer_* is a little flattered)",
           .low = -1,
           .high = 399},
          {.name = "split_seed",
           .default_value = std::int64_t{1},
           .purpose = "seed of the outer cut, the same for all trials",
           .low = 0},
      }};
}

double pick(const Scores& scores, const std::string& objective) {
  if (objective == "auc") return scores.auc;
  return objective == "log_loss" ? scores.log_loss : scores.balanced_accuracy;
}

void put(Metrics& metrics, const std::string& prefix, const Scores& scores) {
  metrics[prefix + "auc"] = scores.auc;
  metrics[prefix + "balanced_accuracy"] = scores.balanced_accuracy;
  metrics[prefix + "sensitivity"] = scores.sensitivity;
  metrics[prefix + "specificity"] = scores.specificity;
  metrics[prefix + "log_loss"] = scores.log_loss;
}

std::map<std::string, std::string> describe_metrics() {
  std::map<std::string, std::string> about;
  const std::pair<std::string, std::string> parts[] = {
      {"inner_", "inner folds, seen by tuning"}, {"outer_", "held-out cases, unseen by tuning"}};
  for (const auto& [prefix, where] : parts) {
    about[prefix + "auc"] = "area under the ROC curve, one against the rest; " + where;
    about[prefix + "balanced_accuracy"] = "mean recall of the classes; " + where;
    about[prefix + "sensitivity"] = "recall of the diseased (mean over classes); " + where;
    about[prefix + "specificity"] = "recall of the healthy (mean over classes); " + where;
    about[prefix + "log_loss"] =
        "nats per case, probabilities clipped at 1 / (2 training cases); " + where;
  }
  about["optimism"] = "objective: inner minus outer, positive = the inner value looks better";
  return about;
}

Workload make(const OptionValues& options) {
  const auto table = std::make_shared<const diagnosis::Table>(
      diagnosis::read_table(options.text("table"), options.text("data")));
  const auto whole = [&](const char* name) { return static_cast<int>(options.integer(name)); };
  const diagnosis::Protocol protocol = {
      .outer_folds = whole("outer_folds"),
      .inner_folds = whole("inner_folds"),
      .repeats = whole("repeats"),
      .outer_fold = whole("outer_fold"),
      .split_seed = static_cast<std::uint64_t>(options.integer("split_seed"))};
  const auto outer = std::make_shared<const std::vector<diagnosis::Split>>(
      diagnosis::outer_splits(*table, protocol));
  for (const diagnosis::Split& split : *outer) {  // too few rows is told before the first trial
    Rng rng(0);
    diagnosis::stratified_folds(split.train, table->label, table->group, protocol.inner_folds, rng);
  }
  const std::string objective = options.text("objective");
  const Goal goal = objective == "log_loss" ? Goal::Minimise : Goal::Maximise;

  Workload workload;
  workload.space = diagnosis::search_space(table->features.size());
  workload.objectives = {{.name = "inner_" + objective, .goal = goal}};
  workload.metrics = describe_metrics();
  workload.run = [table, outer, objective, goal, inner_folds = protocol.inner_folds](
                     const Space& space, PointView point, TrialContext& context) {
    const diagnosis::Configuration configuration =
        diagnosis::configuration_of(space, point, table->features.size());
    const diagnosis::NestedScores scores = diagnosis::nested_validation(
        *table, *outer, inner_folds, configuration, context.seed(),
        [&](int folds, const Scores& mean) {
          return context.report(folds, pick(mean, objective)) && !context.should_stop();
        });
    Metrics metrics;
    put(metrics, "inner_", scores.inner);
    if (!scores.is_complete) return metrics;
    put(metrics, "outer_", scores.outer);
    const double gap = pick(scores.inner, objective) - pick(scores.outer, objective);
    metrics["optimism"] = goal == Goal::Maximise ? gap : -gap;
    return metrics;
  };
  return workload;
}

}  // namespace

WorkloadEntry tabular_diagnosis() { return {make_info(), make}; }

}  // namespace trimtab

TRIMTAB_WORKLOAD(tabular_diagnosis, tabular_diagnosis())
