#include <cmath>
#include <set>

#include "trimtab/base/text.hpp"
#include "trimtab/report/detail/study_facts.hpp"
#include "trimtab/report/table.hpp"

namespace trimtab {
namespace {

// RFC 4180: quotes only where a reader would stumble.
std::string cell(const std::string& text) {
  const bool is_plain = text.find_first_of(",\"\r\n") == std::string::npos;
  const bool has_edges = !text.empty() && (text.front() == ' ' || text.back() == ' ');
  if (is_plain && !has_edges) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string number_cell(double value) { return std::isnan(value) ? "" : format_number(value); }

std::string index_cell(std::int64_t index) { return index < 0 ? "" : std::to_string(index); }

std::set<std::string> metric_names(const History& history) {
  std::set<std::string> names;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    for (const auto& [name, value] : history.metrics(number)) names.insert(name);
  }
  return names;
}

void append_row(std::string& csv, const std::vector<std::string>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) csv += ',';
    csv += cell(cells[i]);
  }
  csv += "\r\n";
}

std::vector<std::string> header(const StudyView& view, const std::set<std::string>& metrics) {
  std::vector<std::string> cells = {"number", "state", "purpose", "of_trial", "copy_of", "seed"};
  for (const Objective& objective : view.history.objectives()) {
    cells.push_back("value." + objective.name);
  }
  for (const Parameter& parameter : view.space.parameters()) {
    cells.push_back("parameter." + parameter.name);
  }
  for (const std::string& name : metrics) cells.push_back("metric." + name);
  for (const char* name :
       {"created", "started", "finished", "wall_seconds", "cpu_seconds", "peak_memory_bytes",
        "worker", "failure", "failure_code", "failure_detail"}) {
    cells.emplace_back(name);
  }
  return cells;
}

void append_results(const StudyView& view, std::int64_t number,
                    const std::set<std::string>& metrics, std::vector<std::string>& cells) {
  const History& history = view.history;
  for (std::size_t k = 0; k < history.num_objectives(); ++k) {
    cells.push_back(number_cell(history.objectives()[k].value(history.losses(number)[k])));
  }
  for (const Parameter& parameter : view.space.parameters()) {
    cells.push_back(view.space.value_text(history.point(number), parameter).value_or(""));
  }
  const std::map<std::string, double>& found = history.metrics(number);
  for (const std::string& name : metrics) {
    cells.push_back(found.contains(name) ? number_cell(found.at(name)) : "");
  }
}

std::vector<std::string> row(const StudyView& view, std::int64_t number,
                             const std::set<std::string>& metrics) {
  const History& history = view.history;
  const Resources& resources = history.resources(number);
  const Failure& failure = history.failure(number);
  const bool has_failed = failure.reason != FailureReason::None;
  std::vector<std::string> cells = {std::to_string(number),
                                    std::string(name_of(history.state(number))),
                                    std::string(name_of(history.purpose(number))),
                                    index_cell(history.of_trial(number)),
                                    index_cell(history.copy_of(number)),
                                    std::to_string(history.seed(number))};
  append_results(view, number, metrics, cells);
  cells.push_back(format_time(history.created(number)));
  cells.push_back(format_time(history.started(number)));
  cells.push_back(format_time(history.finished(number)));
  cells.push_back(number_cell(resources.wall_seconds));
  cells.push_back(number_cell(resources.cpu_seconds));
  cells.push_back(number_cell(resources.peak_memory_bytes));
  cells.push_back(std::to_string(history.worker(number)));
  cells.push_back(has_failed ? std::string(name_of(failure.reason)) : "");
  cells.push_back(has_failed ? std::to_string(failure.code) : "");
  cells.push_back(failure.detail);
  return cells;
}

}  // namespace

std::string trials_csv(const StudyView& view) {
  const std::set<std::string> metrics = metric_names(view.history);
  std::string csv;
  append_row(csv, header(view, metrics));
  for (std::int64_t number = 0; number < view.history.size(); ++number) {
    append_row(csv, row(view, number, metrics));
  }
  return csv;
}

}  // namespace trimtab
