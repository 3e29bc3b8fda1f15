#include "trimtab/executors/process/trial_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void throw_refused(const std::string& path, int code) {
  throw EnvironmentError({.code = "process.folder",
                          .what = "cannot write a trial's file: " + describe_errno(code),
                          .where = path,
                          .got = "",
                          .expected = "",
                          .hint = ""});
}

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

std::string size_text(std::size_t bytes) {
  return format_short(static_cast<double>(bytes) / (1024.0 * 1024.0)) + " MiB";
}

}  // namespace

TrialFile read_trial_file(const std::string& path, std::string_view name, std::size_t max_bytes) {
  TrialFile result;
  const std::string subject = "the " + std::string(name);
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file.is_open()) {
    const int code = errno;
    if (code == ENXIO) {
      result.problem = subject + " is a socket, not a file";
    } else if (code != ENOENT) {
      result.problem = subject + " cannot be read: " + describe_errno(code);
    }
    return result;
  }
  struct stat info{};
  if (fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    result.problem = subject + " is " + std::string(kind_of(info.st_mode)) + ", not a file";
    return result;
  }
  char buffer[16384];
  while (result.content.size() <= max_bytes) {
    const ssize_t size = ::read(file.get(), buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) result.problem = subject + " cannot be read: " + describe_errno(errno);
    if (size <= 0) break;
    result.content.append(buffer, static_cast<std::size_t>(size));
  }
  if (result.content.size() > max_bytes) {
    result.problem = subject + " is larger than " + size_text(max_bytes);
  }
  if (!result.problem.empty()) result.content.clear();
  return result;
}

UniqueFd create_trial_file(const std::string& path) {
  std::error_code code;
  if (unlink(path.c_str()) != 0 && errno != ENOENT) fs::remove_all(path, code);
  UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!file.is_open()) throw_refused(path, errno);
  return file;
}

void write_trial_file(const std::string& path, std::string_view content) {
  const UniqueFd file = create_trial_file(path);
  while (!content.empty()) {
    const ssize_t size = ::write(file.get(), content.data(), content.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) throw_refused(path, errno);
    content.remove_prefix(static_cast<std::size_t>(size));
  }
}

void make_trial_folder(const std::string& path) {
  if (mkdir(path.c_str(), 0777) == 0) return;
  struct stat info{};
  const bool is_folder = stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  if (is_folder) {
    // Taken away by an earlier attempt; refused when the folder is somebody else's.
    if ((info.st_mode & S_IRWXU) != S_IRWXU && chmod(path.c_str(), info.st_mode | S_IRWXU) != 0) {
      throw_refused(path, errno);
    }
    return;
  }
  struct stat itself{};
  if (lstat(path.c_str(), &itself) == 0 && unlink(path.c_str()) != 0) throw_refused(path, errno);
  make_folders(path);
}

double size_of_trial_file(const std::string& path) {
  struct stat info{};
  if (lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return 0.0;
  return static_cast<double>(info.st_size);
}

}  // namespace trimtab
