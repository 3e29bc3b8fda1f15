#include "trimtab/cli/open_study.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "trimtab/base/document.hpp"
#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/engine/study_check.hpp"

namespace trimtab {
namespace {

// The options that the file gives its workload; nothing when the name or an option is wrong
// (check_against_registry tells that, option by option).
std::optional<OptionValues> workload_options(const StudySpec& spec, const Registry& registry) {
  if (spec.program.workload.empty()) return std::nullopt;
  try {
    return OptionValues(registry.workload(spec.program.workload).info,
                        Json::parse(spec.program.workload_options), "program");
  } catch (const UserError&) {
    return std::nullopt;
  }
}

// The space and objectives that the file leaves to the workload.
void complete_from_workload(StudySpec& spec, const Json& root, const Registry& registry) {
  const std::optional<OptionValues> options = workload_options(spec, registry);
  if (!options) return;
  const Workload workload = registry.workload(spec.program.workload).make(*options);
  if (!root.contains("space")) spec.space_definition = workload.space.definition_text();
  const bool names_objectives = root.contains("study") && (root["study"].contains("objectives") ||
                                                           root["study"].contains("objective"));
  if (!names_objectives) spec.objectives = workload.objectives;
}

}  // namespace

bool is_study_file(const std::string& name) {
  return std::ranges::any_of(std::vector<std::string>{".toml", ".yaml", ".yml", ".json"},
                             [&](const std::string& ending) { return name.ends_with(ending); });
}

StudySpec read_study_file(const std::string& path, const std::vector<std::string>& settings,
                          const Registry& registry, const PlacedCheck& check) {
  Document document = Document::read(path);
  if (!settings.empty()) {
    Json root = document.root();
    for (const std::string& setting : settings) set_by_path(root, setting);
    document = document.with_root(root);
  }
  const auto where = [&](std::string_view place) { return document.where(place); };
  return parse_study(
      document, {[&](StudySpec& spec) { complete_from_workload(spec, document.root(), registry); },
                 [&](StudySpec& spec) { check_against_registry(spec, registry, where); },
                 [&](StudySpec& spec) {
                   if (check) check(spec, where);
                 }});
}

Study open_study(const StudyArguments& arguments, const Registry& registry, bool may_create) {
  if (!is_study_file(arguments.study)) {
    return Study::open(arguments.study, registry, registry.open_storage(arguments.storage));
  }
  const StudySpec spec = read_study_file(arguments.study, {}, registry);
  std::shared_ptr<Storage> storage = registry.open_storage(arguments.storage);
  if (!may_create) return Study::open(spec.name, registry, std::move(storage));
  return Study(spec, registry, std::move(storage));
}

}  // namespace trimtab
