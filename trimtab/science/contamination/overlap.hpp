#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "trimtab/science/contamination/token_index.hpp"

namespace trimtab {

// Notation in this file
//   n          tokens in an n-gram              L    tokens of a sample
//   anchor     an n-gram of the sample that occurs at least `min_count` times in the corpus
//   alignment  sample position and corpus position of one occurrence

struct OverlapOptions {
  std::size_t length = 8;       ///< n, 1..32
  std::size_t min_count = 1;    ///< n-grams that are rarer in the corpus do not count
  std::size_t skip_budget = 0;  ///< mismatched tokens that an extended match may cross
};

/// How much of a sample the corpus holds; each in [0, 1], 0 for samples shorter than n.
struct Overlap {
  double ngram_match = 0.0;  ///< share of the sample's n-grams that are anchors
  double token_match = 0.0;  ///< share of its tokens inside an anchor
  double token_extend =
      0.0;  ///< share of its tokens in extended matches; skipped ones do not count
  double longest_match = 0.0;  ///< matched tokens of the longest single extended match, over L
};

/// Source: Singh et al. 2024, "Evaluation data contamination in LLMs: how do we measure it and
/// (when)
///   does it matter?", section 3.
/// Differs: an extended match follows one alignment from an anchor to both sides, crossing at most
///   `skip_budget` mismatches in all, and ends with a match. Beyond a mismatch tokens match
///   literally; without a budget nothing is extended, so that token_extend = token_match then.
///   Always longest_match <= token_extend, and ngram_match > 0 exactly when the others are.
/// O(L n log corpus + occurrences of the anchors * their extension).
Overlap measure_overlap(std::span<const Token> sample, const TokenIndex& corpus,
                        const OverlapOptions& options);

}  // namespace trimtab
