#include <cstdlib>
#include <ostream>

#include "trimtab/base/error.hpp"
#include "trimtab/cli/commands.hpp"
#include "trimtab/core/protocol.hpp"
#include "trimtab/executors/process/metrics_socket.hpp"

namespace trimtab {
namespace {

constexpr double kPatienceSeconds = 10.0;

}  // namespace

// Outside of a trial the line goes to standard output, so that a program can be tried by hand.
int log_metrics(const LogArguments& arguments, CommandContext context) {
  const std::string line = render_line(message_from_words(arguments.values));
  const char* socket = std::getenv("TRIMTAB_SOCKET");
  if (socket == nullptr || *socket == '\0') {
    context.out << line << '\n';
    return kSuccess;
  }
  return say_to_socket(socket, line, kPatienceSeconds) == Answer::Stop ? kShouldStop : kSuccess;
}

}  // namespace trimtab
