#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/exchange/format.hpp"
#include "trimtab/exchange/optuna_journal/replay_journal.hpp"
#include "trimtab/exchange/optuna_studies.hpp"
#include "trimtab/optuna/python_json.hpp"

namespace trimtab::exchange {
namespace {

bool is_journal(const SourceFile& source) {
  const std::string_view head = source.head;
  const std::optional<std::vector<optuna::PythonMember>> first =
      optuna::split_python_object(head.substr(0, head.find('\n')));
  return first && std::ranges::any_of(*first, [](const optuna::PythonMember& member) {
           return member.key == "op_code";
         });
}

// The bytes of a file as they are now. A journal only grows, so that they stay.
class FileBytes {
 public:
  explicit FileBytes(const std::string& path) : path_(path), file_(::open(path.c_str(), O_RDONLY)) {
    struct stat status{};
    if (!file_.is_open() || ::fstat(file_.get(), &status) != 0) fail();
    size_ = static_cast<std::size_t>(status.st_size);
    if (size_ == 0) return;
    data_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file_.get(), 0);
    if (data_ == MAP_FAILED) fail();
  }
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;
  ~FileBytes() {
    if (data_ != nullptr && data_ != MAP_FAILED) ::munmap(data_, size_);
  }

  std::string_view view() const { return {static_cast<const char*>(data_), size_}; }

 private:
  [[noreturn]] void fail() const {
    throw UserError({.code = "import.source",
                     .what = "the source cannot be read",
                     .where = path_,
                     .got = describe_errno(errno),
                     .expected = "",
                     .hint = ""});
  }

  std::string path_;
  UniqueFd file_;
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

std::vector<ForeignStudy> read_studies(const SourceFile& source, const ReadOptions& options) {
  const FileBytes bytes(source.path);
  ReplayedJournal journal =
      replay_journal(bytes.view(), source.path,
                     options.times == "utc" ? optuna::ZoneRule::Utc : optuna::ZoneRule::Local);
  std::vector<std::string> notes;
  if (journal.is_torn) notes.push_back("the journal's last line has no end; it was left out");
  if (journal.num_discarded > 0) {
    notes.push_back(std::to_string(journal.num_discarded) +
                    " trials of the journal were discarded by their program; they are kept here");
  }
  if (options.study.empty()) return foreign_studies(std::move(journal.studies), notes);
  std::vector<std::string> names;
  for (const optuna::StoredStudy& study : journal.studies) names.push_back(study.name);
  std::erase_if(journal.studies,
                [&](const optuna::StoredStudy& study) { return study.name != options.study; });
  if (journal.studies.empty()) {
    throw UserError({.code = "import.study",
                     .what = "the source has no study of this name",
                     .where = source.path,
                     .got = quote(options.study),
                     .expected = one_of(names),
                     .hint = did_you_mean(options.study, names)});
  }
  return foreign_studies(std::move(journal.studies), notes);
}

Format optuna_journal() {
  return {.name = "optuna-journal",
          .purpose = "a journal file of Optuna's or Rustuna's",
          .recognises = is_journal,
          .read_studies = read_studies};
}

}  // namespace
}  // namespace trimtab::exchange

TRIMTAB_FORMAT(optuna_journal, optuna_journal())
