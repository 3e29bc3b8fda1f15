#pragma once

#include <cstdint>

namespace trimtab {

/// Seeds of a study's runs: 31-bit, so that every language can take them. Tuning seeds are even and
/// evaluation seeds are odd, so that no run of the confirm stage can repeat one of the search.

/// @param run  0.. : the run of a trial; the same for every trial (common random numbers).
std::uint64_t tuning_seed(std::uint64_t study_seed, std::int64_t run);

/// @param index  0.. : the fresh seed; the same for every finalist (paired).
std::uint64_t evaluation_seed(std::uint64_t study_seed, std::int64_t index);

}  // namespace trimtab
