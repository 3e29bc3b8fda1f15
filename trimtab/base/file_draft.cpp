#include "trimtab/base/file_draft.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <utility>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

[[noreturn]] void throw_unwritable(const std::string& path, int code) {
  throw EnvironmentError({.code = "files.io",
                          .what = "the file cannot be written",
                          .where = path,
                          .got = describe_errno(code),
                          .expected = "",
                          .hint = ""});
}

}  // namespace

FileDraft::FileDraft(std::string path)
    : path_(std::move(path)), draft_(path_ + ".draft" + std::to_string(::getpid())) {
  file_.reset(::open(draft_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file_.is_open()) throw_unwritable(path_, errno);
}

FileDraft::FileDraft(FileDraft&& other) noexcept
    : path_(std::move(other.path_)),
      draft_(std::exchange(other.draft_, {})),
      file_(std::move(other.file_)) {}

FileDraft::~FileDraft() {
  if (!draft_.empty()) ::unlink(draft_.c_str());
}

void FileDraft::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_unwritable(path_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void FileDraft::commit() {
  const bool is_synced = ::fsync(file_.get()) == 0;
  if (!is_synced || std::rename(draft_.c_str(), path_.c_str()) != 0) {
    throw_unwritable(path_, errno);
  }
  draft_.clear();
  file_.reset();
}

}  // namespace trimtab
