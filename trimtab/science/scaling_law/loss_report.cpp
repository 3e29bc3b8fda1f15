#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/science/scaling_law/loss_law_fit.hpp"
#include "trimtab/science/scaling_law/scaling_figures.hpp"
#include "trimtab/science/scaling_law/scaling_law.hpp"

namespace trimtab {
namespace {

struct ErrorSummary {
  double median = 0.0, largest = 0.0, bias = 0.0;
};

ErrorSummary summarise(const std::vector<double>& log_errors) {
  std::vector<double> sizes;
  for (const double error : log_errors) sizes.push_back(std::abs(std::expm1(error)));
  return {quantile(sizes, 0.5), *std::max_element(sizes.begin(), sizes.end()), mean(log_errors)};
}

std::string percent(double share) { return format_short(100.0 * share, 2) + " %"; }

Json error_json(const ErrorSummary& errors) {
  return {{"median", errors.median}, {"max", errors.largest}, {"bias", errors.bias}};
}

LossForm form_of(const OptionValues& options) {
  const std::string& form = options.text("form");
  if (form == "irreducible") return LossForm::Irreducible;
  return form == "no_batch" ? LossForm::NoBatch : LossForm::Kaplan;
}

Interval interval_of(const std::vector<LossLaw>& laws, auto number) {
  std::vector<double> values;
  for (const LossLaw& law : laws) values.push_back(number(law));
  if (values.empty()) return {};
  return {quantile(values, 0.025), quantile(values, 0.975)};
}

std::string with_interval(double value, const Interval& interval) {
  if (std::isnan(interval.low)) return format_short(value);
  return fmt::format("{} [{}, {}]", format_short(value), format_short(interval.low, 3),
                     format_short(interval.high, 3));
}

// Both laws, fitted without the largest N and judged there.
struct Forecast {
  std::size_t num_points = 0;
  ErrorSummary law, rival;
};

std::optional<Forecast> forecast(const std::vector<LossPoint>& points,
                                 const LossLawOptions& options) {
  std::vector<LossPoint> smaller, largest;
  for (const LossPoint& point : points) {
    (point.num_parameters < points.back().num_parameters ? smaller : largest).push_back(point);
  }
  Rng rng(1);
  try {
    const LossLawFit fit = fit_loss_law(smaller, {.form = options.form}, rng);
    return Forecast{largest.size(), summarise(log_errors(fit.law, largest)),
                    summarise(log_errors(fit_token_law(smaller, options.delta), largest))};
  } catch (const UserError&) {
    return std::nullopt;
  }
}

std::string formula(const LossLaw& law) {
  std::string text = "L = ";
  if (law.irreducible > 0.0) text += format_short(law.irreducible) + " + ";
  text += fmt::format("({} / N)^{} + ", format_short(std::exp(law.log_nc), 3),
                      format_short(law.alpha_n, 3));
  const std::string steps = format_short(std::exp(law.log_sc), 3);
  if (std::isinf(law.log_bs)) {
    return text + fmt::format("({} / S)^{}", steps, format_short(law.alpha_s, 3));
  }
  return text + fmt::format("({} (1 + Bcrit(L) / B) / S)^{}", steps, format_short(law.alpha_s, 3));
}

std::string verdict_of(const LossLaw& law, const std::optional<Forecast>& ahead) {
  if (!ahead) {
    return formula(law) +
           "; too few sizes to forecast the largest, so nothing says that it holds "
           "at another scale";
  }
  const double gain = ahead->rival.median - ahead->law.median;
  return fmt::format(
      "{}; fitted without the largest model it misses the losses there by {} (median of {} runs, "
      "at most {}); a law of N and D alone by {} ({}){}",
      formula(law), percent(ahead->law.median), ahead->num_points, percent(ahead->law.largest),
      percent(ahead->rival.median), percent(ahead->rival.largest),
      gain < 0.0 ? ", which is better" : "");
}

void add_constants(const LossLawFit& fit, double typical_loss, std::vector<std::string>& lines,
                   Json& json) {
  const LossLaw& law = fit.law;
  Json constants = Json::object();
  const auto add = [&](const char* name, auto number) {
    const Interval interval = interval_of(fit.resamples, number);
    lines.push_back(fmt::format("{:<6} {}", name, with_interval(number(law), interval)));
    constants[name] = {number(law), interval.low, interval.high};
  };
  add("Nc", [](const LossLaw& each) { return std::exp(each.log_nc); });
  add("aN", [](const LossLaw& each) { return each.alpha_n; });
  add("Sc", [](const LossLaw& each) { return std::exp(each.log_sc); });
  add("aS", [](const LossLaw& each) { return each.alpha_s; });
  if (law.irreducible > 0.0) add("E", [](const LossLaw& each) { return each.irreducible; });
  if (!std::isinf(law.log_bs)) {
    add("Bs", [](const LossLaw& each) { return std::exp(each.log_bs); });
    add("aB", [](const LossLaw& each) { return 1.0 / each.inverse_alpha_b; });
    const auto at_typical = [&](const LossLaw& each) { return each.critical_batch(typical_loss); };
    const Interval interval = interval_of(fit.resamples, at_typical);
    lines.push_back(fmt::format("Bcrit  {} tokens at L = {} (Bs and aB by themselves mean little)",
                                with_interval(at_typical(law), interval),
                                format_short(typical_loss)));
    constants["Bcrit"] = {at_typical(law), interval.low, interval.high};
  }
  json["constants"] = std::move(constants);
  json["typical_loss"] = typical_loss;
}

// A run at another scale, its curve, and what else the same compute could buy.
void add_run(const LossLawFit& fit, const SweepColumns& columns, const OptionValues& options,
             AnalysisResult& result, Json& json) {
  std::vector<std::string>& lines = result.lines;
  const double n = options.number("predict_parameters"), d = options.number("predict_tokens");
  const double batch = options.number("predict_batch") * columns.sequence_length;
  if (n <= 0.0 || d <= 0.0 || batch <= 0.0) return;
  const double steps = d / batch, loss = fit.law.loss(n, steps, batch);
  const Interval interval =
      interval_of(fit.resamples, [&](const LossLaw& law) { return law.loss(n, steps, batch); });
  lines.push_back(fmt::format("N = {}, D = {}, B = {} tokens: L = {} after {} steps",
                              format_short(n), format_short(d), format_short(batch),
                              with_interval(loss, interval), format_short(steps)));
  Json curve = Json::array();
  std::vector<double> curve_steps;
  for (int i = 0; i <= 40; ++i) {
    const double s = steps * std::pow(10.0, (i - 40) / 20.0);
    curve_steps.push_back(s);
    curve.push_back({s, fit.law.loss(n, s, batch)});
  }
  result.figures.push_back(trajectory_figure(fit, n, batch, curve_steps));
  json["run"] = {{"loss", loss}, {"interval", {interval.low, interval.high}}, {"curve", curve}};
  const ComputeOptimum best = compute_optimum(fit.law, 6.0 * n * d, batch);
  lines.push_back(fmt::format("the same compute is best spent on N = {}: L = {}, falling as C^-{}",
                              format_short(best.num_parameters, 3), format_short(best.loss),
                              format_short(best.exponent, 3)));
  json["compute_optimum"] = {{"parameters", best.num_parameters},
                             {"steps", best.steps},
                             {"loss", best.loss},
                             {"exponent", best.exponent}};
  if (std::isinf(fit.law.log_bs)) return;
  const BatchTradeoff trade = tradeoff(fit.law, n, loss);
  lines.push_back(fmt::format(
      "that loss takes at least {} steps and at least {} tokens; both double at Bcrit = {} tokens",
      format_short(trade.min_steps, 3), format_short(trade.min_tokens, 3),
      format_short(trade.critical_batch, 3)));
  json["tradeoff"] = {{"min_steps", trade.min_steps},
                      {"min_tokens", trade.min_tokens},
                      {"critical_batch", trade.critical_batch}};
}

}  // namespace

AnalysisResult analyse_losses(const DataTable& table, const SweepColumns& columns,
                              const OptionValues& options) {
  const std::vector<LossPoint> points = best_rates(read_sweep(table, columns));
  LossLawOptions fitting;
  fitting.form = form_of(options);
  fitting.num_resamples = std::min<std::size_t>(
      static_cast<std::size_t>(options.integer("resamples")), points.size() > 2000 ? 100 : 1000);
  Rng rng(1, 0, "scaling_law");
  const LossLawFit fit = fit_loss_law(points, fitting, rng);
  const std::optional<Forecast> ahead = forecast(points, fitting);
  AnalysisResult result;
  result.verdict = verdict_of(fit.law, ahead);
  std::vector<double> losses;
  for (const LossPoint& point : points) losses.push_back(point.loss);
  Json json = {{"law", "loss"},
               {"points", points.size()},
               {"rms", fit.rms},
               {"is_at_a_bound", fit.is_at_a_bound},
               {"own_error", error_json(summarise(log_errors(fit.law, points)))}};
  add_constants(fit, quantile(losses, 0.5), result.lines, json);
  result.lines.push_back(
      fmt::format("fitted to {} runs at their best learning rate, {} apart (rms)", points.size(),
                  percent(fit.rms)));
  if (fit.is_at_a_bound) {
    result.lines.emplace_back("a constant is at the end of its range: these runs do not tell it");
  }
  json["forecast_error"] = ahead ? error_json(ahead->law) : Json();
  json["token_law_error"] = ahead ? error_json(ahead->rival) : Json();
  result.figures = loss_law_figures(fit.law, points);
  add_run(fit, columns, options, result, json);
  result.data = json.dump();
  return result;
}

}  // namespace trimtab
