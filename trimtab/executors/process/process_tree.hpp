#pragma once

#include <sys/types.h>

#include <string>

namespace trimtab {

/// Memory held by all descendants of a process, without the process itself, in bytes: the sum of
/// resident sizes, and when that exceeds `exact_above`, pages shared among processes counted once
/// (slower). 0 when there are none. Cost: some 20 us per process and thread.
double descendants_memory(pid_t root, double exact_above);

/// SIGKILL to every process that has `entry` ("NAME=value") in the environment it was started with,
/// until there is none. For the case that nobody knows them by parentage any more.
void kill_by_environment(const std::string& entry);

}  // namespace trimtab
