#pragma once

#include <optional>
#include <string>
#include <utility>

#include "trimtab/core/study.hpp"

namespace trimtab {

/// A control group (version 2) of the kernel for one run: it holds all processes of the run,
/// whatever they fork, to their memory and processor time together. Removed with this object.
class ControlGroup {
 public:
  /// Takes over a group that exists.
  explicit ControlGroup(std::string folder) : folder_(std::move(folder)) {}
  ControlGroup(ControlGroup&& other) noexcept;
  ControlGroup& operator=(ControlGroup&&) = delete;
  /// Kills what is in it.
  ~ControlGroup();

  /// A process that writes "0" into this file is inside from then on, and so are its children.
  std::string entrance() const { return folder_ + "/cgroup.procs"; }
  /// True when the kernel has killed in it because of the memory limit.
  bool was_out_of_memory() const;
  /// Most memory held at once, bytes; 0 when this kernel does not tell (before 5.19).
  double peak_memory_bytes() const;
  /// Processor time of everything that ran in it, also of children that nobody waited for.
  double cpu_seconds() const;

 private:
  std::string folder_;  // "" once moved from
};

/// The place where this process may make control groups.
class ControlGroups {
 public:
  /// The group that this process is in, when it may make groups there with the controllers that
  /// `limits` need; nothing otherwise, which is usual for an unprivileged process. A kernel lets a
  /// group with limits hold groups only while it holds no process itself: when this process is
  /// alone in its group it moves into a child, "trimtab-engine". So
  ///   systemd-run --user --scope -p Delegate=yes trimtab run study.toml
  /// gives an ordinary user limits by control groups.
  static std::optional<ControlGroups> find(const Limits& limits);
  /// The same for a given folder of the group file system.
  static std::optional<ControlGroups> find_in(const std::string& folder, const Limits& limits);

  /// A group with the limits of one run; nothing when the kernel refuses.
  std::optional<ControlGroup> make(const std::string& name, const Limits& limits) const;

 private:
  explicit ControlGroups(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;
};

}  // namespace trimtab
