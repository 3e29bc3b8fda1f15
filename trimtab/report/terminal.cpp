#include "trimtab/report/terminal.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/text.hpp"
#include "trimtab/core/lineage.hpp"
#include "trimtab/report/detail/protocol_facts.hpp"
#include "trimtab/report/detail/study_facts.hpp"
#include "trimtab/report/detail/text_layout.hpp"

namespace trimtab {
namespace {

constexpr std::size_t kLabelWidth = 12;
constexpr std::size_t kMaxBars = 12;

// A page of labelled lines.
class Page {
 public:
  explicit Page(const TerminalOptions& options)
      : options_(options), width_(static_cast<std::size_t>(std::max(options.width, 30))) {}

  void title(const std::string& strong, const std::string& faint) {
    text_ += toned(printable(strong), Tone::Strong, options_.has_color) + "  " +
             toned(printable(faint), Tone::Faint, options_.has_color) + "\n\n";
  }
  // The label stands before the first line only.
  void entry(const std::string& label, const std::string& sentence, Tone tone = Tone::Plain) {
    std::string head = label;
    for (const std::string& line : wrap(printable(sentence), width_ - kLabelWidth)) {
      row(head, toned(line, tone, options_.has_color));
      head.clear();
    }
  }
  // A line that is ready as it is.
  void row(const std::string& label, const std::string& content) {
    text_ += toned(left(label, kLabelWidth), Tone::Faint, options_.has_color) + content + '\n';
  }
  // Tables need the whole width; what does not fit is cut.
  void table_row(const std::string& line) {
    const std::string shown = "  " + printable(line);
    text_ += (num_characters(shown) > width_ ? left(shown, width_) : shown) + '\n';
  }
  void gap() { text_ += '\n'; }

  std::size_t content_width() const { return width_ - kLabelWidth; }
  std::string take() { return std::move(text_); }

 private:
  TerminalOptions options_;
  std::size_t width_;
  std::string text_;
};

std::string goal_text(const History& history) {
  std::string text;
  for (const Objective& objective : history.objectives()) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
                        objective.goal == Goal::Minimise ? "minimise" : "maximise", objective.name);
  }
  return text;
}

Tone verdict_tone(const Json& confirmation) {
  const std::string conclusion = confirmation.value("conclusion", "");
  if (conclusion == "better") return Tone::Good;
  return conclusion == "worse" ? Tone::Bad : Tone::Warning;
}

void add_verdict(Page& page, const std::map<std::string, AnalysisResult>& analyses) {
  const auto found = analyses.find("confirmation");
  if (found == analyses.end()) return;
  page.entry("verdict", found->second.verdict, verdict_tone(Json::parse(found->second.data)));
  if (found->second.lines.empty()) {
    page.gap();
    return;
  }
  page.gap();
  for (const std::string& line : found->second.lines) page.table_row(line);
  page.gap();
}

std::string value_text(const History& history, std::int64_t number) {
  std::string text;
  for (std::size_t k = 0; k < history.num_objectives(); ++k) {
    const Objective& objective = history.objectives()[k];
    text += fmt::format("{}{} {}", k == 0 ? "" : ", ", objective.name,
                        format_short(objective.value(history.losses(number)[k]), 5));
  }
  return text;
}

void add_parameters(Page& page, const StudyView& view, std::int64_t trial) {
  std::string parameters;
  for (const auto& [name, value] :
       parameter_texts(view.space, view.history.point(trial), Precision::SixDigits)) {
    parameters += fmt::format("{}{} = {}", parameters.empty() ? "" : ", ", name, value);
  }
  if (!parameters.empty()) page.entry("", parameters);
}

void add_best(Page& page, const StudyView& view, const StudyFacts& facts) {
  const History& history = view.history;
  if (history.best() < 0) {
    page.entry(
        "best",
        facts.num_violating > 0
            ? fmt::format("none: all {} complete trials violate a constraint", facts.num_violating)
            : std::string("no complete trial yet"),
        Tone::Warning);
    return;
  }
  if (const std::optional<std::string> result = quotable_result(view)) {
    page.entry("result", *result, Tone::Strong);
    return add_parameters(page, view, answer_of(view));
  }
  std::string text =
      fmt::format("trial {}: {}", history.best(), value_text(history, history.best()));
  const std::int64_t standard = facts.default_trial;
  if (standard >= 0 && standard != history.best() &&
      history.state(standard) == TrialState::Complete) {
    text += fmt::format(" (default: {})", value_text(history, standard));
  }
  if (history.num_objectives() > 1) {
    text += fmt::format("; {} trials on the Pareto front", pareto_front(history).size());
  }
  page.entry("best", text, Tone::Strong);
  add_parameters(page, view, history.best());
}

void add_protocol(Page& page, const StudyView& view) {
  for (const auto& [label, text] : protocol_facts(view)) page.entry(label, text);
}

// Best so far over the finished search trials, in as many steps as the line has room for.
std::string best_so_far(const History& history, std::size_t width) {
  std::vector<double> losses;
  for (const std::int64_t number : history.finish_order()) {
    const bool is_pruned = history.state(number) == TrialState::Pruned;  // a value on the way
    if (history.purpose(number) == Purpose::Confirm) continue;
    const bool counts = !is_pruned && history.is_feasible(number);
    losses.push_back(counts ? history.loss(number) : std::nan(""));
  }
  double best = std::nan("");
  for (double& loss : losses) {
    if (!std::isnan(loss) && !(best <= loss)) best = loss;
    loss = best;
  }
  const std::size_t steps = std::min(width, losses.size());
  std::vector<double> values;
  for (std::size_t i = 0; i < steps; ++i) {
    values.push_back(
        history.objectives().front().value(losses[(i + 1) * losses.size() / steps - 1]));
  }
  return sparkline(values);
}

// "memory <= 8e+09 or loss >= 0"
std::string constraints_text(const History& history) {
  std::string text;
  for (const MetricConstraint& constraint : history.constraints()) {
    text += fmt::format("{}{} {} {}", text.empty() ? "" : " or ", constraint.name,
                        constraint.is_at_least ? ">=" : "<=", format_short(constraint.limit));
  }
  return text;
}

void add_costs(Page& page, const StudyView& view, const StudyFacts& facts) {
  const std::int64_t num_confirm = view.history.count(Purpose::Confirm);
  std::string trials = count_text(view.history);
  if (num_confirm > 0) trials += fmt::format("; {} of them on fresh seeds", num_confirm);
  if (facts.num_copies > 0) trials += fmt::format("; {} results reused", facts.num_copies);
  if (facts.num_violating > 0) {
    trials += fmt::format("; {} violate {}", facts.num_violating, constraints_text(view.history));
  }
  page.entry("trials", trials);
  if (view.history.size() == 0) return;
  std::string cost = fmt::format(
      "{} elapsed, {} of runs, {} of processor time", format_duration(facts.elapsed_seconds),
      format_duration(facts.search.wall_seconds + facts.confirm.wall_seconds),
      format_duration(facts.search.cpu_seconds + facts.confirm.cpu_seconds));
  if (facts.peak_memory_bytes > 0.0) cost += ", peak " + format_bytes(facts.peak_memory_bytes);
  if (const std::string energy = energy_text(view.history); !energy.empty()) {
    cost += ", " + energy;
  }
  page.entry("cost", cost);
  const std::string line =
      best_so_far(view.history, std::min<std::size_t>(page.content_width(), 60));
  const char* label = view.spec.has_sealed_data() ? "search" : "best so far";
  if (view.history.best() >= 0 && !line.empty()) page.row(label, line);
}

// What the fidelity's schedule did, and what it cost that programs began again.
void add_fidelity(Page& page, const StudyView& view) {
  const std::optional<Fidelity>& fidelity = view.spec.fidelity;
  if (!fidelity || fidelity->schedule.name == "full") return;
  std::int64_t num_promoted = 0, num_handed_over = 0;
  for (std::int64_t number = 0; number < view.history.size(); ++number) {
    const bool is_search = view.history.purpose(number) == Purpose::Search;
    num_promoted += view.history.num_promotions(number);
    num_handed_over += is_search && view.history.of_trial(number) >= 0;
  }
  std::string text =
      fmt::format("{} up to {} by {}, {} promotions", fidelity->name, format_short(fidelity->max),
                  fidelity->schedule.name, num_promoted);
  if (num_handed_over > 0) text += fmt::format(", {} checkpoints handed over", num_handed_over);
  const RepeatedSteps steps = repeated_steps(view.history);
  if (steps.num_repeated > 0) {
    const double share =
        static_cast<double>(steps.num_repeated) / static_cast<double>(steps.num_reported);
    text += fmt::format(
        "; {} of {} reported steps ({:.0f} %) were run again by programs that began "
        "anew",
        steps.num_repeated, steps.num_reported, 100.0 * share);
  }
  page.entry("fidelity", text);
}

void add_failures(Page& page, const StudyFacts& facts) {
  if (facts.failures.empty()) return;
  std::string text;
  for (const auto& [reason, count] : facts.failures) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, reason);
  }
  page.entry("failures", text, Tone::Bad);
}

void add_importance(Page& page, const std::map<std::string, AnalysisResult>& analyses) {
  const auto found = analyses.find("importance");
  if (found == analyses.end()) return;
  page.gap();
  page.entry("importance", found->second.verdict);
  const Json data = Json::parse(found->second.data);
  const Json parameters = data.value("parameters", Json::array());
  std::size_t name_width = 0;
  for (const Json& each : parameters) {
    name_width = std::max(name_width, num_characters(each["name"].get<std::string>()));
  }
  name_width = std::min<std::size_t>(name_width, 24);
  // "name  100 %  bar (chance?)"
  const std::size_t beside_bar = name_width + 9 + 10;
  const std::size_t bar_width =
      std::min<std::size_t>(20, page.content_width() - std::min(beside_bar, page.content_width()));
  std::size_t num_shown = 0;
  for (const Json& each : parameters) {
    if (num_shown++ == kMaxBars) break;
    const double share = each["share"].get<double>();
    const bool is_chance = share > 0.0 && !each.value("is_above_noise", true);
    page.row("", fmt::format("{}  {:>3.0f} %  {}{}",
                             left(printable(each["name"].get<std::string>()), name_width),
                             100.0 * share, bar(share, bar_width), is_chance ? " (chance?)" : ""));
  }
  if (parameters.size() > kMaxBars) {
    page.row("", fmt::format("{} more parameters", parameters.size() - kMaxBars));
  }
}

}  // namespace

std::string study_summary(const StudyView& view,
                          const std::map<std::string, AnalysisResult>& analyses,
                          const TerminalOptions& options) {
  const StudyFacts facts = facts_of(view.history);
  Page page(options);
  page.title(view.spec.name, goal_text(view.history));
  add_verdict(page, analyses);
  add_best(page, view, facts);
  add_protocol(page, view);
  add_costs(page, view, facts);
  add_fidelity(page, view);
  add_failures(page, facts);
  add_importance(page, analyses);
  return page.take();
}

}  // namespace trimtab
