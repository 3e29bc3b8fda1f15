#include "trimtab/samplers/tpe/tpe.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "trimtab/core/registry.hpp"

TRIMTAB_SAMPLER(tpe, Tpe)

namespace trimtab {
namespace {

constexpr int kConstraintAttempts = 32;
constexpr int kRepeatAttempts = 4;  // first the model again, then as often a mutation

tpe::ModelSettings model_settings(const OptionValues& options) {
  tpe::ModelSettings settings;
  settings.good_fraction = options.number("good_fraction");
  settings.max_good = static_cast<std::size_t>(options.integer("max_good"));
  settings.num_candidates = static_cast<std::size_t>(options.integer("num_candidates"));
  settings.bad.prior_weight = options.number("prior_weight");
  settings.bad.has_old_decay = options.flag("old_decay");
  return settings;
}

}  // namespace

Info Tpe::info() {
  Info info;
  info.name = "tpe";
  info.purpose =
      "tree-structured Parzen estimator: cheap, any space, hundreds to 100 000s of trials";
  info.source =
      "Bergstra et al. 2011, section 4; Falkner et al. 2018 (joint kernels); Watanabe 2023, "
      "arXiv:2304.11127";
  info.options = {
      {"num_startup", std::int64_t{10}, "random trials before the model proposes", 1.0, 1e6},
      {"good_fraction", 0.1, "share of the trials that counts as good", 0.001, 0.9},
      {"max_good", std::int64_t{25}, "largest number of good trials", 1.0, 1000.0},
      {"num_candidates", std::int64_t{24}, "draws from the good density per proposal", 1.0,
       10000.0},
      {"multivariate", true, "joint densities; false = every parameter for itself"},
      {"constant_liar", true, "running trials count as bad, so that parallel trials spread"},
      {"prior_weight", 1.0, "weight of the prior, in trials", 0.001, 1000.0},
      {"old_decay", true, "the oldest of more than 25 bad trials weigh less"},
  };
  return info;
}

Capabilities Tpe::capabilities() {
  return {.conditional = true,
          .parallel = true,
          .multi_objective = false,
          .needs_finite_space = false,
          .uses_priors = true};
}

Tpe::Tpe(const Space& space, const OptionValues& options, const SamplerSetting&)
    : space_(space),
      num_startup_(static_cast<std::size_t>(options.integer("num_startup"))),
      has_constant_liar_(options.flag("constant_liar")),
      is_finite_(space.size().value_or(1) > 1) {
  make_blocks(options.flag("multivariate"), model_settings(options));
  running_.resize(blocks_.size());
}

void Tpe::make_blocks(bool is_multivariate, const tpe::ModelSettings& settings) {
  const std::span<const Dimension> dimensions = space_.dimensions();
  std::vector<bool> is_grouped(dimensions.size(), false);
  for (const Group& group : space_.groups()) {
    for (const std::size_t member : group.members) is_grouped[member] = true;
  }
  std::vector<std::vector<std::size_t>> sets;
  for (std::size_t j = 0; j < dimensions.size(); ++j) {
    if (dimensions[j].count() == 1) continue;
    const auto same = std::find_if(sets.begin(), sets.end(), [&](const auto& set) {
      return dimensions[set.front()].when == dimensions[j].when;
    });
    if (is_multivariate && same != sets.end()) {
      same->push_back(j);
    } else {
      sets.push_back({j});
    }
  }
  for (const std::vector<std::size_t>& set : sets) {
    std::vector<tpe::Axis> axes;
    bool has_group = false;
    for (const std::size_t j : set) {
      axes.push_back(tpe::Axis::of(dimensions[j]));
      has_group = has_group || is_grouped[j];
    }
    blocks_.push_back({set, has_group, axes, tpe::GroupModel(axes, settings)});
  }
}

bool Tpe::is_in(const Block& block, PointView point) const {
  return std::all_of(block.members.begin(), block.members.end(),
                     [&](std::size_t j) { return is_active(point[j]); });
}

std::vector<double> Tpe::positions_of(const Block& block, PointView point) const {
  std::vector<double> positions;
  positions.reserve(block.members.size());
  for (std::size_t k = 0; k < block.members.size(); ++k) {
    positions.push_back(block.axes[k].position_of(point[block.members[k]]));
  }
  return positions;
}

void Tpe::append_positions(PointView point, Running& running) const {
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    if (!is_in(blocks_[b], point)) continue;
    const std::vector<double> positions = positions_of(blocks_[b], point);
    running[b].insert(running[b].end(), positions.begin(), positions.end());
  }
}

void Tpe::tell(std::span<const Observation> finished, std::span<const Observation> active) {
  for (const Observation& observation : finished) {
    const Rank rank = rank_of(observation);
    for (Block& block : blocks_) {
      if (!is_in(block, observation.point)) continue;
      block.model.add(positions_of(block, observation.point), rank, observation.number);
    }
    if (is_finite_) seen_.insert(space_.hash(observation.point).low);
  }
  num_finished_ += finished.size();
  for (Block& block : blocks_) block.model.refresh();
  running_.assign(blocks_.size(), {});
  if (!has_constant_liar_) return;
  for (const Observation& observation : active) append_positions(observation.point, running_);
}

bool Tpe::has_seen(PointView point) const {
  return is_finite_ && seen_.contains(space_.hash(point).low);
}

std::vector<Point> Tpe::ask(std::size_t count, Rng& rng) const {
  std::vector<Point> points;
  points.reserve(count);
  Running running = running_;
  for (std::size_t i = 0; i < count; ++i) {
    points.push_back(num_finished_ < num_startup_ ? space_.sample(rng) : propose(running, rng));
    if (has_constant_liar_) append_positions(points.back(), running);
  }
  return points;
}

Point Tpe::propose(const Running& running, Rng& rng) const {
  Point point = draw(running, rng);
  for (int attempt = 0; attempt < kRepeatAttempts && has_seen(point); ++attempt) {
    point = draw(running, rng);
  }
  for (int attempt = 0; attempt < kRepeatAttempts && has_seen(point); ++attempt) {
    point = space_.mutate(point, rng);
  }
  return point;
}

void Tpe::draw_block(std::size_t index, const Running& running, Rng& rng, Point& point) const {
  const Block& block = blocks_[index];
  std::vector<double> position(block.members.size());
  block.model.suggest(running[index], rng, position);
  for (std::size_t k = 0; k < position.size(); ++k) {
    point[block.members[k]] = block.axes[k].value_of(position[k]);
  }
  if (!block.has_group) return;
  // Repaired at once, so that what hangs on a slot is drawn for its final value.
  Point repaired = point;
  space_.canonicalise(repaired);
  for (const std::size_t j : block.members) point[j] = repaired[j];
}

Point Tpe::draw(const Running& running, Rng& rng) const {
  const std::span<const Dimension> dimensions = space_.dimensions();
  for (int attempt = 0; attempt < kConstraintAttempts; ++attempt) {
    Point point(dimensions.size(), kInactive);
    for (std::size_t j = 0; j < dimensions.size(); ++j) {
      if (dimensions[j].count() == 1) point[j] = dimensions[j].value_at(0);
    }
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      if (space_.is_active_at(point, blocks_[b].members.front())) {
        draw_block(b, running, rng, point);
      }
    }
    space_.canonicalise(point);
    if (space_.satisfies_constraints(point)) return point;
  }
  return space_.sample(rng);
}

}  // namespace trimtab
