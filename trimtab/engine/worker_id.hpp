#pragma once

#include <cstdint>

namespace trimtab {

/// Identifies this process among all that ran anywhere: machine (17 bits of a hash of its boot and
/// its process namespace, so that two are taken for one once in 131 072), process id, start time.
std::int64_t own_worker_id();

/// Whether the process behind an id was started on this machine since it booted. Ids of before
/// this was told apart, which name no machine, count as ours; 0 (nobody) does too.
bool is_worker_of_this_machine(std::int64_t worker);

/// Whether the process behind an id still lives on this machine. 0 (nobody) does not.
bool is_worker_alive(std::int64_t worker);

}  // namespace trimtab
