#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>

#include "trimtab/base/text.hpp"
#include "trimtab/report/svg/charts.hpp"
#include "trimtab/report/svg/marks.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kMaxSlots = 48;
constexpr double kMaxBoxes = 3000.0;

struct Run {
  std::int64_t trial;
  Timestamp start;
  Timestamp end;
  std::size_t slot;
};

// Every trial that ran, by start; each takes the first slot that is free, so that the number of
// slots is the number of trials that ran at once.
std::vector<Run> runs_of(const History& history) {
  Timestamp now = 0;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    now = std::max({now, history.finished(number), history.started(number)});
  }
  std::vector<Run> runs;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    if (history.started(number) == 0) continue;
    const Timestamp end = history.finished(number) == 0 ? now : history.finished(number);
    runs.push_back({number, history.started(number), std::max(end, history.started(number)), 0});
  }
  std::stable_sort(runs.begin(), runs.end(),
                   [](const Run& a, const Run& b) { return a.start < b.start; });
  std::vector<Timestamp> free_from;
  for (Run& run : runs) {
    const auto slot = std::find_if(free_from.begin(), free_from.end(),
                                   [&](Timestamp time) { return time <= run.start; });
    run.slot = static_cast<std::size_t>(slot - free_from.begin());
    if (slot == free_from.end()) free_from.push_back(0);
    free_from[run.slot] = run.end;
  }
  return runs;
}

// In the order of what must stay visible when runs share a box.
constexpr std::array<std::string_view, 5> kClasses = {"run", "run fresh", "run pruned",
                                                      "run running", "run failed"};

std::size_t class_of(const History& history, std::int64_t number) {
  switch (history.state(number)) {
    case TrialState::Failed:
      return 4;
    case TrialState::Running:
      return 3;
    case TrialState::Pruned:
      return 2;
    default:
      return history.purpose(number) == Purpose::Confirm ? 1 : 0;
  }
}

// One box, grown while it is too narrow to see or its runs are too short to tell apart.
struct Box {
  double left = 0.0;
  double right = 0.0;
  std::size_t css_class = 0;
  std::int64_t first = -1;
  std::int64_t count = 0;
};

std::string title_of(const Box& box, const History& history) {
  if (box.count > 1) return fmt::format("{} trials from {}", box.count, box.first);
  return fmt::format("trial {} {}, {}", box.first, name_of(history.state(box.first)),
                     format_duration(history.resources(box.first).wall_seconds));
}

void draw(Canvas& canvas, const Box& box, double y, double height, const History& history) {
  if (box.count == 0) return;
  canvas.rect(box.left, y, std::max(box.right - box.left - 0.4, 0.6), height,
              kClasses[box.css_class], title_of(box, history));
}

double seconds_between(Timestamp start, Timestamp end) {
  return static_cast<double>(end - start) * 1e-6;
}

void draw_runs(Frame& frame, const std::vector<Run>& runs, std::size_t num_slots,
               const History& history) {
  std::vector<Box> boxes(num_slots);
  const auto top_of = [&](std::size_t slot) {
    return frame.top() + (frame.bottom() - frame.top()) * static_cast<double>(slot) /
                             static_cast<double>(num_slots);
  };
  const double height =
      std::max(1.0, (frame.bottom() - frame.top()) / static_cast<double>(num_slots) - 2.0);
  const double smallest =
      std::max(0.6, frame.canvas().width() * static_cast<double>(num_slots) / kMaxBoxes);
  for (const Run& run : runs) {
    if (run.slot >= num_slots) continue;
    Box& box = boxes[run.slot];
    const double start = frame.x(seconds_between(runs.front().start, run.start)),
                 end = frame.x(seconds_between(runs.front().start, run.end));
    const std::size_t css_class = class_of(history, run.trial);
    const double narrow = box.css_class == css_class ? 3.0 : smallest;
    if (box.count > 0 && start - box.right < smallest && end - box.left < narrow) {
      box.right = std::max(box.right, end);
      box.css_class = std::max(box.css_class, css_class);
      ++box.count;
      continue;
    }
    draw(frame.canvas(), box, top_of(run.slot) + 1.0, height, history);
    box = {std::max(start, box.right), std::max(end, box.right), css_class, run.trial, 1};
  }
  for (std::size_t slot = 0; slot < num_slots; ++slot) {
    draw(frame.canvas(), boxes[slot], top_of(slot) + 1.0, height, history);
  }
}

}  // namespace

std::string timeline_chart(const StudyView& view, const Format& format) {
  const History& history = view.history;
  const std::vector<Run> runs = runs_of(history);
  if (runs.empty()) return "";
  Timestamp last = 0;
  std::size_t num_slots = 0;
  for (const Run& run : runs) {
    last = std::max(last, run.end);
    num_slots = std::max(num_slots, run.slot + 1);
  }
  num_slots = std::min(num_slots, kMaxSlots);
  const double row = std::clamp(200.0 / static_cast<double>(num_slots), 5.0, 24.0);
  Format sized = format;
  sized.height = row * static_cast<double>(num_slots) + 36.0;
  std::vector<std::string> slots;
  for (std::size_t i = num_slots; i > 0; --i) slots.push_back(std::to_string(i));
  Frame frame(sized, Scale::duration(seconds_between(runs.front().start, last)),
              Scale::categories(std::move(slots)), "", "", "which trial ran when");
  draw_runs(frame, runs, num_slots, history);
  return frame.take();
}

}  // namespace trimtab
