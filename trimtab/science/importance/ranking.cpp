#include "trimtab/science/importance/ranking.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "trimtab/science/importance/ablation.hpp"
#include "trimtab/science/importance/fanova.hpp"
#include "trimtab/science/importance/ped_anova.hpp"
#include "trimtab/science/importance/shapley.hpp"
#include "trimtab/science/importance/sobol_indices.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kNumShuffles = 100;
constexpr std::size_t kNumTrees = 64;
constexpr std::size_t kMaxForestTrials = 2000;  // evenly spaced over the study when there are more
constexpr std::uint32_t kNumSobolPoints = 1024;
constexpr std::size_t kNumExplained = 100;  // trials whose Shapley values are averaged
constexpr std::size_t kNumOrders = 16;
constexpr double kMinR2 = 0.05;

struct Weight {
  double value = 0.0;
  bool is_above_noise = false;
};

// Each dimension counts for the narrowest parameter that holds it: inside a many_of, the
// candidates' parameters speak for themselves.
std::vector<ParameterShare> by_parameter(const Space& space, const std::vector<Weight>& weights) {
  const std::span<const Parameter> parameters = space.parameters();
  std::vector<ParameterShare> shares;
  for (const Parameter& parameter : parameters) shares.push_back({parameter.name, 0.0, false});
  for (std::size_t d = 0; d < weights.size(); ++d) {
    std::size_t owner = parameters.size();
    for (std::size_t p = 0; p < parameters.size(); ++p) {
      const Parameter& each = parameters[p];
      if (d < each.first || d >= each.first + each.count) continue;
      if (owner == parameters.size() || each.count < parameters[owner].count) owner = p;
    }
    if (owner == parameters.size()) continue;
    shares[owner].share += weights[d].value;
    shares[owner].is_above_noise |= weights[d].is_above_noise;
  }
  return shares;
}

void divide_by_sum(std::vector<ParameterShare>& shares) {
  double total = 0.0;
  for (const ParameterShare& each : shares) total += each.share;
  for (ParameterShare& each : shares) each.share = total > 0.0 ? each.share / total : 0.0;
}

Ranking by_ped_anova(const StudyView& study, std::span<const RankedTrial> trials, double quantile) {
  Rng rng(study.spec.seed, 0, "importance");
  std::vector<Weight> weights;
  for (const DimensionImportance& each :
       dimension_importance(study.space.dimensions(), trials, quantile, kNumShuffles, rng)) {
    weights.push_back({each.excess(), each.is_above_noise});
  }
  Ranking ranking = {
      .parameters = by_parameter(study.space, weights),
      .question = fmt::format("what separates the best from the rest of {} trials", trials.size())};
  divide_by_sum(ranking.parameters);
  return ranking;
}

std::vector<RankedTrial> thinned(std::span<const RankedTrial> trials) {
  const std::size_t count = std::min(trials.size(), kMaxForestTrials);
  std::vector<RankedTrial> kept;
  for (std::size_t i = 0; i < count; ++i) kept.push_back(trials[i * trials.size() / count]);
  return kept;
}

// Everything that is asked of a forest, and which dimensions do more in it than pure chance.
struct Surrogate {
  Surrogate(const StudyView& study, std::span<const RankedTrial> trials, Rng& rng)
      : forest(study.space.dimensions(), trials, kNumTrees, rng),
        variance(variance_shares(forest)) {}

  Weight weight(std::size_t dimension, double value) const {
    return {value, variance.main[dimension] > variance.chance};
  }

  SurrogateForest forest;
  VarianceShares variance;
};

Ranking by_fanova(const StudyView& study, const Surrogate& surrogate) {
  std::vector<Weight> weights;
  for (std::size_t j = 0; j < surrogate.variance.main.size(); ++j) {
    weights.push_back(surrogate.weight(j, surrogate.variance.main[j]));
  }
  return {.parameters = by_parameter(study.space, weights),
          .question = "what explains the loss over the whole space, each parameter alone",
          .facts = {{"interactions", surrogate.variance.interactions}}};
}

Ranking by_sobol(const StudyView& study, const Surrogate& surrogate) {
  std::vector<Weight> weights;
  double first = 0.0;
  const std::vector<SobolIndex> indices =
      sobol_indices(surrogate.forest, kNumSobolPoints, study.spec.seed);
  for (std::size_t j = 0; j < indices.size(); ++j) {
    weights.push_back(surrogate.weight(j, indices[j].total));
    first += indices[j].first;
  }
  return {.parameters = by_parameter(study.space, weights),
          .question = "what the loss depends on, interactions included",
          .facts = {{"sum of first-order indices", first}}};
}

Ranking by_shapley(const StudyView& study, std::span<const RankedTrial> trials,
                   const Surrogate& surrogate, Rng& rng) {
  const std::span<const Dimension> dimensions = study.space.dimensions();
  const std::size_t count = std::min(trials.size(), kNumExplained);
  std::vector<std::vector<double>> units;
  for (std::size_t i = 0; i < count; ++i) {
    const PointView point = trials[i * trials.size() / count].point;
    std::vector<double>& unit = units.emplace_back();
    for (std::size_t j = 0; j < dimensions.size(); ++j) {
      unit.push_back(is_active(point[j]) ? dimensions[j].to_unit(point[j]) : std::nan(""));
    }
  }
  std::vector<Weight> weights;
  const std::vector<double> values = shapley_values(surrogate.forest, units, kNumOrders, rng);
  for (std::size_t j = 0; j < values.size(); ++j) {
    weights.push_back(surrogate.weight(j, values[j]));
  }
  Ranking ranking = {.parameters = by_parameter(study.space, weights),
                     .question = "what moves the loss of a trial away from the average"};
  divide_by_sum(ranking.parameters);
  return ranking;
}

Ranking by_ablation(const StudyView& study, const Surrogate& surrogate) {
  Ranking ranking = {.question = "what took the best trial away from the default"};
  if (study.history.best() < 0) {
    ranking.refusal = "there is no best trial to compare with the default";
    return ranking;
  }
  const std::vector<AblationStep> path =
      ablation_path(surrogate.forest, study.space, study.space.default_point(),
                    study.history.point(study.history.best()));
  double total = 0.0;
  for (const AblationStep& step : path) total += std::max(0.0, step.gain);
  for (const AblationStep& step : path) {
    const Parameter& parameter = study.space.parameters()[step.parameter];
    bool is_above = false;
    for (std::size_t j = parameter.first; j < parameter.first + parameter.count; ++j) {
      is_above |= surrogate.weight(j, 0.0).is_above_noise;
    }
    ranking.parameters.push_back(
        {parameter.name, total > 0.0 ? std::max(0.0, step.gain) / total : 0.0, is_above});
  }
  ranking.facts["predicted gain"] = total;
  return ranking;
}

Ranking by_forest(const StudyView& study, std::span<const RankedTrial> all,
                  const std::string& method) {
  const std::vector<RankedTrial> trials = thinned(all);
  Rng rng(study.spec.seed, 0, "importance forest");
  const Surrogate surrogate(study, trials, rng);
  Ranking ranking;
  if (method == "fanova") ranking = by_fanova(study, surrogate);
  if (method == "sobol") ranking = by_sobol(study, surrogate);
  if (method == "shapley") ranking = by_shapley(study, trials, surrogate, rng);
  if (method == "ablation") ranking = by_ablation(study, surrogate);
  const double r2 = surrogate.forest.out_of_bag_r2();
  ranking.facts["R2 on unseen trials"] = std::isnan(r2) ? 0.0 : r2;
  if (!(r2 >= kMinR2) && ranking.refusal.empty()) {
    ranking.refusal = fmt::format(
        "the {} trials do not tell: a model of them predicts unseen ones no better than their mean",
        trials.size());
  }
  return ranking;
}

}  // namespace

Ranking rank_parameters(const StudyView& study, std::span<const RankedTrial> trials,
                        const OptionValues& options) {
  const std::string& method = options.text("method");
  Ranking ranking = method == "ped_anova" ? by_ped_anova(study, trials, options.number("quantile"))
                                          : by_forest(study, trials, method);
  if (method != "ablation") {  // whose order is that of the way
    std::stable_sort(ranking.parameters.begin(), ranking.parameters.end(),
                     [](const auto& a, const auto& b) { return a.share > b.share; });
  }
  return ranking;
}

}  // namespace trimtab
