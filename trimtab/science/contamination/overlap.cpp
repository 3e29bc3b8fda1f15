#include "trimtab/science/contamination/overlap.hpp"

#include <algorithm>
#include <cstdint>
#include <map>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

// One alignment of the sample with the corpus: diagonal = corpus position - sample position.
class Alignment {
 public:
  Alignment(std::span<const Token> sample, std::span<const Token> corpus, std::int64_t diagonal)
      : sample_(sample), corpus_(corpus), diagonal_(diagonal) {}

  bool matches(std::int64_t k) const {
    const std::int64_t at = k + diagonal_;
    if (k < 0 || k >= static_cast<std::int64_t>(sample_.size()) || at < 0 ||
        at >= static_cast<std::int64_t>(corpus_.size())) {
      return false;
    }
    return sample_[static_cast<std::size_t>(k)] == corpus_[static_cast<std::size_t>(at)];
  }

  bool is_inside(std::int64_t k) const {
    return k >= 0 && k < static_cast<std::int64_t>(sample_.size()) && k + diagonal_ >= 0 &&
           k + diagonal_ < static_cast<std::int64_t>(corpus_.size());
  }

 private:
  std::span<const Token> sample_;
  std::span<const Token> corpus_;
  std::int64_t diagonal_;
};

// Matched tokens when walking from `k` in steps of `step`, by the number of mismatches crossed:
// counts[s] with at most s of them; `covered` is told every matched token within the budget.
std::vector<std::size_t> walk(const Alignment& alignment, std::int64_t k, std::int64_t step,
                              std::size_t budget, std::vector<bool>& covered) {
  std::vector<std::size_t> counts(budget + 1, 0);
  std::size_t num_matched = 0, num_skipped = 0;
  for (; alignment.is_inside(k); k += step) {
    if (alignment.matches(k)) {
      ++num_matched;
      covered[static_cast<std::size_t>(k)] = true;
    } else {
      counts[num_skipped] = num_matched;
      if (++num_skipped > budget) return counts;
    }
  }
  for (; num_skipped <= budget; ++num_skipped) counts[num_skipped] = num_matched;
  return counts;
}

// The best way to spend the budget on both sides.
std::size_t best_split(const std::vector<std::size_t>& left,
                       const std::vector<std::size_t>& right) {
  std::size_t best = 0;
  for (std::size_t s = 0; s < left.size(); ++s) {
    best = std::max(best, left[s] + right[left.size() - 1 - s]);
  }
  return best;
}

struct Anchors {
  std::vector<std::size_t> starts;  // in the sample, ascending
  std::map<std::int64_t, std::vector<std::size_t>> by_diagonal;
};

Anchors find_anchors(std::span<const Token> sample, const TokenIndex& corpus,
                     const OverlapOptions& options) {
  Anchors anchors;
  for (std::size_t i = 0; i + options.length <= sample.size(); ++i) {
    const std::span<const Token> ngram = sample.subspan(i, options.length);
    if (std::any_of(ngram.begin(), ngram.end(), [](Token token) { return token < 0; })) continue;
    const TokenIndex::Range range = corpus.find(ngram);
    if (range.count() == 0 || range.count() < options.min_count) continue;
    anchors.starts.push_back(i);
    for (std::size_t s = range.first; s < range.last; ++s) {
      const std::int64_t diagonal =
          static_cast<std::int64_t>(corpus.position(s)) - static_cast<std::int64_t>(i);
      anchors.by_diagonal[diagonal].push_back(i);
    }
  }
  return anchors;
}

double share(const std::vector<bool>& covered) {
  return static_cast<double>(std::count(covered.begin(), covered.end(), true)) /
         static_cast<double>(covered.size());
}

}  // namespace

Overlap measure_overlap(std::span<const Token> sample, const TokenIndex& corpus,
                        const OverlapOptions& options) {
  if (options.length < 1 || options.length > TokenIndex::kMaxLength) {
    throw BugError({.code = "contamination.length",
                    .what = "an n-gram has 1 to 32 tokens",
                    .where = "measure_overlap",
                    .got = std::to_string(options.length),
                    .expected = "1..32",
                    .hint = ""});
  }
  Overlap overlap;
  if (sample.size() < options.length) return overlap;
  const Anchors anchors = find_anchors(sample, corpus, options);
  std::vector<bool> in_anchor(sample.size(), false);
  for (const std::size_t start : anchors.starts) {
    std::fill_n(in_anchor.begin() + static_cast<std::ptrdiff_t>(start), options.length, true);
  }
  std::vector<bool> extended = in_anchor;
  std::size_t longest = 0;
  for (const auto& [diagonal, starts] : anchors.by_diagonal) {
    const Alignment alignment(sample, corpus.corpus(), diagonal);
    for (std::size_t a = 0; a < starts.size();) {
      // A run: anchors that follow one another or overlap on this alignment.
      const std::size_t first = starts[a];
      std::size_t end = first + options.length;
      for (++a; a < starts.size() && starts[a] <= end; ++a) end = starts[a] + options.length;
      std::size_t length = end - first;
      if (options.skip_budget > 0) {
        const auto from = static_cast<std::int64_t>(first), to = static_cast<std::int64_t>(end);
        length += best_split(walk(alignment, from - 1, -1, options.skip_budget, extended),
                             walk(alignment, to, 1, options.skip_budget, extended));
      }
      longest = std::max(longest, length);
    }
  }
  overlap.ngram_match = static_cast<double>(anchors.starts.size()) /
                        static_cast<double>(sample.size() - options.length + 1);
  overlap.token_match = share(in_anchor);
  overlap.token_extend = share(extended);
  overlap.longest_match = static_cast<double>(longest) / static_cast<double>(sample.size());
  return overlap;
}

}  // namespace trimtab
