#include "trimtab/samplers/forest/forest.hpp"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "trimtab/base/hash.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/numerics/normal.hpp"
#include "trimtab/numerics/random_forest.hpp"
#include "trimtab/numerics/sobol.hpp"
#include "trimtab/samplers/forest/local_search.hpp"

TRIMTAB_SAMPLER(forest, Forest)

namespace trimtab {
namespace {

constexpr std::size_t kNumRandom = 500;  // points looked at in each proposal
constexpr std::size_t kNumStarts = 10;   // best trials whose neighbours are looked at
constexpr double kMinDeviation = 1e-3;   // of a prediction, in normal scores
constexpr double kMinSuccess = 0.01;     // least probability of success that counts
constexpr double kCaution = 1.0;         // weight of its logarithm
constexpr int kRepeatAttempts = 8;

double normal_quantile(double p) { return std::sqrt(2.0) * boost::math::erf_inv(2.0 * p - 1.0); }

// Normal scores by rank; equal ranks share the score of their middle rank.
std::vector<double> normal_scores(const std::vector<Rank>& ranks) {
  std::vector<std::size_t> order(ranks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return ranks[a] < ranks[b]; });
  std::vector<double> scores(ranks.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last < order.size() && ranks[order[last]] == ranks[order[first]]) ++last;
    const double rank = 0.5 * static_cast<double>(first + last);
    const double score = normal_quantile(rank / static_cast<double>(order.size()));
    for (; first < last; ++first) scores[order[first]] = score;
  }
  return scores;
}

void write_row(const Space& space, const UnitFeatures& features, PointView point,
               std::span<double> x) {
  for (std::size_t j = 0; j < point.size(); ++j) {
    if (is_active(point[j])) {
      features.write(j, space.dimensions()[j].to_unit(point[j]), x);
    } else {
      features.write_inactive(j, x);
    }
  }
}

}  // namespace

Info Forest::info() {
  Info info;
  info.name = "forest";
  info.purpose = "random forest with log-expected improvement: many categories and conditions";
  info.source = "Hutter, Hoos and Leyton-Brown 2011, SMAC, sections 4.1 to 4.3";
  info.options = {
      {"num_startup", std::int64_t{0},
       "Sobol trials before the model proposes; 0 = one more than the parameters, 5 to 20", 0.0,
       1e6},
      {"num_trees", std::int64_t{32}, "trees of the forest", 2.0, 1000.0},
      {"random_share", 0.1, "share of the proposals that is random", 0.0, 1.0},
      {"max_points", std::int64_t{2000},
       "trials that the forest is grown on: the better half and the latest", 20.0, 100000.0},
  };
  return info;
}

Capabilities Forest::capabilities() {
  return {.conditional = true,
          .parallel = true,
          .multi_objective = false,
          .needs_finite_space = false,
          .uses_priors = false};
}

Forest::Forest(const Space& space, const OptionValues& options, const SamplerSetting& setting)
    : space_(space),
      features_(space_.dimensions()),
      key_(mix64(setting.seed, hash64("forest"))),
      num_startup_(static_cast<std::size_t>(options.integer("num_startup"))),
      num_trees_(static_cast<std::size_t>(options.integer("num_trees"))),
      max_points_(static_cast<std::size_t>(options.integer("max_points"))),
      random_share_(options.number("random_share")) {
  if (num_startup_ == 0) num_startup_ = std::clamp<std::size_t>(space_.num_dimensions() + 1, 5, 20);
}

void Forest::tell(std::span<const Observation> finished, std::span<const Observation> active) {
  for (const Observation& observation : finished) {
    const Rank rank = rank_of(observation);
    const bool is_bad = rank.tier >= Rank::kViolating;
    has_success_ = has_success_ || (rank.tier != Rank::kFailed && std::isfinite(rank.loss));
    has_failure_ = has_failure_ || is_bad;
    seen_.insert(space_.hash(observation.point).low);
    Observation plain = observation;
    plain.violations = {};
    trials_.push_back(
        {Point(observation.point.begin(), observation.point.end()), rank, rank_of(plain)});
  }
  running_.clear();
  for (const Observation& observation : active) {
    running_.emplace_back(observation.point.begin(), observation.point.end());
  }
}

Point Forest::initial_point(std::size_t index, Rng& rng) const {
  std::vector<double> unit(space_.num_dimensions());
  for (std::size_t j = 0; j < unit.size(); ++j) {
    unit[j] = scrambled_sobol(static_cast<std::uint32_t>(index), j, key_);
  }
  Point point = space_.from_unit(unit);
  return space_.satisfies_constraints(point) ? point : space_.sample(rng);
}

// All trials, or the better half of max_points and the latest others.
std::vector<std::size_t> Forest::modelled() const {
  std::vector<std::size_t> rows(trials_.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  if (rows.size() <= max_points_) return rows;
  std::stable_sort(rows.begin(), rows.end(),
                   [&](std::size_t a, std::size_t b) { return trials_[a].rank < trials_[b].rank; });
  const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(max_points_ / 2);
  std::sort(middle, rows.end(), std::greater<>());
  rows.resize(max_points_);
  return rows;
}

Point Forest::proposal(std::span<const Point> running,
                       const std::unordered_set<std::uint64_t>& taken, Rng& rng) const {
  const std::vector<std::size_t> rows = modelled();
  std::vector<Rank> ranks, plain;
  for (const std::size_t row : rows) {
    ranks.push_back(trials_[row].rank);
    plain.push_back(trials_[row].plain_rank);
  }
  std::vector<double> scores = normal_scores(plain);
  const double best = scores[static_cast<std::size_t>(std::min_element(ranks.begin(), ranks.end()) -
                                                      ranks.begin())];
  const std::size_t p = features_.num_features();
  Eigen::MatrixXd x(static_cast<Eigen::Index>(rows.size() + running.size()),
                    static_cast<Eigen::Index>(p));
  std::vector<double> row(p);
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    write_row(space_, features_,
              k < rows.size() ? trials_[rows[k]].point : running[k - rows.size()], row);
    for (std::size_t f = 0; f < p; ++f) x(i, static_cast<Eigen::Index>(f)) = row[f];
  }
  scores.resize(rows.size() + running.size(), 0.0);
  const RandomForest forest(
      x, scores, {.num_trees = num_trees_, .tree = {.has_random_thresholds = true}}, rng);
  std::optional<RandomForest> feasibility;
  if (has_failure_) {
    std::vector<double> successes;
    for (const Rank& rank : ranks) successes.push_back(rank.tier >= Rank::kViolating ? 0.0 : 1.0);
    const Eigen::MatrixXd finished = x.topRows(static_cast<Eigen::Index>(rows.size()));
    feasibility.emplace(
        finished, successes,
        RandomForest::Options{.num_trees = num_trees_, .tree = {.has_random_thresholds = true}},
        rng);
  }
  const forest::LocalSearch::Value value = [&](PointView point) {
    write_row(space_, features_, point, row);
    const RandomForest::Prediction prediction = forest.predict(row);
    const double deviation = std::max(std::sqrt(prediction.variance), kMinDeviation);
    const double gain =
        log_improvement((best - prediction.mean) / deviation).value + std::log(deviation);
    if (!feasibility) return gain;
    const double success = feasibility->predict(row).mean;
    return gain + kCaution * std::log(std::max(success, kMinSuccess));
  };
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t count = std::min(kNumStarts, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](std::size_t a, std::size_t b) {
                      return std::pair(ranks[a], a) < std::pair(ranks[b], b);
                    });
  std::vector<Point> starts;
  for (std::size_t k = 0; k < count; ++k) starts.push_back(trials_[rows[order[k]]].point);
  return forest::LocalSearch(space_, value, taken).run(kNumRandom, starts, rng);
}

std::vector<Point> Forest::ask(std::size_t count, Rng& rng) const {
  std::unordered_set<std::uint64_t> taken = seen_;
  std::vector<Point> running = running_;
  for (const Point& point : running) taken.insert(space_.hash(point).low);
  const bool has_started = trials_.size() >= num_startup_;
  const bool has_model = has_started && has_success_ && features_.num_features() > 0;
  std::vector<Point> points;
  for (std::size_t i = 0; i < count; ++i) {
    Point point;
    if (has_model && !rng.bernoulli(random_share_)) {
      point = proposal(running, taken, rng);
    } else if (has_started) {
      point = space_.sample(rng);
    } else {
      point = initial_point(trials_.size() + running.size(), rng);
    }
    for (int k = 0; k < kRepeatAttempts && taken.contains(space_.hash(point).low); ++k) {
      point = space_.sample(rng);
    }
    taken.insert(space_.hash(point).low);
    running.push_back(point);
    points.push_back(std::move(point));
  }
  return points;
}

}  // namespace trimtab
