#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/base/weights/safetensors.hpp"

namespace trimtab {
namespace {

[[noreturn]] void refuse(const std::string& path, const char* code, const std::string& what,
                         const std::string& got, const std::string& expected) {
  throw UserError(
      {.code = code, .what = what, .where = path, .got = got, .expected = expected, .hint = ""});
}

std::uint64_t size_of(int file, const std::string& path) {
  struct stat info{};
  if (::fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
    refuse(path, "files.unreadable", "the file cannot be read", "not an ordinary file", "a file");
  }
  return static_cast<std::uint64_t>(info.st_size);
}

}  // namespace

SafetensorsFile::SafetensorsFile(std::string path)
    : path_(std::move(path)), file_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (!file_.is_open()) {
    refuse(path_, "files.unreadable", "the file cannot be read", describe_errno(errno),
           "a readable file");
  }
  const std::uint64_t size = size_of(file_.get(), path_);
  if (size < 8) refuse(path_, "safetensors.format", "the file is too short", "", "8 bytes or more");
  preamble_.resize(8);
  read_at(0, preamble_.data(), 8);
  std::uint64_t length = 0;
  for (int byte = 7; byte >= 0; --byte) {
    length = (length << 8) | static_cast<unsigned char>(preamble_[static_cast<std::size_t>(byte)]);
  }
  if (length > kMaxSafetensorsHeader || length > size - 8) {
    refuse(path_, "safetensors.format", "the header is longer than it can be",
           fmt::format("{} bytes in a file of {}", length, size),
           fmt::format("at most {}", kMaxSafetensorsHeader));
  }
  preamble_.resize(8 + length);
  read_at(8, preamble_.data() + 8, length);
  header_ = parse_safetensors_header(std::string_view(preamble_).substr(8), path_);
  if (header_.num_bytes() != size - preamble_.size()) {
    refuse(path_, "safetensors.format", "the data do not end where the tensors do",
           fmt::format("{} bytes", size - preamble_.size()),
           fmt::format("{} bytes", header_.num_bytes()));
  }
}

void SafetensorsFile::read(const TensorEntry& tensor, std::uint64_t offset,
                           std::span<std::byte> bytes) const {
  read_at(preamble_.size() + tensor.begin + offset, reinterpret_cast<char*>(bytes.data()),
          bytes.size());
}

void SafetensorsFile::read_at(std::uint64_t offset, char* bytes, std::size_t count) const {
  while (count > 0) {
    const ssize_t got = ::pread(file_.get(), bytes, count, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      throw EnvironmentError({.code = "files.io",
                              .what = "the file cannot be read",
                              .where = path_,
                              .got = got < 0 ? describe_errno(errno) : "it has become shorter",
                              .expected = "",
                              .hint = ""});
    }
    bytes += got;
    offset += static_cast<std::uint64_t>(got);
    count -= static_cast<std::size_t>(got);
  }
}

}  // namespace trimtab
