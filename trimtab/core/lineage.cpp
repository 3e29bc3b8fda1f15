#include "trimtab/core/lineage.hpp"

#include <algorithm>
#include <limits>

namespace trimtab {

std::vector<std::int64_t> ancestry(const History& history, std::int64_t number) {
  std::vector<std::int64_t> chain = {number};
  while (history.purpose(chain.back()) == Purpose::Search && history.of_trial(chain.back()) >= 0) {
    chain.push_back(history.of_trial(chain.back()));
  }
  std::ranges::reverse(chain);
  return chain;
}

RepeatedSteps repeated_steps(const History& history) {
  RepeatedSteps result;
  std::vector<double> furthest(static_cast<std::size_t>(history.size()),
                               -std::numeric_limits<double>::infinity());
  for (std::int64_t i = 0; i < history.num_reports(); ++i) {
    const History::Reported report = history.reported(i);
    double& before = furthest[static_cast<std::size_t>(report.number)];
    ++result.num_reported;
    result.num_repeated += report.step <= before;
    before = std::max(before, report.step);
  }
  return result;
}

}  // namespace trimtab
