#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "trimtab/core/pruning/ranked_losses.hpp"
#include "trimtab/core/schedule.hpp"

namespace trimtab {

// Notation in this file
//   r       a level, called rung here; 0 .. top
//   f_r     fidelity of rung r, max * eta^(r - top); f_top = max, f_0 >= min; rounded when min and
//           max are whole numbers
//   n       trials that have reached a rung, failed ones among them

/// The rungs of successive halving, in one or several brackets: who has reached them, who is
/// paused there and who is among the best. Schedules that promote share it.
///
/// Source: Li et al. 2020, "A system for massively parallel hyperparameter tuning", algorithm 2
///   (asynchronous); Jamieson and Talwalkar 2016, figure 1 (synchronous).
/// Differs: at the end the best one of each rung is promoted even where n < eta, so that one trial
///   at least reaches max; ties at the border are promoted; several objectives by RankedLosses; a
///   failed trial counts as the worst of its rung.
/// Cost: a result O(log n); a promotion O(rungs log n); several objectives O(n m).
class Ladder {
 public:
  explicit Ladder(const ScheduleSetting& setting);

  int top() const { return top_; }
  double fidelity(int level) const;

  /// @param bracket  of the event's trial; the same each time.
  void tell(const LevelEvent& event, int bracket = 0);

  /// A trial among the best floor(n / eta) of its rung, highest rung first.
  /// @param below       only trials of rungs below this one.
  /// @param is_closing  the best of each rung goes on in any case.
  std::optional<std::int64_t> next_at_once(int below, bool is_closing) const;
  /// A trial among the best max(1, floor(n / eta)) of the lowest rung of the bracket that sends
  /// somebody on; nothing while a trial of the bracket has yet to reach that rung.
  std::optional<std::int64_t> next_together(int bracket) const;
  /// The best paused trial of the highest rung, when nobody runs and nobody who began lower has a
  /// result at max.
  std::optional<std::int64_t> last_resort() const;
  /// Nobody runs or waits to be run.
  bool is_idle() const { return open_at_.empty(); }
  /// Trials of the bracket that were born.
  std::int64_t num_born(int bracket) const;
  /// Paused and ended trials with a loss at a rung, over all brackets, in the order of their
  /// results: trial and first loss.
  using Results = std::vector<std::pair<std::int64_t, double>>;
  const Results& results(int level) const { return results_[static_cast<std::size_t>(level)]; }

 private:
  struct Rung {
    RankedLosses reached;
    std::map<std::int64_t, std::vector<double>> paused = {};
    std::set<std::pair<double, std::int64_t>> paused_by_loss = {};
  };
  using Key = std::pair<int, int>;  // bracket, rung

  Rung& at(const Key& key);
  void open(std::int64_t trial, const Key& key);
  void close(std::int64_t trial);
  void pause(const LevelEvent& event, const Key& key);
  bool leave_pause(std::int64_t trial);
  void end(const LevelEvent& event, const Key& key);
  std::optional<std::int64_t> best_paused(const Rung& rung, std::size_t num_promoted) const;

  Fidelity fidelity_;
  std::size_t num_objectives_;
  int top_ = 0;
  std::map<Key, Rung> rungs_;
  std::map<std::int64_t, Key> paused_at_, open_at_;
  std::map<Key, std::int64_t> num_open_;
  std::map<int, std::int64_t> num_born_;
  std::vector<Results> results_;
  std::set<std::int64_t> born_at_top_;
  bool has_arrived_ = false;  // somebody at the top who began lower
};

}  // namespace trimtab
