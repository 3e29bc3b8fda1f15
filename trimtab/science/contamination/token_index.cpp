#include "trimtab/science/contamination/token_index.hpp"

#include <algorithm>
#include <numeric>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

bool is_word_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 127 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Calls `take` with each token's text.
template <typename Take>
void for_each_token(std::string_view text, Tokeniser tokeniser, const Take& take) {
  std::string token;
  for (const char c : text) {
    if (tokeniser == Tokeniser::Characters) {
      take(std::string(1, c));
    } else if (is_word_byte(c)) {
      token += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!token.empty()) {
      take(token);
      token.clear();
    }
  }
  if (!token.empty()) take(token);
}

// Sorts `order` stably by keys below `num_keys`.
void counting_sort(std::vector<std::uint32_t>& order, const std::vector<std::uint32_t>& keys,
                   std::size_t num_keys, std::vector<std::uint32_t>& scratch) {
  std::vector<std::uint32_t> starts(num_keys + 1, 0);
  for (const std::uint32_t key : keys) ++starts[key + 1];
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  scratch.resize(order.size());
  for (const std::uint32_t suffix : order) scratch[starts[keys[suffix]]++] = suffix;
  order.swap(scratch);
}

}  // namespace

std::vector<Token> Vocabulary::learn(std::string_view text) {
  std::vector<Token> tokens;
  for_each_token(text, tokeniser_, [&](const std::string& token) {
    const auto next = static_cast<Token>(numbers_.size());
    tokens.push_back(numbers_.try_emplace(token, next).first->second);
  });
  return tokens;
}

std::vector<Token> Vocabulary::read(std::string_view text) const {
  std::vector<Token> tokens;
  for_each_token(text, tokeniser_, [&](const std::string& token) {
    const auto found = numbers_.find(token);
    tokens.push_back(found == numbers_.end() ? -1 : found->second);
  });
  return tokens;
}

TokenIndex::TokenIndex(std::vector<Token> corpus) : corpus_(std::move(corpus)) {
  const std::size_t n = corpus_.size();
  if (n >= std::size_t{1} << 31 ||
      std::any_of(corpus_.begin(), corpus_.end(), [](Token token) { return token < 0; })) {
    throw BugError({.code = "contamination.corpus",
                    .what = "a corpus has known tokens, below 2^31 of them",
                    .where = "TokenIndex",
                    .got = "",
                    .expected = "tokens >= 0",
                    .hint = ""});
  }
  suffixes_.resize(n);
  if (n == 0) return;
  // Rank 0 is the end of the corpus, so that a suffix sorts before its continuations.
  std::vector<std::uint32_t> ranks(n), shifted(n), scratch, next(n);
  for (std::size_t i = 0; i < n; ++i) ranks[i] = static_cast<std::uint32_t>(corpus_[i]) + 1;
  std::size_t num_ranks = *std::max_element(ranks.begin(), ranks.end()) + std::size_t{1};
  std::iota(suffixes_.begin(), suffixes_.end(), std::uint32_t{0});
  counting_sort(suffixes_, ranks, num_ranks, scratch);
  for (std::size_t length = 1; length < kMaxLength; length *= 2) {
    for (std::size_t i = 0; i < n; ++i) shifted[i] = i + length < n ? ranks[i + length] : 0;
    std::iota(suffixes_.begin(), suffixes_.end(), std::uint32_t{0});
    counting_sort(suffixes_, shifted, num_ranks, scratch);
    counting_sort(suffixes_, ranks, num_ranks, scratch);
    std::uint32_t rank = 1;
    next[suffixes_[0]] = rank;
    for (std::size_t i = 1; i < n; ++i) {
      const std::uint32_t a = suffixes_[i - 1], b = suffixes_[i];
      if (ranks[a] != ranks[b] || shifted[a] != shifted[b]) ++rank;
      next[b] = rank;
    }
    ranks.swap(next);
    num_ranks = std::max<std::size_t>(rank, 1) + 1;
    if (rank == n) break;
  }
}

TokenIndex::Range TokenIndex::find(std::span<const Token> tokens) const {
  const auto compare = [&](std::uint32_t suffix) {
    // Below 0: the suffix comes before the tokens; 0: it begins with them.
    for (std::size_t k = 0; k < tokens.size(); ++k) {
      if (suffix + k == corpus_.size()) return -1;
      if (corpus_[suffix + k] != tokens[k]) return corpus_[suffix + k] < tokens[k] ? -1 : 1;
    }
    return 0;
  };
  const auto first = std::partition_point(suffixes_.begin(), suffixes_.end(),
                                          [&](std::uint32_t s) { return compare(s) < 0; });
  const auto last = std::partition_point(first, suffixes_.end(),
                                         [&](std::uint32_t s) { return compare(s) == 0; });
  return {static_cast<std::size_t>(first - suffixes_.begin()),
          static_cast<std::size_t>(last - suffixes_.begin())};
}

}  // namespace trimtab
