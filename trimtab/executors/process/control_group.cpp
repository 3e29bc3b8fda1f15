#include "trimtab/executors/process/control_group.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

constexpr std::string_view kEngineGroup = "/trimtab-engine";
constexpr double kPeriodMicroseconds = 100'000.0;  // the kernel's own default

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Returns 0, or the error.
int write_text(const std::string& path, const std::string& text) {
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.is_open()) return errno;
  const ssize_t size = ::write(file.get(), text.data(), text.size());
  return size == static_cast<ssize_t>(text.size()) ? 0 : errno;
}

std::vector<std::string> controllers_for(const Limits& limits) {
  std::vector<std::string> names;
  if (limits.memory_bytes) names.emplace_back("memory");
  if (limits.cpus) names.emplace_back("cpu");
  return names;
}

bool has_all(const std::string& list, const std::vector<std::string>& names) {
  const std::vector<std::string_view> words = split(trim(list), ' ');
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::find(words.begin(), words.end(), name) != words.end();
  });
}

// Where the group file system is mounted, and which group stands at its root.
struct Mount {
  std::string folder;
  std::string root;
};

std::optional<Mount> find_mount() {
  std::istringstream lines(read_text("/proc/self/mountinfo"));
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string_view> words = split(line, ' ');
    const auto dash = std::find(words.begin(), words.end(), "-");
    if (words.size() < 6 || dash == words.end() || dash + 1 == words.end()) continue;
    if (*(dash + 1) == "cgroup2") return Mount{std::string(words[4]), std::string(words[3])};
  }
  return std::nullopt;
}

std::string own_group() {
  std::istringstream lines(read_text("/proc/self/cgroup"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("0::")) return line.substr(3);
  }
  return "";
}

bool is_alone_in(const std::string& folder) {
  return trim(read_text(folder + "/cgroup.procs")) == std::to_string(getpid());
}

bool enable(const std::string& folder, const std::vector<std::string>& names) {
  if (has_all(read_text(folder + "/cgroup.subtree_control"), names)) return true;
  std::string request;
  for (const std::string& name : names) request += (request.empty() ? "+" : " +") + name;
  int error = write_text(folder + "/cgroup.subtree_control", request);
  if (error == EBUSY && is_alone_in(folder)) {
    const std::string engine = folder + std::string(kEngineGroup);
    if (mkdir(engine.c_str(), 0755) != 0 && errno != EEXIST) return false;
    if (write_text(engine + "/cgroup.procs", "0") != 0) return false;
    error = write_text(folder + "/cgroup.subtree_control", request);
  }
  return error == 0 && has_all(read_text(folder + "/cgroup.subtree_control"), names);
}

long long count_of(const std::string& text, std::string_view key) {
  for (const std::string_view line : split(text, '\n')) {
    long long count = 0;
    if (line.starts_with(key) && parse_int(trim(line.substr(key.size())), count)) return count;
  }
  return 0;
}

}  // namespace

ControlGroup::ControlGroup(ControlGroup&& other) noexcept
    : folder_(std::exchange(other.folder_, {})) {}

ControlGroup::~ControlGroup() {
  if (folder_.empty()) return;
  // Whatever was inside is dead or dying, but the kernel lets go of it a little later.
  write_text(folder_ + "/cgroup.kill", "1");
  for (int k = 0; k < 100 && rmdir(folder_.c_str()) != 0 && errno == EBUSY; ++k) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

bool ControlGroup::was_out_of_memory() const {
  return count_of(read_text(folder_ + "/memory.events"), "oom_kill ") > 0;
}

double ControlGroup::peak_memory_bytes() const {
  double bytes = 0.0;
  return parse_double(trim(read_text(folder_ + "/memory.peak")), bytes) ? bytes : 0.0;
}

double ControlGroup::cpu_seconds() const {
  return static_cast<double>(count_of(read_text(folder_ + "/cpu.stat"), "usage_usec ")) * 1e-6;
}

std::optional<ControlGroups> ControlGroups::find(const Limits& limits) {
  const std::optional<Mount> mount = find_mount();
  std::string group = own_group();
  if (!mount || group.empty()) return std::nullopt;
  if (mount->root != "/" && group.starts_with(mount->root)) group.erase(0, mount->root.size());
  if (group == "/") group.clear();
  if (group.ends_with(kEngineGroup)) group.erase(group.size() - kEngineGroup.size());
  return find_in(mount->folder + group, limits);
}

std::optional<ControlGroups> ControlGroups::find_in(const std::string& folder,
                                                    const Limits& limits) {
  const std::vector<std::string> names = controllers_for(limits);
  if (access(folder.c_str(), W_OK) != 0) return std::nullopt;
  if (!has_all(read_text(folder + "/cgroup.controllers"), names)) return std::nullopt;
  if (!enable(folder, names)) return std::nullopt;
  return ControlGroups(folder);
}

std::optional<ControlGroup> ControlGroups::make(const std::string& name,
                                                const Limits& limits) const {
  const std::string folder = folder_ + "/" + name;
  if (mkdir(folder.c_str(), 0755) != 0) return std::nullopt;
  ControlGroup group(folder);
  bool is_set = true;
  if (limits.memory_bytes) {
    const auto bytes = static_cast<long long>(std::min(*limits.memory_bytes, 9e18));
    is_set = write_text(folder + "/memory.max", std::to_string(bytes)) == 0;
    write_text(folder + "/memory.oom.group", "1");
    write_text(folder + "/memory.swap.max", "0");
  }
  if (limits.cpus) {
    const double quota = std::max(1000.0, std::round(*limits.cpus * kPeriodMicroseconds));
    is_set = write_text(folder + "/cpu.max", format_number(quota) + " 100000") == 0 && is_set;
  }
  if (!is_set) return std::nullopt;
  return group;
}

}  // namespace trimtab
