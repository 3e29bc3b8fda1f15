#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string_view>
#include <variant>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/cli/commands.hpp"
#include "trimtab/cli/open_study.hpp"
#include "trimtab/cli/output_file.hpp"
#include "trimtab/report/html.hpp"
#include "trimtab/report/table.hpp"

namespace trimtab {
namespace {

// Of an option that is a text, "32" and "true" are texts too; quotes may stand around it.
bool is_text_option(const Info& info, std::string_view name) {
  return std::any_of(info.options.begin(), info.options.end(), [&](const OptionInfo& option) {
    return option.name == name && std::holds_alternative<std::string>(option.default_value);
  });
}

Json read_options(const Info& info, const std::vector<std::string>& assignments) {
  Json options = Json::object();
  for (const std::string& text : assignments) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      throw UserError({.code = "cli.value",
                       .what = "an option cannot be read",
                       .where = "trimtab analyse --option",
                       .got = quote(text),
                       .expected = "name=value",
                       .hint = ""});
    }
    Json value = Json::parse(text.substr(equals + 1), nullptr, /*allow_exceptions=*/false);
    const std::string name = text.substr(0, equals);
    const bool is_verbatim =
        value.is_discarded() || (is_text_option(info, name) && !value.is_string());
    options[name] = is_verbatim ? Json(text.substr(equals + 1)) : value;
  }
  return options;
}

AnalysisResult analyse_data(const AnalysisEntry& entry, const std::vector<std::string>& paths,
                            const OptionValues& options) {
  if (entry.run_on_table) return entry.run_on_table(read_data_tables(paths), options);
  throw UserError({.code = "cli.analysis_input",
                   .what = "this analysis asks about a study",
                   .where = "trimtab analyse " + entry.info.name,
                   .got = "--data " + paths.front(),
                   .expected = "the name of a study",
                   .hint = ""});
}

AnalysisResult analyse_trials(const AnalysisEntry& entry, const Study& study,
                              const OptionValues& options) {
  AnalysisResult result;
  study.view([&](const StudyView& view) {
    result = entry.run ? entry.run(view, options)
                       : entry.run_on_table(
                             parse_csv(trials_csv(view), "trials of " + view.spec.name), options);
  });
  return result;
}

void require_one_input(const AnalyseArguments& arguments) {
  if (arguments.study.empty() != arguments.data.empty()) return;
  throw UserError({.code = "cli.analysis_input",
                   .what = arguments.data.empty() ? "there is nothing to analyse"
                                                  : "there are two things to analyse",
                   .where = "trimtab analyse " + arguments.analysis,
                   .got = "",
                   .expected = "a study, or --data FILE",
                   .hint = ""});
}

std::string subject_of(const AnalyseArguments& arguments) {
  if (arguments.data.empty()) return arguments.study;
  const std::string first = std::filesystem::path(arguments.data.front()).filename().string();
  if (arguments.data.size() == 1) return first;
  return first + " and " + std::to_string(arguments.data.size() - 1) + " more";
}

}  // namespace

int analyse_study(const AnalyseArguments& arguments, CommandContext context) {
  const AnalysisEntry& entry = context.registry.analysis(arguments.analysis, "trimtab analyse");
  const OptionValues options(entry.info, read_options(entry.info, arguments.options),
                             "trimtab analyse " + arguments.analysis);
  require_one_input(arguments);
  if (!arguments.html.empty()) require_output_place(arguments.html, "--html");
  const AnalysisResult result =
      arguments.data.empty()
          ? analyse_trials(entry, open_study(arguments, context.registry, /*may_create=*/false),
                           options)
          : analyse_data(entry, arguments.data, options);
  if (!arguments.html.empty()) {
    write_file_atomically(arguments.html, html_analysis(entry.info, subject_of(arguments), result));
  }
  if (arguments.is_json) {
    Json json = {{"analysis", arguments.analysis}, {"verdict", result.verdict}};
    json["data"] = Json::parse(result.data);
    json["figures"] = Json::array();
    for (const Figure& figure : result.figures) json["figures"].push_back(figure_json(figure));
    context.out << pretty_json(json) << '\n';
    return kSuccess;
  }
  context.out << result.verdict << '\n';
  for (const std::string& line : result.lines) context.out << line << '\n';
  if (!arguments.html.empty()) context.out << "page: " << arguments.html << '\n';
  return kSuccess;
}

}  // namespace trimtab
