#include <algorithm>
#include <cmath>

#include "trimtab/report/svg/charts.hpp"
#include "trimtab/report/svg/marks.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kMaxCurves = 60;
constexpr std::size_t kMaxSteps = 80;

struct Curve {
  std::int64_t trial;
  std::vector<Report> reports;
};

// Steps thinned by index; values that are not finite leave out their step.
Curve read_curve(const History& history, std::int64_t number) {
  Curve curve{number, {}};
  const std::vector<Report> all = history.reports(number);
  const std::size_t stride = (all.size() + kMaxSteps - 1) / kMaxSteps;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool is_shown = i % stride == 0 || i + 1 == all.size();
    if (is_shown && std::isfinite(all[i].value) && std::isfinite(all[i].step)) {
      curve.reports.push_back(all[i]);
    }
  }
  return curve;
}

// Even choice of the trials that reported anything, the best one always among them.
std::vector<Curve> chosen_curves(const History& history) {
  std::vector<std::int64_t> trials;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    if (history.purpose(number) != Purpose::Confirm) trials.push_back(number);
  }
  std::vector<std::int64_t> reporting;
  for (const std::int64_t number : trials) {
    if (history.num_reports() > 0 && !history.reports(number).empty()) reporting.push_back(number);
  }
  std::vector<std::int64_t> shown = thin(reporting, kMaxCurves);
  if (history.best() >= 0 && std::find(shown.begin(), shown.end(), history.best()) == shown.end()) {
    shown.push_back(history.best());
  }
  std::vector<Curve> curves;
  for (const std::int64_t number : shown) {
    Curve curve = read_curve(history, number);
    if (!curve.reports.empty()) curves.push_back(std::move(curve));
  }
  return curves;
}

std::string_view class_of(const History& history, std::int64_t number) {
  if (number == history.best()) return "curve best";
  return history.state(number) == TrialState::Complete ? "curve" : "curve stopped";
}

}  // namespace

std::string curves_chart(const StudyView& view, const Format& format) {
  const History& history = view.history;
  if (history.num_reports() == 0) return "";
  std::vector<Curve> curves = chosen_curves(history);
  if (curves.empty()) return "";
  std::vector<double> values;
  double first = curves.front().reports.front().step, last = first;
  for (const Curve& curve : curves) {
    for (const Report& report : curve.reports) {
      values.push_back(report.value);
      first = std::min(first, report.step);
      last = std::max(last, report.step);
    }
  }
  const bool is_minimised = history.objectives().front().goal == Goal::Minimise;
  Frame frame(format, Scale::linear(first, last),
              Scale::of_values(values, is_minimised ? Scale::Worse::High : Scale::Worse::Low),
              "step", history.objectives().front().name, "intermediate values");
  std::stable_partition(curves.begin(), curves.end(),
                        [&](const Curve& curve) { return curve.trial != history.best(); });
  for (const Curve& curve : curves) {
    std::string path;
    for (const Report& report : curve.reports) {
      path += (path.empty() ? "M" : "L") + pixels(frame.x(report.step)) + " " +
              pixels(frame.y(report.value));
    }
    if (curve.reports.size() == 1) path += "h0";
    frame.canvas().path(path, class_of(history, curve.trial), trial_title(history, curve.trial));
  }
  return frame.take();
}

}  // namespace trimtab
