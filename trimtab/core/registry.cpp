#include "trimtab/core/registry.hpp"

#include <nlohmann/json.hpp>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

template <typename Entry>
const Entry& find_entry(const std::map<std::string, Entry>& entries, std::string_view name,
                        const char* kind, const std::string& where) {
  const auto found = entries.find(std::string(name));
  if (found != entries.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, entry] : entries) names.push_back(known);
  throw UserError({.code = std::string("registry.unknown_") + kind,
                   .what = std::string("there is no such ") + kind,
                   .where = where,
                   .got = quote(name),
                   .expected = one_of(names),
                   .hint = did_you_mean(name, names)});
}

void refuse(const std::string& kind, const Info& info, const char* what, const std::string& where) {
  throw UserError({.code = kind + ".capability",
                   .what = kind + " " + quote(info.name) + " cannot handle " + what,
                   .where = where,
                   .got = "",
                   .expected = "",
                   .hint = "see `trimtab list " + kind + "s`"});
}

}  // namespace

const SamplerEntry& Registry::sampler(std::string_view name, const std::string& where) const {
  return find_entry(samplers_, name, "sampler", where);
}

const PrunerEntry& Registry::pruner(std::string_view name, const std::string& where) const {
  return find_entry(pruners_, name, "pruner", where);
}

const ScheduleEntry& Registry::schedule(std::string_view name, const std::string& where) const {
  return find_entry(schedules_, name, "schedule", where);
}

const WorkloadEntry& Registry::workload(std::string_view name, const std::string& where) const {
  return find_entry(workloads_, name, "workload", where);
}

const AnalysisEntry& Registry::analysis(std::string_view name, const std::string& where) const {
  return find_entry(analyses_, name, "analysis", where);
}

AnySampler Registry::make_sampler(const Choice& choice, const Space& space,
                                  const SamplerSetting& setting, const std::string& where) const {
  const SamplerEntry& entry = sampler(choice.name, where);
  const OptionValues options(entry.info, Json::parse(choice.options), where);
  if (space.is_conditional() && !entry.capabilities.conditional) {
    refuse("sampler", entry.info, "conditional parameters", where);
  }
  if (setting.num_objectives > 1 && !entry.capabilities.multi_objective) {
    refuse("sampler", entry.info, "several objectives", where);
  }
  if (entry.capabilities.needs_finite_space && !space.size() && entry.info.options.empty()) {
    refuse("sampler", entry.info, "continuous parameters", where);
  }
  return entry.make(space, options, setting);
}

AnyPruner Registry::make_pruner(const Choice& choice, PrunerSetting setting,
                                const std::string& where) const {
  const PrunerEntry& entry = pruner(choice.name, where);
  const OptionValues options(entry.info, Json::parse(choice.options), where);
  if (setting.objectives.size() > 1 && !entry.capabilities.multi_objective) {
    refuse("pruner", entry.info, "several objectives", where);
  }
  setting.make_other = [this, plain = setting, where](const std::string& name) {
    return make_pruner({.name = name, .options = "{}"}, plain, where);
  };
  return entry.make(options, setting);
}

std::unique_ptr<Schedule> Registry::make_schedule(const Choice& choice,
                                                  const ScheduleSetting& setting,
                                                  const std::string& where) const {
  const ScheduleEntry& entry = schedule(choice.name, where);
  return entry.make(OptionValues(entry.info, Json::parse(choice.options), where), setting);
}

std::unique_ptr<Storage> Registry::open_storage(const std::string& url) const {
  const std::size_t colon = url.find(':');
  const std::string scheme = url.substr(0, colon);
  if (colon == std::string::npos || !storages_.contains(scheme)) {
    std::vector<std::string> examples, schemes;
    for (const auto& [known, entry] : storages_) {
      examples.push_back(entry.example);
      schemes.push_back(known);
    }
    throw UserError({.code = "storage.url",
                     .what = "this is not a storage URL",
                     .where = "--storage",
                     .got = quote(url),
                     .expected = one_of(examples),
                     .hint = did_you_mean(scheme, schemes)});
  }
  return storages_.at(scheme).open(url.substr(colon + 1));
}

}  // namespace trimtab
