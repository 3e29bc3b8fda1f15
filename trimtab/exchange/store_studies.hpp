#pragma once

#include <string>
#include <vector>

#include "trimtab/base/clock.hpp"
#include "trimtab/core/storage.hpp"
#include "trimtab/exchange/format.hpp"

namespace trimtab::exchange {

/// A study that is in the storage now.
struct StoredImport {
  std::string name = {};
  bool is_new = true;  ///< false: it was there already, with the same content
  StudyContent content = {};
};

/// Stores studies, all or none: every one is made and every name looked up before anything is
/// written, and when a write fails, what this call has written is removed. A study that is there
/// already with the same beginning (it may have gone on since) is left alone; so importing twice is
/// importing once, and an import that was killed is completed by the next one.
/// @throws UserError "import.study_exists" when a name belongs to another study; what `make`
/// throws. Cost: O(events), one commit per study.
std::vector<StoredImport> store_studies(const std::vector<ForeignStudy>& studies, Storage& storage,
                                        const Clock& clock = wall_clock());

}  // namespace trimtab::exchange
