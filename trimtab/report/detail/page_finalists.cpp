#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "trimtab/base/text.hpp"
#include "trimtab/numerics/statistics.hpp"
#include "trimtab/report/detail/page_tables.hpp"
#include "trimtab/report/svg/markup.hpp"

namespace trimtab {
namespace {

std::string number_text(const Json& value, int digits) {
  return value.is_number() ? escape(format_short(value.get<double>(), digits)) : "–";
}

std::string interval_text(const Json& interval) {
  if (!interval.is_array() || interval.size() != 2 || !interval[0].is_number()) return "–";
  const int digits = telling_digits({interval[0].get<double>(), interval[1].get<double>()});
  return number_text(interval[0], digits) + " to " + number_text(interval[1], digits);
}

std::string cell(const std::string& text) { return "<td class=\"n\">" + text + "</td>"; }

struct Columns {
  bool has_spread = true;  // without it the tests have nothing to say
  bool has_failures = false;
};

std::string row(const Json& finalist, const Json& winner, Columns columns) {
  const bool is_default = finalist.value("is_default", false);
  const Json trial = finalist.value("trial", Json());
  const Json against = finalist.value("against_default", Json::object());
  const auto entry = [&](const char* key) { return finalist.value(key, Json()); };
  std::string name = is_default ? "default" : "trial " + trial.dump();
  if (trial == winner) name = "<b>" + name + "</b>";
  const Json interval = against.value("interval", Json::array());
  const bool has_interval = interval.size() == 2 && interval[0].is_number();
  const int digits =
      has_interval ? telling_digits({interval[0].get<double>(), interval[1].get<double>()}) : 3;
  const Json seconds = entry("mean_wall_seconds");
  std::string cells = "<tr><td>" + name + "</td>" + cell(number_text(entry("search_value"), 5)) +
                      cell(number_text(entry("fresh_mean"), 5)) +
                      cell(number_text(against.value("improvement", Json()), digits));
  if (columns.has_spread) {
    cells +=
        cell(interval_text(interval)) + cell(number_text(against.value("p_t_holm", Json()), 2)) +
        cell(number_text(against.value("p_wilcoxon_holm", Json()), 2)) +
        cell(number_text(against.value("d_z", Json()), 2)) +
        cell(number_text(entry("fresh_deviation"), 2)) + cell(number_text(entry("optimism"), 2));
  }
  cells += cell(seconds.is_number() ? escape(format_duration(seconds.get<double>())) : "–");
  if (columns.has_failures) cells += cell(entry("failed").dump());
  return cells + "</tr>\n";
}

}  // namespace

std::string finalists_table(const Json& confirmation) {
  const Json finalists = confirmation.value("finalists", Json::array());
  if (finalists.empty()) return "";
  Columns columns = {.has_spread = !confirmation.value("is_deterministic", false)};
  for (const Json& finalist : finalists) {
    columns.has_failures |= finalist.value("failed", std::int64_t{0}) > 0;
  }
  std::string rows;
  for (const Json& finalist : finalists) {
    rows += row(finalist, confirmation.value("winner", Json()), columns);
  }
  std::vector<const char*> names = {"search", "fresh mean", "improvement"};
  if (columns.has_spread) {
    names.insert(names.end(),
                 {"interval", "p (t)", "p (Wilcoxon)", "d<sub>z</sub>", "deviation", "optimism"});
  }
  names.push_back("run");
  if (columns.has_failures) names.push_back("failed");
  std::string head;
  for (const char* name : names) head += fmt::format("<th class=\"n\">{}</th>", name);
  return "<div class=\"scroll\"><table><tr><th></th>" + head + "</tr>\n" + rows +
         "</table></div>\n";
}

}  // namespace trimtab
