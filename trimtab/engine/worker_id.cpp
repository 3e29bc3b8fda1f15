#include "trimtab/engine/worker_id.hpp"

#include <unistd.h>

#include <fstream>
#include <string>

namespace trimtab {
namespace {

// Field 22 of /proc/PID/stat: start time in clock ticks since boot. 0 when there is no such
// process, or when it is a zombie (it will never tell anything).
std::uint32_t start_ticks(std::int64_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return 0;
  const std::size_t name_end = line.rfind(')');  // the name may hold spaces and parentheses
  if (name_end == std::string::npos || name_end + 2 >= line.size()) return 0;
  if (line[name_end + 2] == 'Z') return 0;
  std::size_t position = name_end + 2;
  for (int field = 3; field < 22 && position != std::string::npos; ++field) {
    position = line.find(' ', position);
    if (position != std::string::npos) ++position;
  }
  if (position == std::string::npos) return 0;
  const auto ticks = std::stoull(line.substr(position));
  return static_cast<std::uint32_t>(ticks) | 1u;
}

}  // namespace

std::int64_t own_worker_id() {
  const std::int64_t process = ::getpid();
  return process << 32 | start_ticks(process);
}

bool is_worker_alive(std::int64_t worker) {
  const std::uint32_t ticks = start_ticks(worker >> 32);
  return worker != 0 && ticks != 0 && ticks == static_cast<std::uint32_t>(worker);
}

}  // namespace trimtab
