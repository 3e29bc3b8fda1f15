#include "trimtab/science/confirmation/confirmation.hpp"

#include <algorithm>
#include <cmath>

#include "trimtab/core/confirm_rule.hpp"
#include "trimtab/science/confirmation/fresh_runs.hpp"

namespace trimtab {
namespace {

bool is_same_point(PointView a, PointView b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

// The finalist that is the user's default configuration: its trial, or another of the same point.
std::optional<Finalist> take_default(const History& history, std::vector<Finalist>& finalists) {
  for (std::int64_t number = 0; number < history.size(); ++number) {
    if (history.purpose(number) != Purpose::Default) continue;
    const auto found =
        std::find_if(finalists.begin(), finalists.end(), [&](const Finalist& finalist) {
          return finalist.trial == number ||
                 is_same_point(history.point(finalist.trial), history.point(number));
        });
    if (found == finalists.end()) return std::nullopt;
    Finalist standard = std::move(*found);
    finalists.erase(found);
    return standard;
  }
  return std::nullopt;
}

Comparison compare(const std::vector<double>& improvements, double level) {
  Comparison result;
  result.num_pairs = static_cast<std::int64_t>(improvements.size());
  if (!improvements.empty()) result.improvement = mean(improvements);
  if (improvements.size() < 2) return result;
  const PairedT test = paired_t_test(improvements, level);
  result.improvement = test.difference;
  result.p_wilcoxon = signed_rank_test(improvements).p;
  const bool has_spread = test.interval.low != test.interval.high;
  result.p_t = has_spread ? test.p : result.p_wilcoxon;
  result.interval = test.interval;
  result.effect = effect_size(improvements);
  return result;
}

void adjust(std::vector<Finalist>& finalists) {
  std::vector<double> p_t, p_wilcoxon;
  for (const Finalist& finalist : finalists) {
    p_t.push_back(finalist.against_default.p_t);
    p_wilcoxon.push_back(finalist.against_default.p_wilcoxon);
  }
  p_t = holm(p_t);
  p_wilcoxon = holm(p_wilcoxon);
  for (std::size_t i = 0; i < finalists.size(); ++i) {
    finalists[i].against_default.p_t_holm = p_t[i];
    finalists[i].against_default.p_wilcoxon_holm = p_wilcoxon[i];
  }
}

std::int64_t best_fresh(const Confirmation& confirmation, const Objective& objective) {
  const Finalist* best = nullptr;
  const auto consider = [&](const Finalist& finalist) {
    if (std::isnan(finalist.fresh_mean)) return;
    if (best == nullptr || objective.loss(finalist.fresh_mean) < objective.loss(best->fresh_mean)) {
      best = &finalist;
    }
  };
  // The default wins ties: there is no reason to change.
  if (confirmation.standard) consider(*confirmation.standard);
  for (const Finalist& finalist : confirmation.finalists) consider(finalist);
  return best == nullptr ? -1 : best->trial;
}

bool is_deterministic(const Confirmation& confirmation) {
  const auto has_one_value = [](const Finalist& finalist) {
    return finalist.runs.empty() || finalist.fresh_deviation == 0.0;
  };
  const bool has_runs =
      std::any_of(confirmation.finalists.begin(), confirmation.finalists.end(),
                  [](const Finalist& finalist) { return finalist.runs.size() >= 2; }) ||
      (confirmation.standard && confirmation.standard->runs.size() >= 2);
  return has_runs && (!confirmation.standard || has_one_value(*confirmation.standard)) &&
         std::all_of(confirmation.finalists.begin(), confirmation.finalists.end(), has_one_value);
}

bool is_settled(const Confirmation& confirmation, const History& history) {
  std::vector<std::int64_t> trials;
  for (const Finalist& finalist : confirmation.finalists) trials.push_back(finalist.trial);
  if (confirmation.standard) trials.push_back(confirmation.standard->trial);
  return is_confirmation_settled(history, trials,
                                 confirmation.standard ? confirmation.standard->trial : -1);
}

bool is_partial(const Confirmation& confirmation, std::int64_t planned) {
  const auto is_short = [&](const Finalist& finalist) {
    const auto num_ended = static_cast<std::int64_t>(finalist.runs.size()) + finalist.num_failed;
    return finalist.num_open > 0 || num_ended < planned;
  };
  return (confirmation.standard && is_short(*confirmation.standard)) ||
         std::any_of(confirmation.finalists.begin(), confirmation.finalists.end(), is_short);
}

Conclusion conclude(const Confirmation& confirmation) {
  if (confirmation.winner < 0) {
    const bool has_runs = confirmation.standard || !confirmation.finalists.empty();
    return has_runs ? Conclusion::TooFew : Conclusion::Absent;
  }
  if (!confirmation.standard) return Conclusion::NoDefault;
  if (confirmation.winner == confirmation.standard->trial) return Conclusion::Default;
  const Comparison& comparison = confirmation.find(confirmation.winner)->against_default;
  if (comparison.num_pairs < 2) return Conclusion::TooFew;
  if (confirmation.is_deterministic) {
    return comparison.improvement > 0.0 ? Conclusion::Better : Conclusion::NotShown;
  }
  // A winner by fresh mean can lose on the pairs when failures took different seeds away.
  if (comparison.p_t_holm <= confirmation.alpha) {
    return comparison.improvement > 0.0 ? Conclusion::Better : Conclusion::Worse;
  }
  return Conclusion::NotShown;
}

}  // namespace

const Finalist* Confirmation::find(std::int64_t trial) const {
  if (standard && standard->trial == trial) return &*standard;
  const auto found = std::find_if(finalists.begin(), finalists.end(),
                                  [&](const Finalist& each) { return each.trial == trial; });
  return found == finalists.end() ? nullptr : &*found;
}

Confirmation confirm(const StudyView& study, double alpha) {
  const Objective& objective = study.history.objectives().front();
  Confirmation result;
  result.alpha = alpha;
  result.finalists = collect_fresh_runs(study.history);
  result.standard = take_default(study.history, result.finalists);
  if (result.standard) {
    const auto num_compared =
        static_cast<double>(std::max<std::size_t>(result.finalists.size(), 1));
    for (Finalist& finalist : result.finalists) {
      finalist.against_default = compare(paired_improvements(finalist, *result.standard, objective),
                                         1.0 - alpha / num_compared);
    }
    adjust(result.finalists);
  }
  result.winner = best_fresh(result, objective);
  result.is_deterministic = is_deterministic(result);
  result.is_partial =
      is_partial(result, is_settled(result, study.history) ? 0 : study.spec.validity.confirm_seeds);
  result.conclusion = conclude(result);
  return result;
}

}  // namespace trimtab
