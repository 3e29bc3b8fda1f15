#pragma once

#include <poll.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/base/files.hpp"
#include "trimtab/core/protocol.hpp"

namespace trimtab {

/// Where a running program says metrics and learns whether to go on: a Unix stream socket. Every
/// line that arrives is answered by the line "go" or "stop", by the call of `serve` after the one
/// that read it: whoever owns the socket may look at the line before its answer goes out.
class MetricsSocket {
 public:
  using Sink = std::function<void(std::string_view line)>;
  /// Programs that open more connections at once wait until others have closed theirs.
  static constexpr std::size_t kMaxConnections = 64;

  /// Listens at `path`, which must be shorter than 108 bytes.
  /// @throws EnvironmentError when the system refuses.
  explicit MetricsSocket(std::string path);
  MetricsSocket(MetricsSocket&& other) noexcept;
  MetricsSocket& operator=(MetricsSocket&&) = delete;
  ~MetricsSocket();

  const std::string& path() const { return path_; }

  /// What to poll.
  void add_to(std::vector<pollfd>& polled) const;
  /// Answers what was read before, then accepts and reads what is waiting, some of it at a time.
  /// Never blocks.
  /// @returns true when there was something.
  bool serve(const Sink& sink, bool should_stop);
  /// Answers what was read before.
  void answer(bool should_stop);
  /// Whether a program waits for an answer.
  bool has_unanswered() const;
  /// Takes what a program that has ended left in its connections, at most 1 MiB of each.
  void finish(const Sink& sink);

 private:
  struct Connection {
    UniqueFd socket;
    LineSplitter splitter = {};
    int num_unanswered = 0;
  };
  enum class Turn : char { Idle, Busy, Over };
  static Turn serve(Connection& connection, const Sink& sink);
  static void answer(Connection& connection, bool should_stop);

  std::string path_;  // "" once moved from
  UniqueFd listener_;
  std::vector<Connection> connections_;
};

enum class Answer : char { Go, Stop };

/// The program's side: sends one line and waits for the answer.
/// @throws EnvironmentError when nobody listens or answers within `seconds`.
Answer say_to_socket(const std::string& path, std::string_view line, double seconds);

}  // namespace trimtab
