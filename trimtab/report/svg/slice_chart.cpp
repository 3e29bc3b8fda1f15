#include <array>
#include <cmath>

#include "trimtab/report/svg/charts.hpp"
#include "trimtab/report/svg/marks.hpp"

namespace trimtab {
namespace {

constexpr std::array<std::string_view, 3> kAges = {"dot early", "dot middle", "dot late"};

// Spreads equal choices sideways by a fixed amount per trial, in cells.
double spread_of(std::int64_t number) {
  const auto mixed = static_cast<std::uint64_t>(number + 1) * 0x9E3779B97F4A7C15ull;
  return (static_cast<double>(mixed >> 40) / static_cast<double>(1 << 24) - 0.5) * 0.5;
}

}  // namespace

std::string slice_chart(const StudyView& view, const Parameter& parameter, const Format& format) {
  const History& history = view.history;
  std::vector<std::int64_t> trials;
  for (const std::int64_t number : valued_trials(history)) {
    if (is_active(history.point(number)[parameter.first])) trials.push_back(number);
  }
  if (trials.empty()) return "";
  const Dimension& dimension = view.space.dimensions()[parameter.first];
  Frame frame(format, parameter_scale(parameter, dimension), value_scale(history, trials), "",
              history.objectives().front().name, "value over " + parameter.name);
  const auto x_of = [&](std::int64_t number) {
    const double value = history.point(number)[parameter.first];
    return frame.x(frame.x_scale().is_categorical() ? value + spread_of(number) : value);
  };
  const std::vector<std::int64_t> shown = thin(trials, kMaxDots / 2);
  std::vector<Dots> dots;
  for (const std::string_view age : kAges) dots.emplace_back(age, shown.size() <= kMaxTitles / 2);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    dots[i * kAges.size() / shown.size()].add(frame.canvas(), x_of(shown[i]),
                                              frame.y(history.value(shown[i])),
                                              [&] { return trial_title(history, shown[i]); });
  }
  for (const Dots& each : dots) each.draw(frame.canvas());
  const std::int64_t best = history.best();
  if (best >= 0 && is_active(history.point(best)[parameter.first])) {
    frame.canvas().circle(x_of(best), frame.y(history.value(best)), 5.0, "ring",
                          trial_title(history, best));
  }
  return frame.take();
}

}  // namespace trimtab
