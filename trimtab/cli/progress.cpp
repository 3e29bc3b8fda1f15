#include "trimtab/cli/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

constexpr double kRedrawSeconds = 0.1;
constexpr double kSecondsBetweenBests = 1.0;  // off a terminal
constexpr int kPlainWidth = 120;
constexpr int kBarWidth = 20, kShortBarWidth = 12;
constexpr int kWide = 100;  // columns

std::string bar(double share, int width) {
  const int filled = static_cast<int>(std::clamp(share, 0.0, 1.0) * width + 0.5);
  return '[' + std::string(static_cast<std::size_t>(filled), '#') +
         std::string(static_cast<std::size_t>(width - filled), '.') + ']';
}

std::int64_t num_finished(const History& history, bool is_confirm) {
  const std::int64_t confirm = history.count(Purpose::Confirm);
  std::int64_t open_confirm = 0, open_search = 0;
  for (const auto* group : {&history.running(), &history.waiting()}) {
    for (const std::int64_t number : *group) {
      ++(history.purpose(number) == Purpose::Confirm ? open_confirm : open_search);
    }
  }
  return is_confirm ? confirm - open_confirm : history.size() - confirm - open_search;
}

// The stage's remaining time: by throughput for a number of trials, by the clock for a wall budget.
std::optional<double> seconds_left(const ProgressState& state, const StudySpec& spec,
                                   double wall_seconds) {
  std::optional<double> left;
  if (state.num_all && state.trials_per_second > 0.0) {
    left = static_cast<double>(*state.num_all - state.num_done) / state.trials_per_second;
  }
  if (state.stage == Stage::Search && spec.budget.wall_seconds) {
    const double by_clock = std::max(0.0, *spec.budget.wall_seconds - wall_seconds);
    left = std::min(left.value_or(by_clock), by_clock);
  }
  return left;
}

std::optional<std::int64_t> planned_trials(const StudyView& view, Stage stage) {
  if (stage == Stage::Confirm) {
    return static_cast<std::int64_t>(finalists(view.spec, view.history).size()) *
           view.spec.validity.confirm_seeds;
  }
  const Budget& budget = view.spec.budget;
  if (budget.trials) return budget.trials;
  if (budget.wall_seconds || budget.patience || budget.energy_joules) return std::nullopt;
  return 100;
}

}  // namespace

std::string render_progress(const ProgressState& state, int width) {
  std::string line(name_of(state.stage));
  const bool is_wide = width >= kWide;
  if (state.num_all && *state.num_all > 0) {
    line += "  " +
            bar(static_cast<double>(state.num_done) / static_cast<double>(*state.num_all),
                is_wide ? kBarWidth : kShortBarWidth) +
            fmt::format("  {}/{}", state.num_done, *state.num_all);
  } else {
    line += fmt::format("  {} trials", state.num_done);
  }
  std::vector<std::string> parts;  // the most important first: what does not fit is left out
  if (state.best_value) {
    parts.push_back(fmt::format("best {} {}", state.objective, format_short(*state.best_value, 5)));
    if (is_wide) parts.back() += fmt::format(" (trial {})", state.best_trial);
  }
  if (state.seconds_left) parts.push_back("ETA " + format_duration(*state.seconds_left));
  if (state.trials_per_second > 0.0) {
    parts.push_back(format_short(state.trials_per_second, 3) + " trials/s");
  }
  if (state.num_failed > 0) parts.push_back(fmt::format("{} failed", state.num_failed));
  if (state.num_running > 0) parts.push_back(fmt::format("{} running", state.num_running));
  for (const std::string& part : parts) {
    if (static_cast<int>(line.size() + part.size()) + 2 > width) break;
    line += "  " + part;
  }
  return line.substr(0, static_cast<std::size_t>(std::max(width, 1)));
}

ProgressDisplay::ProgressDisplay(const Study& study, std::ostream& out, int width)
    : study_(study), out_(out), width_(width), stage_(study.stage()) {}

ProgressState ProgressDisplay::read_state() const {
  ProgressState state;
  state.stage = stage_;
  const double wall_seconds = study_.wall_seconds();
  const double elapsed = since_start_.seconds() - stage_start_;
  study_.view([&](const StudyView& view) {
    state.num_done = num_finished(view.history, stage_ == Stage::Confirm);
    state.num_all = planned_trials(view, stage_);
    state.num_running = static_cast<std::int64_t>(view.history.running().size());
    state.num_failed = view.history.count(TrialState::Failed);
    state.objective = view.spec.objectives.front().name;
    state.best_trial = view.history.best();
    if (state.best_trial >= 0) state.best_value = view.history.value(state.best_trial);
    if (num_finished_here_ > 0 && elapsed > 0.0) {
      state.trials_per_second = static_cast<double>(num_finished_here_) / elapsed;
    }
    state.seconds_left = seconds_left(state, view.spec, wall_seconds);
  });
  return state;
}

void ProgressDisplay::trial_finished(std::int64_t, const Outcome&) {
  ++num_finished_here_;
  if (width_ > 0) return;
  const ProgressState state = read_state();
  const std::int64_t tenth = state.num_all
                                 ? state.num_done * 10 / std::max<std::int64_t>(1, *state.num_all)
                                 : state.num_done / 10;
  const bool has_new_best = state.stage == Stage::Search && state.best_trial != last_best_ &&
                            since_draw_.seconds() >= kSecondsBetweenBests;
  if (!has_new_best && tenth == last_tenth_) return;
  out_ << render_progress(state, kPlainWidth) << std::endl;
  since_draw_ = Stopwatch();
  last_best_ = state.best_trial;
  last_tenth_ = tenth;
}

void ProgressDisplay::stage_changed(Stage stage) {
  if (stage == Stage::Done || stage == stage_) return;
  stage_ = stage;
  num_finished_here_ = 0;
  last_tenth_ = 0;
  stage_start_ = since_start_.seconds();
  if (stage == Stage::Confirm) {
    say("the search is over; finalists and the default now run on fresh seeds");
  }
}

void ProgressDisplay::tick() {
  if (width_ <= 0 || (is_line_open_ && since_draw_.seconds() < kRedrawSeconds)) return;
  since_draw_ = Stopwatch();
  out_ << "\r\x1b[K" << render_progress(read_state(), width_ - 1) << std::flush;
  is_line_open_ = true;
}

void ProgressDisplay::erase() {
  if (is_line_open_) out_ << "\r\x1b[K";
  is_line_open_ = false;
}

void ProgressDisplay::close() {
  if (width_ > 0 && is_line_open_) {
    out_ << "\r\x1b[K" << render_progress(read_state(), width_ - 1) << '\n' << std::flush;
    is_line_open_ = false;
  }
}

void ProgressDisplay::say(const std::string& sentence) {
  erase();
  out_ << sentence << std::endl;
}

}  // namespace trimtab
