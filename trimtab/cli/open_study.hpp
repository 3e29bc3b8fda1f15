#pragma once

#include <memory>
#include <string>

#include "trimtab/cli/commands.hpp"
#include "trimtab/engine/study.hpp"

namespace trimtab {

/// Opens the study that the arguments name. A study file (a name that ends in .toml, .yaml, .yml or
/// .json) is created when the storage does not have it and `may_create`.
Study open_study(const StudyArguments& arguments, const Registry& registry, bool may_create);

/// Reads a study file, applies settings, fills the space from the workload, checks all names.
/// @throws UserError with every problem, with line and column.
StudySpec read_study_file(const std::string& path, const std::vector<std::string>& settings,
                          const Registry& registry);

bool is_study_file(const std::string& name);

}  // namespace trimtab
