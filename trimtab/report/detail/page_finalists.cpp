#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "trimtab/base/text.hpp"
#include "trimtab/report/detail/page_tables.hpp"
#include "trimtab/report/svg/markup.hpp"

namespace trimtab {
namespace {

std::string number_text(const Json& value, int digits) {
  return value.is_number() ? escape(format_short(value.get<double>(), digits)) : "–";
}

std::string interval_text(const Json& interval) {
  if (!interval.is_array() || interval.size() != 2 || !interval[0].is_number()) return "–";
  return number_text(interval[0], 2) + " to " + number_text(interval[1], 2);
}

std::string cell(const std::string& text) { return "<td class=\"n\">" + text + "</td>"; }

std::string row(const Json& finalist, const Json& winner) {
  const bool is_default = finalist.value("is_default", false);
  const Json trial = finalist.value("trial", Json());
  const Json against = finalist.value("against_default", Json::object());
  const auto entry = [&](const char* key) { return finalist.value(key, Json()); };
  std::string name = is_default ? "default" : "trial " + trial.dump();
  if (trial == winner) name = "<b>" + name + "</b>";
  const Json seconds = entry("mean_wall_seconds");
  return "<tr><td>" + name + "</td>" + cell(number_text(entry("search_value"), 5)) +
         cell(number_text(entry("fresh_mean"), 5)) +
         cell(number_text(entry("fresh_deviation"), 2)) + cell(number_text(entry("optimism"), 2)) +
         cell(number_text(against.value("improvement", Json()), 2)) +
         cell(interval_text(against.value("interval", Json()))) +
         cell(number_text(against.value("p_t_holm", Json()), 2)) +
         cell(number_text(against.value("p_wilcoxon_holm", Json()), 2)) +
         cell(number_text(against.value("d_z", Json()), 2)) +
         cell(seconds.is_number() ? escape(format_duration(seconds.get<double>())) : "–") +
         cell(entry("failed").dump()) + "</tr>\n";
}

}  // namespace

std::string finalists_table(const Json& confirmation) {
  const Json finalists = confirmation.value("finalists", Json::array());
  if (finalists.empty()) return "";
  std::string rows;
  for (const Json& finalist : finalists) {
    rows += row(finalist, confirmation.value("winner", Json()));
  }
  std::string head;
  for (const char* name : {"search", "fresh mean", "deviation", "optimism", "improvement",
                           "interval", "p (t)", "p (Wilcoxon)", "d<sub>z</sub>", "run", "failed"}) {
    head += fmt::format("<th class=\"n\">{}</th>", name);
  }
  return "<div class=\"scroll\"><table><tr><th></th>" + head + "</tr>\n" + rows +
         "</table></div>\n";
}

}  // namespace trimtab
