#pragma once

#include "trimtab/core/pruning/percentile_rule.hpp"

namespace trimtab {

/// Stops a trial whose best loss so far is worse than the median of others at the same step.
///
/// Source, differs, cost: PercentileRule.
class Median : public PercentileRule {
 public:
  Median(const OptionValues& options, const PrunerSetting& setting);

  static Info info();
  static PrunerCapabilities capabilities();
};

}  // namespace trimtab
