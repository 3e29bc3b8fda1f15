#include "trimtab/base/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "trimtab/base/error.hpp"
#include "trimtab/base/file_draft.hpp"

namespace trimtab {
namespace {

[[noreturn]] void throw_io(const char* what, const std::string& path, int code) {
  throw EnvironmentError({.code = "files.io",
                          .what = what,
                          .where = path,
                          .got = describe_errno(code),
                          .expected = "",
                          .hint = ""});
}

[[noreturn]] void throw_unreadable(const std::string& path, const std::string& got,
                                   const std::string& expected) {
  throw UserError({.code = "files.unreadable",
                   .what = "the file cannot be read",
                   .where = path,
                   .got = got,
                   .expected = expected,
                   .hint = ""});
}

}  // namespace

void UniqueFd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

std::string describe_errno(int code) {
  char buffer[128];
  return std::string(::strerror_r(code, buffer, sizeof buffer)) + " (errno " +
         std::to_string(code) + ")";
}

std::string read_file(const std::string& path, std::size_t max_bytes) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) throw_unreadable(path, describe_errno(errno), "a readable file");
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) throw_unreadable(path, describe_errno(errno), "");
  if (S_ISDIR(info.st_mode)) throw_unreadable(path, "a folder", "a file");
  std::string content;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t count = ::read(file.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_unreadable(path, describe_errno(errno), "a readable file");
    if (count == 0) return content;
    content.append(buffer, static_cast<std::size_t>(count));
    if (content.size() > max_bytes) {
      throw_unreadable(path, "more than " + std::to_string(max_bytes) + " bytes",
                       "at most " + std::to_string(max_bytes) + " bytes");
    }
  }
}

void write_file_atomically(const std::string& path, std::string_view content) {
  FileDraft draft(path);
  draft.append(content);
  draft.commit();
}

void make_folders(const std::string& path) {
  std::error_code code;
  std::filesystem::create_directories(path, code);
  if (code) throw_io("the folder cannot be created", path, code.value());
}

}  // namespace trimtab
