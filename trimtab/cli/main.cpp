#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "trimtab/cli/commands.hpp"

namespace {

// Columns of the terminal behind a descriptor; 0 when it is none.
int columns(int descriptor) {
  if (::isatty(descriptor) == 0) return 0;
  winsize size{};
  const bool is_known = ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return is_known ? size.ws_col : 80;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // `trimtab trials | head` ends quietly
  const int width = columns(STDOUT_FILENO);
  const bool has_color = width > 0 && std::getenv("NO_COLOR") == nullptr;
  return trimtab::run_command_line(argc, argv, std::cout, std::cerr,
                                   {.has_color = has_color, .width = width > 0 ? width : 100},
                                   columns(STDERR_FILENO));
}
