#include "trimtab/base/energy_counter.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

namespace trimtab {
namespace {

namespace fs = std::filesystem;

std::optional<std::int64_t> read_integer(const std::string& path) {
  std::ifstream file(path);
  std::int64_t value = 0;
  if (!(file >> value) || value < 0) return std::nullopt;
  return value;
}

std::string read_word(const fs::path& path) {
  std::ifstream file(path);
  std::string word;
  file >> word;
  return word;
}

// Packages ("intel-rapl:0") and their memory ("intel-rapl:0:2", name "dram"). A package counts its
// cores and graphics itself; "psys" counts everything and would count it twice.
bool is_counted(const fs::path& domain) {
  const std::string folder = domain.filename().string();
  const std::size_t prefix = folder.find("rapl:");
  if (prefix == std::string::npos || folder.starts_with("intel-rapl-mmio")) return false;
  const std::string name = read_word(domain / "name");
  return name.starts_with("package") || name == "dram";
}

}  // namespace

EnergyCounter::EnergyCounter(const std::string& root) {
  std::error_code code;
  std::vector<std::string> unreadable;
  for (const auto& entry : fs::directory_iterator(root, code)) {
    if (!is_counted(entry.path())) continue;
    const std::string file = (entry.path() / "energy_uj").string();
    const auto now = read_integer(file);
    const auto range = read_integer((entry.path() / "max_energy_range_uj").string());
    if (!now || !range) {
      unreadable.push_back(file);
    } else {
      domains_.push_back({file, *range, *now});
    }
  }
  // A part would pass for the whole.
  if (!unreadable.empty()) {
    domains_.clear();
    problem_ = unreadable.front() + " may not be read by this user";
  } else if (domains_.empty()) {
    problem_ = "no counters under " + root;
  }
}

double EnergyCounter::joules() {
  for (Domain& domain : domains_) {
    const auto now = read_integer(domain.file);
    if (!now) continue;  // counted with the next reading
    total_ += *now >= domain.last ? *now - domain.last : *now - domain.last + domain.range;
    domain.last = *now;
  }
  return static_cast<double>(total_) * 1e-6;
}

double machine_busy_seconds() {
  std::ifstream file("/proc/stat");
  std::string word;
  double user = 0.0, nice = 0.0, system = 0.0, idle = 0.0, wait = 0.0, irq = 0.0, softirq = 0.0;
  if (!(file >> word >> user >> nice >> system >> idle >> wait >> irq >> softirq)) return 0.0;
  const double ticks = static_cast<double>(std::max(1L, ::sysconf(_SC_CLK_TCK)));
  return (user + nice + system + irq + softirq) / ticks;
}

int num_machine_processors() {
  return static_cast<int>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
}

}  // namespace trimtab
