#include <nlohmann/json.hpp>
#include <ostream>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/cli/commands.hpp"
#include "trimtab/cli/open_study.hpp"
#include "trimtab/cli/output_file.hpp"
#include "trimtab/core/run_analyses.hpp"
#include "trimtab/engine/auto_policy.hpp"
#include "trimtab/report/html.hpp"
#include "trimtab/report/table.hpp"
#include "trimtab/report/terminal.hpp"

namespace trimtab {
namespace {

Json sampler_json(const StudyView& view) {
  if (view.spec.sampler.name != "auto") return {{"name", view.spec.sampler.name}};
  std::vector<AutoDecision> decisions = auto_decisions(view.history);
  if (decisions.empty()) decisions.push_back(resolve_auto(view.spec, view.space));
  Json all = Json::array();
  for (const AutoDecision& decision : decisions) {
    all.push_back({{"name", decision.choice.name}, {"reason", decision.reason}});
  }
  return {{"name", decisions.back().choice.name},
          {"chosen_by", "auto"},
          {"reason", decisions.back().reason},
          {"decisions", std::move(all)}};
}

[[noreturn]] void throw_no_best(const StudyView& view) {
  throw UserError({.code = "study.no_result",
                   .what = view.spec.constraints.empty()
                               ? "the study has no complete trial yet"
                               : "the study has no complete trial yet that keeps its constraints",
                   .where = "study " + view.spec.name,
                   .got = std::to_string(view.history.size()) + " trials, " +
                          std::to_string(view.history.count(TrialState::Failed)) + " failed",
                   .expected = "at least one complete trial",
                   .hint = "trimtab trials " + view.spec.name});
}

}  // namespace

int show_study(const StudyArguments& arguments, CommandContext context) {
  const Study study = open_study(arguments, context.registry, /*may_create=*/false);
  const std::string stage(name_of(study.stage()));
  study.view([&](const StudyView& view) {
    const AnalysisResults analyses = run_analyses(view, context.registry);
    const Json sampler = sampler_json(view);
    if (arguments.is_json) {
      Json json = study_json(view, analyses);
      json["stage"] = stage;
      json["sampler"] = sampler;
      context.out << pretty_json(json) << '\n';
      return;
    }
    context.out << study_summary(view, analyses, context.terminal);
    context.out << "\nstage    " << stage << "\nsampler  " << sampler["name"].get<std::string>();
    if (sampler.contains("reason")) {
      context.out << " (auto: " << sampler["reason"].get<std::string>() << ')';
      const Json& decisions = sampler["decisions"];
      for (std::size_t i = 0; i + 1 < decisions.size(); ++i) {
        context.out << "\n         before: " << decisions[i]["name"].get<std::string>() << " ("
                    << decisions[i]["reason"].get<std::string>() << ')';
      }
    }
    context.out << '\n';
  });
  return kSuccess;
}

int show_best(const StudyArguments& arguments, CommandContext context) {
  const Study study = open_study(arguments, context.registry, /*may_create=*/false);
  study.view([&](const StudyView& view) {
    if (view.history.best() < 0) throw_no_best(view);
    if (arguments.is_json) {
      context.out << pretty_json(best_json(view)) << '\n';
    } else {
      context.out << best_text(view);
    }
  });
  return kSuccess;
}

int list_trials(const TrialsArguments& arguments, CommandContext context) {
  const Study study = open_study(arguments, context.registry, /*may_create=*/false);
  const TableOptions options = {.limit = arguments.limit,
                                .order = arguments.order,
                                .width = context.terminal.width,
                                .has_color = context.terminal.has_color};
  study.view([&](const StudyView& view) {
    if (!arguments.is_json) {
      context.out << trials_table(view, options);
      return;
    }
    Json trials = Json::array();
    for (const std::int64_t number : shown_trials(view, options)) {
      trials.push_back(trial_json(view, number));
    }
    context.out << pretty_json(trials) << '\n';
  });
  return kSuccess;
}

int write_report(const ReportArguments& arguments, CommandContext context) {
  if (!arguments.output.empty()) require_output_place(arguments.output, "--output");
  const Study study = open_study(arguments, context.registry, /*may_create=*/false);
  std::string page;
  study.view([&](const StudyView& view) {
    page = html_report(view, run_analyses(view, context.registry));
  });
  const std::string path =
      arguments.output.empty() ? study.spec().name + ".html" : arguments.output;
  write_file_atomically(path, page);
  if (arguments.is_json) {
    context.out << Json{{"report", path}, {"bytes", page.size()}}.dump() << '\n';
  } else {
    context.out << "report: " << path << '\n';
  }
  return kSuccess;
}

int delete_study(const StudyArguments& arguments, CommandContext context) {
  const std::shared_ptr<Storage> storage = context.registry.open_storage(arguments.storage);
  const std::string name = Study::open(arguments.study, context.registry, storage).spec().name;
  storage->delete_study(storage->find_study(name)->id);
  if (arguments.is_json) {
    context.out << Json{{"deleted", name}}.dump() << '\n';
  } else {
    context.out << "deleted " << name << '\n';
  }
  return kSuccess;
}

}  // namespace trimtab
