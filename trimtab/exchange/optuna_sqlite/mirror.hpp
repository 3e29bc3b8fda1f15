#pragma once

#include <memory>
#include <string>

#include "trimtab/exchange/format.hpp"

namespace trimtab::exchange {

/// An Optuna database that shows one study: a file that did not exist, or one that this function
/// made of the same study before and that goes on. On return it has everything of the log. A new
/// file appears whole; later each `catch_up` is one transaction, so that readers and a killed
/// mirror always leave a study as it was at some moment. One writer: a second one is told so.
/// @throws UserError when the file is there and is no mirror of this study.
/// Cost: O(events) to open, then O(new events). Memory: a picture of the study while it follows.
std::unique_ptr<Mirror> mirror_to_optuna(const Storage& storage, const StudyRecord& record,
                                         const std::string& path, const MirrorOptions& options);

}  // namespace trimtab::exchange
