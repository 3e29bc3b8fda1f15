#include "trimtab/storage/memory/memory_storage.hpp"

#include <algorithm>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"

namespace trimtab {
namespace {

StorageEntry memory_entry() {
  return {.scheme = "memory",
          .purpose = "in the memory of this process; gone with it",
          .example = "memory:",
          .is_persistent = false,
          .open = [](const std::string& address) -> std::unique_ptr<Storage> {
            if (!address.empty()) {
              throw UserError({.code = "storage.url",
                               .what = "a memory storage has no address",
                               .where = "--storage",
                               .got = quote("memory:" + address),
                               .expected = "memory:",
                               .hint = ""});
            }
            return std::make_unique<MemoryStorage>();
          }};
}

}  // namespace

StudyRecord MemoryStorage::create_study(const std::string& name, const std::string& spec,
                                        Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (find_study(name)) {
    throw UserError({.code = "storage.study_exists",
                     .what = "the storage has a study of this name",
                     .where = "memory:",
                     .got = quote(name),
                     .expected = "a new name",
                     .hint = ""});
  }
  const StudyRecord record = {.id = ++last_id_, .name = name, .spec = spec, .created = now};
  logs_[record.id] = {record, {}};
  return record;
}

std::optional<StudyRecord> MemoryStorage::find_study(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, log] : logs_) {
    if (log.record.name == name) return log.record;
  }
  return std::nullopt;
}

std::vector<StudyRecord> MemoryStorage::list_studies() const {
  const std::lock_guard lock(mutex_);
  std::vector<StudyRecord> records;
  for (const auto& [id, log] : logs_) records.push_back(log.record);
  return records;
}

void MemoryStorage::delete_study(StudyId study) {
  const std::lock_guard lock(mutex_);
  logs_.erase(study);
}

const MemoryStorage::Log& MemoryStorage::require(StudyId study) const {
  const auto found = logs_.find(study);
  if (found != logs_.end()) return found->second;
  throw UserError({.code = "storage.unknown_study",
                   .what = "the storage has no such study, it may have been deleted",
                   .where = "memory:",
                   .got = "study id " + std::to_string(study),
                   .expected = "",
                   .hint = ""});
}

MemoryStorage::Log& MemoryStorage::require(StudyId study) {
  return const_cast<Log&>(std::as_const(*this).require(study));
}

void MemoryStorage::read(StudyId study, Sequence after, const Visitor& visit) const {
  const std::lock_guard lock(mutex_);
  const std::vector<std::string>& events = require(study).events;
  for (auto i = static_cast<std::size_t>(std::max<Sequence>(after, 0)); i < events.size(); ++i) {
    visit(static_cast<Sequence>(i) + 1, events[i]);
  }
}

Sequence MemoryStorage::transact(StudyId study, Sequence after, Durability, const Visitor& visit,
                                 const Decide& decide) {
  const std::lock_guard lock(mutex_);
  read(study, after, visit);
  std::vector<std::string>& events = require(study).events;
  Batch batch = decide(static_cast<Sequence>(events.size()));
  events.insert(events.end(), std::make_move_iterator(batch.begin()),
                std::make_move_iterator(batch.end()));
  return static_cast<Sequence>(events.size());
}

}  // namespace trimtab

TRIMTAB_STORAGE(memory, memory_entry())
