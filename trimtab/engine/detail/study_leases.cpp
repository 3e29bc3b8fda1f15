// The part of StudyState that knows who runs what, and for how long that holds.

#include <algorithm>

#include "trimtab/engine/detail/study_state.hpp"
#include "trimtab/engine/worker_id.hpp"

namespace trimtab {
namespace {

// The trial that an event makes running; -1 = none.
std::int64_t taken_by(const EventBody& body) {
  if (const auto* created = std::get_if<TrialCreated>(&body)) {
    return created->state == TrialState::Running ? created->number : -1;
  }
  const auto* moved = std::get_if<TrialMoved>(&body);
  return moved != nullptr && moved->state == TrialState::Running ? moved->number : -1;
}

}  // namespace

void StudyState::follow_leases(Sequence sequence, const EventBody& body) {
  if (const auto* lease = std::get_if<LeaseRenewed>(&body)) {
    leases_.renew(lease->worker, lease->seconds);
  } else if (const std::int64_t number = taken_by(body); number >= 0) {
    claims_[number] = sequence;
    leases_.hear(history.worker(number));
  } else if (const auto* moved = std::get_if<TrialMoved>(&body)) {
    claims_.erase(moved->number);
  } else if (const auto* paused = std::get_if<TrialPaused>(&body)) {
    claims_.erase(paused->number);
  } else if (const auto* finished = std::get_if<TrialFinished>(&body)) {
    // One of ours that somebody else ended was not lost: it has its result.
    const auto own = taken.find(finished->number);
    const auto claim = claims_.find(finished->number);
    const bool is_own =
        own != taken.end() && claim != claims_.end() && own->second == claim->second;
    if (!is_own) claims_.erase(finished->number);
  }
}

// An event that this process has appended in a step that began at `start`.
void StudyState::note_own(Sequence sequence, const EventBody& body, Timestamp start) {
  const std::int64_t number = taken_by(body);
  if (number >= 0) {
    taken[number] = sequence;
  } else if (const auto* moved = std::get_if<TrialMoved>(&body)) {
    taken.erase(moved->number);
  } else if (const auto* paused = std::get_if<TrialPaused>(&body)) {
    taken.erase(paused->number);
  } else if (const auto* finished = std::get_if<TrialFinished>(&body)) {
    taken.erase(finished->number);
    claims_.erase(finished->number);
  }
  if (std::holds_alternative<LeaseRenewed>(body)) last_sign_ = start;
}

bool StudyState::is_lost(std::int64_t number) const {
  const auto own = taken.find(number);
  if (own == taken.end() || history.last_sequence() < own->second) return false;
  const auto claim = claims_.find(number);
  return claim == claims_.end() || claim->second != own->second;
}

bool StudyState::holds_trials() const {
  return std::ranges::any_of(taken, [this](const auto& entry) {
    if (history.last_sequence() < entry.second) return true;  // just taken
    return !is_lost(entry.first) && history.state(entry.first) == TrialState::Running;
  });
}

bool StudyState::is_orphan(std::int64_t number) const {
  const std::int64_t runner = history.worker(number);
  if (runner == worker) return false;
  const bool is_local = is_worker_of_this_machine(runner);
  if (is_local && !is_worker_alive(runner)) return true;
  if (leases_.has_lease(runner)) return leases_.has_ended(runner);
  return !is_local && !storage->is_shared_by_machines();
}

void StudyState::announce_lease(Events& events) const {
  const bool takes =
      std::ranges::any_of(events, [](const EventBody& body) { return taken_by(body) >= 0; });
  const bool is_told = leases_.has_lease(worker) && !is_renewal_due();
  if (is_leasing && takes && !is_told) events.push_back(LeaseRenewed{worker, spec.lease_seconds});
}

bool StudyState::is_renewal_due() const {
  const double silent = static_cast<double>(clock->monotonic() - last_sign_) * 1e-6;
  return silent * 3.0 >= spec.lease_seconds || !leases_.has_lease(worker);
}

}  // namespace trimtab
