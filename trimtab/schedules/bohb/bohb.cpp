// Notation in this file
//   n   results at the level that the model stands on
//   d   parameters' dimensions

#include "trimtab/schedules/bohb/bohb.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "trimtab/core/registry.hpp"

TRIMTAB_SCHEDULE(bohb, Bohb)

namespace trimtab {
namespace {

std::vector<std::size_t> categories_of(const Space& space) {
  std::vector<std::size_t> counts;
  for (const Dimension& dimension : space.dimensions()) {
    const bool is_category = dimension.kind == Kind::Categorical;
    counts.push_back(is_category ? static_cast<std::size_t>(dimension.high) + 1 : 0);
  }
  return counts;
}

Point decode(const Space& space, const std::vector<double>& row) {
  Point point(row.size());
  for (std::size_t j = 0; j < row.size(); ++j) {
    const Dimension& dimension = space.dimensions()[j];
    point[j] = dimension.kind == Kind::Categorical ? row[j] : dimension.from_unit(row[j]);
  }
  space.canonicalise(point);
  return point;
}

}  // namespace

Info Bohb::info() {
  Info info;
  info.name = "bohb";
  info.purpose = "hyperband whose new trials come from kernel densities of good and bad points";
  info.source = "Falkner et al. 2018, section 4";
  info.options = {
      {"synchronous", false, "each bracket waits for the last of its trials at a rung"},
      {"model",
       "multivariate",
       "one density of all parameters, or a product of one for each",
       {},
       {},
       {"multivariate", "product"}},
      {"random_fraction", 1.0 / 3.0, "share of the trials that are drawn at random", 0.0, 1.0},
      {"good", 0.15, "share of the results that count as good", 0.01, 0.5},
      {"candidates", std::int64_t{64}, "points that are compared for one trial", 1.0, 1e5},
      {"widening", 3.0, "bandwidths are this much wider where candidates are drawn", 1.0, 100.0}};
  return info;
}

Bohb::Bohb(const OptionValues& options, const ScheduleSetting& setting)
    : brackets_(setting, options.flag("synchronous")),
      random_fraction_(options.number("random_fraction")),
      good_share_(options.number("good")),
      widening_(options.number("widening")),
      num_candidates_(options.integer("candidates")),
      is_product_(options.text("model") == "product") {}

void Bohb::tell(const LevelEvent& event) {
  brackets_.tell(event);
  if (event.kind != LevelEvent::Kind::Born) return;
  points_[event.trial].assign(event.point.begin(), event.point.end());
}

std::vector<double> Bohb::encode(const Space& space, Rng& rng,
                                 const std::vector<std::int64_t>& trials) const {
  const std::size_t d = space.num_dimensions();
  std::vector<double> rows;
  for (const std::int64_t trial : trials) {
    for (std::size_t j = 0; j < d; ++j) {
      const Dimension& dimension = space.dimensions()[j];
      double value = points_.at(trial)[j];
      if (!is_active(value)) {
        std::vector<double> seen;
        for (const std::int64_t other : trials) {
          if (is_active(points_.at(other)[j])) seen.push_back(points_.at(other)[j]);
        }
        value = seen.empty() ? space.sample_dimension(j, rng) : seen[rng.below(seen.size())];
      }
      rows.push_back(dimension.kind == Kind::Categorical ? value : dimension.to_unit(value));
    }
  }
  return rows;
}

std::optional<Bohb::Model> Bohb::fit(const Space& space, Rng& rng) const {
  const std::size_t min_points = space.num_dimensions() + 1;
  for (int level = top(); level >= 0; --level) {
    Ladder::Results results = brackets_.ladder().results(level);
    const double n = static_cast<double>(results.size());
    const auto num_good = std::max(min_points, static_cast<std::size_t>(good_share_ * n));
    if (results.size() < num_good + min_points) continue;
    std::ranges::stable_sort(results, {}, &std::pair<std::int64_t, double>::second);
    const auto num_bad =
        std::min(results.size() - num_good,
                 std::max(min_points, static_cast<std::size_t>((1.0 - good_share_) * n)));
    std::vector<std::int64_t> good, bad;
    for (std::size_t i = 0; i < num_good + num_bad; ++i) {
      (i < num_good ? good : bad).push_back(results[i].first);
    }
    const std::vector<std::size_t> categories = categories_of(space);
    return Model{{encode(space, rng, good), categories, is_product_},
                 {encode(space, rng, bad), categories, is_product_}};
  }
  return std::nullopt;
}

Birth Bohb::birth(std::int64_t, const Space& space, Rng& rng) const {
  Birth birth;
  const bool is_random = rng.bernoulli(random_fraction_);
  const std::optional<Model> model = is_random ? std::nullopt : fit(space, rng);
  double best = std::numeric_limits<double>::infinity();
  for (std::int64_t i = 0; model && i < num_candidates_; ++i) {
    const std::vector<double> row = model->good.sample(widening_, rng);
    const double ratio = std::max(1e-32, model->bad(row)) / std::max(1e-32, model->good(row));
    if (!(ratio < best)) continue;
    Point point = decode(space, row);
    if (!space.satisfies_constraints(point)) continue;
    best = ratio;
    birth.point = std::move(point);
  }
  if (birth.point.empty()) birth.point = space.sample(rng);
  return birth;
}

}  // namespace trimtab
