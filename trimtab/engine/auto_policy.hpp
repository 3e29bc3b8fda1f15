#pragma once

#include <string>

#include "trimtab/core/study.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {

/// What "auto" stands for in a given study, and why; shown by `trimtab show`.
struct AutoDecision {
  Choice choice;
  std::string reason;
};

/// Rules, first match wins:
///   1. a finite space not larger than the budget is enumerated without repeats (grid);
///   2. several objectives are searched by regularised evolution;
///   3. otherwise TPE with its defaults (multivariate, grouped by jointly active parameters).
/// A pure function of the study, so that a resumed study decides alike.
AutoDecision resolve_auto(const StudySpec& spec, const Space& space);

/// The study's sampler with "auto" replaced.
Choice resolve_sampler(const StudySpec& spec, const Space& space);

}  // namespace trimtab
