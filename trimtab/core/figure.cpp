#include "trimtab/core/figure.hpp"

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/numerics/statistics/multiple_comparisons.hpp"
#include "trimtab/numerics/statistics/rank_tests.hpp"

namespace trimtab {
namespace {

[[noreturn]] void broken(const Figure& figure, const std::string& what, const std::string& where) {
  throw BugError({.code = "figure.shape",
                  .what = what,
                  .where = "figure " + quote(figure.title),
                  .got = where,
                  .expected = "equal lengths",
                  .hint = ""});
}

void require_drawable(const Figure& figure, const FigureSeries& series) {
  const std::size_t n = series.x.empty() ? series.y.size() : series.x.size();
  const bool is_rule = series.mark == Mark::Rules;
  const auto fits = [n](std::size_t size) { return size == 0 || size == n; };
  const bool has_both = series.x.size() == n && series.y.size() == n;
  if (is_rule ? !(series.x.empty() || series.y.empty()) : !has_both) {
    broken(figure, "x and y do not belong together", series.name);
  }
  if (!fits(series.low.size()) || series.low.size() != series.high.size() ||
      !fits(series.labels.size())) {
    broken(figure, "intervals or labels do not belong to the points", series.name);
  }
}

// NaN and infinities are null.
Json numbers_json(const std::vector<double>& numbers) {
  Json json = Json::array();
  for (const double number : numbers) json.push_back(std::isfinite(number) ? Json(number) : Json());
  return json;
}

Json axis_json(const FigureAxis& axis) {
  Json json = {{"name", axis.name}, {"log", axis.is_log}};
  if (!axis.covers.empty()) json["covers"] = numbers_json(axis.covers);
  if (!axis.categories.empty()) json["categories"] = axis.categories;
  return json;
}

Json series_json(const FigureSeries& series) {
  constexpr std::array kMarks = {"line", "steps", "points", "diamonds", "ticks", "bars", "rules"};
  Json json = {{"name", series.name},
               {"mark", kMarks.at(static_cast<std::size_t>(series.mark))},
               {"x", numbers_json(series.x)},
               {"y", numbers_json(series.y)}};
  if (!series.low.empty()) {
    json["low"] = numbers_json(series.low);
    json["high"] = numbers_json(series.high);
  }
  if (!series.labels.empty()) json["labels"] = series.labels;
  return json;
}

}  // namespace

void require_drawable(const Figure& figure) {
  if (!figure.x.categories.empty() && !figure.y.categories.empty()) {
    broken(figure, "both axes have categories", "");
  }
  for (const FigureSeries& series : figure.series) require_drawable(figure, series);
  if (!figure.ranks) return;
  const RankDiagram& ranks = *figure.ranks;
  if (ranks.names.size() != ranks.mean_ranks.size()) broken(figure, "ranks without a name", "");
  for (const std::vector<std::size_t>& clique : ranks.cliques) {
    for (const std::size_t method : clique) {
      if (method >= ranks.names.size()) broken(figure, "a clique of an unknown method", "");
    }
  }
}

Json figure_json(const Figure& figure) {
  Json json = {{"title", figure.title}, {"caption", figure.caption}};
  if (figure.ranks) {
    json["ranks"] = {{"names", figure.ranks->names},
                     {"mean_ranks", numbers_json(figure.ranks->mean_ranks)},
                     {"critical_difference", figure.ranks->critical_difference},
                     {"cliques", figure.ranks->cliques}};
    return json;
  }
  json["x"] = axis_json(figure.x);
  json["y"] = axis_json(figure.y);
  json["series"] = Json::array();
  for (const FigureSeries& series : figure.series) json["series"].push_back(series_json(series));
  return json;
}

Figure rank_figure(std::string title, std::vector<std::string> names,
                   const std::vector<double>& losses, double alpha) {
  if (names.size() < 2) {
    throw BugError({.code = "figure.ranks",
                    .what = "ranks compare methods",
                    .where = "figure " + quote(title),
                    .got = std::to_string(names.size()),
                    .expected = "at least 2",
                    .hint = ""});
  }
  const std::size_t num_blocks = losses.size() / names.size();
  const FriedmanTest friedman = friedman_test(losses, names.size());
  const NemenyiTest nemenyi = nemenyi_test(friedman.mean_ranks, num_blocks, alpha);
  Figure figure;
  figure.title = std::move(title);
  figure.caption = fmt::format(
      "Mean ranks over {} blocks, 1 is best. Methods under one bar are not told apart (Nemenyi, "
      "{} %); Friedman's test that all are alike: p {}.",
      num_blocks, format_short(100.0 * alpha, 2),
      friedman.p_f < 1e-4 ? "< 0.0001" : "= " + format_short(friedman.p_f, 2));
  figure.ranks = RankDiagram{.names = std::move(names),
                             .mean_ranks = friedman.mean_ranks,
                             .critical_difference = nemenyi.critical_difference,
                             .cliques = nemenyi.cliques};
  return figure;
}

}  // namespace trimtab
