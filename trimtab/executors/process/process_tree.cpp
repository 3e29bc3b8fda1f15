#include "trimtab/executors/process/process_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

// A file of /proc; empty when its process has gone.
std::string read_status_file(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string content;
  char buffer[4096];
  for (ssize_t size = 0; file.is_open() && (size = read(file.get(), buffer, sizeof buffer)) > 0;) {
    content.append(buffer, static_cast<std::size_t>(size));
  }
  return content;
}

void append_children(pid_t pid, std::vector<pid_t>& pids) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/task";
  const std::unique_ptr<DIR, int (*)(DIR*)> tasks(opendir(folder.c_str()), closedir);
  while (const dirent* task = tasks ? readdir(tasks.get()) : nullptr) {
    if (task->d_name[0] == '.') continue;
    const std::string list = read_status_file(folder + "/" + task->d_name + "/children");
    for (const std::string_view word : split(list, ' ')) {
      long long child = 0;
      if (parse_int(word, child)) pids.push_back(static_cast<pid_t>(child));
    }
  }
}

double resident_bytes(pid_t pid) {
  const std::string status = read_status_file("/proc/" + std::to_string(pid) + "/statm");
  const std::vector<std::string_view> words = split(status, ' ');
  long long pages = 0;
  if (words.size() < 2 || !parse_int(words[1], pages)) return 0.0;
  return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

// The proportional set size, where the kernel tells it; else the resident size.
double proportional_bytes(pid_t pid) {
  const std::string status = read_status_file("/proc/" + std::to_string(pid) + "/smaps_rollup");
  const std::size_t at = status.find("\nPss:");
  if (at == std::string::npos) return resident_bytes(pid);
  return std::strtod(status.c_str() + at + 5, nullptr) * 1024.0;
}

// All processes whose environment holds the entry.
std::vector<pid_t> find_by_environment(const std::string& entry) {
  std::vector<pid_t> pids;
  const std::string wanted = std::string(1, '\0') + entry + std::string(1, '\0');
  const std::unique_ptr<DIR, int (*)(DIR*)> processes(opendir("/proc"), closedir);
  while (const dirent* process = processes ? readdir(processes.get()) : nullptr) {
    long long pid = 0;
    if (!parse_int(process->d_name, pid)) continue;
    const std::string list = read_status_file("/proc/" + std::to_string(pid) + "/environ");
    if ((std::string(1, '\0') + list).find(wanted) != std::string::npos) {
      pids.push_back(static_cast<pid_t>(pid));
    }
  }
  return pids;
}

}  // namespace

void kill_by_environment(const std::string& entry) {
  constexpr int kRounds = 100;     // whoever forks faster than this has won
  constexpr int kEmptyRounds = 3;  // in the middle of an exec a process shows no environment
  for (int round = 0, num_empty = 0; round < kRounds && num_empty < kEmptyRounds; ++round) {
    const std::vector<pid_t> pids = find_by_environment(entry);
    num_empty = pids.empty() ? num_empty + 1 : 0;
    for (const pid_t pid : pids) {
      if (pid != getpid()) kill(pid, SIGKILL);
    }
    usleep(1000);
  }
}

double descendants_memory(pid_t root, double exact_above) {
  std::vector<pid_t> pids = {root};
  for (std::size_t k = 0; k < pids.size(); ++k) append_children(pids[k], pids);
  double sum = 0.0;
  for (std::size_t k = 1; k < pids.size(); ++k) sum += resident_bytes(pids[k]);
  if (sum <= exact_above || pids.size() <= 2) return sum;
  sum = 0.0;
  for (std::size_t k = 1; k < pids.size(); ++k) sum += proportional_bytes(pids[k]);
  return sum;
}

}  // namespace trimtab
