#include "trimtab/pruners/wilcoxon/wilcoxon.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "trimtab/core/registry.hpp"
#include "trimtab/numerics/statistics.hpp"

TRIMTAB_PRUNER(wilcoxon, Wilcoxon)

namespace trimtab {
namespace {

double or_worst(double loss) {
  return std::isnan(loss) ? std::numeric_limits<double>::infinity() : loss;
}

// No worse anywhere. Equal ones count, so that the older champion stays.
bool covers(std::span<const double> a, std::span<const double> b) {
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (!(a[k] <= b[k])) return false;
  }
  return true;
}

}  // namespace

Info Wilcoxon::info() {
  Info info;
  info.name = "wilcoxon";
  info.purpose = "stops a trial that loses to the best one fold by fold (steps are folds)";
  info.source = "Wilcoxon 1945, one-sided; Berger 1982 for several objectives";
  info.options = {
      {"p_threshold", 0.1, "stop below this probability; smaller stops later", 0.0, 1.0},
      {"startup_steps", std::int64_t{2}, "folds in common before a trial is judged", 1.0}};
  return info;
}

PrunerCapabilities Wilcoxon::capabilities() { return {}; }

Wilcoxon::Wilcoxon(const OptionValues& options, const PrunerSetting& setting)
    : p_threshold_(options.number("p_threshold")),
      startup_steps_(static_cast<std::size_t>(options.integer("startup_steps"))),
      num_objectives_(setting.objectives.size()),
      curves_(setting.objectives.size()) {}

void Wilcoxon::tell(std::span<const Progress> progress) {
  for (const Progress& event : progress) {
    curves_.tell(event);
    const bool is_complete =
        event.kind == Progress::Kind::End && event.state == TrialState::Complete;
    if (is_complete && curves_.find(event.trial) != nullptr) take_complete(event);
  }
}

void Wilcoxon::take_complete(const Progress& end) {
  const auto is_covered_by = [&](const Champion& other) {
    return covers(other.losses, end.losses);
  };
  if (std::ranges::any_of(champions_, is_covered_by)) return;
  std::erase_if(champions_,
                [&](const Champion& other) { return covers(end.losses, other.losses); });
  champions_.push_back({end.trial, {end.losses.begin(), end.losses.end()}});
}

double Wilcoxon::p_worse(const LearningCurve& curve, const LearningCurve& champion) const {
  double largest = 0.0;
  for (std::size_t k = 0; k < num_objectives_; ++k) {
    std::vector<double> differences;
    double sum = 0.0;
    for (std::size_t i = 0; i < curve.size(); ++i) {
      const auto other = champion.find(curve.step(i));
      if (!other) continue;
      const double mine = or_worst(curve.losses(i)[k]);
      const double theirs = or_worst(champion.losses(*other)[k]);
      differences.push_back(mine == theirs ? 0.0 : mine - theirs);
      sum += differences.back();
    }
    if (differences.size() < startup_steps_ || !(sum > 0.0)) return 1.0;
    const SignedRank test = signed_rank_test(differences);
    const auto n = static_cast<double>(test.num_used);
    const bool is_worse = test.positive_rank_sum > n * (n + 1.0) / 4.0;
    largest = std::max(largest, is_worse ? test.p / 2.0 : 1.0);
  }
  return largest;
}

const Wilcoxon::Champion* Wilcoxon::winner(std::int64_t trial, double step) const {
  const LearningCurve* curve = curves_.find(trial);
  if (curve == nullptr || !curve->find(step)) return nullptr;
  for (const Champion& champion : champions_) {
    if (champion.trial == trial) continue;
    if (p_worse(*curve, *curves_.find(champion.trial)) < p_threshold_) return &champion;
  }
  return nullptr;
}

bool Wilcoxon::should_prune(std::int64_t trial, double step) const {
  return winner(trial, step) != nullptr;
}

std::string Wilcoxon::explain(std::int64_t trial, double step) const {
  const Champion* champion = winner(trial, step);
  if (champion == nullptr) return "";
  return "significantly worse than trial " + std::to_string(champion->trial) +
         " on the folds of both";
}

}  // namespace trimtab
