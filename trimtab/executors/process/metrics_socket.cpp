#include "trimtab/executors/process/metrics_socket.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <utility>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kReadSize = 16384;
constexpr int kLastTurns = 64;

EnvironmentError failure(const std::string& what, const std::string& path, int code) {
  return EnvironmentError({.code = "process.socket",
                           .what = what + (code == 0 ? "" : ": " + describe_errno(code)),
                           .where = path,
                           .got = "",
                           .expected = "",
                           .hint = ""});
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    throw failure("the path is too long for a socket", path, 0);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

}  // namespace

MetricsSocket::MetricsSocket(std::string path) : path_(std::move(path)) {
  const sockaddr_un address = address_of(path_);
  listener_ = UniqueFd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener_.is_open()) throw failure("cannot make a socket", path_, errno);
  unlink(path_.c_str());
  if (bind(listener_.get(), generic(address), sizeof address) != 0 ||
      listen(listener_.get(), 16) != 0) {
    throw failure("cannot listen at a socket", path_, errno);
  }
}

MetricsSocket::MetricsSocket(MetricsSocket&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      listener_(std::move(other.listener_)),
      connections_(std::move(other.connections_)) {}

MetricsSocket::~MetricsSocket() {
  if (!path_.empty()) unlink(path_.c_str());
}

void MetricsSocket::add_to(std::vector<pollfd>& polled) const {
  if (connections_.size() < kMaxConnections) polled.push_back({listener_.get(), POLLIN, 0});
  for (const Connection& connection : connections_) {
    polled.push_back({connection.socket.get(), POLLIN, 0});
  }
}

bool MetricsSocket::serve(const Sink& sink, bool should_stop) {
  bool was_busy = has_unanswered();
  answer(should_stop);
  while (connections_.size() < kMaxConnections) {
    UniqueFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket.is_open()) break;
    connections_.push_back({std::move(socket)});
  }
  std::erase_if(connections_, [&](Connection& connection) {
    const Turn turn = serve(connection, sink);
    was_busy = was_busy || turn != Turn::Idle;
    return turn == Turn::Over;
  });
  return was_busy;
}

void MetricsSocket::finish(const Sink& sink) {
  for (int turn = 0; turn < kLastTurns && serve(sink, /*should_stop=*/true); ++turn) {
  }
  for (Connection& connection : connections_) connection.splitter.finish(sink);
  connections_.clear();
}

// One read per turn, so that a program that never stops talking cannot keep the others waiting.
MetricsSocket::Turn MetricsSocket::serve(Connection& connection, const Sink& sink) {
  char buffer[kReadSize];
  const ssize_t size = recv(connection.socket.get(), buffer, sizeof buffer, 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return Turn::Idle;
  if (size <= 0) {
    connection.splitter.finish(sink);
    return Turn::Over;
  }
  connection.splitter.feed({buffer, static_cast<std::size_t>(size)}, [&](std::string_view line) {
    sink(line);
    ++connection.num_unanswered;
  });
  return Turn::Busy;
}

// Whoever does not read answers is not waited for, but what it says counts.
void MetricsSocket::answer(Connection& connection, bool should_stop) {
  const std::string_view answer = should_stop ? "stop\n" : "go\n";
  for (; connection.num_unanswered > 0; --connection.num_unanswered) {
    [[maybe_unused]] const ssize_t sent =
        send(connection.socket.get(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
}

void MetricsSocket::answer(bool should_stop) {
  for (Connection& connection : connections_) answer(connection, should_stop);
}

bool MetricsSocket::has_unanswered() const {
  return std::any_of(connections_.begin(), connections_.end(),
                     [](const Connection& connection) { return connection.num_unanswered > 0; });
}

Answer say_to_socket(const std::string& path, std::string_view line, double seconds) {
  const sockaddr_un address = address_of(path);
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  timeval limit{};
  limit.tv_sec = static_cast<time_t>(seconds);
  limit.tv_usec = static_cast<suseconds_t>((seconds - std::floor(seconds)) * 1e6);
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (connect(socket.get(), generic(address), sizeof address) != 0) {
    throw failure("nobody listens for metrics", path, errno);
  }
  std::string rest = std::string(line) + "\n";
  while (!rest.empty()) {
    const ssize_t size = send(socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (size < 0) throw failure("the metrics could not be sent", path, errno);
    rest.erase(0, static_cast<std::size_t>(size));
  }
  std::string answer;
  char c = 0;
  while (recv(socket.get(), &c, 1, 0) == 1 && c != '\n') answer += c;
  if (answer == "go") return Answer::Go;
  if (answer == "stop") return Answer::Stop;
  throw failure("the metrics were sent but not answered", path, 0);
}

}  // namespace trimtab
