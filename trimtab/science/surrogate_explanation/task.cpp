#include "trimtab/science/surrogate_explanation/task.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/numerics/statistics.hpp"
#include "trimtab/space/unit_features.hpp"

namespace trimtab::explanation {
namespace {

constexpr std::size_t kMinRows = 20;
constexpr std::size_t kMaxTexts = 12;
constexpr std::size_t kMaxNumberedClasses = 10;

[[noreturn]] void refuse(const std::string& where, const std::string& what, const std::string& got,
                         const std::string& expected) {
  throw UserError({.code = "surrogate_explanation.data",
                   .what = what,
                   .where = where,
                   .got = got,
                   .expected = expected,
                   .hint = ""});
}

// Evenly chosen items of 0..count-1.
std::vector<std::size_t> thin(std::size_t count, std::size_t max_count) {
  const std::size_t kept = std::min(count, max_count);
  std::vector<std::size_t> chosen(kept);
  for (std::size_t i = 0; i < kept; ++i) chosen[i] = i * count / kept;
  return chosen;
}

std::vector<std::string> distinct(const std::vector<std::string>& cells) {
  std::vector<std::string> names = cells;
  std::ranges::sort(names);
  const auto rest = std::ranges::unique(names);
  names.erase(rest.begin(), rest.end());
  return names;
}

// The cells as numbers; nothing when one is neither a number nor missing, or all are missing.
std::vector<double> as_numbers(const std::vector<std::string>& cells) {
  std::vector<double> values;
  bool has_number = false;
  for (const std::string& cell : cells) {
    double value = std::nan("");
    const bool is_missing = cell.empty() || cell == "NA" || cell == "nan";
    if (!is_missing && !parse_double(cell, value)) return {};
    has_number = has_number || std::isfinite(value);
    values.push_back(value);
  }
  return has_number ? values : std::vector<double>{};
}

void fill_gaps(std::vector<double>& values) {
  std::vector<double> known;
  for (const double value : values) {
    if (std::isfinite(value)) known.push_back(value);
  }
  if (known.size() == values.size()) return;
  const double typical = quantile(known, 0.5);
  for (double& value : values) {
    if (!std::isfinite(value)) value = typical;
  }
}

bool is_whole(double value) { return value == std::floor(value); }

void set_target(NamedTask& named, const std::vector<std::string>& cells, const std::string& where) {
  Task& task = named.task;
  const std::vector<double> values = as_numbers(cells);
  const std::vector<std::string> names = distinct(cells);
  if (names.size() < 2) refuse(where, "the target does not vary", "one value", "at least 2 values");
  const bool has_gaps = std::ranges::any_of(values, [](double v) { return !std::isfinite(v); });
  task.is_class = values.empty() || (names.size() <= kMaxNumberedClasses && !has_gaps &&
                                     std::ranges::all_of(values, is_whole));
  const auto n = static_cast<Eigen::Index>(cells.size());
  if (!task.is_class) {
    if (has_gaps)
      refuse(where, "the target has gaps", "an empty cell", "a finite number in every row");
    task.y = Eigen::Map<const Eigen::VectorXd>(values.data(), n);
    return;
  }
  if (names.size() > 50) {
    refuse(where, "the target has too many classes", std::to_string(names.size()), "at most 50");
  }
  task.classes = names;
  task.y = Eigen::MatrixXd::Zero(n, static_cast<Eigen::Index>(names.size()));
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto found = std::ranges::lower_bound(names, cells[static_cast<std::size_t>(i)]);
    task.y(i, found - names.begin()) = 1.0;
  }
}

void add_feature(NamedTask& named, std::vector<std::vector<double>>& columns,
                 std::vector<double> values, const std::string& name, const std::string& is_text) {
  columns.push_back(std::move(values));
  named.task.names.push_back(name);
  named.task.is_discrete.push_back(!is_text.empty());
  named.is_texts.push_back(is_text);
}

void add_column(NamedTask& named, std::vector<std::vector<double>>& columns,
                const std::vector<std::string>& cells, const std::string& name) {
  std::vector<double> values = as_numbers(cells);
  if (!values.empty()) {
    fill_gaps(values);
    add_feature(named, columns, std::move(values), name, "");
    return;
  }
  const std::vector<std::string> texts = distinct(cells);
  if (texts.size() < 2 || texts.size() > kMaxTexts) {
    ++named.num_left_out;
    return;
  }
  for (const std::string& text : texts) {
    std::vector<double> flags;
    for (const std::string& cell : cells) flags.push_back(cell == text ? 1.0 : 0.0);
    add_feature(named, columns, std::move(flags), name, text.empty() ? "missing" : text);
  }
}

std::string choice_text(const Space& space, std::size_t dimension, std::size_t choice) {
  for (const Parameter& parameter : space.parameters()) {
    const bool is_own = parameter.first == dimension && parameter.count == 1;
    if (!is_own || choice >= parameter.choices.size()) continue;
    Point point = space.default_point();
    point[dimension] = static_cast<double>(choice);
    return space.value_text(point, parameter).value_or(std::to_string(choice));
  }
  return std::to_string(choice);
}

void name_features(NamedTask& named, const Space& space, const UnitFeatures& features) {
  for (std::size_t f = 0; f < features.num_features(); ++f) {
    const std::size_t owner = features.owner(f);
    const Dimension& dimension = space.dimensions()[owner];
    const FeatureBlock& block = features.block(owner);
    named.task.names.push_back(dimension.name);
    named.task.is_discrete.push_back(block.is_one_hot || dimension.is_conditional());
    named.is_texts.push_back(block.is_one_hot ? choice_text(space, owner, f - block.first) : "");
    named.dimensions.push_back(&dimension);
  }
}

std::string number_text(const NamedTask& named, std::size_t feature, double value) {
  if (named.dimensions.empty()) return format_short(value);
  if (value < 0.0) return "inactive";
  return format_short(named.dimensions[feature]->from_unit(std::clamp(value, 0.0, 1.0)));
}

}  // namespace

NamedTask task_of_table(const DataTable& table, const std::string& target, std::size_t max_rows) {
  const std::vector<std::size_t> rows = thin(table.num_rows(), max_rows);
  if (rows.size() < kMinRows) {
    refuse(table.source, "too few rows to explain anything", std::to_string(rows.size()),
           fmt::format("at least {}", kMinRows));
  }
  const auto cells_of = [&](const std::string& name) {
    const std::vector<std::string>& all = table.texts(name);
    std::vector<std::string> cells;
    for (const std::size_t row : rows) cells.push_back(all[row]);
    return cells;
  };
  NamedTask named;
  if (rows.size() < table.num_rows()) named.num_thinned_from = table.num_rows();
  set_target(named, cells_of(target), table.source);
  std::vector<std::vector<double>> columns;
  for (const std::string& name : table.names) {
    if (name != target) add_column(named, columns, cells_of(name), name);
  }
  if (columns.empty()) refuse(table.source, "no column can be a feature", "none", "at least one");
  named.task.x.resize(static_cast<Eigen::Index>(rows.size()),
                      static_cast<Eigen::Index>(columns.size()));
  for (std::size_t j = 0; j < columns.size(); ++j) {
    named.task.x.col(static_cast<Eigen::Index>(j)) =
        Eigen::Map<const Eigen::VectorXd>(columns[j].data(), named.task.x.rows());
  }
  return named;
}

NamedTask task_of_study(const StudyView& study, std::size_t max_rows) {
  std::vector<std::int64_t> trials;
  for (std::int64_t number = 0; number < study.history.size(); ++number) {
    const bool is_complete = study.history.state(number) == TrialState::Complete;
    const bool is_search = study.history.purpose(number) != Purpose::Confirm;
    if (is_complete && is_search && std::isfinite(study.history.value(number))) {
      trials.push_back(number);
    }
  }
  if (trials.size() < kMinRows) {
    refuse(study.spec.name, "too few complete trials to explain anything",
           std::to_string(trials.size()), fmt::format("at least {}", kMinRows));
  }
  const std::vector<std::size_t> kept = thin(trials.size(), max_rows);
  const UnitFeatures features(study.space.dimensions());
  NamedTask named;
  if (kept.size() < trials.size()) named.num_thinned_from = trials.size();
  name_features(named, study.space, features);
  named.task.is_class = false;
  const auto n = static_cast<Eigen::Index>(kept.size());
  named.task.x.resize(n, static_cast<Eigen::Index>(features.num_features()));
  named.task.y.resize(n, 1);
  std::vector<double> row(features.num_features());
  for (Eigen::Index i = 0; i < n; ++i) {
    const std::int64_t number = trials[kept[static_cast<std::size_t>(i)]];
    const PointView point = study.history.point(number);
    for (std::size_t d = 0; d < features.num_dimensions(); ++d) {
      if (std::isnan(point[d])) {
        features.write_inactive(d, row);
      } else {
        features.write(d, study.space.dimensions()[d].to_unit(point[d]), row);
      }
    }
    named.task.x.row(i) = Eigen::Map<const Eigen::RowVectorXd>(row.data(), named.task.x.cols());
    named.task.y(i, 0) = study.history.value(number);
  }
  if (named.task.y.maxCoeff() == named.task.y.minCoeff()) {
    refuse(study.spec.name, "the trials all have the same value", "one value", "at least 2 values");
  }
  return named;
}

std::string condition_text(const NamedTask& named, const Condition& condition) {
  const std::string& name = named.task.names[condition.feature];
  const std::string& choice = named.is_texts[condition.feature];
  if (!choice.empty()) {
    return fmt::format("{} {} {}", name, condition.holds(1.0) ? "is" : "is not", choice);
  }
  const auto number = [&](double value) { return number_text(named, condition.feature, value); };
  if (!std::isfinite(condition.low)) return fmt::format("{} <= {}", name, number(condition.high));
  if (!std::isfinite(condition.high)) return fmt::format("{} > {}", name, number(condition.low));
  return fmt::format("{} < {} <= {}", number(condition.low), name, number(condition.high));
}

std::string change_text(const NamedTask& named, const Change& change) {
  const std::string& name = named.task.names[change.feature];
  const std::string& choice = named.is_texts[change.feature];
  if (!choice.empty()) {
    return fmt::format("{} {} {}", name, change.to > 0.5 ? "becomes" : "no longer", choice);
  }
  return fmt::format("{} {} -> {}", name, number_text(named, change.feature, change.from),
                     number_text(named, change.feature, change.to));
}

}  // namespace trimtab::explanation
