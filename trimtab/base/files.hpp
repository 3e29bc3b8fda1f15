#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace trimtab {

/// Owns a file descriptor; closes it once.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

/// The whole file.
/// @throws UserError when it is missing, unreadable, a directory, or larger than `max_bytes`.
std::string read_file(const std::string& path, std::size_t max_bytes = std::size_t{1} << 26);

/// Replaces `path` in one step: writes beside it, syncs, renames. Readers see the old or the new
/// file.
/// @throws EnvironmentError when the disk refuses; the old file is then untouched.
void write_file_atomically(const std::string& path, std::string_view content);

/// Creates the folder and its parents. @throws EnvironmentError when that is refused.
void make_folders(const std::string& path);

/// "No space left on device (errno 28)" for the current value of errno, or for the one given.
std::string describe_errno(int code);

}  // namespace trimtab
