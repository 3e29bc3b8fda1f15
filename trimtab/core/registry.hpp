#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "trimtab/core/analysis.hpp"
#include "trimtab/core/pruner.hpp"
#include "trimtab/core/sampler.hpp"
#include "trimtab/core/schedule.hpp"
#include "trimtab/core/storage.hpp"
#include "trimtab/core/workload.hpp"

namespace trimtab {

/// Every implementation by name. A value: `make_registry()` gives the complete one of this build,
/// tests may add their own.
class Registry {
 public:
  template <SamplerModel T>
  void add_sampler() {
    const Info info = T::info();
    samplers_[info.name] = {
        info, T::capabilities(),
        [](const Space& space, const OptionValues& options, const SamplerSetting& setting) {
          return AnySampler(std::make_unique<T>(space, options, setting));
        }};
  }
  template <PrunerModel T>
  void add_pruner() {
    const Info info = T::info();
    pruners_[info.name] = {info, T::capabilities(),
                           [](const OptionValues& options, const PrunerSetting& setting) {
                             return AnyPruner(std::make_unique<T>(options, setting));
                           }};
  }
  template <ScheduleModel T>
  void add_schedule() {
    const Info info = T::info();
    schedules_[info.name] = {
        info, [](const OptionValues& options, const ScheduleSetting& setting) {
          return std::unique_ptr<Schedule>(std::make_unique<T>(options, setting));
        }};
  }
  void add_storage(StorageEntry entry) { storages_[entry.scheme] = std::move(entry); }
  void add_workload(WorkloadEntry entry) { workloads_[entry.info.name] = std::move(entry); }
  void add_analysis(AnalysisEntry entry) { analyses_[entry.info.name] = std::move(entry); }

  const std::map<std::string, SamplerEntry>& samplers() const { return samplers_; }
  const std::map<std::string, PrunerEntry>& pruners() const { return pruners_; }
  const std::map<std::string, ScheduleEntry>& schedules() const { return schedules_; }
  const std::map<std::string, StorageEntry>& storages() const { return storages_; }
  const std::map<std::string, WorkloadEntry>& workloads() const { return workloads_; }
  const std::map<std::string, AnalysisEntry>& analyses() const { return analyses_; }

  /// @param where  place of the name for messages. @throws UserError with the nearest name.
  const SamplerEntry& sampler(std::string_view name, const std::string& where = {}) const;
  const PrunerEntry& pruner(std::string_view name, const std::string& where = {}) const;
  const ScheduleEntry& schedule(std::string_view name, const std::string& where = {}) const;
  const WorkloadEntry& workload(std::string_view name, const std::string& where = {}) const;
  const AnalysisEntry& analysis(std::string_view name, const std::string& where = {}) const;

  /// Builds a checked sampler: options validated, the space within its capabilities.
  /// @param where  place of the sampler's options for messages.
  AnySampler make_sampler(const Choice& choice, const Space& space, const SamplerSetting& setting,
                          const std::string& where) const;

  /// Builds a checked pruner: options validated, the objectives within its capabilities.
  /// @param setting  `make_other` is set here.
  /// @param where    place of the pruner's options for messages.
  AnyPruner make_pruner(const Choice& choice, PrunerSetting setting,
                        const std::string& where) const;

  /// @throws UserError for an unknown name or wrong options.
  std::unique_ptr<Schedule> make_schedule(const Choice& choice, const ScheduleSetting& setting,
                                          const std::string& where) const;

  /// Opens a storage URL: "sqlite:PATH", "memory:". @throws UserError for an unknown scheme.
  std::unique_ptr<Storage> open_storage(const std::string& url) const;

 private:
  std::map<std::string, SamplerEntry> samplers_;
  std::map<std::string, PrunerEntry> pruners_;
  std::map<std::string, ScheduleEntry> schedules_;
  std::map<std::string, StorageEntry> storages_;
  std::map<std::string, WorkloadEntry> workloads_;
  std::map<std::string, AnalysisEntry> analyses_;
};

/// The registry of this build; generated from the implementation folders.
Registry make_registry();

}  // namespace trimtab

// One line per implementation folder, at the start of a line in its .cpp, outside of any namespace.
// The name must equal Info::name (and be a plain identifier): the build generates the calls from
// it.
#define TRIMTAB_SAMPLER(name, Type)                                                   \
  namespace trimtab {                                                                 \
  void register_samplers_##name(Registry& registry);                                  \
  void register_samplers_##name(Registry& registry) { registry.add_sampler<Type>(); } \
  }
#define TRIMTAB_PRUNER(name, Type)                                                  \
  namespace trimtab {                                                               \
  void register_pruners_##name(Registry& registry);                                 \
  void register_pruners_##name(Registry& registry) { registry.add_pruner<Type>(); } \
  }
#define TRIMTAB_SCHEDULE(name, Type)                                                    \
  namespace trimtab {                                                                   \
  void register_schedules_##name(Registry& registry);                                   \
  void register_schedules_##name(Registry& registry) { registry.add_schedule<Type>(); } \
  }
#define TRIMTAB_STORAGE(name, entry)                                                \
  namespace trimtab {                                                               \
  void register_storage_##name(Registry& registry);                                 \
  void register_storage_##name(Registry& registry) { registry.add_storage(entry); } \
  }
#define TRIMTAB_WORKLOAD(name, entry)                                                  \
  namespace trimtab {                                                                  \
  void register_workloads_##name(Registry& registry);                                  \
  void register_workloads_##name(Registry& registry) { registry.add_workload(entry); } \
  }
#define TRIMTAB_ANALYSIS(name, entry)                                                \
  namespace trimtab {                                                                \
  void register_science_##name(Registry& registry);                                  \
  void register_science_##name(Registry& registry) { registry.add_analysis(entry); } \
  }
