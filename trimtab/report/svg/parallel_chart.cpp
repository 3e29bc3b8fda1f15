#include <algorithm>
#include <array>

#include "trimtab/report/svg/charts.hpp"
#include "trimtab/report/svg/marks.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kMaxLines = 400;
constexpr double kTop = 30.0;
constexpr double kSide = 34.0;

struct Axis {
  const Parameter* parameter;  // nullptr = the objective
  Scale scale;
  double x;
};

// Best first; when there are too many, the best tenth and an even choice of the others.
std::vector<std::int64_t> chosen_trials(const History& history) {
  std::vector<std::int64_t> trials;
  for (const std::int64_t number : valued_trials(history)) {
    if (history.state(number) == TrialState::Complete) trials.push_back(number);
  }
  std::stable_sort(trials.begin(), trials.end(), [&](std::int64_t a, std::int64_t b) {
    return history.loss(a) < history.loss(b);
  });
  return thin(trials, kMaxLines);
}

// Inactive parameters have a place of their own below the axis.
double height_of(const Axis& axis, const History& history, std::int64_t number, double bottom) {
  const double value = axis.parameter == nullptr ? history.value(number)
                                                 : history.point(number)[axis.parameter->first];
  if (!is_active(value)) return bottom + 18.0;
  return bottom - axis.scale.unit(value) * (bottom - kTop);
}

void draw_axis(Canvas& canvas, const Axis& axis, const std::string& name, double spacing,
               double bottom) {
  canvas.line(axis.x, kTop, axis.x, bottom, "axis-line");
  double free_below = bottom + 100.0;
  for (const Tick& tick : axis.scale.ticks(4)) {
    const double y = bottom - tick.unit * (bottom - kTop);
    if (y > free_below) continue;
    canvas.text(axis.x + 4.0, y + 4.0, fit_text(tick.label, spacing - 8.0), "tick halo");
    free_below = y - 14.0;
  }
  const std::string label = fit_text(name, std::min(spacing - 6.0, canvas.width() / 3.0));
  const double half = 0.5 * text_width(label);
  canvas.text(std::clamp(axis.x, half, canvas.width() - half), 14.0, label, "axis", "middle");
}

std::string line_path(const std::vector<Axis>& axes, const History& history, std::int64_t number,
                      double bottom) {
  std::string path;
  for (const Axis& axis : axes) {
    path += (path.empty() ? "M" : "L") + pixels(axis.x) + " " +
            pixels(height_of(axis, history, number, bottom));
  }
  return path;
}

std::vector<Axis> place_axes(const StudyView& view, const std::vector<const Parameter*>& parameters,
                             const std::vector<std::int64_t>& trials, double width) {
  const std::size_t most = std::max<std::size_t>(1, static_cast<std::size_t>(width / 80.0) - 1);
  const std::size_t count = std::min(parameters.size(), most);
  std::vector<Axis> axes;
  for (std::size_t i = 0; i <= count; ++i) {
    const double x =
        kSide + (width - 2.0 * kSide - 20.0) * static_cast<double>(i) / static_cast<double>(count);
    if (i < count) {
      const Parameter& parameter = *parameters[i];
      axes.push_back(
          {&parameter, parameter_scale(parameter, view.space.dimensions()[parameter.first]), x});
    } else {
      axes.push_back({nullptr, value_scale(view.history, trials), x});
    }
  }
  return axes;
}

}  // namespace

std::string parallel_chart(const StudyView& view, const std::vector<const Parameter*>& parameters,
                           const Format& format) {
  const std::vector<std::int64_t> trials = chosen_trials(view.history);
  if (trials.size() < 2 || parameters.empty()) return "";
  const std::vector<Axis> axes = place_axes(view, parameters, trials, format.width);
  Canvas canvas(format.width, format.height, format.css_class, "parameters of the trials");
  const double bottom = format.height - 32.0;
  // Worst first, so that the best lie on top.
  std::array<std::string, 3> paths;
  for (std::size_t i = trials.size(); i-- > 0;) {
    const std::size_t rank = i * 10 < trials.size() ? 2 : i * 2 < trials.size() ? 1 : 0;
    paths[rank] += line_path(axes, view.history, trials[i], bottom);
  }
  canvas.path(paths[0], "thread worst");
  canvas.path(paths[1], "thread middle");
  canvas.path(paths[2], "thread best");
  const double spacing = axes.size() > 1 ? axes[1].x - axes[0].x : format.width;
  for (const Axis& axis : axes) {
    const std::string& name =
        axis.parameter == nullptr ? view.history.objectives().front().name : axis.parameter->name;
    draw_axis(canvas, axis, name, spacing, bottom);
  }
  const bool has_inactive = std::any_of(trials.begin(), trials.end(), [&](std::int64_t number) {
    return std::any_of(axes.begin(), axes.end() - 1, [&](const Axis& axis) {
      return !is_active(view.history.point(number)[axis.parameter->first]);
    });
  });
  if (has_inactive) canvas.text(0.0, bottom + 22.0, "off", "tick");
  return canvas.take();
}

}  // namespace trimtab
