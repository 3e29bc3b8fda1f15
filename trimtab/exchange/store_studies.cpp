#include "trimtab/exchange/store_studies.hpp"

#include <optional>
#include <set>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab::exchange {
namespace {

[[noreturn]] void throw_exists(const std::string& name, const char* what) {
  throw UserError({.code = "import.study_exists",
                   .what = what,
                   .where = "study " + quote(name),
                   .got = "",
                   .expected = "a new name",
                   .hint = "import it under another name with --as NAME"});
}

// A study to store: `record` when the storage has one of its name.
struct Planned {
  StoredImport import = {};
  std::optional<StudyRecord> record = {};
};

// How the log of a study in the storage compares with what it would be.
enum class Likeness { Same, Empty, Other };
Likeness compare(const Storage& storage, const StudyRecord& record, const StudyContent& content) {
  if (record.spec != content.spec) return Likeness::Other;
  std::size_t count = 0;
  bool is_same = true;
  storage.read(record.id, 0, [&](Sequence, std::string_view bytes) {
    if (count < content.events.size()) is_same = is_same && bytes == content.events[count];
    ++count;
  });
  if (is_same && count >= content.events.size()) return Likeness::Same;
  return count == 0 ? Likeness::Empty : Likeness::Other;
}

Planned plan(const ForeignStudy& study, const Storage& storage, Timestamp now) {
  Planned planned{.record = storage.find_study(study.name)};
  planned.import.name = study.name;
  planned.import.content = study.make(study.name, planned.record ? planned.record->created : now);
  if (!planned.record) return planned;
  const Likeness likeness = compare(storage, *planned.record, planned.import.content);
  if (likeness == Likeness::Other) {
    throw_exists(study.name, "the storage has another study of this name");
  }
  planned.import.is_new = likeness == Likeness::Empty;
  return planned;
}

// As far as the storage still answers.
void remove(Storage& storage, const std::vector<StudyId>& studies) {
  try {
    for (const StudyId study : studies) storage.delete_study(study);
  } catch (const EnvironmentError&) {
    // what is left is an empty study, which the next import fills
  }
}

void append(Storage& storage, StudyId study, const Storage::Batch& events) {
  const auto visit = [](Sequence, std::string_view) {};
  storage.transact(study, 0, Durability::Disk, visit, [&](Sequence last) {
    return last == 0 ? events : Storage::Batch();  // another import of the same came first
  });
}

}  // namespace

std::vector<StoredImport> store_studies(const std::vector<ForeignStudy>& studies, Storage& storage,
                                        const Clock& clock) {
  const Timestamp now = clock.now();
  std::vector<Planned> all;
  std::set<std::string> names;
  for (const ForeignStudy& study : studies) {
    if (!names.insert(study.name).second) throw_exists(study.name, "two studies have this name");
    all.push_back(plan(study, storage, now));
  }
  std::vector<StudyId> created;
  try {
    for (Planned& planned : all) {
      if (!planned.import.is_new) continue;
      if (!planned.record) {
        planned.record =
            storage.create_study(planned.import.name, planned.import.content.spec, now);
        created.push_back(planned.record->id);
      }
      append(storage, planned.record->id, planned.import.content.events);
      Storage::Batch().swap(planned.import.content.events);
    }
  } catch (...) {
    remove(storage, created);
    throw;
  }
  std::vector<StoredImport> stored;
  for (Planned& planned : all) stored.push_back(std::move(planned.import));
  return stored;
}

}  // namespace trimtab::exchange
