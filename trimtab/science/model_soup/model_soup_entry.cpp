#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/numerics/soup/recipes.hpp"
#include "trimtab/numerics/statistics.hpp"
#include "trimtab/science/model_soup/model_soup.hpp"

namespace trimtab {
namespace {

struct Column {
  std::string name;
  std::vector<double> values;
};

// The columns that the option names.
std::vector<Column> test_columns(const DataTable& table, const OptionValues& options) {
  std::vector<Column> columns;
  for (const std::string_view part : split(options.text("tests"), ',')) {
    const std::string name(trim(part));
    if (!name.empty()) columns.push_back({name, table.numbers(name)});
  }
  return columns;
}

struct Rows {
  std::vector<std::size_t> ingredients, soups;
};

Rows rows_of(const DataTable& table, const std::vector<double>& validation,
             const OptionValues& options) {
  const std::vector<std::string>& names = table.texts(options.text("name"));
  const std::vector<std::string_view> soups = split(options.text("soups"), ',');
  Rows rows;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool is_soup = std::any_of(soups.begin(), soups.end(), [&](std::string_view each) {
      return !trim(each).empty() && trim(each) == names[i];
    });
    if (is_soup) {
      rows.soups.push_back(i);
    } else if (!std::isnan(validation[i])) {
      rows.ingredients.push_back(i);
    }
  }
  if (rows.ingredients.empty()) {
    throw UserError({.code = "model_soup.rows",
                     .what = "the table has no model with a validation score",
                     .where = table.source,
                     .got = "",
                     .expected = "a row per model",
                     .hint = ""});
  }
  return rows;
}

FigureSeries dots_of(std::string name, Mark mark, Emphasis emphasis,
                     const std::vector<std::size_t>& rows, const Column& validation,
                     const Column& test, const std::vector<std::string>& names) {
  FigureSeries series = {.name = std::move(name), .mark = mark};
  series.emphasis = emphasis;
  for (const std::size_t row : rows) {
    series.x.push_back(validation.values[row]);
    series.y.push_back(test.values[row]);
    series.labels.push_back(fmt::format("{}: {} {}, {} {}", names[row], validation.name,
                                        format_short(validation.values[row]), test.name,
                                        format_short(test.values[row])));
  }
  return series;
}

// Test over validation: the ingredients, the best of them, and every soup by its name.
Figure soups_figure(const Rows& rows, std::size_t best, const Column& validation,
                    const Column& test, const std::vector<std::string>& names) {
  Figure figure = {.title = test.name + " against validation",
                   .caption = "A soup above and to the right of the best single model helped.",
                   .x = {.name = validation.name},
                   .y = {.name = test.name}};
  figure.series = {dots_of("single models", Mark::Points, Emphasis::Quiet, rows.ingredients,
                           validation, test, names),
                   dots_of(names[best] + " (best by validation)", Mark::Points, Emphasis::Strong,
                           {best}, validation, test, names)};
  for (const std::size_t row : rows.soups) {
    figure.series.push_back(
        dots_of(names[row], Mark::Diamonds, Emphasis::Normal, {row}, validation, test, names));
  }
  return figure;
}

AnalysisResult run(const DataTable& table, const OptionValues& options) {
  const std::vector<std::string>& names = table.texts(options.text("name"));
  const std::vector<double> validation = table.numbers(options.text("validation"));
  const Rows rows = rows_of(table, validation, options);
  const std::vector<Column> tests = test_columns(table, options);
  std::vector<double> scores;
  for (const std::size_t row : rows.ingredients) scores.push_back(validation[row]);
  const std::vector<std::size_t> order = by_score(scores);
  const std::size_t best = rows.ingredients[order.front()];
  AnalysisResult result;
  result.verdict = fmt::format("{} is the best single of {} by validation ({})", names[best],
                               scores.size(), format_short(validation[best]));
  Json json = {{"best", names[best]}, {"order", Json::array()}, {"soups", Json::array()}};
  for (const std::size_t i : order) json["order"].push_back(names[rows.ingredients[i]]);
  for (const Column& test : tests) {
    std::vector<double> singles;
    for (const std::size_t row : rows.ingredients) singles.push_back(test.values[row]);
    const auto [low, high] = std::minmax_element(singles.begin(), singles.end());
    result.lines.push_back(fmt::format("{}: best by validation {}, mean {}, range {} to {}",
                                       test.name, format_short(test.values[best], 5),
                                       format_short(mean(singles), 4), format_short(*low),
                                       format_short(*high)));
    json["tests"][test.name] = {{"best_by_validation", test.values[best]},
                                {"mean", mean(singles)},
                                {"low", *low},
                                {"high", *high}};
  }
  for (const std::size_t row : rows.soups) {
    std::string text;
    Json gains = Json::object();
    for (const Column& test : tests) {
      const double gain = test.values[row] - test.values[best];
      text += fmt::format(", {} {}{}", test.name, gain < 0.0 ? "" : "+", format_short(gain, 3));
      gains[test.name] = gain;
    }
    const double gain = validation[row] - validation[best];
    result.verdict += fmt::format("; {} against it: validation {}{}{}", names[row],
                                  gain < 0.0 ? "" : "+", format_short(gain, 3), text);
    json["soups"].push_back({{"name", names[row]}, {"validation_gain", gain}, {"gains", gains}});
  }
  if (rows.soups.empty()) result.verdict += "; no soup is in the table, so none is judged";
  result.data = json.dump();
  for (const Column& test : tests) {
    result.figures.push_back(
        soups_figure(rows, best, {options.text("validation"), validation}, test, names));
  }
  return result;
}

}  // namespace

AnalysisEntry model_soup_entry() {
  return {.info = {.name = "model_soup",
                   .purpose = "which of a sweep's models come first, and did averaging them help?",
                   .source = "Wortsman et al. 2022, model soups",
                   .options = {{.name = "name",
                                .default_value = std::string("model_name"),
                                .purpose = "column of the models' names"},
                               {.name = "validation",
                                .default_value = std::string("validation"),
                                .purpose = "column of held-out scores, maximised"},
                               {.name = "tests",
                                .default_value = std::string(),
                                .purpose = "columns of test scores, separated by commas"},
                               {.name = "soups",
                                .default_value = std::string(),
                                .purpose = "names of the rows that are soups"}}},
          .run_on_table = run};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(model_soup, model_soup_entry())
