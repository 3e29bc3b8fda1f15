#pragma once

#include <optional>

#include "trimtab/cli/commands.hpp"
#include "trimtab/engine/runner.hpp"
#include "trimtab/engine/study.hpp"

namespace trimtab {

/// Runs an open study until it is over or a signal comes; shows progress, prints no result.
/// @param arguments  of them parallel, folder, is_json and is_quiet count.
Runner::End run_opened(Study& study, const StudySpec& spec, const RunArguments& arguments,
                       CommandContext context);

/// Opens the study of the arguments and runs it to its end, writes its report, prints nothing but
/// progress. Nothing when it was interrupted.
std::optional<Study> run_to_end(const RunArguments& arguments, CommandContext context);

}  // namespace trimtab
