#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/science/intrinsic_dimension/classification_task.hpp"
#include "trimtab/science/intrinsic_dimension/dimension_search.hpp"
#include "trimtab/science/intrinsic_dimension/intrinsic_dimension.hpp"
#include "trimtab/science/intrinsic_dimension/protocol.hpp"

namespace trimtab {
namespace {

[[noreturn]] void refuse(const std::string& where, const std::string& what, const std::string& got,
                         const std::string& expected) {
  throw UserError({.code = "intrinsic_dimension.table",
                   .what = what,
                   .where = where,
                   .got = got,
                   .expected = expected,
                   .hint = ""});
}

struct Runs {
  std::vector<SubspaceRun> runs = {};
  std::size_t num_parameters = 0;  ///< D; 0 = not told
};

ScoreThreshold threshold_of(const OptionValues& options) {
  ScoreThreshold threshold = {.fraction = options.number("fraction")};
  if (options.number("threshold") > 0.0) threshold.absolute = options.number("threshold");
  return threshold;
}

std::size_t dimension_of(const std::string& cell, const std::string& where) {
  long long dimension = 0;
  if (trim(cell) == "direct") return 0;
  if (!parse_int(trim(cell), dimension) || dimension < 1) {
    refuse(where, "a run's dimension is not one", quote(cell),
           "a whole number from 1, or `direct` for training all parameters");
  }
  return static_cast<std::size_t>(dimension);
}

// A baseline that was trained less than a subspace would make every dimension look good enough.
void check_steps(const DataTable& table, const Runs& runs) {
  if (!table.has("steps")) return;
  const std::vector<double> steps = table.numbers("steps");
  double direct = INFINITY, most = 0.0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (runs.runs[i].dimension == 0) {
      direct = std::min(direct, steps[i]);
    } else {
      most = std::max(most, steps[i]);
    }
  }
  if (direct < most) {
    refuse(table.source, "the baseline was trained less than a subspace",
           fmt::format("{} steps", format_short(direct)),
           fmt::format("at least {}", format_short(most)));
  }
}

Runs runs_of_table(const DataTable& table, const OptionValues& options) {
  Runs result = {{}, static_cast<std::size_t>(options.integer("parameters"))};
  const std::vector<std::string>& dimensions = table.texts(options.text("dimension"));
  const std::vector<std::string>& seeds = table.texts(options.text("replicate"));
  const std::vector<double> scores = table.numbers(options.text("score"));
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    const std::string where = fmt::format("{}, row {}", table.source, i + 1);
    result.runs.push_back({dimension_of(dimensions[i], where), seeds[i], scores[i]});
  }
  check_steps(table, result);
  return result;
}

std::vector<Eigen::Index> hidden_of(const OptionValues& options) {
  std::vector<Eigen::Index> hidden;
  for (const std::string_view part : split(options.text("hidden"), ',')) {
    long long width = 0;
    if (!parse_int(trim(part), width) || width < 1 || width > 100000) {
      refuse("trimtab analyse intrinsic_dimension --option hidden",
             "a width must be a whole number", quote(part), "1 to 100000, separated by commas");
    }
    hidden.push_back(static_cast<Eigen::Index>(width));
  }
  return hidden;
}

ProjectionKind kind_of(const std::string& name) {
  if (name == "dense") return ProjectionKind::Dense;
  return name == "sparse" ? ProjectionKind::Sparse : ProjectionKind::Fastfood;
}

std::size_t count_of(const OptionValues& options, const char* name) {
  return static_cast<std::size_t>(options.integer(name));
}

Runs runs_of_training(const DataTable& table, const OptionValues& options) {
  const auto seed = static_cast<std::uint64_t>(options.integer("seed"));
  const std::size_t asked = count_of(options, "train");
  const std::size_t num_train = asked > 0 ? asked : table.num_rows() * 4 / 5;
  const SubspaceTask task = perceptron_task(
      read_split(table, options.text("label"), num_train, options.flag("shuffle_labels"), seed),
      hidden_of(options), options.text("rows") == "training");
  const auto size = static_cast<std::size_t>(task.objective.num_parameters);
  const std::size_t highest = options.integer("highest") > 0 ? count_of(options, "highest") : size;
  const std::size_t lowest = count_of(options, "lowest");
  if (lowest > std::min(highest, size)) {
    refuse("trimtab analyse intrinsic_dimension --option lowest", "no dimension is left to try",
           std::to_string(lowest), fmt::format("at most {}", std::min(highest, size)));
  }
  const DimensionProtocol protocol = {
      .training = {.projection = kind_of(options.text("projection")),
                   .steps = {.adam = {.learning_rate = options.number("learning_rate")},
                             .num_steps = count_of(options, "steps"),
                             .batch_size = count_of(options, "batch")},
                   .direct_learning_rate = options.number("direct_learning_rate")},
      .threshold = threshold_of(options),
      .grid = dimension_grid(lowest, std::min(highest, size), count_of(options, "per_octave")),
      .num_replicates = count_of(options, "replicates"),
      .seed = seed};
  return {run_dimension_protocol(task, protocol), size};
}

std::string verdict_of(const ThresholdCrossing& found, const ScoreThreshold& threshold,
                       std::size_t num_parameters) {
  const std::string bar =
      threshold.absolute
          ? fmt::format("score {}", format_short(found.threshold))
          : fmt::format("score {} = {} x the baseline {} ({} trainings)",
                        format_short(found.threshold), format_short(threshold.fraction),
                        format_short(*found.baseline), found.num_baselines);
  const std::string name = name_of(threshold);
  if (const std::string why = objection(found); !why.empty()) {
    return fmt::format("no {} from these runs ({}): {}", name, bar, why);
  }
  const std::size_t dimension = found.points[*found.at].dimension;
  std::string share;
  if (num_parameters > 0) {
    share = fmt::format(
        " of {} parameters ({} %)", num_parameters,
        format_short(100.0 * static_cast<double>(dimension) / static_cast<double>(num_parameters),
                     2));
  }
  return fmt::format("{} = {}{}, 95 % [{}, {}] over seeds; {}; {} fails; at most {} bits", name,
                     dimension, share, format_short(found.interval.low, 6),
                     format_short(found.interval.high, 6), bar,
                     found.points[*found.at - 1].dimension, 32 * dimension);
}

Json json_of(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Figure figure_of(const Runs& runs, const ThresholdCrossing& found) {
  Figure figure = {.title = "Score by the dimension of the subspace",
                   .caption =
                       "Every training, the curve that never falls, and the score that is "
                       "enough; the intrinsic dimension is where the curve reaches it.",
                   .x = {.name = "dimension", .is_log = true},
                   .y = {.name = "score"}};
  FigureSeries trainings = {.name = "training", .mark = Mark::Points, .emphasis = Emphasis::Quiet};
  for (const SubspaceRun& run : runs.runs) {
    if (run.dimension == 0) continue;
    trainings.x.push_back(static_cast<double>(run.dimension));
    trainings.y.push_back(run.score);
  }
  FigureSeries curve = {.name = "isotonic mean", .mark = Mark::Line};
  for (const DimensionPoint& point : found.points) {
    curve.x.push_back(static_cast<double>(point.dimension));
    curve.y.push_back(point.fitted);
  }
  figure.series = {std::move(trainings), std::move(curve)};
  figure.series.push_back({.name = "enough", .mark = Mark::Rules, .y = {found.threshold}});
  if (found.at && objection(found).empty()) {
    figure.series.push_back({.name = "intrinsic dimension",
                             .mark = Mark::Diamonds,
                             .x = {static_cast<double>(found.points[*found.at].dimension)},
                             .y = {found.points[*found.at].fitted},
                             .emphasis = Emphasis::Strong});
  }
  return figure;
}

AnalysisResult describe(const Runs& runs, const OptionValues& options) {
  const ScoreThreshold threshold = threshold_of(options);
  Rng rng(static_cast<std::uint64_t>(options.integer("seed")), 0, "intrinsic_dimension.bootstrap");
  const ThresholdCrossing found =
      threshold_crossing(runs.runs, threshold, count_of(options, "resamples"), rng);
  AnalysisResult result;
  result.verdict = verdict_of(found, threshold, runs.num_parameters);
  result.figures = {figure_of(runs, found)};
  Json points = Json::array(), raw = Json::array();
  for (const DimensionPoint& point : found.points) {
    result.lines.push_back(fmt::format("d {}: mean {} of {} run{}, isotonic {}", point.dimension,
                                       format_short(point.mean), point.num_runs,
                                       point.num_runs == 1 ? "" : "s", format_short(point.fitted)));
    points.push_back({{"dimension", point.dimension},
                      {"runs", point.num_runs},
                      {"mean", point.mean},
                      {"fitted", point.fitted}});
  }
  for (const SubspaceRun& run : runs.runs) {
    raw.push_back({{"dimension", run.dimension}, {"replicate", run.seed}, {"score", run.score}});
  }
  const std::string why = objection(found);
  result.data = Json({{"intrinsic_dimension",
                       why.empty() ? Json(found.points[*found.at].dimension) : Json(nullptr)},
                      {"objection", why},
                      {"low", json_of(found.interval.low)},
                      {"high", json_of(found.interval.high)},
                      {"share_of_resamples_that_reach", found.share_reached},
                      {"threshold", found.threshold},
                      {"baseline", found.baseline ? Json(*found.baseline) : Json(nullptr)},
                      {"parameters", runs.num_parameters},
                      {"points", points},
                      {"runs", raw}})
                    .dump();
  return result;
}

AnalysisResult run(const DataTable& table, const OptionValues& options) {
  return describe(options.text("label").empty() ? runs_of_table(table, options)
                                                : runs_of_training(table, options),
                  options);
}

std::vector<OptionInfo> table_options() {
  return {{.name = "dimension",
           .default_value = std::string("d"),
           .purpose = "column of a run's subspace dimension; `direct` = the baseline"},
          {.name = "replicate",
           .default_value = std::string("seed"),
           .purpose = "column of the seed, which theta_0 and data order share"},
          {.name = "score",
           .default_value = std::string("accuracy"),
           .purpose = "column of what a training ended at, maximised"},
          {.name = "parameters",
           .default_value = std::int64_t{0},
           .purpose = "of the whole model, for the share; 0 = not told",
           .low = 0},
          {.name = "fraction",
           .default_value = 0.9,
           .purpose = "of the mean baseline that is enough",
           .low = 0.0,
           .high = 1.0},
          {.name = "threshold",
           .default_value = 0.0,
           .purpose = "a score that is enough, whatever the baseline; 0 = by `fraction`",
           .low = 0.0},
          {.name = "resamples",
           .default_value = std::int64_t{1000},
           .purpose = "of seeds, for the interval",
           .low = 100,
           .high = 100000}};
}

std::vector<OptionInfo> training_options() {
  return {
      {.name = "label",
       .default_value = std::string(),
       .purpose = "the table is to be learned: its column of classes; all others are features"},
      {.name = "hidden",
       .default_value = std::string("32"),
       .purpose = "widths of the network's hidden layers, separated by commas"},
      {.name = "train",
       .default_value = std::int64_t{0},
       .purpose = "training rows; the others are scored; 0 = four fifths",
       .low = 0},
      {.name = "rows",
       .default_value = std::string("held_out"),
       .purpose = "which rows accuracy is of; `training` asks what can be memorised",
       .choices = {"held_out", "training"}},
      {.name = "shuffle_labels",
       .default_value = false,
       .purpose = "permute the training rows' labels: the control for memorising"},
      {.name = "projection",
       .default_value = std::string("sparse"),
       .purpose = "how the subspace is drawn",
       .choices = {"dense", "sparse", "fastfood"}},
      {.name = "steps",
       .default_value = std::int64_t{1500},
       .purpose = "of Adam, in the subspace and directly",
       .low = 1,
       .high = 10000000},
      {.name = "batch", .default_value = std::int64_t{128}, .purpose = "rows per step", .low = 1},
      {.name = "learning_rate",
       .default_value = 0.01,
       .purpose = "in the subspace; about ten times the direct one",
       .low = 0.0},
      {.name = "direct_learning_rate",
       .default_value = 0.001,
       .purpose = "of the baseline",
       .low = 0.0},
      {.name = "lowest", .default_value = std::int64_t{4}, .purpose = "dimension tried", .low = 1},
      {.name = "highest",
       .default_value = std::int64_t{0},
       .purpose = "dimension tried; 0 = all parameters",
       .low = 0},
      {.name = "per_octave",
       .default_value = std::int64_t{4},
       .purpose = "dimensions tried until twice as many",
       .low = 1,
       .high = 64},
      {.name = "replicates",
       .default_value = std::int64_t{5},
       .purpose = "seeds at every dimension that matters",
       .low = 1,
       .high = 1000},
      {.name = "seed",
       .default_value = std::int64_t{0},
       .purpose = "of the split, the starts, the projections and the resamples",
       .low = 0}};
}

}  // namespace

AnalysisEntry intrinsic_dimension_entry() {
  std::vector<OptionInfo> options = table_options();
  for (OptionInfo& each : training_options()) options.push_back(std::move(each));
  return {.info = {.name = "intrinsic_dimension",
                   .purpose = "in how many random directions must this model be trained to learn "
                              "the task?",
                   .source = "Li, Farkhoor, Liu and Yosinski 2018",
                   .options = std::move(options)},
          .run_on_table = run};
}

}  // namespace trimtab

TRIMTAB_ANALYSIS(intrinsic_dimension, intrinsic_dimension_entry())
