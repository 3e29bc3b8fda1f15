#include "trimtab/engine/seeds.hpp"

#include "trimtab/base/rng.hpp"

namespace trimtab {

std::uint64_t tuning_seed(std::uint64_t study_seed, std::int64_t run) {
  return (Rng(study_seed, static_cast<std::uint64_t>(run), "tuning").next_u32() >> 1) & ~1u;
}

std::uint64_t evaluation_seed(std::uint64_t study_seed, std::int64_t index) {
  return (Rng(study_seed, static_cast<std::uint64_t>(index), "evaluation").next_u32() >> 1) | 1u;
}

}  // namespace trimtab
