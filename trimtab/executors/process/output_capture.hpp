#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "trimtab/base/files.hpp"

namespace trimtab {

/// Copies one output stream of a program into a file, in bounded disk and memory.
///
/// The file holds the first `max_bytes` of the stream; when there was more, a line that says so and
/// the last 64 KiB follow. The stream is read to its end in any case, so that the program never
/// blocks on a full pipe. A disk that refuses loses output, never the run.
class OutputCapture {
 public:
  static constexpr std::size_t kTailBytes = std::size_t{64} * 1024;
  using Sink = std::function<void(std::string_view bytes)>;

  /// @param pipe  its reading end; made non-blocking.
  /// @throws EnvironmentError when the file cannot be created.
  OutputCapture(UniqueFd pipe, const std::string& path, std::uint64_t max_bytes);

  /// The pipe, for poll; -1 after its end.
  int descriptor() const { return pipe_.get(); }
  bool has_ended() const { return !pipe_.is_open(); }

  /// Takes what is there, at most 1 MiB so that other programs have their turn; everything goes to
  /// `sink` as well. Never blocks.
  void read_some(const Sink& sink);
  /// Takes all that is in the pipe, then closes pipe and file.
  void finish(const Sink& sink);

 private:
  bool read_chunk(const Sink& sink);
  void keep(std::string_view bytes);
  void write(std::string_view bytes);

  UniqueFd pipe_;
  UniqueFd file_;
  std::uint64_t max_bytes_;
  std::uint64_t num_bytes_ = 0;
  std::string tail_;
};

}  // namespace trimtab
