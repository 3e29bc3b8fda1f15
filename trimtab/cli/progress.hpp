#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

#include "trimtab/base/clock.hpp"
#include "trimtab/engine/runner.hpp"

namespace trimtab {

/// What a progress line says.
struct ProgressState {
  Stage stage = Stage::Search;
  std::int64_t num_done = 0;                 ///< finished trials of the stage
  std::optional<std::int64_t> num_all = {};  ///< planned trials of the stage, when known
  std::int64_t num_running = 0;
  std::int64_t num_failed = 0;
  std::optional<double> best_value = {};  ///< in the user's direction
  std::int64_t best_trial = -1;
  std::string objective = {};
  double trials_per_second = 0.0;           ///< since this session began
  std::optional<double> seconds_left = {};  ///< to the end of the stage
};

/// One line of at most `width` columns:
///   "search  [####........]  34/100  best auc 0.9884  ETA 21 s  3.2 trials/s  2 running"
/// From 100 columns on the bar is longer and the best trial is named; what does not fit is left
/// out.
std::string render_progress(const ProgressState& state, int width);

/// Shows a run while it goes on: one line that is redrawn on a terminal; on anything else a line
/// per tenth of the stage and, at most one a second, one per new best.
class ProgressDisplay final : public RunObserver {
 public:
  /// @param width  columns of the terminal; 0 = not a terminal.
  ProgressDisplay(const Study& study, std::ostream& out, int width);

  void trial_finished(std::int64_t number, const Outcome& outcome) override;
  void stage_changed(Stage stage) override;
  void tick() override;

  /// Ends the line; call it before anything else is written.
  void close();
  /// Writes a sentence on a line of its own.
  void say(const std::string& sentence);

 private:
  ProgressState read_state() const;
  void erase();

  const Study& study_;
  std::ostream& out_;
  int width_;
  Stopwatch since_draw_;
  Stopwatch since_start_;
  Stage stage_ = Stage::Search;
  std::int64_t num_finished_here_ = 0;  // in this session and stage
  double stage_start_ = 0.0;
  std::int64_t last_best_ = -1;
  std::int64_t last_tenth_ = 0;
  bool is_line_open_ = false;
};

}  // namespace trimtab
