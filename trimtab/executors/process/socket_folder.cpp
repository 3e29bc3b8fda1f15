#include "trimtab/executors/process/socket_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string_view>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "trimtab-sockets-";
constexpr std::size_t kMaxBase = 60;
constexpr std::time_t kMinAge = 60;  // seconds between mkdtemp and the lock, at most

UniqueFd lock_folder(const std::string& path) {
  UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!folder.is_open() || ::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) return {};
  return folder;
}

// Only what this user owns, and what nobody holds.
void remove_abandoned(const std::string& base) {
  std::error_code error;
  for (fs::directory_iterator entry(base, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string path = entry->path().string();
    if (!entry->path().filename().string().starts_with(kPrefix)) continue;
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0 || status.st_uid != ::geteuid()) continue;
    if (std::time(nullptr) - status.st_mtime < kMinAge) continue;
    const UniqueFd lock = lock_folder(path);
    std::error_code ignored;
    if (lock.is_open()) fs::remove_all(path, ignored);
  }
}

}  // namespace

SocketFolder::SocketFolder() {
  for (const char* base : {static_cast<const char*>(std::getenv("TMPDIR")), "/tmp"}) {
    if (base == nullptr || std::string_view(base).size() > kMaxBase) continue;
    remove_abandoned(base);
    std::string path = std::string(base) + "/" + std::string(kPrefix) + "XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) continue;
    path_ = path;
    lock_ = lock_folder(path_);
    return;
  }
  throw EnvironmentError({.code = "process.socket_folder",
                          .what = "cannot make a folder for sockets: " + describe_errno(errno),
                          .where = "TMPDIR, /tmp",
                          .got = "",
                          .expected = "a folder that may be written",
                          .hint = ""});
}

SocketFolder::~SocketFolder() { ::rmdir(path_.c_str()); }

}  // namespace trimtab
