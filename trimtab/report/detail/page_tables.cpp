#include "trimtab/report/detail/page_tables.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "trimtab/base/text.hpp"
#include "trimtab/report/detail/protocol_facts.hpp"
#include "trimtab/report/svg/markup.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kMaxFailures = 20;

std::string figure(const std::string& value, const std::string& name) {
  return fmt::format("<div><b>{}</b><span>{}</span></div>\n", escape(value), escape(name));
}

double speed_up(const StudyFacts& facts) {
  const double run_seconds = facts.search.wall_seconds + facts.confirm.wall_seconds;
  return facts.elapsed_seconds > 0.0 ? run_seconds / facts.elapsed_seconds : 0.0;
}

// "trials, 40 on fresh seeds"; how they ended when not all completed.
std::string trials_text(const History& history) {
  std::string text = "trials";
  if (history.count(TrialState::Complete) < history.size()) text += ": " + count_text(history);
  const std::int64_t num_fresh = history.count(Purpose::Confirm);
  if (num_fresh > 0) text += fmt::format(", {} on fresh seeds", num_fresh);
  return text;
}

}  // namespace

std::string key_figures(const StudyView& view, const StudyFacts& facts) {
  const History& history = view.history;
  std::string cells;
  const std::string name = history.objectives().front().name;
  if (view.spec.has_sealed_data()) {
    const std::optional<FreshResult> result = best_fresh_result(history);
    cells +=
        figure(result ? format_short(result->mean, 5) : "-",
               result ? fmt::format("{} where nothing was tuned, trial {}", name, result->trial)
                      : "no result yet: values of the search are none");
  } else if (history.best() >= 0) {
    cells += figure(format_short(history.value(history.best()), 5),
                    fmt::format("best {} in the search, trial {}", name, history.best()));
    if (facts.default_trial >= 0 && history.state(facts.default_trial) == TrialState::Complete) {
      cells +=
          figure(format_short(history.value(facts.default_trial), 5), name + " of the default");
    }
  }
  cells += figure(std::to_string(history.size()), trials_text(history));
  cells += figure(format_duration(facts.elapsed_seconds),
                  fmt::format("elapsed, {} at a time", format_short(speed_up(facts), 2)));
  cells += figure(format_duration(facts.search.cpu_seconds + facts.confirm.cpu_seconds),
                  "of processor time");
  if (const std::string energy = energy_text(history); !energy.empty()) {
    cells += figure(format_energy(history.search_joules()), energy.substr(energy.find("in ")));
  }
  if (facts.peak_memory_bytes > 0.0) {
    cells += figure(format_bytes(facts.peak_memory_bytes), "most memory of one run");
  }
  return "<section class=\"figures\">\n" + cells + "</section>\n";
}

std::string best_table(const StudyView& view, const StudyFacts& facts) {
  const History& history = view.history;
  const std::int64_t best = answer_of(view);
  if (best < 0) return "";
  const bool has_default = facts.default_trial >= 0 && facts.default_trial != best;
  std::map<std::string, std::string> standard;
  if (has_default) {
    for (auto& [name, text] :
         parameter_texts(view.space, history.point(facts.default_trial), Precision::SixDigits)) {
      standard[name] = text;
    }
  }
  std::string rows;
  for (const auto& [name, text] :
       parameter_texts(view.space, history.point(best), Precision::SixDigits)) {
    rows += fmt::format("<tr><td class=\"w\">{}</td><td class=\"w\"><b>{}</b></td>", escape(name),
                        escape(text));
    if (has_default) {
      rows += fmt::format("<td class=\"w\">{}</td>",
                          standard.contains(name) ? escape(standard[name]) : "off");
    }
    rows += "</tr>\n";
  }
  return fmt::format(
      "<div class=\"scroll\"><table><tr><th>parameter</th><th>trial "
      "{}</th>{}</tr>\n{}</table></div>\n",
      best, has_default ? "<th>default</th>" : "", rows);
}

std::string failures_table(const History& history) {
  using Key = std::tuple<FailureReason, int, std::string>;
  std::map<Key, std::vector<std::int64_t>> groups;
  for (std::int64_t number = 0; number < history.size(); ++number) {
    if (history.state(number) != TrialState::Failed) continue;
    const Failure& failure = history.failure(number);
    groups[{failure.reason, failure.code, failure.detail}].push_back(number);
  }
  if (groups.empty()) return "";
  std::vector<std::pair<Key, std::vector<std::int64_t>>> order(groups.begin(), groups.end());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second.size() > b.second.size(); });
  std::string rows;
  for (std::size_t i = 0; i < std::min(order.size(), kMaxFailures); ++i) {
    const auto& [key, numbers] = order[i];
    const auto& [reason, code, detail] = key;
    rows += fmt::format(
        "<tr><td class=\"n\">{}</td><td>{}{}</td><td class=\"w\">{}</td><td "
        "class=\"n\">{}</td></tr>\n",
        numbers.size(), escape(name_of(reason)), code == 0 ? "" : fmt::format(" {}", code),
        escape(detail.substr(0, 300)), numbers.front());
  }
  std::string table =
      "<div class=\"scroll\"><table><tr><th class=\"n\">trials</th><th>reason</th><th>detail</th>"
      "<th class=\"n\">first</th></tr>\n" +
      rows + "</table></div>\n";
  if (order.size() > kMaxFailures) {
    table += fmt::format("<p class=\"note\">{} further kinds of failure</p>\n",
                         order.size() - kMaxFailures);
  }
  return table;
}

}  // namespace trimtab
