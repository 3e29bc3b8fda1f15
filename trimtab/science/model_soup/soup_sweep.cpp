#include "trimtab/science/model_soup/soup_sweep.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <span>
#include <utility>

#include "trimtab/numerics/soup/learned_soup.hpp"
#include "trimtab/numerics/soup/recipes.hpp"
#include "trimtab/numerics/statistics.hpp"

namespace trimtab {
namespace {

std::shared_ptr<const LabelledCases> shared(const LabelledCases& cases) {
  return std::make_shared<const LabelledCases>(cases);
}

Perceptron network_of(const SoupData& data, const SoupSweepOptions& options) {
  std::vector<Eigen::Index> widths = {data.training.x.rows()};
  widths.insert(widths.end(), options.hidden.begin(), options.hidden.end());
  widths.push_back(data.num_classes);
  return Perceptron(widths);
}

Eigen::VectorXd train_from_start(const Perceptron& network, const LabelledCases& cases,
                                 const TrainingOptions& options, Rng rng) {
  Eigen::VectorXd theta = network.random_start(rng);
  train(cross_entropy(network, shared(cases)), options, rng, theta);
  return theta;
}

TrainingOptions draw_fine_tuning(const SoupSweepOptions& options, std::size_t num_cases, Rng& rng) {
  const double rate =
      std::exp(rng.uniform(std::log(options.lowest_rate), std::log(options.highest_rate)));
  const std::size_t batch = options.batch_sizes[rng.below(options.batch_sizes.size())];
  const auto epochs =
      static_cast<std::size_t>(rng.integer(static_cast<std::int64_t>(options.fewest_epochs),
                                           static_cast<std::int64_t>(options.most_epochs)));
  return {.adam = {.learning_rate = rate},
          .num_steps = epochs * (num_cases / batch),
          .batch_size = batch,
          .decays = options.decays};
}

Eigen::VectorXd mean_of(std::span<const Eigen::VectorXd> models,
                        std::span<const std::size_t> ingredients) {
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(models.front().size());
  for (const std::size_t i : ingredients) sum += models[i];
  return sum / static_cast<double>(ingredients.size());
}

double ensemble_accuracy(const SoupSweep& sweep, std::span<const std::size_t> members,
                         const LabelledCases& cases) {
  Eigen::MatrixXf sum;
  for (const std::size_t i : members) {
    const Eigen::MatrixXf logits = sweep.network.logits(sweep.models[i], cases.x);
    sum = sum.size() == 0 ? logits : Eigen::MatrixXf(sum + logits);
  }
  return accuracy_of(sum, cases.labels);
}

std::vector<std::size_t> everything(std::size_t count) {
  std::vector<std::size_t> all(count);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

// Scores models, and whatever else has a score, on the validation and the tests.
class Judge {
 public:
  Judge(const SoupSweep& sweep, const SoupData& data) : sweep_(sweep), data_(data) {}

  template <typename Score>
  SoupOutcome by(std::string name, std::size_t num_ingredients, Score score) const {
    SoupOutcome outcome = {.name = std::move(name), .validation = score(data_.validation)};
    for (const LabelledCases& test : data_.tests) outcome.tests.push_back(score(test));
    outcome.num_ingredients = num_ingredients;
    return outcome;
  }

  SoupOutcome of(std::string name, std::size_t num_ingredients,
                 const Eigen::VectorXd& theta) const {
    return by(std::move(name), num_ingredients,
              [&](const LabelledCases& cases) { return accuracy(sweep_.network, theta, cases); });
  }

 private:
  const SoupSweep& sweep_;
  const SoupData& data_;
};

std::vector<Eigen::Index> layer_begins(const Perceptron& network) {
  std::vector<Eigen::Index> begins;
  for (const Perceptron::Layer& layer : network.layers()) begins.push_back(layer.begin);
  return begins;
}

}  // namespace

SoupSweep run_soup_sweep(const SoupData& data, const SoupSweepOptions& options, const Rng& rng) {
  SoupSweep sweep = {.network = network_of(data, options)};
  sweep.base = train_from_start(sweep.network, data.pretraining, options.base, rng.derive("base"));
  const DifferentiableObjective objective = cross_entropy(sweep.network, shared(data.training));
  for (std::size_t run = 0; run < options.num_runs; ++run) {
    Rng own = rng.derive("fine_tuning", run);
    const TrainingOptions training = draw_fine_tuning(options, objective.num_items, own);
    Eigen::VectorXd theta = sweep.base;
    train(objective, training, own, theta);
    sweep.validation.push_back(accuracy(sweep.network, theta, data.validation));
    sweep.models.push_back(std::move(theta));
  }
  return sweep;
}

std::vector<SoupOutcome> compare_soups(const SoupSweep& sweep, const SoupData& data,
                                       const Rng& rng) {
  const Judge judge(sweep, data);
  const std::vector<std::size_t> all = everything(sweep.models.size());
  std::vector<SoupOutcome> outcomes = {
      judge.of("base", 1, sweep.base),
      judge.of("best_single", 1, sweep.models[by_score(sweep.validation).front()]),
      judge.by("mean_single", 1,
               [&](const LabelledCases& cases) {
                 std::vector<double> singles;
                 for (const Eigen::VectorXd& model : sweep.models) {
                   singles.push_back(accuracy(sweep.network, model, cases));
                 }
                 return mean(singles);
               }),
      judge.of("uniform", all.size(), mean_of(sweep.models, all))};
  const GreedySoup greedy =
      greedy_soup(sweep.validation, [&](std::span<const std::size_t> ingredients) {
        return accuracy(sweep.network, mean_of(sweep.models, ingredients), data.validation);
      });
  outcomes.push_back(
      judge.of("greedy", greedy.ingredients.size(), mean_of(sweep.models, greedy.ingredients)));
  const DifferentiableObjective scaled =
      cross_entropy(sweep.network, shared(data.validation), /*with_scale=*/true);
  for (const bool by_layer : {false, true}) {
    Rng batches = rng.derive("learned", by_layer ? 1 : 0);
    const LearnedSoup soup = learn_soup(
        scaled, sweep.models, by_layer ? layer_begins(sweep.network) : std::vector<Eigen::Index>{0},
        {}, batches);
    outcomes.push_back(judge.of(by_layer ? "learned_by_layer" : "learned", all.size(), soup.theta));
  }
  outcomes.push_back(judge.by("ensemble", all.size(), [&](const LabelledCases& cases) {
    return ensemble_accuracy(sweep, all, cases);
  }));
  return outcomes;
}

UnrelatedSoup soup_of_unrelated(const SoupData& data, const SoupSweepOptions& options,
                                const Rng& rng) {
  const Perceptron network = network_of(data, options);
  std::vector<Eigen::VectorXd> models;
  UnrelatedSoup result;
  for (std::size_t i = 0; i < 2; ++i) {
    models.push_back(
        train_from_start(network, data.pretraining, options.base, rng.derive("unrelated", i)));
    result.mean_single += 0.5 * accuracy(network, models.back(), data.tests.front());
  }
  result.soup = accuracy(network, mean_of(models, everything(2)), data.tests.front());
  return result;
}

std::vector<std::pair<double, double>> soups_and_ensembles(const SoupSweep& sweep,
                                                           const LabelledCases& test,
                                                           std::size_t num_subsets, Rng rng) {
  std::vector<std::pair<double, double>> result;
  for (std::size_t subset = 0; subset < num_subsets; ++subset) {
    std::vector<std::size_t> members = everything(sweep.models.size());
    rng.shuffle(std::span<std::size_t>(members));
    members.resize(2 + rng.below(members.size() - 1));
    result.emplace_back(accuracy(sweep.network, mean_of(sweep.models, members), test),
                        ensemble_accuracy(sweep, members, test));
  }
  return result;
}

}  // namespace trimtab
