#pragma once

#include <cstddef>
#include <cstdint>

namespace trimtab {

/// Dimensions with direction numbers of their own.
inline constexpr std::size_t kSobolDimensions = 256;

/// Coordinate `dimension` of point `index` of the Sobol sequence, as a multiple of 2^-32:
///
///   x = xor of v_k over the bits k that are set in index ^ (index >> 1)   (Gray code order)
///
/// The first points in 3 dimensions, divided by 2^32, are (0, 0, 0), (1/2, 1/2, 1/2),
/// (3/4, 1/4, 1/4), (1/4, 3/4, 3/4), (3/8, 3/8, 5/8).  [tested]
/// Source: Sobol 1967; Antonov and Saleev 1979 (the order); direction numbers of Joe and Kuo 2008.
/// Differs: none.
/// @param index  below 2^32   @param dimension  below kSobolDimensions
/// Cost: O(number of bits of index).
std::uint32_t sobol(std::uint32_t index, std::size_t dimension);

/// Nested uniform scrambling in base 2: each bit is flipped or not by a hash of the key and of all
/// higher bits. A bijection that maps every aligned block of 2^k numbers onto such a block.
/// Source: Owen 1995, "Randomly permuted (t,m,s)-nets and (t,s)-sequences".
/// Differs: the random flips are hashed, not stored.
/// Cost: 32 hashes, about 60 ns.
std::uint32_t owen_scramble(std::uint32_t bits, std::uint64_t key);

/// Coordinate `dimension` of point `index` of a scrambled Sobol sequence, uniform in [0, 1) over
/// keys. Every 2^k first points are a net whatever the key.
///
/// From kSobolDimensions on, the direction numbers are used again with the index scrambled by
/// another key per round: each such dimension alone, and each round of dimensions together, keeps
/// the quality of the sequence; across rounds the points are matched at random.
/// Source: Owen 1995; Burley 2020, "Practical hash-based Owen scrambling", section 4 (the rounds).
/// Differs: exact nested scrambling instead of Burley's fast hash; digits below 2^-32 are random.
/// @param index  below 2^32
double scrambled_sobol(std::uint32_t index, std::size_t dimension, std::uint64_t key);

}  // namespace trimtab
