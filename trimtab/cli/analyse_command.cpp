#include <nlohmann/json.hpp>
#include <ostream>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/cli/analyses.hpp"
#include "trimtab/cli/commands.hpp"
#include "trimtab/cli/open_study.hpp"

namespace trimtab {
namespace {

Json read_options(const std::vector<std::string>& assignments) {
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
    options[text.substr(0, equals)] = value.is_discarded() ? Json(text.substr(equals + 1)) : value;
  }
  return options;
}

}  // namespace

AnalysisResults run_analyses(const StudyView& view, const Registry& registry) {
  AnalysisResults results;
  for (const auto& [name, entry] : registry.analyses()) {
    try {
      results[name] = entry.run(view, OptionValues(entry.info, Json::object(), name));
    } catch (const UserError&) {
      // The study cannot answer this question; `trimtab analyse` says why.
    }
  }
  return results;
}

int analyse_study(const AnalyseArguments& arguments, CommandContext context) {
  const AnalysisEntry& entry = context.registry.analysis(arguments.analysis, "trimtab analyse");
  const OptionValues options(entry.info, read_options(arguments.options),
                             "trimtab analyse " + arguments.analysis);
  const Study study = open_study(arguments, context.registry, /*may_create=*/false);
  AnalysisResult result;
  study.view([&](const StudyView& view) { result = entry.run(view, options); });
  if (arguments.is_json) {
    Json json = {{"analysis", arguments.analysis}, {"verdict", result.verdict}};
    json["data"] = Json::parse(result.data);
    context.out << json.dump(2) << '\n';
    return kSuccess;
  }
  context.out << result.verdict << '\n';
  for (const std::string& line : result.lines) context.out << line << '\n';
  return kSuccess;
}

}  // namespace trimtab
