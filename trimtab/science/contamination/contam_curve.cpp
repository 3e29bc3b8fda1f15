#include "trimtab/science/contamination/contam_curve.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "trimtab/base/error.hpp"
#include "trimtab/numerics/distributions.hpp"
#include "trimtab/numerics/statistics.hpp"
#include "trimtab/numerics/statistics/ranks.hpp"

namespace trimtab {
namespace {

ContaminationPoint point_at(double threshold, std::span<const double> scores,
                            std::span<const double> correct) {
  const double n = static_cast<double>(scores.size());
  double clean_sum = 0.0, num_clean = 0.0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] >= threshold) continue;
    clean_sum += correct[i];
    num_clean += 1.0;
  }
  ContaminationPoint point;
  point.threshold = threshold;
  point.num_contaminated = scores.size() - static_cast<std::size_t>(num_clean);
  if (num_clean == 0.0) return point;
  point.accuracy_clean = clean_sum / num_clean;
  point.gain = mean(correct) - point.accuracy_clean;
  if (scores.size() < 2) return point;
  const double deviation = std::sqrt(variance(correct) / num_clean * (1.0 - num_clean / n));
  point.z = deviation > 0.0 ? point.gain / deviation : 0.0;
  return point;
}

struct Half {
  std::vector<double> scores, correct;
};

}  // namespace

std::vector<ContaminationPoint> contamination_curve(std::span<const double> scores,
                                                    std::span<const double> correct) {
  if (scores.size() != correct.size()) {
    throw BugError({.code = "contamination.curve",
                    .what = "every sample has a score and an outcome",
                    .where = "contamination_curve",
                    .got = "",
                    .expected = "equal lengths",
                    .hint = ""});
  }
  // Sorted by score, sums of the outcomes below each threshold.
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  const double n = static_cast<double>(scores.size());
  const double all = scores.empty() ? 0.0 : mean(correct);
  const double spread = scores.size() < 2 ? 0.0 : variance(correct);
  std::vector<ContaminationPoint> curve;
  double clean_sum = 0.0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool is_new = i > 0 && scores[order[i]] > scores[order[i - 1]];
    if (is_new) {
      const double num_clean = static_cast<double>(i);
      ContaminationPoint point;
      point.threshold = scores[order[i]];
      point.num_contaminated = scores.size() - i;
      point.accuracy_clean = clean_sum / num_clean;
      point.gain = all - point.accuracy_clean;
      const double deviation = std::sqrt(spread / num_clean * (1.0 - num_clean / n));
      point.z = deviation > 0.0 ? point.gain / deviation : 0.0;
      curve.push_back(point);
    }
    clean_sum += correct[order[i]];
  }
  return curve;
}

std::optional<JudgedThreshold> judge_threshold(std::span<const double> scores,
                                               std::span<const double> correct, Rng& rng) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  rng.shuffle(std::span<std::size_t>(order));
  Half chosen, judged;
  for (std::size_t i = 0; i < order.size(); ++i) {
    Half& half = i < order.size() / 2 ? chosen : judged;
    half.scores.push_back(scores[order[i]]);
    half.correct.push_back(correct[order[i]]);
  }
  const std::vector<ContaminationPoint> curve = contamination_curve(chosen.scores, chosen.correct);
  if (curve.empty()) return std::nullopt;
  const auto best = std::max_element(curve.begin(), curve.end(),
                                     [](const auto& a, const auto& b) { return a.z < b.z; });
  JudgedThreshold result;
  result.threshold = best->threshold;
  result.held_out = point_at(best->threshold, judged.scores, judged.correct);
  const std::size_t num_removed = result.held_out.num_contaminated;
  if (num_removed == 0 || num_removed == judged.scores.size()) return std::nullopt;
  result.p = normal_upper_tail(result.held_out.z);
  return result;
}

double detection_auroc(std::span<const double> scores, const std::vector<bool>& is_contaminated) {
  const Ranks ranks = mid_ranks(scores);
  double rank_sum = 0.0, num_positive = 0.0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!is_contaminated[i]) continue;
    rank_sum += ranks.values[i];
    num_positive += 1.0;
  }
  const double num_negative = static_cast<double>(scores.size()) - num_positive;
  if (num_positive == 0.0 || num_negative == 0.0) return std::nan("");
  return (rank_sum - num_positive * (num_positive + 1.0) / 2.0) / (num_positive * num_negative);
}

}  // namespace trimtab
