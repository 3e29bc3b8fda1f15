#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/text.hpp"
#include "trimtab/report/svg/charts.hpp"

namespace trimtab {
namespace {

constexpr double kRow = 46.0;

// NaN and infinities are null in the data.
double number_at(const Json& object, const char* key) {
  const Json value = object.value(key, Json());
  return value.is_number() ? value.get<double>() : std::nan("");
}

std::string name_of_finalist(const Json& finalist) {
  if (finalist.value("is_default", false)) return "default";
  return fmt::format("trial {}", finalist.value("trial", std::int64_t{-1}));
}

void draw_finalist(Frame& frame, const Json& finalist, double y) {
  Canvas& canvas = frame.canvas();
  const bool is_default = finalist.value("is_default", false);
  for (const Json& run : finalist["runs"]) {
    canvas.circle(frame.x(number_at(run, "value")), y, 4.0, is_default ? "dot faint" : "dot",
                  fmt::format("seed {}: {}", run.value("seed", std::uint64_t{0}),
                              format_short(number_at(run, "value"), 5)));
  }
  const double mean = number_at(finalist, "fresh_mean");
  if (!std::isnan(mean)) {
    const double x = frame.x(mean);
    canvas.rect(x - 1.5, y - 12.0, 3.0, 24.0, is_default ? "mean faint" : "mean",
                fmt::format("mean on fresh seeds: {}", format_short(mean, 5)));
  }
  const double believed = number_at(finalist, "search_value");
  if (!std::isnan(believed)) {
    const double x = frame.x(believed);
    canvas.path(fmt::format("M{} {}l6 6l-6 6l-6 -6z", pixels(x), pixels(y - 6.0)), "believed",
                fmt::format("in the search: {}", format_short(believed, 5)));
  }
}

}  // namespace

std::string fresh_chart(const Json& confirmation, const Format& format) {
  const Json finalists = confirmation.value("finalists", Json::array());
  std::vector<double> values;
  std::vector<std::string> names;
  for (const Json& finalist : finalists) {
    names.insert(names.begin(), name_of_finalist(finalist));
    for (const Json& run : finalist["runs"]) values.push_back(number_at(run, "value"));
    const double believed = number_at(finalist, "search_value");
    if (!std::isnan(believed)) values.push_back(believed);
  }
  if (values.empty()) return "";
  // The whole range: here every run counts.
  double low = values.front(), high = low;
  for (const double value : values) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const double air = 0.04 * (high - low);
  Format sized = format;
  sized.height = kRow * static_cast<double>(finalists.size()) + 50.0;
  Frame frame(sized, Scale::linear(low - air, high + air), Scale::categories(std::move(names)),
              confirmation.value("objective", ""), "", "finalists on fresh seeds");
  const double cell = (frame.bottom() - frame.top()) / static_cast<double>(finalists.size());
  double y = frame.top() + cell / 2.0;
  for (const Json& finalist : finalists) {
    draw_finalist(frame, finalist, y);
    y += cell;
  }
  return frame.take();
}

}  // namespace trimtab
