#pragma once

#include "trimtab/exchange/study_draft.hpp"

namespace trimtab::exchange {

/// Whether every value is a parameter of NNI's: {"_type": ..., "_value": [...]}.
bool is_search_space(const Json& root);

/// A search space of NNI's as parameters of a study file. @param path  of it in the source.
Json space_of(StudyDraft& draft, const std::string& path, const Json& search_space);

}  // namespace trimtab::exchange
