#include "trimtab/report/html.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "trimtab/base/text.hpp"
#include "trimtab/report/detail/page_style.hpp"
#include "trimtab/report/detail/page_tables.hpp"
#include "trimtab/report/detail/study_facts.hpp"
#include "trimtab/report/svg/charts.hpp"
#include "trimtab/report/svg/marks.hpp"

namespace trimtab {
namespace {

using Analyses = std::map<std::string, AnalysisResult>;
constexpr std::size_t kMaxSlices = 24;

Json data_of(const Analyses& analyses, const std::string& name) {
  const auto found = analyses.find(name);
  return found == analyses.end() ? Json::object() : Json::parse(found->second.data);
}

// A titled part of the page, or nothing when there is nothing in it.
std::string section(const std::string& title, const std::string& note, const std::string& content) {
  if (content.empty()) return "";
  return fmt::format("<section>\n<h2>{}</h2>\n<p class=\"note\">{}</p>\n{}</section>\n", title,
                     note, content);
}

// A chart for screens and the same one for phones.
template <typename Chart>
std::string both(Chart chart) {
  return chart(kScreen) + chart(kPhone);
}

// "the finding" becomes "The finding."
std::string sentence(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text + ".";
}

std::string verdict_section(const Analyses& analyses) {
  const auto found = analyses.find("confirmation");
  if (found == analyses.end()) return "";
  const std::string conclusion = Json::parse(found->second.data).value("conclusion", "");
  const char* tone = conclusion == "better" ? " good" : conclusion == "worse" ? " bad" : "";
  return fmt::format("<section class=\"verdict{}\"><small>VERDICT</small><p>{}</p></section>\n",
                     tone, escape(sentence(found->second.verdict)));
}

std::vector<Share> shares_of(const Analyses& analyses) {
  std::vector<Share> shares;
  for (const Json& each : data_of(analyses, "importance").value("parameters", Json::array())) {
    shares.push_back(
        {each.value("name", ""), each.value("share", 0.0), each.value("is_above_noise", false)});
  }
  return shares;
}

// Parameters of one dimension with more than one value, the important ones first.
std::vector<const Parameter*> plain_parameters(const Space& space,
                                               const std::vector<Share>& shares) {
  std::vector<const Parameter*> parameters;
  for (const Parameter& parameter : space.parameters()) {
    const bool is_list = parameter.type == ParameterType::Permutation ||
                         parameter.type == ParameterType::Subset ||
                         parameter.type == ParameterType::ManyOf;
    const Dimension& dimension = space.dimensions()[parameter.first];
    if (!is_list && dimension.high > dimension.low) parameters.push_back(&parameter);
  }
  const auto rank = [&](const Parameter* parameter) {
    const auto found = std::find_if(shares.begin(), shares.end(), [&](const auto& share) {
      return share.name == parameter->name;
    });
    return found - shares.begin();
  };
  std::stable_sort(parameters.begin(), parameters.end(),
                   [&](const Parameter* a, const Parameter* b) { return rank(a) < rank(b); });
  return parameters;
}

std::string slices(const StudyView& view, const std::vector<const Parameter*>& parameters) {
  std::string tiles;
  if (valued_trials(view.history).size() < 2) return "";
  for (std::size_t i = 0; i < std::min(parameters.size(), kMaxSlices); ++i) {
    const std::string chart = slice_chart(view, *parameters[i], kTile);
    if (chart.empty()) continue;
    tiles += "<div><h3>" + escape(parameters[i]->name) + "</h3>" + chart + "</div>\n";
  }
  return tiles.empty() ? "" : "<div class=\"tiles\">\n" + tiles + "</div>\n";
}

std::string resources(const History& history) {
  std::vector<double> wall, cpu, memory;
  for (const std::int64_t number : history.finish_order()) {
    if (history.copy_of(number) >= 0) continue;
    wall.push_back(history.resources(number).wall_seconds);
    cpu.push_back(history.resources(number).cpu_seconds);
    memory.push_back(history.resources(number).peak_memory_bytes);
  }
  std::string tiles;
  for (const std::string& chart : {histogram_chart(wall, true, "wall time of a run", kTile),
                                   histogram_chart(cpu, true, "processor time of a run", kTile),
                                   histogram_chart(memory, false, "peak memory of a run", kTile)}) {
    if (!chart.empty()) tiles += "<div>" + chart + "</div>\n";
  }
  return tiles.empty() ? "" : "<div class=\"tiles\">\n" + tiles + "</div>\n";
}

std::string importance_section(const Analyses& analyses, const std::vector<Share>& shares) {
  const auto found = analyses.find("importance");
  if (found == analyses.end()) return "";
  const std::string bars = both([&](const Format& format) { return share_chart(shares, format); });
  const bool has_pale =
      std::any_of(shares.begin(), shares.end(), [](const Share& share) { return !share.is_clear; });
  return section("Importance",
                 escape(sentence(found->second.verdict)) +
                     (has_pale ? " Pale bars do not stand out from chance." : ""),
                 bars);
}

// The colours of the time line that occur.
std::string timeline_key(const History& history) {
  const std::int64_t num_fresh = history.count(Purpose::Confirm);
  const auto key = [](bool is_there, const char* color, const char* name) {
    return is_there
               ? fmt::format("<span class=\"key\"><i style=\"background:var(--{})\"></i>{}</span> ",
                             color, name)
               : "";
  };
  return "What ran when, one row per place. " + key(history.best() >= 0, "accent", "search") +
         key(num_fresh > 0, "good", "fresh seeds") +
         key(history.count(TrialState::Pruned) > 0, "muted", "pruned") +
         key(history.count(TrialState::Running) > 0, "warn", "running") +
         key(history.count(TrialState::Failed) > 0, "bad", "failed");
}

std::string charts(const StudyView& view, const Analyses& analyses) {
  const auto shares = shares_of(analyses);
  const std::vector<const Parameter*> parameters = plain_parameters(view.space, shares);
  const auto draw = [&](auto chart) {
    return both([&](const Format& format) { return chart(view, format); });
  };
  std::string page = section("Progress", "Every trial of the search, and the best value so far.",
                             draw(history_chart));
  page += section("Trade-off", "The first two objectives; the Pareto front is marked.",
                  draw(front_chart));
  page += importance_section(analyses, shares);
  page += section("Parameters one by one",
                  "The value over each parameter, important ones first; later trials are darker, "
                  "the ring is the best trial.",
                  slices(view, parameters));
  page +=
      section("Parameters together",
              "One line per trial: the best tenth is highlighted, the worse half is grey.",
              both([&](const Format& format) { return parallel_chart(view, parameters, format); }));
  page += section("Learning curves",
                  "Intermediate values; stopped trials are grey, the best one is highlighted.",
                  draw(curves_chart));
  page += section("Time line", timeline_key(view.history), draw(timeline_chart));
  page += section("Resources", "How many runs used how much.", resources(view.history));
  return page;
}

std::string confirmation_section(const Analyses& analyses) {
  const Json confirmation = data_of(analyses, "confirmation");
  const std::string chart =
      both([&](const Format& format) { return fresh_chart(confirmation, format); });
  return section("Confirmation on fresh seeds",
                 "Dots are runs on seeds that the search never saw, the bar is their mean, the "
                 "diamond is what the search believed. Improvements are over the default; "
                 "optimism is how much the search value flattered.",
                 chart.empty() ? "" : chart + finalists_table(confirmation));
}

std::string heading(const StudyView& view) {
  std::string goals;
  for (const Objective& objective : view.history.objectives()) {
    goals +=
        fmt::format("{}{} {}", goals.empty() ? "" : ", ",
                    objective.goal == Goal::Minimise ? "minimise" : "maximise", objective.name);
  }
  std::string when;
  if (view.history.size() > 0) {
    when = " · " + format_time(view.history.created(0)).substr(0, 10);
  }
  return fmt::format("<h1>{}</h1>\n<p class=\"sub\">{}{}</p>\n", escape(view.spec.name),
                     escape(goals), when);
}

}  // namespace

std::string html_report(const StudyView& view, const Analyses& analyses) {
  const StudyFacts facts = facts_of(view.history);
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>" +
      escape(view.spec.name) + "</title>\n<style>" + std::string(page_style()) +
      "</style>\n</head>\n<body>\n<main>\n";
  page += heading(view) + verdict_section(analyses) + key_figures(view, facts);
  page += confirmation_section(analyses);
  page += section("Best parameters", "The best trial of the search.", best_table(view, facts));
  page += charts(view, analyses);
  page += section("Failures", "What ended trials without a value.", failures_table(view.history));
  page += section("Search space", "What the sampler could choose from.", space_table(view.space));
  page += section("Settings", "As the study file says.", settings_table(view.spec));
  page += section("Reproduce", "The same study again.", reproduction(view));
  return page + "<footer>Written by Trimtab.</footer>\n</main>\n</body>\n</html>\n";
}

}  // namespace trimtab
