#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/report/detail/protocol_facts.hpp"
#include "trimtab/report/detail/study_facts.hpp"
#include "trimtab/report/detail/text_layout.hpp"
#include "trimtab/report/table.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kMaxCell = 24;

struct Column {
  std::string title;
  std::vector<std::string> cells;
  bool is_number = true;

  std::size_t width() const {
    std::size_t width = num_characters(title);
    for (const std::string& cell : cells) width = std::max(width, num_characters(cell));
    return std::min(width, kMaxCell);
  }
};

std::vector<std::int64_t> in_order(const History& history, const std::string& order) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(history.size()));
  std::iota(numbers.begin(), numbers.end(), 0);
  if (order == "number") return numbers;
  // NaN has no place in an order: trials without the key come last.
  const auto sort_by = [&](auto key) {
    std::stable_sort(numbers.begin(), numbers.end(), [&](std::int64_t a, std::int64_t b) {
      const double x = key(a), y = key(b);
      if (std::isnan(x) || std::isnan(y)) return !std::isnan(x) && std::isnan(y);
      return x < y;
    });
  };
  if (order == "value") {
    sort_by([&](std::int64_t number) { return history.loss(number); });
  } else if (order == "time") {
    sort_by([&](std::int64_t number) { return -history.resources(number).wall_seconds; });
  } else {
    const std::vector<std::string> known = {"number", "value", "time"};
    throw UserError({.code = "report.unknown_order",
                     .what = "trials cannot be put in this order",
                     .where = "--order",
                     .got = quote(order),
                     .expected = one_of(known),
                     .hint = did_you_mean(order, known)});
  }
  return numbers;
}

std::string number_text(double value) { return std::isnan(value) ? "-" : format_short(value, 5); }

std::string state_text(const History& history, std::int64_t number) {
  std::string text(name_of(history.state(number)));
  if (history.state(number) == TrialState::Failed) {
    text += ": " + std::string(name_of(history.failure(number).reason));
  }
  return text;
}

std::string purpose_text(const History& history, std::int64_t number) {
  const Purpose purpose = history.purpose(number);
  const std::int64_t other = history.of_trial(number);
  if (other < 0) return std::string(name_of(purpose));
  if (purpose == Purpose::Enqueued) return fmt::format("replicate {}", other);
  return fmt::format("{} {}", name_of(purpose), other);
}

std::vector<Column> columns_of(const StudyView& view, const std::vector<std::int64_t>& numbers) {
  const History& history = view.history;
  const auto column = [&](const std::string& title, auto text, bool is_number) {
    Column result = {.title = printable(title), .cells = {}, .is_number = is_number};
    for (const std::int64_t number : numbers) result.cells.push_back(printable(text(number)));
    return result;
  };
  std::vector<Column> columns;
  columns.push_back(column("trial", [](std::int64_t n) { return std::to_string(n); }, true));
  columns.push_back(column("state", [&](std::int64_t n) { return state_text(history, n); }, false));
  columns.push_back(
      column("purpose", [&](std::int64_t n) { return purpose_text(history, n); }, false));
  for (std::size_t k = 0; k < history.num_objectives(); ++k) {
    const Objective& objective = history.objectives()[k];
    const auto value = [&](std::int64_t n) {
      return number_text(objective.value(history.losses(n)[k]));
    };
    columns.push_back(column(objective.name, value, true));
  }
  const auto seconds = [&](std::int64_t n) {
    return is_finished(history.state(n)) ? format_duration(history.resources(n).wall_seconds) : "-";
  };
  columns.push_back(column("time", seconds, true));
  for (const Parameter& parameter : view.space.parameters()) {
    const auto value = [&](std::int64_t n) {
      const std::optional<std::string> text = view.space.value_text(history.point(n), parameter);
      double parsed = 0.0;
      if (!text) return std::string("-");
      return parse_double(*text, parsed) ? format_short(parsed, 5) : *text;
    };
    const bool is_number =
        parameter.type == ParameterType::Float || parameter.type == ParameterType::Int;
    columns.push_back(column(parameter.name, value, is_number));
  }
  return columns;
}

// As many columns from the left as fit.
std::size_t num_fitting(const std::vector<Column>& columns, std::size_t width) {
  std::size_t used = 0, count = 0;
  for (const Column& column : columns) {
    used += column.width() + (count > 0 ? 2 : 0);
    if (used > width && count >= 1) break;
    ++count;
  }
  return count;
}

std::string join_cells(const std::vector<Column>& columns, std::size_t num_columns,
                       const std::function<std::string(const Column&)>& cell) {
  std::string line;
  for (std::size_t c = 0; c < num_columns; ++c) {
    const Column& column = columns[c];
    if (c > 0) line += "  ";
    line +=
        column.is_number ? right(cell(column), column.width()) : left(cell(column), column.width());
  }
  return line.substr(0, line.find_last_not_of(' ') + 1);
}

Tone tone_of(const History& history, std::int64_t number) {
  if (number == history.best()) return Tone::Good;
  switch (history.state(number)) {
    case TrialState::Failed:
      return Tone::Bad;
    case TrialState::Pruned:
      return Tone::Faint;
    case TrialState::Running:
    case TrialState::Waiting:
      return Tone::Warning;
    default:
      return Tone::Plain;
  }
}

}  // namespace

// The latest rows in the order of numbers, the first ones in any other.
std::vector<std::int64_t> shown_trials(const StudyView& view, const TableOptions& options) {
  std::vector<std::int64_t> numbers = in_order(view.history, options.order);
  const auto limit = static_cast<std::ptrdiff_t>(options.limit);
  const auto size = static_cast<std::ptrdiff_t>(numbers.size());
  if (limit <= 0 || size <= limit) return numbers;
  if (options.order == "number") {
    numbers.erase(numbers.begin(), numbers.end() - limit);
  } else {
    numbers.erase(numbers.begin() + limit, numbers.end());
  }
  return numbers;
}

std::string trials_table(const StudyView& view, const TableOptions& options) {
  const std::vector<std::int64_t> numbers = shown_trials(view, options);
  if (numbers.empty()) return "no trials\n";
  const std::vector<Column> columns = columns_of(view, numbers);
  const std::size_t num_columns =
      num_fitting(columns, static_cast<std::size_t>(std::max(options.width, 20)));
  std::string text =
      toned(join_cells(columns, num_columns, [](const Column& column) { return column.title; }),
            Tone::Strong, options.has_color) +
      '\n';
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    const std::string line =
        join_cells(columns, num_columns, [&](const Column& column) { return column.cells[row]; });
    text += toned(line, tone_of(view.history, numbers[row]), options.has_color) + '\n';
  }
  const std::int64_t num_hidden = view.history.size() - static_cast<std::int64_t>(numbers.size());
  if (num_hidden > 0) {
    text +=
        fmt::format("{} {} trial{} not shown\n", num_hidden,
                    options.order == "number" ? "earlier" : "further", num_hidden == 1 ? "" : "s");
  }
  if (num_columns < columns.size()) {
    const std::size_t num_cut = columns.size() - num_columns;
    text += fmt::format("{} column{} not shown\n", num_cut, num_cut == 1 ? "" : "s");
  }
  return text;
}

namespace {

std::string parameter_lines(const StudyView& view, std::int64_t trial) {
  std::string text;
  for (const auto& [name, value] :
       parameter_texts(view.space, view.history.point(trial), Precision::Exact)) {
    text += fmt::format("{} = {}\n", printable(name), printable(value));
  }
  return text;
}

}  // namespace

std::string best_text(const StudyView& view) {
  const History& history = view.history;
  const std::int64_t best = history.best();
  if (best < 0) return "no complete trial yet\n";
  if (const std::optional<std::string> result = quotable_result(view)) {
    return printable(*result) + "\n" + parameter_lines(view, answer_of(view));
  }
  std::string text = fmt::format("trial {}", best);
  for (std::size_t k = 0; k < history.num_objectives(); ++k) {
    const Objective& objective = history.objectives()[k];
    text += fmt::format("  {} = {}", printable(objective.name),
                        format_number(objective.value(history.losses(best)[k])));
  }
  text += '\n';
  if (history.num_objectives() > 1) {
    text += fmt::format("best in {} alone; {} trials are on the Pareto front\n",
                        printable(history.objectives().front().name), pareto_front(history).size());
  }
  return text + parameter_lines(view, best);
}

}  // namespace trimtab
