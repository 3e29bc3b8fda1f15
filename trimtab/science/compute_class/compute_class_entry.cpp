#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/science/compute_class/compute_class.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kResamples = 2000;

std::string percent(double share, int digits = 2) {
  return format_short(100.0 * share, digits) + " %";
}

// Rows of one model at one class are repeats of the same measurement.
AnalysisResult plan(const DataTable& table, std::size_t warm_up) {
  using Key = std::tuple<std::string, double, double, double>;  // model, hours, batch, sequence
  const std::vector<std::string>& models = table.texts("model");
  const std::vector<double> speed = table.numbers("tokens_per_second");
  const std::vector<double> hours = table.numbers("hours"), batch = table.numbers("batch"),
                            sequence = table.numbers("sequence");
  std::map<Key, std::vector<double>> repeats;
  for (std::size_t i = 0; i < models.size(); ++i) {
    repeats[{models[i], hours[i], batch[i], sequence[i]}].push_back(speed[i]);
  }
  AnalysisResult result;
  Json list = Json::array();
  std::size_t num_unsteady = 0;
  for (const auto& [key, values] : repeats) {
    const auto& [model, h, b, s] = key;
    const Throughput measured = measure_throughput(values, warm_up);
    const std::int64_t steps = training_steps(measured.per_second, h, b, s);
    num_unsteady += measured.is_steady() ? 0 : 1;
    result.lines.push_back(
        fmt::format("{}, {} h: {} steps of {} x {} tokens at {} tokens/s{}", model, format_short(h),
                    steps, format_short(b), format_short(s), format_short(measured.per_second, 6),
                    measured.num_repeats < 2
                        ? " (measured once)"
                        : fmt::format(" (spread {} over {})", percent(measured.relative_deviation),
                                      measured.num_repeats)));
    list.push_back({{"model", model},
                    {"hours", h},
                    {"steps", steps},
                    {"tokens_per_second", measured.per_second},
                    {"relative_deviation", measured.relative_deviation},
                    {"repeats", measured.num_repeats},
                    {"is_steady", measured.is_steady()}});
  }
  result.verdict = fmt::format("{} runs planned to end with their class", repeats.size());
  if (num_unsteady > 0) {
    result.verdict += fmt::format(
        "; {} of the throughputs are no ground for a comparison: measure them again, "
        "at least twice after a warm-up, until they agree within 5 %",
        num_unsteady);
  }
  result.data = Json({{"plan", std::move(list)}}).dump();
  return result;
}

std::vector<double> perplexities(const DataTable& table) {
  if (table.has("perplexity")) return table.numbers("perplexity");
  const std::vector<double> nll = table.numbers("nll"), bytes = table.numbers("bytes");
  std::vector<double> values;
  for (std::size_t i = 0; i < nll.size(); ++i) values.push_back(byte_perplexity(nll[i], bytes[i]));
  return values;
}

std::vector<ClassTrend> trends_of(const DataTable& table) {
  const std::vector<std::string>& models = table.texts("model");
  const std::vector<double> hours = table.numbers("hours"), values = perplexities(table);
  std::map<std::string, std::pair<std::vector<double>, std::vector<double>>> by_model;
  for (std::size_t i = 0; i < models.size(); ++i) {
    by_model[models[i]].first.push_back(hours[i]);
    by_model[models[i]].second.push_back(values[i]);
  }
  std::vector<ClassTrend> trends;
  for (const auto& [model, data] : by_model) {
    trends.push_back(fit_trend(model, data.first, data.second));
  }
  return trends;
}

Json trend_json(const ClassTrend& trend) {
  Json json = {{"model", trend.model},
               {"a", trend.a},
               {"b", trend.b},
               {"hours", trend.hours},
               {"perplexity", trend.perplexity}};
  if (trend.forecast) {
    json["forecast"] = *trend.forecast;
    json["forecast_error"] = *trend.forecast_error;
  }
  return json;
}

std::string trend_line(const ClassTrend& trend) {
  if (std::isnan(trend.b)) return trend.model + ": one class, no trend";
  std::string line =
      fmt::format("{}: {} classes, ten times the compute multiplies perplexity by {}", trend.model,
                  trend.hours.size(), format_short(std::pow(10.0, trend.b), 3));
  if (trend.forecast_error) {
    line += fmt::format("; the smaller classes put the largest at {}, off by {}",
                        format_short(*trend.forecast, 4), percent(*trend.forecast_error));
  }
  return line;
}

std::string crossing_text(const ClassTrend& one, const ClassTrend& other,
                          const Crossing& crossing) {
  const std::string pair = fmt::format("{} and {}", one.model, other.model);
  if (!crossing.is_shown) {
    return pair + ": no crossing is shown, the data do not tell which gains more from compute";
  }
  const std::string& later = one.b < other.b ? one.model : other.model;
  return fmt::format("{}: {} is better above {} hours (95 % interval {} to {})", pair, later,
                     format_short(crossing.hours, 3), format_short(crossing.interval.low, 2),
                     format_short(crossing.interval.high, 2));
}

constexpr std::size_t kMaxRules = 3;

Figure trends_figure(const std::vector<ClassTrend>& trends, const std::vector<double>& crossings) {
  constexpr int kPoints = 20;
  Figure figure = {.title = "Perplexity over compute",
                   .caption =
                       "Dots: each model at its classes. Lines: the fitted trends, as far as "
                       "any model was measured.",
                   .x = {.name = "compute (hours)", .is_log = true},
                   .y = {.name = "perplexity of a byte", .is_log = true}};
  double low = INFINITY, high = 0.0;
  for (const ClassTrend& trend : trends) {
    low = std::min(low, trend.hours.front());
    high = std::max(high, trend.hours.back());
  }
  for (const ClassTrend& trend : trends) {
    figure.series.push_back(
        {.name = trend.model, .mark = Mark::Points, .x = trend.hours, .y = trend.perplexity});
    if (std::isnan(trend.b)) continue;
    FigureSeries line = {.name = trend.model + ", trend", .is_of_previous = true};
    for (int i = 0; i <= kPoints; ++i) {
      line.x.push_back(low * std::pow(high / low, static_cast<double>(i) / kPoints));
      line.y.push_back(std::exp(trend.a + trend.b * std::log(line.x.back())));
    }
    figure.series.push_back(std::move(line));
  }
  if (!crossings.empty() && crossings.size() <= kMaxRules) {
    figure.series.push_back({.name = "crossing", .mark = Mark::Rules, .x = crossings});
    figure.series.back().emphasis = Emphasis::Quiet;
  }
  return figure;
}

AnalysisResult compare(const DataTable& table, std::uint64_t seed) {
  const std::vector<ClassTrend> trends = trends_of(table);
  AnalysisResult result;
  Json list = Json::array(), crossings = Json::array();
  for (const ClassTrend& trend : trends) {
    result.lines.push_back(trend_line(trend));
    list.push_back(trend_json(trend));
  }
  std::vector<std::string> texts;
  std::vector<double> shown;
  for (std::size_t i = 0; i < trends.size(); ++i) {
    for (std::size_t j = i + 1; j < trends.size(); ++j) {
      Rng rng(seed, i * trends.size() + j, "crossing");
      const Crossing crossing = find_crossing(trends[i], trends[j], kResamples, rng);
      texts.push_back(crossing_text(trends[i], trends[j], crossing));
      if (crossing.is_shown) shown.push_back(crossing.hours);
      crossings.push_back({{"one", trends[i].model},
                           {"other", trends[j].model},
                           {"hours", crossing.hours},
                           {"low", crossing.interval.low},
                           {"high", crossing.interval.high},
                           {"is_shown", crossing.is_shown}});
    }
  }
  result.verdict = texts.empty() ? "one model: nothing to compare" : texts.front();
  for (std::size_t i = 1; i < texts.size(); ++i) result.lines.push_back(texts[i]);
  result.data = Json({{"trends", std::move(list)}, {"crossings", std::move(crossings)}}).dump();
  result.figures = {trends_figure(trends, shown)};
  return result;
}

AnalysisResult run(const DataTable& table, const OptionValues& options) {
  const bool has_results = table.has("perplexity") || table.has("nll");
  if (has_results) return compare(table, static_cast<std::uint64_t>(options.integer("seed")));
  return plan(table, static_cast<std::size_t>(options.integer("warm_up")));
}

}  // namespace

AnalysisEntry compute_class_entry() {
  return {.info = {.name = "compute_class",
                   .purpose = "which model is better at equal compute, and does that turn?",
                   .source = "Stanic et al. 2023, The Languini Kitchen, section 3",
                   .options = {{.name = "warm_up",
                                .default_value = std::int64_t{1},
                                .purpose = "first measurements of a throughput left out",
                                .low = 0},
                               {.name = "seed",
                                .default_value = std::int64_t{1},
                                .purpose = "of the bootstrap",
                                .low = 0}}},
          .run_on_table = run};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(compute_class, compute_class_entry())
