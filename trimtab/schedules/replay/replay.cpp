#include "trimtab/schedules/replay/replay.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/core/registry.hpp"

TRIMTAB_SCHEDULE(replay, ReplaySchedule)

namespace trimtab {

Info ReplaySchedule::info() {
  Info info;
  info.name = "replay";
  info.purpose = "one trial whose parameters change as a recorded schedule says";
  info.source = "Jaderberg et al. 2017, section 4";
  info.options = {{"points", "[]", "JSON array: the parameters of each interval of length min"}};
  return info;
}

ReplaySchedule::ReplaySchedule(const OptionValues& options, const ScheduleSetting& setting)
    : fidelity_(setting.fidelity) {
  const Json points = Json::parse(options.text("points"), nullptr, /*allow_exceptions=*/false);
  bool is_list = points.is_array();
  for (std::size_t i = 0; is_list && i < points.size(); ++i) {
    is_list = points[i].is_object();
    points_.push_back(points[i].dump());
  }
  const double num_levels = std::max(1.0, std::floor(fidelity_.max / fidelity_.min + 1e-9));
  top_ = static_cast<int>(std::min(1e6, num_levels)) - 1;
  if (is_list && static_cast<int>(points_.size()) == top_ + 1) return;
  const std::string num_needed = std::to_string(top_ + 1);
  throw UserError({.code = "schedule.points",
                   .what = "the recorded schedule does not fit",
                   .where = "fidelity/points",
                   .got = is_list ? std::to_string(points_.size()) + " points" : "not a list",
                   .expected = num_needed + " objects, one for each interval of length min to max",
                   .hint = "trimtab replay-schedule writes such a study file"});
}

double ReplaySchedule::fidelity(int level) const {
  return level >= top_ ? fidelity_.max : fidelity_.min * static_cast<double>(level + 1);
}

void ReplaySchedule::tell(const LevelEvent& event) {
  if (event.kind == LevelEvent::Kind::Joined) {
    is_running_ = true;
    last_trial_ = event.trial;
  } else if (event.trial == last_trial_ && is_running_ &&
             (event.kind == LevelEvent::Kind::Paused || event.kind == LevelEvent::Kind::Ended)) {
    is_running_ = false;
    has_failed_ = event.losses.empty();
    next_level_ = event.level + 1;
  }
}

Growth ReplaySchedule::growth() const {
  if (is_running_) return Growth::Waiting;
  return has_failed_ || next_level_ > top_ ? Growth::Over : Growth::Open;
}

Birth ReplaySchedule::birth(std::int64_t, const Space& space, Rng&) const {
  Birth birth;
  birth.point = space.from_json(Json::parse(points_[static_cast<std::size_t>(next_level_)]));
  birth.parent = next_level_ > 0 ? last_trial_ : -1;
  birth.member = 0;
  return birth;
}

}  // namespace trimtab
