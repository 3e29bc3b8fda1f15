#include "trimtab/core/fidelity/population.hpp"

#include <algorithm>
#include <cmath>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

constexpr std::int64_t kDefaultMembers = 10;

}  // namespace

std::vector<OptionInfo> Population::shared_options() {
  return {
      {"population", std::int64_t{0}, "members; 0 = as many as the budget of trials trains to max",
       0.0, 1e6},
      {"exploit", "truncation", "how a poor member is known", {}, {}, {"truncation", "tournament"}},
      {"quantile", 0.2, "truncation: this share is replaced by members of the best share", 0.01,
       0.5}};
}

Population::Population(const OptionValues& options, const ScheduleSetting& setting)
    : fidelity_(setting.fidelity),
      num_objectives_(setting.num_objectives),
      quantile_(options.number("quantile")),
      is_tournament_(options.text("exploit") == "tournament") {
  const double num_levels = std::max(1.0, std::floor(fidelity_.max / fidelity_.min + 1e-9));
  top_ = static_cast<int>(std::min(1e6, num_levels)) - 1;
  std::int64_t num_members = options.integer("population");
  if (num_members == 0) {
    num_members = setting.budget_trials > 0 ? setting.budget_trials / (top_ + 1) : kDefaultMembers;
  }
  if (num_members < 2) {
    throw UserError({.code = "schedule.population",
                     .what = "a population needs two members at least",
                     .where = "fidelity",
                     .got = std::to_string(num_members) + " with " + std::to_string(top_ + 1) +
                            " segments each",
                     .expected = "budget.trials >= " + std::to_string(2 * (top_ + 1)),
                     .hint = "a trial is one segment of one member"});
  }
  members_.resize(static_cast<std::size_t>(num_members));
}

double Population::fidelity(int level) const {
  return level >= top_ ? fidelity_.max : fidelity_.min * static_cast<double>(level + 1);
}

void Population::tell(const LevelEvent& event) {
  if (event.kind == LevelEvent::Kind::Born) {
    points_[event.trial].assign(event.point.begin(), event.point.end());
    parents_[event.trial] = event.parent;
  } else if (event.kind == LevelEvent::Kind::Joined) {
    if (event.member < 0 || event.member >= static_cast<std::int64_t>(members_.size())) return;
    Member& member = members_[static_cast<std::size_t>(event.member)];
    member.is_running = true;
    member.next_level = event.level;
    member_of_[event.trial] = event.member;
  } else if (event.kind == LevelEvent::Kind::Promoted) {
    go_on(event);
  } else {
    end(event.trial, event);
  }
}

// A segment that was promoted is longer than the others.
void Population::go_on(const LevelEvent& event) {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    Member& member = members_[i];
    if (member.segments.empty() || member.segments.back().trial != event.trial) continue;
    member.is_running = true;
    member_of_[event.trial] = static_cast<std::int64_t>(i);
    points_[event.trial] = member.segments.back().point;
    parents_[event.trial] = event.trial;
  }
}

std::optional<std::int64_t> Population::promotion(bool is_growing) const {
  if (is_growing || !member_of_.empty()) return std::nullopt;
  const std::vector<const Segment*> order = ranked(top_);
  const bool has_arrived =
      std::ranges::any_of(order, [&](const Segment* segment) { return segment->level == top_; });
  if (order.empty() || has_arrived) return std::nullopt;
  return order.front()->trial;
}

void Population::end(std::int64_t trial, const LevelEvent& event) {
  const auto found = member_of_.find(trial);
  if (found != member_of_.end()) {
    Member& member = members_[static_cast<std::size_t>(found->second)];
    member.is_running = false;
    member.has_failed = event.losses.empty();
    if (member.has_failed) {  // a promoted one has nothing to go on with any more
      std::erase_if(member.segments, [&](const Segment& each) { return each.trial == trial; });
    } else {
      Segment segment;
      segment.trial = trial;
      segment.level = event.level;
      segment.losses.assign(event.losses.begin(), event.losses.end());
      segment.point = points_[trial];
      segment.parent = parents_[trial];
      history_.push_back(segment);
      member.segments.push_back(std::move(segment));
      member.next_level = event.level + 1;
    }
    member_of_.erase(found);
  }
  points_.erase(trial);
  parents_.erase(trial);
}

const Population::Segment* Population::latest(const Member& member, int level) const {
  for (auto segment = member.segments.rbegin(); segment != member.segments.rend(); ++segment) {
    if (segment->level <= level) return &*segment;
  }
  return nullptr;
}

// Best first; several objectives by the number of members that dominate.
std::vector<const Population::Segment*> Population::ranked(int level) const {
  RankedLosses all(num_objectives_);
  std::vector<const Segment*> segments;
  for (const Member& member : members_) {
    const Segment* segment = latest(member, level);
    if (segment == nullptr) continue;
    all.insert(segment->losses);
    segments.push_back(segment);
  }
  std::vector<std::pair<std::size_t, const Segment*>> order;
  for (const Segment* segment : segments)
    order.emplace_back(all.num_better(segment->losses), segment);
  std::ranges::stable_sort(order, {}, &std::pair<std::size_t, const Segment*>::first);
  for (std::size_t i = 0; i < order.size(); ++i) segments[i] = order[i].second;
  return segments;
}

Growth Population::growth() const {
  bool is_running = false;
  for (const Member& member : members_) {
    if (!member.is_running && member.next_level <= top_) return Growth::Open;
    is_running = is_running || member.is_running;
  }
  return is_running ? Growth::Waiting : Growth::Over;
}

// Whose checkpoint a member goes on with: its own, or that of a better one.
const Population::Segment* Population::exploit(const Member& member, Rng& rng) const {
  const Segment* own = latest(member, member.next_level - 1);
  const bool has_own = own != nullptr && !member.has_failed;
  const std::vector<const Segment*> order = ranked(member.next_level - (has_own ? 1 : 0));
  if (order.empty()) return nullptr;
  const double share = std::ceil(quantile_ * static_cast<double>(order.size()));
  const std::size_t count = std::min(order.size() / 2, static_cast<std::size_t>(share));
  if (!has_own) return order[rng.below(std::max<std::size_t>(1, count))];
  if (is_tournament_) {
    const Segment* other = order[rng.below(order.size())];
    RankedLosses pair(num_objectives_);
    pair.insert(other->losses);
    return pair.num_better(own->losses) > 0 ? other : own;
  }
  const auto place = static_cast<std::size_t>(std::ranges::find(order, own) - order.begin());
  return place + count < order.size() ? own : order[rng.below(count)];
}

Birth Population::birth(std::int64_t, const Space& space, Rng& rng) const {
  std::size_t chosen = members_.size();
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (members_[i].is_running || members_[i].next_level > top_) continue;
    const bool is_behind =
        chosen == members_.size() || members_[i].next_level < members_[chosen].next_level;
    if (is_behind) chosen = i;
  }
  if (chosen == members_.size()) return {};
  const Member& member = members_[chosen];
  Birth birth;
  birth.member = static_cast<std::int64_t>(chosen);
  if (member.next_level == 0 && !member.has_failed) return birth;
  const Segment* own = latest(member, member.next_level - 1);
  const Segment* from = exploit(member, rng);
  if (from == nullptr) return birth;
  birth.parent = from->trial;
  birth.point =
      from == own && !member.has_failed ? from->point : explore(*from, from->level + 1, space, rng);
  return birth;
}

}  // namespace trimtab
