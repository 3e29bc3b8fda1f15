#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "trimtab/core/pruner.hpp"
#include "trimtab/core/pruning/rungs.hpp"

namespace trimtab {

/// Asynchronous successive halving in its stopping form: at each rung (min_step, min_step * eta,
/// min_step * eta^2, ...) only the best 1/eta of those that came so far go on.
///
/// Source, differs, cost: Rungs.
class SuccessiveHalving {
 public:
  SuccessiveHalving(const OptionValues& options, const PrunerSetting& setting);

  static Info info();
  static PrunerCapabilities capabilities();

  void tell(std::span<const Progress> progress);
  bool should_prune(std::int64_t trial, double step) const;
  std::string explain(std::int64_t trial, double step) const;

 private:
  Rungs rungs_;
};

}  // namespace trimtab
