#include "trimtab/report/html.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "trimtab/base/text.hpp"
#include "trimtab/report/detail/page_parts.hpp"
#include "trimtab/report/detail/page_tables.hpp"
#include "trimtab/report/detail/study_facts.hpp"
#include "trimtab/report/svg/charts.hpp"
#include "trimtab/report/svg/marks.hpp"
#include "trimtab/report/table.hpp"

namespace trimtab {
namespace {

using Analyses = std::map<std::string, AnalysisResult>;
constexpr std::size_t kMaxSlices = 24;

Json data_of(const Analyses& analyses, const std::string& name) {
  const auto found = analyses.find(name);
  return found == analyses.end() ? Json::object() : Json::parse(found->second.data);
}

// A chart for screens and the same one for phones.
template <typename Chart>
std::string both(Chart chart) {
  return chart(kScreen) + chart(kPhone);
}

std::string verdict_section(const Analyses& analyses) {
  const auto found = analyses.find("confirmation");
  if (found == analyses.end()) return "";
  const std::string conclusion = Json::parse(found->second.data).value("conclusion", "");
  const char* tone = conclusion == "better" ? " good" : conclusion == "worse" ? " bad" : "";
  return fmt::format("<section class=\"verdict{}\"><small>VERDICT</small><p>{}</p></section>\n",
                     tone, escape(sentence(found->second.verdict)));
}

// The names of the parameters, the important ones first.
std::vector<std::string> important_names(const Analyses& analyses) {
  std::vector<std::string> names;
  for (const Json& each : data_of(analyses, "importance").value("parameters", Json::array())) {
    names.push_back(each.value("name", ""));
  }
  return names;
}

// Parameters of one dimension with more than one value, the important ones first.
std::vector<const Parameter*> plain_parameters(const Space& space,
                                               const std::vector<std::string>& important) {
  std::vector<const Parameter*> parameters;
  for (const Parameter& parameter : space.parameters()) {
    const bool is_list = parameter.type == ParameterType::Permutation ||
                         parameter.type == ParameterType::Subset ||
                         parameter.type == ParameterType::ManyOf;
    const Dimension& dimension = space.dimensions()[parameter.first];
    if (!is_list && dimension.high > dimension.low) parameters.push_back(&parameter);
  }
  const auto rank = [&](const Parameter* parameter) {
    return std::find(important.begin(), important.end(), parameter->name) - important.begin();
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

// An analysis as a section of a study's page: what it found, and where to see it.
std::string analysis_section(const Analyses& analyses, const std::string& name) {
  const auto found = analyses.find(name);
  if (found == analyses.end()) return "";
  std::string content = figure_blocks(found->second.figures);
  if (content.empty() && !found->second.lines.empty()) content = lines_block(found->second.lines);
  return section(heading_of(name), escape(sentence(found->second.verdict)), content);
}

// Those that have no place of their own.
std::string other_analyses(const Analyses& analyses) {
  std::string sections;
  for (const auto& [name, result] : analyses) {
    if (name != "confirmation" && name != "importance") {
      sections += analysis_section(analyses, name);
    }
  }
  return sections;
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
  const std::vector<const Parameter*> parameters =
      plain_parameters(view.space, important_names(analyses));
  const auto draw = [&](auto chart) {
    return both([&](const Format& format) { return chart(view, format); });
  };
  std::string page = section("Progress", "Every trial of the search, and the best value so far.",
                             draw(history_chart));
  page += section("Trade-off", "The first two objectives; the Pareto front is marked.",
                  draw(front_chart));
  page += analysis_section(analyses, "importance");
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

// Its verdict stands at the head of the page.
std::string confirmation_section(const Analyses& analyses) {
  const auto found = analyses.find("confirmation");
  if (found == analyses.end()) return "";
  return section(
      "Confirmation on fresh seeds",
      "Improvements are over the default; optimism is how much the search value "
      "flattered.",
      figure_blocks(found->second.figures) + finalists_table(data_of(analyses, "confirmation")));
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
  std::string page = page_begin(view.spec.name);
  page += heading(view) + verdict_section(analyses) + key_figures(view, facts);
  page += confirmation_section(analyses);
  page += section(
      "Best parameters",
      view.spec.has_sealed_data() ? "The best of the fresh runs." : "The best trial of the search.",
      best_table(view, facts));
  page += charts(view, analyses);
  page += other_analyses(analyses);
  page += section("Failures", "What ended trials without a value.", failures_table(view.history));
  page += section("Search space", "What the sampler could choose from.", space_table(view.space));
  page += section("Settings", "As the study file says.", settings_table(view));
  page += section("Reproduce", "The same study again.", reproduction(view));
  return page + page_end();
}

std::string html_analysis(const Info& info, const std::string& subject,
                          const AnalysisResult& result) {
  const std::string heading = heading_of(info.name);
  std::string page = page_begin(heading + ": " + subject);
  page += fmt::format("<h1>{}</h1>\n<p class=\"sub\">{} · {}</p>\n", escape(heading),
                      escape(subject), escape(info.purpose));
  page += "<section class=\"verdict\"><small>VERDICT</small><p>" +
          escape(sentence(result.verdict)) + "</p></section>\n";
  if (const std::string figures = figure_blocks(result.figures); !figures.empty()) {
    page += "<section>\n" + figures + "</section>\n";
  }
  if (!result.lines.empty()) {
    page += section("In numbers", "What the terminal shows.", lines_block(result.lines));
  }
  page += section("Data", "Everything, as `trimtab analyse --json` writes it.",
                  "<details><summary>JSON</summary><pre>" +
                      escape(pretty_json(Json::parse(result.data))) + "</pre></details>\n");
  page += section("Method", "Where it comes from.", "<p>" + escape(info.source) + "</p>\n");
  return page + page_end();
}

}  // namespace trimtab
