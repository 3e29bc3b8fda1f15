#pragma once

#include <map>
#include <mutex>

#include "trimtab/core/storage.hpp"

namespace trimtab {

/// Keeps studies in the memory of this process: for tests, for in-process searches, and as the
/// model of what a storage does. Every durability is that of the process's own life.
class MemoryStorage final : public Storage {
 public:
  StudyRecord create_study(const std::string& name, const std::string& spec,
                           Timestamp now) override;
  std::optional<StudyRecord> find_study(const std::string& name) const override;
  std::vector<StudyRecord> list_studies() const override;
  void delete_study(StudyId study) override;
  void read(StudyId study, Sequence after, const Visitor& visit) const override;
  Sequence transact(StudyId study, Sequence after, Durability durability, const Visitor& visit,
                    const Decide& decide) override;

 private:
  struct Log {
    StudyRecord record;
    std::vector<std::string> events;
  };
  Log& require(StudyId study);
  const Log& require(StudyId study) const;

  // Recursive, because `visit` and `decide` may look at the storage.
  mutable std::recursive_mutex mutex_;
  std::map<StudyId, Log> logs_;
  StudyId last_id_ = 0;
};

}  // namespace trimtab
