#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "trimtab/core/registry.hpp"
#include "trimtab/core/study.hpp"

namespace trimtab {

/// What a study tells its pruner about itself.
PrunerSetting pruner_setting(const StudySpec& spec);

/// What a study with a fidelity tells its schedule about itself.
ScheduleSetting schedule_setting(const StudySpec& spec);

/// Checks the names and options that only the registry knows: the sampler and its options against
/// the space, the pruner and its options against the objectives, the workload and its options.
/// Builds nothing that lasts.
/// @param where  place of a path such as "sampler/name" for messages; may be empty.
/// @throws UserError with every problem.
void check_against_registry(const StudySpec& spec, const Registry& registry,
                            const std::function<std::string(std::string_view)>& where);

/// Whether a study that exists can go on under `given`: same space, objectives and seed. Everything
/// else (budget, limits, command, parallelism, sampler) may change.
/// @throws UserError "study.changed" naming what differs.
void check_compatible(const StudySpec& existing, const StudySpec& given);

}  // namespace trimtab
