#include "trimtab/engine/auto_policy.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

AutoDecision decide(const char* name, std::string reason) {
  return {{.name = name, .options = "{}"}, std::move(reason)};
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// What is cheaper to ask, as far as the evidence holds it to be good; "" = nothing.
std::string cheaper_than(std::string_view name) {
  constexpr std::array<const char*, 4> kLadder = {"gp", "tpe", "cmaes", "random"};
  for (std::size_t i = 0; i + 1 < kLadder.size(); ++i) {
    if (name == kLadder[i]) return kLadder[i + 1];
  }
  return "";
}

}  // namespace

AutoDecision resolve_auto(const StudySpec& spec, const Space& space,
                          const AutoThresholds& thresholds) {
  const std::optional<std::uint64_t> size = space.size();
  const bool is_define_by_run = spec.space_definition == "{}";
  const bool is_unlimited =
      !spec.budget.trials && !spec.budget.wall_seconds && !spec.budget.patience;
  const std::int64_t known = spec.budget.trials.value_or(is_unlimited ? 100 : 0);  // 0 = not known
  const auto d = static_cast<std::int64_t>(space.num_dimensions());
  if (!is_define_by_run && size && *size <= static_cast<std::uint64_t>(known > 0 ? known : 100)) {
    return decide("grid", fmt::format("the space has {} points, no more than the budget of {} "
                                      "trials: every point is tried once",
                                      *size, known > 0 ? known : 100));
  }
  if (spec.objectives.size() > 1) {
    return decide("evolution", fmt::format("{} objectives: regularised evolution, whose members "
                                           "compete by dominance",
                                           spec.objectives.size()));
  }
  if (spec.fidelity) {
    return decide("tpe", "trials of several fidelities are comparable by rank: TPE");
  }
  if (is_define_by_run) {
    return decide("tpe", "the programs find the parameters as they run: TPE grows with them");
  }
  if (known > 0 && (spec.parallel * 2 >= known || known < d + 2)) {
    return decide("sobol", fmt::format("{} trials, {} at a time, {} dimensions leave nothing to "
                                       "learn from: points spread evenly",
                                       known, spec.parallel, d));
  }
  if (d > static_cast<std::int64_t>(thresholds.gp_dimensions)) {
    return decide("tpe", fmt::format("{} dimensions, more than the {} that a Gaussian process is "
                                     "used for: TPE",
                                     d, thresholds.gp_dimensions));
  }
  if (known > thresholds.gp_trials) {
    return decide("cmaes", fmt::format("{} trials, more than the {} up to which a Gaussian process "
                                       "is best: CMA-ES with restarts",
                                       known, thresholds.gp_trials));
  }
  return decide("gp",
                fmt::format("{} and {} dimensions: a Gaussian process needs the fewest trials",
                            known > 0 ? fmt::format("{} trials", known)
                                      : std::string("an unknown number of trials"),
                            d));
}

Choice resolve_sampler(const StudySpec& spec, const Space& space) {
  if (spec.sampler.name != "auto") return spec.sampler;
  return resolve_auto(spec, space).choice;
}

std::optional<AutoDecision> reconsider(const Choice& current, const AutoMeasurement& measured,
                                       const AutoThresholds& thresholds) {
  const std::string cheaper = cheaper_than(current.name);
  if (cheaper.empty()) return std::nullopt;
  if (current.name == "gp" && measured.num_trials >= 2 * thresholds.gp_trials) {
    return decide("tpe", fmt::format("{} trials, twice as many as a Gaussian process is best for",
                                     measured.num_trials));
  }
  const bool is_known = measured.ask_seconds.size() >= thresholds.num_timed &&
                        measured.trial_seconds.size() >= thresholds.num_timed;
  if (!is_known) return std::nullopt;
  const double ask = median(measured.ask_seconds);
  const double trial = median(measured.trial_seconds);
  const double allowed = thresholds.cost_share * std::max(trial, thresholds.least_trial_seconds);
  if (ask <= allowed) return std::nullopt;
  return decide(
      cheaper.c_str(),
      fmt::format("a suggestion of {} took {}, more than {:.0f} % of a trial's {}", current.name,
                  format_duration(ask), 100.0 * thresholds.cost_share, format_duration(trial)));
}

std::string note_text(const AutoDecision& decision) {
  return Json{{"name", decision.choice.name},
              {"options", Json::parse(decision.choice.options)},
              {"reason", decision.reason}}
      .dump();
}

std::optional<AutoDecision> decision_of(std::string_view note) {
  const Json json = Json::parse(note, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("name") || !json.contains("options")) return std::nullopt;
  return AutoDecision{{json["name"].get<std::string>(), json["options"].dump()},
                      json.value("reason", "")};
}

std::vector<AutoDecision> auto_decisions(const History& history) {
  std::vector<AutoDecision> decisions;
  for (const auto& [time, note] : history.notes()) {
    if (note.topic != "sampler") continue;
    if (std::optional<AutoDecision> decision = decision_of(note.text)) {
      decisions.push_back(std::move(*decision));
    }
  }
  return decisions;
}

}  // namespace trimtab
