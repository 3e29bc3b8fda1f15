#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/cli/commands.hpp"
#include "trimtab/engine/study.hpp"

namespace trimtab {

/// Opens the study that the arguments name. A study file (a name that ends in .toml, .yaml, .yml or
/// .json) is created when the storage does not have it and `may_create`.
Study open_study(const StudyArguments& arguments, const Registry& registry, bool may_create);

/// The place (file:line:column) of a path such as "program/command".
using PlaceOf = std::function<std::string(std::string_view path)>;
using PlacedCheck = std::function<void(const StudySpec& spec, const PlaceOf& where)>;

/// Reads a study file, applies settings, fills the space from the workload, checks all names.
/// @param check  the caller's own, whose UserError is told with the others.
/// @throws UserError with every problem, with line and column.
StudySpec read_study_file(const std::string& path, const std::vector<std::string>& settings,
                          const Registry& registry, const PlacedCheck& check = {});

bool is_study_file(const std::string& name);

}  // namespace trimtab
