#include "trimtab/executors/process/output_capture.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "trimtab/executors/process/trial_files.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kChunk = std::size_t{64} * 1024;
constexpr int kChunksPerTurn = 16;

}  // namespace

OutputCapture::OutputCapture(UniqueFd pipe, const std::string& path, std::uint64_t max_bytes)
    : pipe_(std::move(pipe)), file_(create_trial_file(path)), max_bytes_(max_bytes) {
  fcntl(pipe_.get(), F_SETFL, fcntl(pipe_.get(), F_GETFL) | O_NONBLOCK);
}

void OutputCapture::read_some(const Sink& sink) {
  for (int k = 0; k < kChunksPerTurn && read_chunk(sink); ++k) {
  }
}

void OutputCapture::finish(const Sink& sink) {
  // Not until its end: somebody outside the run may hold the other side, and go on writing.
  const int capacity = pipe_.is_open() ? fcntl(pipe_.get(), F_GETPIPE_SZ) : 0;
  const std::uint64_t end = num_bytes_ + static_cast<std::uint64_t>(std::max(capacity, 0));
  while (num_bytes_ < end && read_chunk(sink)) {
  }
  pipe_.reset();
  if (num_bytes_ > max_bytes_) {
    const std::uint64_t rest = num_bytes_ - max_bytes_;
    const std::size_t kept = std::min<std::size_t>(rest, std::min(tail_.size(), kTailBytes));
    write("\n[trimtab: " + std::to_string(rest - kept) + " bytes left out]\n");
    write(std::string_view(tail_).substr(tail_.size() - kept));
  }
  tail_.clear();
  file_.reset();
}

// Returns false when there is nothing to read now.
bool OutputCapture::read_chunk(const Sink& sink) {
  if (!pipe_.is_open()) return false;
  char buffer[kChunk];
  const ssize_t size = ::read(pipe_.get(), buffer, sizeof buffer);
  if (size < 0 && errno == EINTR) return true;
  if (size < 0 && errno == EAGAIN) return false;
  if (size <= 0) {
    pipe_.reset();
    return false;
  }
  const std::string_view bytes(buffer, static_cast<std::size_t>(size));
  keep(bytes);
  sink(bytes);
  return true;
}

void OutputCapture::keep(std::string_view bytes) {
  if (num_bytes_ < max_bytes_) write(bytes.substr(0, max_bytes_ - num_bytes_));
  const std::uint64_t room = max_bytes_ - std::min(max_bytes_, num_bytes_);
  num_bytes_ += bytes.size();
  if (bytes.size() <= room) return;
  tail_ += bytes.substr(room);
  // Cut seldom: moving the tail for every chunk would cost as much as reading it.
  if (tail_.size() > 16 * kTailBytes) tail_.erase(0, tail_.size() - kTailBytes);
}

void OutputCapture::write(std::string_view bytes) {
  while (!bytes.empty() && file_.is_open()) {
    const ssize_t size = ::write(file_.get(), bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) {
      file_.reset();
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
}

}  // namespace trimtab
