#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "trimtab/core/fresh_result.hpp"
#include "trimtab/core/history.hpp"

namespace trimtab {

/// What the study's protocol was and what came of it, as labels and sentences: scenarios, splits,
/// holdout, compute class, what other studies did with the data. Empty for a study without any.
std::vector<std::pair<std::string, std::string>> protocol_facts(const StudyView& view);

/// Of a study whose search saw other data than its fresh runs: what may be quoted as its result,
/// "accuracy 0.81 (mean of 24 fresh runs on letters N-Z, deviation 0.01)", or that there is nothing
/// yet. Nothing for other studies.
std::optional<std::string> quotable_result(const StudyView& view);

/// The trial whose parameters are the study's answer: by fresh runs where only those are results,
/// else by the search; -1 = none.
std::int64_t answer_of(const StudyView& view);

}  // namespace trimtab
