#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "trimtab/core/pruner.hpp"

namespace trimtab {

/// Lets every trial run to its end; what a study does without [pruner].
///
/// Source: none.  Differs: none.
class None {
 public:
  None(const OptionValues& options, const PrunerSetting& setting);

  static Info info();
  static PrunerCapabilities capabilities();

  void tell(std::span<const Progress> progress);
  bool should_prune(std::int64_t trial, double step) const;
  std::string explain(std::int64_t trial, double step) const;
};

}  // namespace trimtab
