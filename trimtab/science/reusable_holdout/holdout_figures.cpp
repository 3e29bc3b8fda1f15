#include "trimtab/science/reusable_holdout/holdout_figures.hpp"

#include <cmath>

namespace trimtab {
namespace {

// The champion so far: one point at every change, and one at the end.
class ChampionSeries {
 public:
  ChampionSeries(std::string name, double sign) : sign_(sign) {
    believed.name = std::move(name);
    believed.mark = Mark::Steps;
    truth = {.name = "the same champion, sealed", .mark = Mark::Steps};
  }

  void offer(std::size_t query, double value, double sealed) {
    last_ = static_cast<double>(query);
    if (!(value > best_)) return;
    best_ = value;
    sealed_ = sealed;
    add(last_);
  }
  void finish() {
    if (!believed.x.empty() && believed.x.back() < last_) add(last_);
  }

  FigureSeries believed, truth;

 private:
  void add(double query) {
    believed.x.push_back(query);
    believed.y.push_back(sign_ * best_);
    truth.x.push_back(query);
    truth.y.push_back(sign_ * sealed_);
  }

  double sign_, best_ = -INFINITY, sealed_ = NAN, last_ = 0.0;
};

Figure budget_figure(const HoldoutReplay& replay, std::int64_t budget) {
  FigureSeries spent = {.name = "spent", .mark = Mark::Steps, .x = {0.0}, .y = {0.0}};
  for (std::size_t i = 0; i < replay.answers.size(); ++i) {
    if (!replay.answers[i].is_from_holdout && i + 1 < replay.answers.size()) continue;
    spent.x.push_back(static_cast<double>(i + 1));
    spent.y.push_back(spent.y.back() + (replay.answers[i].is_from_holdout ? 1.0 : 0.0));
  }
  FigureSeries limit = {.name = "budget", .mark = Mark::Rules, .y = {static_cast<double>(budget)}};
  limit.emphasis = Emphasis::Strong;
  return {.title = "How the budget went",
          .caption = "Each step is a query that the holdout itself had to answer.",
          .x = {.name = "query"},
          .y = {.name = "answers of the holdout"},
          .series = {std::move(spent), std::move(limit)}};
}

}  // namespace

std::vector<Figure> holdout_figures(std::span<const double> train, std::span<const double> holdout,
                                    std::span<const double> sealed, const HoldoutReplay& replay,
                                    std::int64_t budget, double sign) {
  ChampionSeries direct("asked directly", sign), guarded("through the mechanism", sign);
  std::size_t query = 0;
  for (std::size_t row = 0; row < train.size(); ++row) {
    if (!std::isfinite(train[row]) || !std::isfinite(holdout[row])) continue;
    const double truth = sealed.empty() ? NAN : sealed[row];
    ++query;
    direct.offer(query, holdout[row], truth);
    if (query <= replay.answers.size()) {
      guarded.offer(query, replay.answers[query - 1].value, truth);
    }
  }
  direct.finish();
  guarded.finish();
  Figure figure = {.title = "What the sweep believes of its champion",
                   .caption =
                       "The best value so far, as each way of asking reports it. The line "
                       "through the mechanism ends with its budget.",
                   .x = {.name = "query"},
                   .y = {.name = "value of the champion"}};
  if (!sealed.empty()) figure.caption += " The distance to the sealed value is bias.";
  for (ChampionSeries* each : {&direct, &guarded}) {
    figure.series.push_back(std::move(each->believed));
    if (!sealed.empty()) figure.series.push_back(std::move(each->truth));
  }
  return {std::move(figure), budget_figure(replay, budget)};
}

}  // namespace trimtab
