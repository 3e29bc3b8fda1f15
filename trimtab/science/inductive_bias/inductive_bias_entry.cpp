#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/science/inductive_bias/kernel_bias.hpp"

namespace trimtab {
namespace {

[[noreturn]] void refuse(const std::string& where, const std::string& what, const std::string& got,
                         const std::string& expected) {
  throw UserError({.code = "inductive_bias.table",
                   .what = what,
                   .where = where,
                   .got = got,
                   .expected = expected,
                   .hint = ""});
}

struct Task {
  LabelledItems training, test;
  std::size_t num_classes = 0;
};

void append(LabelledItems& items, const std::vector<std::vector<double>>& features, std::size_t row,
            std::size_t label, std::size_t num_classes, double scale) {
  for (const std::vector<double>& column : features) items.x.push_back(scale * column[row]);
  for (std::size_t c = 0; c < num_classes; ++c) items.y.push_back(c == label ? 1.0 : 0.0);
  items.num_features = features.size();
  items.num_outputs = num_classes;
}

Task read_task(const DataTable& table, const OptionValues& options) {
  const std::string& label = options.text("label");
  if (label.empty()) {
    refuse("trimtab analyse inductive_bias", "which column holds the classes?", "",
           "--option label=COLUMN");
  }
  const std::vector<std::string>& cells = table.texts(label);
  std::vector<std::vector<double>> features;
  for (const std::string& name : table.names) {
    if (name == label) continue;
    features.push_back(table.numbers(name));
    if (!std::all_of(features.back().begin(), features.back().end(),
                     [](double value) { return std::isfinite(value); })) {
      refuse(table.source, "a feature has holes", quote(name), "numbers");
    }
  }
  const auto num_train = static_cast<std::size_t>(options.integer("train"));
  const auto num_test = static_cast<std::size_t>(options.integer("test"));
  if (features.empty() || num_train + num_test > cells.size()) {
    refuse(table.source, "the table is too small",
           fmt::format("{} rows, {} features", cells.size(), features.size()),
           fmt::format("a feature, and {} training and {} test rows", num_train, num_test));
  }
  std::vector<std::string> classes(cells.begin(), cells.end());
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  std::vector<std::size_t> rows(cells.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  Rng rng(static_cast<std::uint64_t>(options.integer("seed")), 0, "inductive_bias");
  rng.shuffle(std::span<std::size_t>(rows));
  Task task;
  task.num_classes = classes.size();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i >= num_train && i + num_test < rows.size()) continue;
    const auto found = std::lower_bound(classes.begin(), classes.end(), cells[rows[i]]);
    append(i < num_train ? task.training : task.test, features, rows[i],
           static_cast<std::size_t>(found - classes.begin()), classes.size(),
           options.number("scale"));
  }
  return task;
}

std::vector<double> widths_of(const std::string& text) {
  std::vector<double> widths;
  for (const std::string_view part : split(text, ',')) {
    double width = 0.0;
    if (!parse_double(trim(part), width) || !(width > 0.0)) {
      refuse("trimtab analyse inductive_bias --option widths", "a width must be a positive number",
             quote(part), "numbers, separated by commas");
    }
    widths.push_back(width);
  }
  return widths;
}

// Over the widths: what has to be known beyond each, and how far its fitting hypotheses err.
std::vector<Figure> figures_of(const std::vector<double>& widths,
                               const std::vector<InductiveBias>& biases, double eps) {
  FigureSeries nats = {.name = "needed", .mark = Mark::Points, .x = widths};
  FigureSeries errors = {.name = "error, +- 2 deviations", .mark = Mark::Points, .x = widths};
  for (const InductiveBias& bias : biases) {
    nats.y.push_back(bias.nats);
    errors.y.push_back(bias.mean_error);
    errors.low.push_back(bias.mean_error - 2.0 * bias.error_deviation);
    errors.high.push_back(bias.mean_error + 2.0 * bias.error_deviation);
  }
  const FigureAxis width = {.name = "width of the kernel", .is_log = true};
  Figure needed = {.title = "What a learner must know beyond the kernel",
                   .caption = "The lowest dot is the kernel that fits this task best.",
                   .x = width,
                   .y = {.name = "inductive bias (nats)", .covers = {0.0}},
                   .series = {std::move(nats)}};
  Figure erring = {
      .title = "How far fitting hypotheses err",
      .caption =
          "The further the error that is asked for lies below the bar, the "
          "more must be known.",
      .x = width,
      .y = {.name = "mean squared error on test items"},
      .series = {std::move(errors), {.name = "asked for", .mark = Mark::Rules, .y = {eps}}}};
  erring.series.back().emphasis = Emphasis::Strong;
  return {std::move(needed), std::move(erring)};
}

AnalysisResult run(const DataTable& table, const OptionValues& options) {
  const std::vector<double> widths = widths_of(options.text("widths"));
  const Task task = read_task(table, options);
  const double eps = options.number("eps");
  AnalysisResult result;
  Json list = Json::array();
  std::vector<InductiveBias> biases;
  double least = INFINITY, best_width = widths.front();
  for (const double width : widths) {
    const InductiveBias bias = kernel_inductive_bias(task.training, task.test, width, eps);
    biases.push_back(bias);
    if (bias.nats < least) {
      least = bias.nats;
      best_width = width;
    }
    result.lines.push_back(fmt::format("width {}: {} nats (a fitting hypothesis errs by {}, sd {})",
                                       format_short(width), format_short(bias.nats, 5),
                                       format_short(bias.mean_error, 3),
                                       format_short(bias.error_deviation, 2)));
    list.push_back({{"width", width},
                    {"nats", bias.nats},
                    {"mean_error", bias.mean_error},
                    {"error_deviation", bias.error_deviation}});
  }
  result.verdict = fmt::format(
      "to err by at most {} after {} items, a learner needs {} nats beyond a Gaussian kernel of "
      "width {}; the number holds for this error and this prior only",
      format_short(eps), task.training.num_items(), format_short(least, 5),
      format_short(best_width));
  result.data = Json({{"eps", eps},
                      {"train", task.training.num_items()},
                      {"test", task.test.num_items()},
                      {"classes", task.num_classes},
                      {"kernels", std::move(list)}})
                    .dump();
  result.figures = figures_of(widths, biases, eps);
  return result;
}

}  // namespace

AnalysisEntry inductive_bias_entry() {
  return {.info = {.name = "inductive_bias",
                   .purpose = "how much must a learner know beyond the training data to reach an "
                              "error?",
                   .source = "Boopathy et al. 2023; Lugannani and Rice 1980",
                   .options = {{.name = "label",
                                .default_value = std::string(),
                                .purpose = "column of the classes; all others are features"},
                               {.name = "train",
                                .default_value = std::int64_t{100},
                                .purpose = "training items, drawn at random",
                                .low = 1,
                                .high = 5000},
                               {.name = "test",
                                .default_value = std::int64_t{200},
                                .purpose = "test items, drawn at random",
                                .low = 1,
                                .high = 5000},
                               {.name = "eps",
                                .default_value = 0.02,
                                .purpose = "mean squared error on one-hot targets to reach",
                                .low = 1e-12},
                               {.name = "widths",
                                .default_value = std::string("1,2,4"),
                                .purpose = "of the Gaussian kernel, separated by commas"},
                               {.name = "scale",
                                .default_value = 1.0,
                                .purpose = "factor for the features; 0.0625 for counts up to 16",
                                .low = 1e-12},
                               {.name = "seed",
                                .default_value = std::int64_t{1},
                                .purpose = "of the split",
                                .low = 0}}},
          .run_on_table = run};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(inductive_bias, inductive_bias_entry())
