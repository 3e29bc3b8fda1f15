#include "trimtab/samplers/sequential_coordinate/sequential_coordinate.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"

TRIMTAB_SAMPLER(sequential_coordinate, SequentialCoordinate)

namespace trimtab {
namespace {

constexpr int kMaxDecisions = 20'000;  // looked ahead in one ask
constexpr int kChangeAttempts = 64;

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text + ",") {
    if (c != ',') {
      word += c;
      continue;
    }
    if (!trim(word).empty()) words.emplace_back(trim(word));
    word.clear();
  }
  return words;
}

// The named parameters' dimensions first, then the others as they were declared.
std::vector<std::size_t> order_of(const Space& space, const std::string& text) {
  std::vector<std::size_t> order;
  std::vector<bool> is_taken(space.num_dimensions(), false);
  std::vector<std::string> known;
  for (const Parameter& parameter : space.parameters()) known.push_back(parameter.name);
  const auto take = [&](std::size_t j) {
    if (!is_taken[j] && space.dimensions()[j].count() != 1) order.push_back(j);
    is_taken[j] = true;
  };
  for (const std::string& word : words_of(text)) {
    const Parameter* parameter = space.find_parameter(word);
    if (parameter == nullptr) {
      throw UserError({.code = "sampler.order",
                       .what = "the order names a parameter that the space does not have",
                       .where = "sampler sequential_coordinate, order",
                       .got = quote(word),
                       .expected = one_of(known),
                       .hint = did_you_mean(word, known)});
    }
    for (std::size_t k = 0; k < parameter->count; ++k) take(parameter->first + k);
  }
  for (std::size_t j = 0; j < space.num_dimensions(); ++j) take(j);
  return order;
}

// The default, or, where the constraints refuse it, a fixed random point.
Point start_of(const Space& space, std::uint64_t seed) {
  Point point = space.default_point();
  if (space.satisfies_constraints(point)) return point;
  Rng rng(seed, 0, "sequential_coordinate");
  return space.sample(rng);
}

coordinate::WalkSettings settings_of(const OptionValues& options) {
  return {.first_step = options.number("step"),
          .last_step = options.number("last_step"),
          .noise = options.number("noise")};
}

}  // namespace

Info SequentialCoordinate::info() {
  Info info;
  info.name = "sequential_coordinate";
  info.purpose = "one parameter after another around the best; few trials, pausable at any one";
  info.source = "Hooke and Jeeves 1961 (neighbours, halving); one coordinate at a time";
  info.options = {
      {"order", std::string(),
       "parameters by expected importance, as \"rate, batch\"; the others follow as declared"},
      {"step", 0.25, "first distance between neighbours, as a share of the range", 0.001, 1.0},
      {"last_step", 0.01, "when steps are smaller, changes of the best point follow", 1e-6, 1.0},
      {"noise", 0.0, "a loss must be smaller by this to count as better: the seeds' deviation", 0.0,
       1e300},
  };
  return info;
}

Capabilities SequentialCoordinate::capabilities() {
  return {.conditional = true,
          .parallel = true,
          .multi_objective = false,
          .needs_finite_space = false,
          .uses_priors = false};
}

SequentialCoordinate::SequentialCoordinate(const Space& space, const OptionValues& options,
                                           const SamplerSetting& setting)
    : space_(space),
      walk_(space, order_of(space, options.text("order")), start_of(space, setting.seed),
            settings_of(options)) {}

void SequentialCoordinate::tell(std::span<const Observation> finished,
                                std::span<const Observation> active) {
  for (const Observation& observation : finished) {
    known_.try_emplace(space_.hash(observation.point).low, rank_of(observation));
  }
  running_.clear();
  for (const Observation& observation : active) running_.insert(space_.hash(observation.point).low);
  for (int i = 0; i < kMaxDecisions && !walk_.is_over(); ++i) {
    std::vector<Rank> ranks;
    for (const Point& point : walk_.needed()) {
      const auto found = known_.find(space_.hash(point).low);
      if (found == known_.end()) return;
      ranks.push_back(found->second);
    }
    walk_.advance(ranks);
  }
}

std::vector<Point> SequentialCoordinate::ask(std::size_t count, Rng& rng) const {
  std::vector<Point> points;
  std::unordered_set<std::uint64_t> taken = running_;
  coordinate::Walk ahead = walk_;
  for (int i = 0; i < kMaxDecisions && points.size() < count && !ahead.is_over(); ++i) {
    std::vector<Rank> ranks;
    for (Point& point : ahead.needed()) {
      const std::uint64_t key = space_.hash(point).low;
      const auto found = known_.find(key);
      ranks.push_back(found == known_.end() ? Rank{.tier = Rank::kFailed} : found->second);
      if (found != known_.end() || points.size() == count || !taken.insert(key).second) continue;
      points.push_back(std::move(point));
    }
    ahead.advance(ranks);
  }
  while (points.size() < count) {
    Point point = space_.mutate(walk_.best(), rng);
    for (int k = 0; k < kChangeAttempts; ++k) {
      const std::uint64_t key = space_.hash(point).low;
      if (!known_.contains(key) && !taken.contains(key)) break;
      point = space_.mutate(point, rng);
    }
    taken.insert(space_.hash(point).low);
    points.push_back(std::move(point));
  }
  return points;
}

}  // namespace trimtab
