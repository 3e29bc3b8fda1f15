#include <fmt/format.h>
#include <sched.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "trimtab/base/energy_counter.hpp"
#include "trimtab/base/graphics_counter.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/cli/commands.hpp"

namespace trimtab {
namespace {

namespace fs = std::filesystem;

std::size_t num_usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<std::size_t>(CPU_COUNT(&set));
}

double memory_bytes() {
  struct sysinfo info{};
  return ::sysinfo(&info) == 0 ? static_cast<double>(info.totalram) * info.mem_unit : 0.0;
}

bool is_on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  for (const std::string_view folder : split(path == nullptr ? "" : path, ':')) {
    if (::access((fs::path(folder) / program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

// Whether this user may make cgroups v2 with memory and cpu controllers (limits without polling).
std::string cgroup_state() {
  std::ifstream controllers("/sys/fs/cgroup/cgroup.controllers");
  std::string line;
  if (!std::getline(controllers, line)) return "no cgroup v2: memory limits by polling";
  const bool is_writable = ::access("/sys/fs/cgroup/cgroup.subtree_control", W_OK) == 0;
  return is_writable ? "cgroup v2, writable: " + line
                     : "cgroup v2, not writable: memory limits by polling";
}

// How [energy] of a study would know the energy of its trials.
std::string energy_state() {
  const EnergyCounter counter;
  const GraphicsCounter cards(kGraphicsLibrary, std::getenv("CUDA_VISIBLE_DEVICES"));
  return (counter.is_there() ? "measured (RAPL counters)" : "modelled: " + counter.problem()) +
         (cards.is_there() ? fmt::format("; {} graphics cards measured (NVML)", cards.num_cards())
                           : "; no graphics cards: " + cards.problem());
}

}  // namespace

int run_doctor(bool is_json, CommandContext context) {
  Json report = {{"cores", num_usable_cores()}, {"memory_bytes", memory_bytes()}};
  std::error_code code;
  const fs::space_info disk = fs::space(".", code);
  report["free_disk_bytes"] = code ? 0.0 : static_cast<double>(disk.available);
  report["limits"] = cgroup_state();
  report["energy"] = energy_state();
  report["slurm"] = is_on_path("sbatch") ? "sbatch found" : "no sbatch on the path";
  report["postgresql"] = is_on_path("psql") ? "psql found" : "no psql on the path";
  report["python3"] = is_on_path("python3") ? "found" : "not found";
  const char* data = std::getenv("TRIMTAB_DATA");
  report["data"] = data == nullptr ? "TRIMTAB_DATA is not set" : data;
  if (is_json) {
    context.out << report.dump(2) << '\n';
    return kSuccess;
  }
  constexpr double kGibi = 1024.0 * 1024.0 * 1024.0;
  const auto print = [&](const char* name, const std::string& text) {
    context.out << fmt::format("{:<12} {}\n", name, text);
  };
  print("cores", std::to_string(report["cores"].get<std::size_t>()) + " usable");
  print("memory", fmt::format("{:.1f} GiB", report["memory_bytes"].get<double>() / kGibi));
  print("disk",
        fmt::format("{:.1f} GiB free here", report["free_disk_bytes"].get<double>() / kGibi));
  for (const char* name : {"limits", "energy", "slurm", "postgresql", "python3", "data"}) {
    print(name, report[name].get<std::string>());
  }
  return kSuccess;
}

}  // namespace trimtab
