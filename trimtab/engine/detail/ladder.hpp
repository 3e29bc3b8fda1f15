#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "trimtab/core/history.hpp"
#include "trimtab/core/pruning/ranked_losses.hpp"
#include "trimtab/core/study.hpp"

namespace trimtab {

// Notation in this file
//   f_r     fidelity of rung r, max * eta^(r - top), r = 0 .. top; f_top = max, f_0 >= min; rounded
//   when min
//         and max are whole numbers
//   n       trials that have reached a rung, failed ones among them

/// Which paused trial goes on, and with which fidelity. Everything here is derived from the log.
///
/// asha: a trial is promoted when it is among the best floor(n / eta) of its rung, highest rung
///   first. successive_halving: a rung is left when everybody who can has reached it; the best
///   max(1, floor(n / eta)) go on. hyperband: asha in brackets that begin at different rungs; a
///   trial's bracket is a function of the study's seed and its number.
/// Source: Li et al. 2020, "A system for massively parallel hyperparameter tuning", algorithm 2;
///   Jamieson and Talwalkar 2016, figure 1 (successive halving); Li et al. 2017, "Hyperband",
///   algorithm 1 (shares of the brackets).
/// Differs: at the end of a search the best one of each rung is promoted even where n < eta, so
///   that one trial at least reaches max; ties at the border are promoted; several objectives by
///   RankedLosses; a failed trial counts as the worst of its rung.
/// Cost: a result O(log n); a promotion O(rungs log n); several objectives O(n m).
class Ladder {
 public:
  Ladder(const Fidelity& fidelity, std::uint64_t seed, std::size_t num_objectives);

  int top() const { return top_; }
  double fidelity(int rung) const;
  /// Where a trial begins: the default configuration at the top, else at its bracket's first rung.
  int first_rung(std::int64_t trial, Purpose purpose) const;

  /// A trial has a result at a rung and waits for its promotion.
  void pause(std::int64_t trial, int rung, std::span<const double> losses);
  /// A paused trial goes on.
  void promote(std::int64_t trial);
  /// A trial has ended at a rung. @param losses  empty = failed.
  void end(std::int64_t trial, int rung, std::span<const double> losses);

  /// What the engine knows and the ladder does not.
  struct Situation {
    bool is_growing = true;  ///< further trials will be created
    /// Lowest rung of a trial that runs or waits, by bracket; absent = none. Not needed while it
    /// grows.
    std::map<int, int> lowest_open = {};
  };
  /// The paused trial that goes on now, or nothing.
  std::optional<std::int64_t> next(const Situation& situation) const;
  int bracket_of(std::int64_t trial) const;

 private:
  struct Rung {
    RankedLosses reached;
    std::map<std::int64_t, std::vector<double>> paused = {};
    std::set<std::pair<double, std::int64_t>> paused_by_loss = {};
  };
  using Key = std::pair<int, int>;  // bracket, rung

  Rung& at(std::int64_t trial, int rung);
  std::optional<std::int64_t> best_paused(const Rung& rung, std::size_t num_promoted) const;
  std::optional<std::int64_t> next_asynchronous(bool is_closing) const;
  std::optional<std::int64_t> next_synchronous(const Situation& situation) const;

  Fidelity fidelity_;
  std::uint64_t seed_;
  std::size_t num_objectives_;
  int top_ = 0;
  std::vector<double> share_up_to_;  // of the brackets, cumulated; bracket b begins at rung b
  std::map<Key, Rung> rungs_;
  std::map<std::int64_t, Key> paused_at_;
};

}  // namespace trimtab
