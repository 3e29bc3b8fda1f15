#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "trimtab/base/error.hpp"
#include "trimtab/cli/commands.hpp"

namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Columns of the terminal behind a descriptor; 0 when it is none.
int columns(int descriptor) {
  if (::isatty(descriptor) == 0) return 0;
  winsize size{};
  const bool is_known = ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return is_known ? size.ws_col : 80;
}

// Nobody reads on: `trimtab trials | head` has seen enough.
bool is_closed_pipe(int descriptor) {
  pollfd waiting = {.fd = descriptor, .events = POLLOUT, .revents = 0};
  return ::poll(&waiting, 1, 0) == 1 && (waiting.revents & POLLERR) != 0;
}

// Results that cannot be written are an error, not a success without a word.
int check_output(int code) {
  std::cout.flush();
  if (std::cout || is_closed_pipe(STDOUT_FILENO)) return code;
  std::cerr << trimtab::render({.code = "cli.output",
                                .what = "the result cannot be written",
                                .where = "standard output",
                                .got = "",
                                .expected = "",
                                .hint = "is the disk full?"})
            << '\n';
  return code == trimtab::kSuccess ? trimtab::kEnvironmentError : code;
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  std::signal(SIGPIPE, SIG_IGN);  // writing to a closed pipe fails instead of killing
  std::signal(SIGXFSZ, SIG_IGN);  // a file-size limit is a full disk, not a death
  const int width = columns(STDOUT_FILENO);
  const bool is_dumb = environment("TERM") == "dumb";
  const bool has_color = width > 0 && environment("NO_COLOR").empty() && !is_dumb;
  const int code = trimtab::run_command_line(
      argc, argv, std::cout, std::cerr, {.has_color = has_color, .width = width > 0 ? width : 100},
      is_dumb ? 0 : columns(STDERR_FILENO));
  return check_output(code);
}
