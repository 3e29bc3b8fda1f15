// The part of StudyState that judges running trials. A report is judged when it is taken from the
// log, so that the decision knows exactly the events up to it, whoever makes it and whenever.

#include "trimtab/engine/detail/study_state.hpp"

#include <algorithm>
#include <cmath>
#include "trimtab/engine/study_check.hpp"

namespace trimtab {

void StudyState::forget_pruner() {
  pruner_ = AnyPruner();
  num_reports_told_ = 0;
  num_ends_told_ = 0;
  verdicts_.clear();
}

const PruneDecided* StudyState::verdict(std::int64_t number) const {
  const auto found = verdicts_.find(number);
  return found == verdicts_.end() ? nullptr : &found->second;
}

TrialFinished StudyState::describe_pruned(std::int64_t number) const {
  TrialFinished end;
  end.number = number;
  end.outcome.state = TrialState::Pruned;
  const PruneDecided* decision = history.prune_decision(number);
  std::int64_t i = history.last_report(number);
  while (decision != nullptr && i >= 0 && history.reported(i).step != decision->step) {
    i = history.reported(i).previous;
  }
  if (i < 0) return end;
  const std::span<const double> losses = history.reported(i).losses;
  if (std::ranges::any_of(losses, [](double loss) { return std::isnan(loss); })) return end;
  for (std::size_t k = 0; k < objectives.size(); ++k) {
    end.outcome.values.push_back(objectives[k].value(losses[k]));
  }
  return end;
}

// Tells the reports and ends that are new, in the order in which they came.
void StudyState::feed_pruner() {
  if (!pruner_) {
    pruner_ =
        registry->make_pruner(spec.pruner, pruner_setting(spec), "study " + spec.name + ", pruner");
  }
  const std::span<const std::int64_t> ends = history.finish_order();
  std::vector<Progress> progress;
  while (num_reports_told_ < history.num_reports() || num_ends_told_ < ends.size()) {
    const bool is_end = num_ends_told_ < ends.size() &&
                        history.reports_before_finish(static_cast<std::int64_t>(num_ends_told_)) <=
                            num_reports_told_;
    Progress next;
    if (is_end) {
      next.kind = Progress::Kind::End;
      next.trial = ends[num_ends_told_++];
      next.state = history.state(next.trial);
      if (next.state == TrialState::Complete) next.losses = history.losses(next.trial);
    } else {
      const History::Reported report = history.reported(num_reports_told_++);
      next.trial = report.number;
      next.step = report.step;
      next.losses = report.losses;
    }
    if (history.purpose(next.trial) != Purpose::Confirm) progress.push_back(next);
  }
  pruner_.tell(progress);
}

// The default configuration is what the winner is compared with: it always runs to its end, and so
// do the runs of the confirm stage.
void StudyState::judge(std::int64_t number, double step) {
  if (spec.pruner.name == "none") return;
  const Purpose purpose = history.purpose(number);
  if (purpose == Purpose::Confirm || purpose == Purpose::Default) return;
  if (!judges_everybody_ && history.worker(number) != worker) return;
  if (verdicts_.contains(number)) return;
  feed_pruner();
  if (pruner_.should_prune(number, step)) {
    verdicts_[number] = {number, step, pruner_.explain(number, step)};
  }
}

}  // namespace trimtab
