#include "trimtab/science/two_phase_protocol/two_phase_protocol.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "trimtab/numerics/distributions.hpp"

namespace trimtab {

PhaseResult judge_phases(const PhaseScores& scores) {
  const auto chosen = std::max_element(scores.tune.begin(), scores.tune.end());
  PhaseResult result;
  result.chosen = static_cast<std::size_t>(chosen - scores.tune.begin());
  result.two_phase = scores.evaluate[result.chosen];
  result.single_phase = *std::max_element(scores.evaluate.begin(), scores.evaluate.end());
  return result;
}

PhaseSummary summarise_phases(std::string algorithm, std::vector<PhaseResult> divisions) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  PhaseSummary summary{.algorithm = std::move(algorithm), .divisions = std::move(divisions)};
  const auto count = static_cast<double>(summary.divisions.size());
  for (const PhaseResult& each : summary.divisions) {
    summary.two_phase += each.two_phase / count;
    summary.single_phase += each.single_phase / count;
  }
  summary.optimism = summary.single_phase - summary.two_phase;
  summary.optimism_p = kNone;
  if (summary.divisions.size() < 2) return summary;
  double square = 0.0;
  for (const PhaseResult& each : summary.divisions) {
    square += std::pow(each.optimism() - summary.optimism, 2.0);
  }
  const double error = std::sqrt(square / (count - 1.0) / count);
  const double reach = student_t_quantile(0.975, count - 1.0) * error;
  summary.optimism_interval = {summary.optimism - reach, summary.optimism + reach};
  summary.optimism_p = error > 0.0 ? student_t_upper_tail(summary.optimism / error, count - 1.0)
                                   : (summary.optimism > 0.0 ? 0.0 : 1.0);
  return summary;
}

}  // namespace trimtab
