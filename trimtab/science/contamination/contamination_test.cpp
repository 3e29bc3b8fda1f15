#include "trimtab/science/contamination/contamination.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"

namespace trimtab {
namespace {

using ::testing::HasSubstr;
using Tokens = std::vector<Token>;

Tokens random_tokens(Rng& rng, std::size_t count, std::uint64_t num_kinds) {
  Tokens tokens(count);
  for (Token& token : tokens) token = static_cast<Token>(rng.below(num_kinds));
  return tokens;
}

std::size_t count_by_hand(const Tokens& corpus, std::span<const Token> ngram) {
  std::size_t count = 0;
  for (std::size_t i = 0; i + ngram.size() <= corpus.size(); ++i) {
    if (std::equal(ngram.begin(), ngram.end(), corpus.begin() + static_cast<std::ptrdiff_t>(i))) {
      ++count;
    }
  }
  return count;
}

// The definitions word by word: every pair of positions, every way to spend the budget.
Overlap measure_by_hand(const Tokens& sample, const Tokens& corpus, const OverlapOptions& options) {
  const auto n = static_cast<std::ptrdiff_t>(options.length);
  const auto length = static_cast<std::ptrdiff_t>(sample.size());
  const auto size = static_cast<std::ptrdiff_t>(corpus.size());
  Overlap overlap;
  if (length < n) return overlap;
  const auto at = [](const Tokens& tokens, std::ptrdiff_t i) {
    return tokens[static_cast<std::size_t>(i)];
  };
  const auto matches = [&](std::ptrdiff_t i, std::ptrdiff_t j) {
    return i >= 0 && i < length && j >= 0 && j < size && at(sample, i) == at(corpus, j);
  };
  std::set<std::ptrdiff_t> anchors, inside, extended;
  for (std::ptrdiff_t i = 0; i + n <= length; ++i) {
    const std::span<const Token> ngram =
        std::span<const Token>(sample).subspan(static_cast<std::size_t>(i), options.length);
    const std::size_t count = count_by_hand(corpus, ngram);
    if (count > 0 && count >= options.min_count) anchors.insert(i);
  }
  for (const std::ptrdiff_t i : anchors) {
    for (std::ptrdiff_t k = i; k < i + n; ++k) inside.insert(k);
  }
  // Is sample position k inside an anchor that lies on this alignment (corpus = sample + shift)?
  const auto is_anchored = [&](std::ptrdiff_t k, std::ptrdiff_t shift) {
    for (std::ptrdiff_t s = k - n + 1; s <= k; ++s) {
      bool is_here = anchors.contains(s);
      for (std::ptrdiff_t q = s; q < s + n; ++q) is_here = is_here && matches(q, q + shift);
      if (is_here) return true;
    }
    return false;
  };
  extended = inside;
  std::size_t longest = 0;
  const auto budget = static_cast<std::ptrdiff_t>(options.skip_budget);
  for (const std::ptrdiff_t i : anchors) {
    for (std::ptrdiff_t j = 0; j + n <= size; ++j) {
      bool is_here = true;
      for (std::ptrdiff_t k = 0; k < n; ++k) is_here = is_here && matches(i + k, j + k);
      if (!is_here) continue;
      for (std::ptrdiff_t on_left = 0; on_left <= budget; ++on_left) {
        std::set<std::ptrdiff_t> span;
        for (std::ptrdiff_t k = 0; k < n; ++k) span.insert(i + k);
        std::ptrdiff_t left = on_left, right = budget - on_left;
        for (std::ptrdiff_t k = i - 1; k >= 0 && k + j - i >= 0; --k) {
          const bool may_match = budget > 0 || is_anchored(k, j - i);
          if (matches(k, k + j - i) && may_match) {
            span.insert(k);
          } else if (--left < 0) {
            break;
          }
        }
        for (std::ptrdiff_t k = i + n; k < length && k + j - i < size; ++k) {
          const bool may_match = budget > 0 || is_anchored(k, j - i);
          if (matches(k, k + j - i) && may_match) {
            span.insert(k);
          } else if (--right < 0) {
            break;
          }
        }
        longest = std::max(longest, span.size());
        if (budget > 0) extended.insert(span.begin(), span.end());
      }
    }
  }
  const double all = static_cast<double>(length);
  overlap.ngram_match = static_cast<double>(anchors.size()) / static_cast<double>(length - n + 1);
  overlap.token_match = static_cast<double>(inside.size()) / all;
  overlap.token_extend = static_cast<double>(extended.size()) / all;
  overlap.longest_match = static_cast<double>(longest) / all;
  return overlap;
}

TEST(TokenIndex, CountsEveryNgramAsAScanDoes) {
  Rng rng(1, 0, "index");
  const Tokens corpus = random_tokens(rng, 300, 3);
  const TokenIndex index(corpus);
  for (std::size_t length = 1; length <= 6; ++length) {
    for (int i = 0; i < 40; ++i) {
      const Tokens query = random_tokens(rng, length, 3);
      EXPECT_EQ(index.find(query).count(), count_by_hand(corpus, query));
    }
  }
  EXPECT_EQ(TokenIndex({}).find(Tokens{1}).count(), 0u);
  EXPECT_THROW(TokenIndex({1, -1}), BugError);
}

TEST(TokenIndex, SortsARepetitiveCorpus) {
  const TokenIndex index(Tokens(200, 0));
  EXPECT_EQ(index.find(Tokens(32, 0)).count(), 169u);
  EXPECT_EQ(index.find(Tokens{1}).count(), 0u);
}

TEST(Vocabulary, CutsWordsAndKnowsWhatItHasSeen) {
  Vocabulary vocabulary(Tokeniser::Words);
  EXPECT_EQ(vocabulary.learn("The cat, the CAT!"), (Tokens{0, 1, 0, 1}));
  EXPECT_EQ(vocabulary.read("a cat"), (Tokens{-1, 1}));
  EXPECT_EQ(Vocabulary(Tokeniser::Characters).learn("aba"), (Tokens{0, 1, 0}));
}

TEST(Overlap, MeasuresByHand) {
  // Corpus a b c d e f; sample a b c X e f Y: one trigram of five, then a bridge over X.
  const TokenIndex corpus(Tokens{0, 1, 2, 3, 4, 5});
  const Tokens sample = {0, 1, 2, -1, 4, 5, -1};
  const Overlap exact = measure_overlap(sample, corpus, {.length = 3});
  EXPECT_EQ(exact.ngram_match, 1.0 / 5.0);
  EXPECT_EQ(exact.token_match, 3.0 / 7.0);
  EXPECT_EQ(exact.token_extend, 3.0 / 7.0);
  EXPECT_EQ(exact.longest_match, 3.0 / 7.0);
  const Overlap bridged = measure_overlap(sample, corpus, {.length = 3, .skip_budget = 1});
  EXPECT_EQ(bridged.token_extend, 5.0 / 7.0);
  EXPECT_EQ(bridged.longest_match, 5.0 / 7.0);
  EXPECT_EQ(measure_overlap(sample, corpus, {.length = 3, .min_count = 2}).token_match, 0.0);
  EXPECT_EQ(measure_overlap(sample, corpus, {.length = 8}).token_match, 0.0);
  EXPECT_THROW(measure_overlap(sample, corpus, {.length = 33}), BugError);
}

TEST(Overlap, EqualsBruteForceOnTwoHundredRandomStrings) {
  for (std::uint64_t run = 0; run < 200; ++run) {
    SCOPED_TRACE(run);
    Rng rng(run, 0, "overlap");
    const Tokens corpus = random_tokens(rng, 60, 3), sample = random_tokens(rng, 20, 3);
    const OverlapOptions options = {
        .length = 2 + rng.below(4), .min_count = 1 + rng.below(3), .skip_budget = rng.below(4)};
    const Overlap fast = measure_overlap(sample, TokenIndex(corpus), options);
    const Overlap slow = measure_by_hand(sample, corpus, options);
    EXPECT_EQ(fast.ngram_match, slow.ngram_match);
    EXPECT_EQ(fast.token_match, slow.token_match);
    EXPECT_EQ(fast.token_extend, slow.token_extend);
    EXPECT_EQ(fast.longest_match, slow.longest_match);
    EXPECT_LE(fast.longest_match, fast.token_extend);
    EXPECT_LE(fast.token_match, fast.token_extend);
    if (options.skip_budget == 0) {
      EXPECT_EQ(fast.token_extend, fast.token_match);
    }
  }
}

TEST(ContaminationCurve, GivesGainAndZByHand) {
  // Two contaminated samples, both right; of three clean ones one is right.
  const std::vector<double> scores = {0.9, 0.8, 0.0, 0.0, 0.0}, correct = {1, 1, 1, 0, 0};
  const std::vector<ContaminationPoint> curve = contamination_curve(scores, correct);
  ASSERT_EQ(curve.size(), 2u);
  EXPECT_EQ(curve[0].threshold, 0.8);
  EXPECT_EQ(curve[0].num_contaminated, 2u);
  EXPECT_NEAR(curve[0].gain, 0.6 - 1.0 / 3.0, 1e-12);
  EXPECT_NEAR(curve[0].z, (0.6 - 1.0 / 3.0) / std::sqrt(0.3 / 3.0 * 0.4), 1e-12);
  EXPECT_TRUE(
      contamination_curve(std::vector<double>(3, 0.0), std::vector<double>(3, 1.0)).empty());
  EXPECT_THROW(contamination_curve(scores, std::vector<double>{1.0}), BugError);
}

TEST(ContaminationCurve, JudgesItsThresholdOnOtherSamples) {
  // A metric that says nothing: chosen and judged on the same samples, the best of 20 thresholds
  // has z near 2; judged on the other half it has mean 0. 200 studies: the deviation of the mean is
  // 0.07.
  double flattered = 0.0, honest = 0.0;
  for (std::uint64_t run = 0; run < 200; ++run) {
    Rng rng(run, 0, "null");
    std::vector<double> scores(200), correct(200);
    for (std::size_t i = 0; i < 200; ++i) {
      scores[i] = static_cast<double>(rng.below(20)) / 20.0;
      correct[i] = rng.bernoulli(0.5) ? 1.0 : 0.0;
    }
    double best = 0.0;
    for (const ContaminationPoint& point : contamination_curve(scores, correct)) {
      best = std::max(best, point.z);
    }
    flattered += best / 200.0;
    honest += judge_threshold(scores, correct, rng)->held_out.z / 200.0;
  }
  EXPECT_GT(flattered, 0.8);
  EXPECT_NEAR(honest, 0.0, 0.35);
}

TEST(DetectionAuroc, CountsPairs) {
  EXPECT_EQ(detection_auroc(std::vector<double>{0.1, 0.4, 0.4, 0.9}, {false, true, false, true}),
            3.5 / 4.0);
  EXPECT_TRUE(std::isnan(detection_auroc(std::vector<double>{0.1}, {true})));
}

std::string novel(const char* file) {
  const char* folder = std::getenv("TRIMTAB_DATA");
  const std::string path = std::string(folder == nullptr ? "" : folder) + "/text_lm/" + file;
  return folder != nullptr && std::filesystem::exists(path) ? path : "";
}

// Half of 400 passages of Shakespeare are planted into the Republic, as they are or with a tenth of
// their words changed; the other half never was there. Which half is which?
struct Planting {
  std::vector<Tokens> samples;
  std::vector<bool> is_planted;
  Tokens corpus;
};

Planting plant(double share_changed, std::size_t num_copies, std::uint64_t seed) {
  Vocabulary vocabulary(Tokeniser::Words);
  Planting planting;
  planting.corpus = vocabulary.learn(read_file(novel("plato_republic.txt")));
  const Tokens plays = vocabulary.learn(read_file(novel("tinyshakespeare.txt")));
  Rng rng(seed, 0, "plant");
  for (std::size_t i = 0; i < 400; ++i) {
    const auto first = plays.begin() + static_cast<std::ptrdiff_t>(i * 400);
    planting.samples.emplace_back(first, first + 40);
    planting.is_planted.push_back(rng.bernoulli(0.5));
    if (!planting.is_planted.back()) continue;
    Tokens copy = planting.samples.back();
    for (Token& token : copy) {
      if (rng.bernoulli(share_changed)) token = plays[rng.below(plays.size())];
    }
    for (std::size_t c = 0; c < num_copies; ++c) {
      planting.corpus.insert(planting.corpus.end(), copy.begin(), copy.end());
    }
  }
  return planting;
}

std::vector<double> longest_matches(const Planting& planting, const OverlapOptions& options) {
  const TokenIndex corpus(planting.corpus);
  std::vector<double> scores;
  for (const Tokens& sample : planting.samples) {
    scores.push_back(measure_overlap(sample, corpus, options).longest_match);
  }
  return scores;
}

double recall(const Planting& planting, const OverlapOptions& options) {
  const std::vector<double> scores = longest_matches(planting, options);
  double num_found = 0.0, num_planted = 0.0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!planting.is_planted[i]) continue;
    num_planted += 1.0;
    if (scores[i] > 0.0) num_found += 1.0;
  }
  return num_found / num_planted;
}

TEST(ContaminationSlow, FindsPlantedPassages) {
  if (novel("plato_republic.txt").empty()) GTEST_SKIP() << "data absent";
  const Planting exact = plant(0.0, 1, 1), edited = plant(0.1, 1, 2);
  EXPECT_GE(detection_auroc(longest_matches(exact, {.length = 5}), exact.is_planted), 0.98);
  EXPECT_GE(
      detection_auroc(longest_matches(edited, {.length = 5, .skip_budget = 2}), edited.is_planted),
      0.9);
}

TEST(ContaminationSlow, MissesEditedPassagesWithLongNgramsAndRareOnesWithCounts) {
  if (novel("plato_republic.txt").empty()) GTEST_SKIP() << "data absent";
  // The paper's direction: n = 13 against 5 on edited copies, min_count 2 against 1 on single ones.
  const Planting edited = plant(0.15, 1, 3);
  const double at_5 = recall(edited, {.length = 5});
  EXPECT_LE(recall(edited, {.length = 13}), at_5 - 0.1);
  EXPECT_LE(recall(edited, {.length = 5, .min_count = 2}), at_5 - 0.1);
}

TEST(Contamination, AsksTheModelThatNeverSawTheCorpus) {
  const std::string corpus = ::testing::TempDir() + "contamination_corpus.txt";
  std::string text, csv = "text,right,control\n";
  Rng rng(5, 0, "entry");
  for (int i = 0; i < 60; ++i) {
    std::string sample;
    for (int k = 0; k < 12; ++k) sample += " w" + std::to_string(rng.below(5000));
    if (i % 2 == 0) text += sample + "\n";
    csv += sample + (i % 2 == 0 || i % 3 == 0 ? ",1," : ",0,") + (i % 3 == 0 ? "1\n" : "0\n");
  }
  write_file_atomically(corpus, text);
  const AnalysisEntry entry = contamination_entry();
  const Json options = {
      {"text", "text"}, {"corpus", corpus}, {"correct", "right"}, {"control", "control"}};
  const DataTable table = parse_csv(csv, "items");
  const AnalysisResult result =
      entry.run_on_table(table, OptionValues(entry.info, options, "test"));
  EXPECT_THAT(result.verdict, HasSubstr("30 of 60 samples share 8 tokens in a row"));
  const Json data = Json::parse(result.data);
  EXPECT_GT(data["held_out_gain"].get<double>(), 0.1);
  EXPECT_NEAR(data["control_gain"].get<double>(), 0.0, 0.05);
  EXPECT_THROW(entry.run_on_table(table, OptionValues(entry.info, Json::object(), "test")),
               UserError);
}

}  // namespace
}  // namespace trimtab
