// The part of StudyState that takes trials up the rungs of a fidelity: which paused trial goes on,
// how much it gets, and what becomes of the paused ones when the search is over.

#include <algorithm>

#include "trimtab/engine/detail/study_state.hpp"

namespace trimtab {

void StudyState::start_ladder() {
  ladder_.reset();
  if (!spec.fidelity || spec.fidelity->schedule == Schedule::Full) return;
  ladder_.emplace(*spec.fidelity, spec.seed, objectives.size());
}

// After a change of the study file: trials keep the number of rungs that they have climbed.
void StudyState::restart_ladder() {
  start_ladder();
  if (!ladder_) return;
  for (const std::int64_t number : history.finish_order()) {
    climb(TrialFinished{.number = number});
  }
  for (const std::int64_t number : history.paused()) climb(TrialPaused{.number = number});
}

int StudyState::rung_of(std::int64_t number) const {
  const int rung =
      ladder_->first_rung(number, history.purpose(number)) + history.num_promotions(number);
  return std::min(rung, ladder_->top());
}

double StudyState::fidelity_of(std::int64_t number, Purpose purpose, int num_promotions) const {
  if (!spec.fidelity) return 0.0;
  if (!ladder_) return spec.fidelity->max;
  const int rung = ladder_->first_rung(number, purpose) + num_promotions;
  return ladder_->fidelity(std::min(rung, ladder_->top()));
}

bool StudyState::is_below_top(std::int64_t number) const {
  return ladder_ && rung_of(number) < ladder_->top();
}

// Takes an event after the history has.
void StudyState::climb(const EventBody& body) {
  if (const auto* paused = std::get_if<TrialPaused>(&body)) {
    ladder_->pause(paused->number, rung_of(paused->number), history.paused_losses(paused->number));
  } else if (const auto* moved = std::get_if<TrialMoved>(&body)) {
    ladder_->promote(moved->number);
  } else if (const auto* finished = std::get_if<TrialFinished>(&body)) {
    const std::int64_t number = finished->number;
    if (history.purpose(number) == Purpose::Confirm || history.copy_of(number) >= 0) return;
    const bool is_complete = history.state(number) == TrialState::Complete;
    ladder_->end(number, rung_of(number),
                 is_complete ? history.losses(number) : std::span<const double>());
  }
}

// Promotions go on when the trials of the budget are used up, but not when its time is.
std::optional<Trial> StudyState::promote(Events& events) const {
  if (!ladder_ || history.paused().empty()) return std::nullopt;
  StudySpec without_count = spec;
  without_count.budget.trials = history.size() + 1;
  if (search_stop_reason(without_count, history, wall_seconds())) return std::nullopt;
  Ladder::Situation situation;
  situation.is_growing = !stop_reason();
  for (const auto* open : {&history.running(), &history.waiting()}) {
    for (const std::int64_t number : *open) {
      if (situation.is_growing || history.purpose(number) == Purpose::Confirm) continue;
      const int rung = rung_of(number);
      const auto [entry, is_new] =
          situation.lowest_open.try_emplace(ladder_->bracket_of(number), rung);
      entry->second = std::min(entry->second, rung);
    }
  }
  const std::optional<std::int64_t> number = ladder_->next(situation);
  if (!number) return std::nullopt;
  events.push_back(TrialMoved{*number, TrialState::Running, worker});
  const PointView point = history.point(*number);
  const Purpose purpose = history.purpose(*number);
  return Trial{*number,
               Point(point.begin(), point.end()),
               history.seed(*number),
               purpose,
               history.of_trial(*number),
               fidelity_of(*number, purpose, history.num_promotions(*number) + 1)};
}

// Whoever is still paused when nothing runs and nobody is promoted has lost.
bool StudyState::close_paused(Events& events) const {
  for (const std::int64_t number : history.paused()) {
    TrialFinished end;
    end.number = number;
    end.outcome.state = TrialState::Pruned;
    const std::span<const double> losses = history.paused_losses(number);
    for (std::size_t k = 0; k < objectives.size(); ++k) {
      end.outcome.values.push_back(objectives[k].value(losses[k]));
    }
    events.push_back(std::move(end));
  }
  return !history.paused().empty();
}

}  // namespace trimtab
