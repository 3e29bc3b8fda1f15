#include "trimtab/engine/replay.hpp"

#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <variant>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/engine/detail/study_state.hpp"
#include "trimtab/engine/worker_id.hpp"

namespace trimtab {
namespace {

bool same_bits(const Point& a, const Point& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool both_inactive = !is_active(a[i]) && !is_active(b[i]);
    if (!both_inactive && std::memcmp(&a[i], &b[i], sizeof(double)) != 0) return false;
  }
  return true;
}

// Compares the pruner's decisions of the log with what it says now. A report that it would stop at
// must be followed by the decision; only a lost worker may come between.
class StopCheck {
 public:
  StopCheck(const StudyState& state, ReplayResult& result) : state_(state), result_(result) {}

  /// Called with each event after the state has taken it.
  void take(const EventBody& body) {
    if (const auto* decided = std::get_if<PruneDecided>(&body)) {
      const PruneDecided* verdict = state_.verdict(decided->number);
      count(decided->number, verdict != nullptr && verdict->step == decided->step);
      open_.erase(decided->number);
    } else if (const auto* moved = std::get_if<TrialMoved>(&body)) {
      open_.erase(moved->number);
    } else if (const auto* finished = std::get_if<TrialFinished>(&body)) {
      if (open_.erase(finished->number) > 0) count(finished->number, false);
    } else if (const auto* report = std::get_if<TrialReported>(&body)) {
      take_report(report->number);
    } else if (const auto* several = std::get_if<ObjectivesReported>(&body)) {
      take_report(several->number);
    }
  }

 private:
  void take_report(std::int64_t number) {
    const bool was_open = open_.contains(number);
    if (was_open) count(number, false);
    if (was_open) open_.erase(number);
    const bool is_stopped = state_.verdict(number) != nullptr;
    const bool is_decided = state_.history.prune_decision(number) != nullptr;
    if (is_stopped && !is_decided && !was_open && !counted_.contains(number)) open_.insert(number);
  }
  void count(std::int64_t number, bool is_equal) {
    if (!counted_.insert(number).second) return;
    ++result_.num_stops;
    if (is_equal) {
      ++result_.num_equal_stops;
    } else if (!result_.first_other_stop) {
      result_.first_other_stop = number;
    }
  }

  const StudyState& state_;
  ReplayResult& result_;
  std::set<std::int64_t> open_;  // trials that the pruner would stop now, not decided in the log
  std::set<std::int64_t> counted_;
};

}  // namespace

ReplayResult replay_study(const std::string& name, const Registry& registry,
                          std::shared_ptr<Storage> storage) {
  const std::optional<StudyRecord> record = storage->find_study(name);
  if (!record) {
    throw UserError({.code = "study.unknown",
                     .what = "the storage has no such study",
                     .where = "replay",
                     .got = quote(name),
                     .expected = "",
                     .hint = ""});
  }
  std::vector<std::string> log;
  storage->read(record->id, 0, [&](Sequence, std::string_view bytes) { log.emplace_back(bytes); });
  StudyState state(study_from_json(Json::parse(record->spec)), record->id, registry,
                   std::move(storage), wall_clock(), own_worker_id());
  state.judge_everybody();
  state.load_earlier();
  ReplayResult result;
  StopCheck stops(state, result);
  for (std::size_t i = 0; i < log.size(); ++i) {
    const Event event = decode_event(log[i]);
    const auto* created = std::get_if<TrialCreated>(&event.body);
    if (created != nullptr && created->purpose == Purpose::Search) {
      ++result.num_proposals;
      const std::optional<Birth> birth = state.propose(created->number);
      const bool is_equal =
          birth && same_bits(birth->point, created->point) && birth->parent == created->of_trial;
      if (is_equal) {
        ++result.num_equal;
      } else if (!result.first_difference) {
        result.first_difference = created->number;
      }
    }
    state.absorb(static_cast<Sequence>(i) + 1, log[i]);
    stops.take(event.body);
  }
  return result;
}

}  // namespace trimtab
