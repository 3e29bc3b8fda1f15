#pragma once

#include <cstdint>

namespace trimtab {

/// Identifies this process among all that ran on this machine: process id and start time.
std::int64_t own_worker_id();

/// Whether the process behind an id still lives on this machine. 0 (nobody) does not.
bool is_worker_alive(std::int64_t worker);

}  // namespace trimtab
