#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/cli/commands.hpp"
#include "trimtab/cli/open_study.hpp"
#include "trimtab/core/lineage.hpp"
#include "trimtab/report/table.hpp"

namespace trimtab {
namespace {

[[noreturn]] void refuse(const std::string& study, const std::string& what, const std::string& got,
                         const std::string& expected) {
  throw UserError({.code = "schedule.lineage",
                   .what = what,
                   .where = "study " + study,
                   .got = got,
                   .expected = expected,
                   .hint = ""});
}

std::int64_t chosen_trial(const StudyView& view, std::int64_t asked) {
  if (asked >= view.history.size()) {
    refuse(view.spec.name, "the study has no such trial", std::to_string(asked),
           fmt::format("0 to {}", view.history.size() - 1));
  }
  const std::int64_t trial = asked >= 0 ? asked : view.history.best();
  if (trial < 0) {
    refuse(view.spec.name, "no trial of the study is complete", "", "--trial N");
  }
  return trial;
}

Json schedule_json(const StudyView& view, const std::vector<std::int64_t>& chain) {
  Json list = Json::array();
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const double min = view.spec.fidelity->min;
    list.push_back({{"trial", chain[i]},
                    {"from", min * static_cast<double>(i)},
                    {"to", min * static_cast<double>(i + 1)},
                    {"params", view.space.to_json(view.history.point(chain[i]))}});
  }
  return list;
}

// A study that trains one trial with the parameters of the list, each for its interval.
Json replaying_study(const StudyView& view, const Json& schedule) {
  Json points = Json::array();
  for (const Json& interval : schedule) points.push_back(interval["params"]);
  StudySpec spec = view.spec;
  spec.name += "-replay";
  spec.budget = {.trials = static_cast<std::int64_t>(schedule.size())};
  spec.fidelity->max = schedule.back()["to"].get<double>();
  spec.fidelity->schedule = {.name = "replay", .options = Json{{"points", points.dump()}}.dump()};
  spec.validity.confirm_top = 0;
  return spec.to_json();
}

}  // namespace

int replay_schedule(const ReplayScheduleArguments& arguments, CommandContext context) {
  const Study study = open_study(arguments, context.registry, /*may_create=*/false);
  study.view([&](const StudyView& view) {
    if (!view.spec.fidelity) {
      refuse(view.spec.name, "the study has no fidelity", "", "[fidelity] schedule = \"pbt\"");
    }
    const std::int64_t trial = chosen_trial(view, arguments.trial);
    const Json schedule = schedule_json(view, ancestry(view.history, trial));
    if (!arguments.output.empty()) {
      write_file_atomically(arguments.output, pretty_json(replaying_study(view, schedule)) + "\n");
    }
    if (arguments.is_json) {
      context.out << pretty_json(schedule) << '\n';
      return;
    }
    const std::string& unit = view.spec.fidelity->name;
    for (const Json& interval : schedule) {
      context.out << fmt::format("{} {} to {}, trial {}: {}\n", unit,
                                 format_short(interval["from"].get<double>()),
                                 format_short(interval["to"].get<double>()),
                                 interval["trial"].get<std::int64_t>(), interval["params"].dump());
    }
    if (!arguments.output.empty()) {
      context.out << "\nto run it again: trimtab run " << arguments.output << '\n';
    }
  });
  return kSuccess;
}

}  // namespace trimtab
