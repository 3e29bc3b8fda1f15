#pragma once

#include "trimtab/core/pruning/percentile_rule.hpp"

namespace trimtab {

/// `median` with a percentile of one's own: the smaller, the more is stopped.
///
/// Source, differs, cost: PercentileRule.
class Percentile : public PercentileRule {
 public:
  Percentile(const OptionValues& options, const PrunerSetting& setting);

  static Info info();
  static PrunerCapabilities capabilities();
};

}  // namespace trimtab
