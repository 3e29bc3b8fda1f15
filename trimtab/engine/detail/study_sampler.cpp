// What a study's state does with its sampler: chooses, feeds and asks it.
#include <nlohmann/json.hpp>
#include <utility>

#include "trimtab/engine/detail/study_state.hpp"

namespace trimtab {
namespace {

constexpr int kSamplerAttempts = 16;
constexpr int kRandomAttempts = 64;
constexpr std::uint64_t kEnumerable = 1'000'000;
constexpr std::size_t kNumTimed = 9;  // trials whose times count

}  // namespace

AutoMeasurement StudyState::measurement() const {
  AutoMeasurement measured;
  measured.ask_seconds.assign(ask_seconds_.begin(), ask_seconds_.end());
  measured.num_trials = history.size();
  const std::span<const std::int64_t> order = history.finish_order();
  for (auto number = order.rbegin();
       number != order.rend() && measured.trial_seconds.size() < kNumTimed; ++number) {
    const double seconds = history.resources(*number).wall_seconds;
    if (seconds > 0.0) measured.trial_seconds.push_back(seconds);
  }
  return measured;
}

// What "auto" stands for goes into the log before the first trial that it proposes. A step may be
// decided several times before it is in the log.
void StudyState::reconsider_sampler(Events& events) {
  if (spec.sampler.name != "auto") return;
  if (std::exchange(announced_, std::nullopt)) forget_sampler();
  const std::optional<AutoDecision> decision =
      auto_ ? reconsider(auto_->choice, measurement()) : resolve_auto(spec, space);
  if (!decision) return;
  events.push_back(Note{"sampler", note_text(*decision)});
  announced_ = decision;
  forget_sampler();
}

// A sampler that declares the option "warm_start" is told the study that it names.
void StudyState::tell_earlier(const Choice& choice) {
  if (!earlier_ || Json::parse(choice.options).value("warm_start", "").empty()) return;
  sampler_.tell(earlier_->observations(), {});
}

// Outside of a step, which holds the storage.
void StudyState::load_earlier() {
  std::string name;
  {
    const std::lock_guard lock(mutex);
    if (sampler_ || earlier_) return;
    name = Json::parse(spec.sampler.options).value("warm_start", "");
  }
  if (name.empty()) return;
  EarlierStudy study(name, space, *storage);
  const std::lock_guard lock(mutex);
  earlier_ = std::move(study);
}

void StudyState::feed_sampler() {
  const std::size_t num_to_learn = schedule_ ? num_climbs_to_learn() : 0;
  const bool is_outdated = schedule_ && num_told_ != num_to_learn;
  if (is_outdated) sampler_ = AnySampler();
  num_told_ = schedule_ ? num_to_learn : num_told_;
  if (!sampler_) {
    const SamplerSetting setting = {.num_objectives = spec.objectives.size(),
                                    .budget_trials = spec.budget.trials.value_or(0),
                                    .seed = spec.seed,
                                    .num_constraints = spec.constraints.size()};
    const bool is_auto = spec.sampler.name == "auto" && auto_in_use();
    const Choice choice = is_auto ? auto_in_use()->choice : resolve_sampler(spec, space);
    sampler_ = registry->make_sampler(choice, space, setting, "study " + spec.name + ", sampler");
    tell_earlier(choice);
  }
  std::vector<Observation> finished, active;
  if (schedule_) {
    if (is_outdated) collect_level_results(finished);
  } else {
    for (; num_told_ < history.finish_order().size(); ++num_told_) {
      const std::int64_t number = history.finish_order()[num_told_];
      if (history.purpose(number) != Purpose::Confirm) finished.push_back(history.observe(number));
    }
  }
  for (const auto* group : {&history.running(), &history.waiting()}) {
    for (const std::int64_t number : *group) {
      const bool is_told = !history.paused_losses(number).empty();
      if (history.purpose(number) == Purpose::Confirm || is_told) continue;
      active.push_back(history.observe(number));
    }
  }
  sampler_.tell(finished, active);
}

std::optional<Birth> StudyState::propose(std::int64_t number) {
  Birth birth;
  if (schedule_) {
    Rng rng(spec.seed, static_cast<std::uint64_t>(number), "birth");
    for (int attempt = 0; attempt < kSamplerAttempts; ++attempt) {
      birth = schedule_->birth(number, space, rng);
      if (birth.point.empty() || birth.parent >= 0 || is_unseen(birth.point)) break;
    }
  }
  if (!birth.point.empty()) return birth;
  std::optional<Point> point = propose_point(number);
  if (!point) return std::nullopt;
  birth.point = std::move(*point);
  return birth;
}

// A point that no trial has, so that nothing is paid for twice; nothing when every point was tried.
// A space that was declared empty is found by running programs: its points say nothing in advance.
std::optional<Point> StudyState::propose_point(std::int64_t number) {
  const bool is_define_by_run = initial_dimensions_ == 0;
  if (!is_define_by_run && space_size_ && seen_.size() >= *space_size_ &&
      *space_size_ < Space::kManyPoints) {
    return std::nullopt;
  }
  feed_sampler();
  Rng rng(spec.seed, static_cast<std::uint64_t>(number), "ask");
  for (int attempt = 0; attempt < kSamplerAttempts; ++attempt) {
    std::vector<Point> asked = sampler_.ask(1, rng);
    if (asked.empty()) return std::nullopt;  // a grid's end
    if (is_define_by_run || is_unseen(asked.front())) return std::move(asked.front());
  }
  Point point;
  for (int attempt = 0; attempt < kRandomAttempts; ++attempt) {
    point = space.sample(rng);
    if (is_unseen(point)) return point;
  }
  if (space_size_ && *space_size_ <= kEnumerable) return find_unseen();
  return point;
}

std::optional<Point> StudyState::find_unseen() const {
  Point point = space.first();
  do {
    if (is_unseen(point) && space.satisfies_constraints(point)) return point;
  } while (space.next(point));
  return std::nullopt;
}

}  // namespace trimtab
