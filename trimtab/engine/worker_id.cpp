#include "trimtab/engine/worker_id.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "trimtab/base/hash.hpp"

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

// Bits of an id: 62 = names its machine; 61..45 machine; 44..23 process; 22..0 start time (its last
// bit set, its 2^23 ticks are a day). An older id: process in the upper, start in the lower 32
// bits.
constexpr std::int64_t kNamesMachine = std::int64_t{1} << 62;
constexpr int kMachineShift = 45, kProcessShift = 23;
constexpr std::int64_t kMachineMask = (1 << 17) - 1;
constexpr std::int64_t kProcessMask = (1 << 22) - 1;
constexpr std::int64_t kTicksMask = (1 << 23) - 1;

std::int64_t own_machine() {
  std::string boot;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), boot);
  struct stat processes{};
  if (::stat("/proc/self/ns/pid", &processes) == 0) boot += std::to_string(processes.st_ino);
  return static_cast<std::int64_t>(hash64(boot)) & kMachineMask;
}

bool names_machine(std::int64_t worker) { return (worker & kNamesMachine) != 0; }

}  // namespace

std::int64_t own_worker_id() {
  const std::int64_t process = ::getpid();
  return kNamesMachine | own_machine() << kMachineShift |
         (process & kProcessMask) << kProcessShift | (start_ticks(process) & kTicksMask);
}

bool is_worker_of_this_machine(std::int64_t worker) {
  return !names_machine(worker) || (worker >> kMachineShift & kMachineMask) == own_machine();
}

bool is_worker_alive(std::int64_t worker) {
  if (worker == 0 || !is_worker_of_this_machine(worker)) return false;
  if (!names_machine(worker)) {
    const std::uint32_t ticks = start_ticks(worker >> 32);
    return ticks != 0 && ticks == static_cast<std::uint32_t>(worker);
  }
  const std::uint32_t ticks = start_ticks(worker >> kProcessShift & kProcessMask);
  return ticks != 0 && (ticks & kTicksMask) == (worker & kTicksMask);
}

}  // namespace trimtab
