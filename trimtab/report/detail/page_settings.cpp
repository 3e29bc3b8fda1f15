#include <fmt/core.h>

#include <array>
#include <nlohmann/json.hpp>

#include "trimtab/base/text.hpp"
#include "trimtab/report/detail/page_tables.hpp"
#include "trimtab/report/detail/protocol_facts.hpp"
#include "trimtab/report/svg/marks.hpp"
#include "trimtab/report/svg/markup.hpp"
#include "trimtab/report/table.hpp"

namespace trimtab {
namespace {

std::string setting(const std::string& name, const std::string& value) {
  if (value.empty()) return "";
  return fmt::format("<tr><td class=\"k\">{}</td><td class=\"w\">{}</td></tr>\n", escape(name),
                     escape(value));
}

std::string budget_text(const Budget& budget) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (budget.trials) add(fmt::format("{} trials", *budget.trials));
  if (budget.wall_seconds) add(format_duration(*budget.wall_seconds));
  if (budget.energy_joules) add(format_energy(*budget.energy_joules));
  if (budget.patience) add(fmt::format("{} trials without improvement", *budget.patience));
  return text;
}

std::string limits_text(const Limits& limits) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (limits.wall_seconds) add(format_duration(*limits.wall_seconds));
  if (limits.memory_bytes) add(format_bytes(*limits.memory_bytes));
  if (limits.cpus) add(format_short(*limits.cpus) + " cores");
  if (limits.retries > 0) add(fmt::format("{} retries", limits.retries));
  return text;
}

std::string type_text(const Parameter& parameter) {
  constexpr std::array<const char*, 8> kNames = {"float",       "int",    "choice",  "ordinal",
                                                 "permutation", "subset", "many of", "repeat"};
  return kNames.at(static_cast<std::size_t>(parameter.type));
}

std::string range_text(const Parameter& parameter, const Dimension& dimension) {
  if (!parameter.choices.empty()) {
    std::string text;
    for (const Scalar& choice : parameter.choices) {
      text += (text.empty() ? "" : ", ") + scalar_text(choice);
    }
    return text;
  }
  std::string text =
      fmt::format("{} to {}", format_short(dimension.low, 6), format_short(dimension.high, 6));
  if (dimension.is_log) text += ", logarithmic";
  if (dimension.step > 0.0 && (dimension.kind != Kind::Integer || dimension.step != 1.0)) {
    text += ", step " + format_short(dimension.step, 6);
  }
  if (!parameter.unit.empty()) text += " " + parameter.unit;
  return text;
}

}  // namespace

std::string space_table(const Space& space) {
  std::string rows;
  for (const Parameter& parameter : space.parameters()) {
    const Dimension& dimension = space.dimensions()[parameter.first];
    rows += fmt::format(
        "<tr><td class=\"w\">{}</td><td>{}</td><td class=\"w\">{}{}</td></tr>\n",
        escape(parameter.name), type_text(parameter), escape(range_text(parameter, dimension)),
        dimension.is_conditional() ? " <span class=\"sub\">conditional</span>" : "");
  }
  if (rows.empty()) return "";
  return "<div class=\"scroll\"><table><tr><th>parameter</th><th>type</th><th>range</th></tr>\n" +
         rows + "</table></div>\n";
}

std::string settings_table(const StudyView& view) {
  const StudySpec& spec = view.spec;
  std::string rows = setting("command", spec.program.command);
  rows += setting("workload", spec.program.workload);
  rows += setting("sampler", spec.sampler.name +
                                 (spec.sampler.options == "{}" ? "" : " " + spec.sampler.options));
  rows += setting("budget", budget_text(spec.budget));
  rows += setting("parallel", std::to_string(spec.parallel));
  rows += setting("seed", std::to_string(spec.seed));
  rows += setting("runs per trial", std::to_string(spec.validity.tuning_seeds));
  rows +=
      setting("confirmation", fmt::format("{} finalists on {} fresh seeds",
                                          spec.validity.confirm_top, spec.validity.confirm_seeds));
  for (const auto& [label, text] : protocol_facts(view)) rows += setting(label, text);
  rows += setting("limits of a run", limits_text(spec.program.limits));
  Json study = spec.to_json();
  if (study.contains("data")) study["data"].erase("fingerprint");
  return "<table>" + rows + "</table>\n<details><summary>complete study as JSON</summary><pre>" +
         escape(pretty_json(study)) + "</pre></details>\n";
}

std::string reproduction(const StudyView& view) {
  const std::string name = escape(view.spec.name);
  std::string text = fmt::format(
      "<p>Every proposal is a function of the study file, its seed {} and the log so far. This "
      "asks "
      "the sampler again and compares:</p>\n<pre>trimtab replay {}</pre>\n",
      view.spec.seed, name);
  const std::int64_t best = answer_of(view);
  if (best >= 0) {
    text += fmt::format("<p>The best trial as data for other programs:</p>\n<pre>{}</pre>\n",
                        escape(view.space.to_json(view.history.point(best)).dump()));
  }
  text += fmt::format(
      "<p>Everything in this page as data:</p>\n<pre>trimtab export csv {0}\ntrimtab show {0} "
      "--json</pre>\n",
      name);
  return text;
}

}  // namespace trimtab
