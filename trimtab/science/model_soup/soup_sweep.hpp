#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/numerics/training/adam.hpp"
#include "trimtab/numerics/training/perceptron.hpp"

namespace trimtab {

/// Cases that no two parts share.
struct SoupData {
  LabelledCases pretraining = {};  ///< of the base model
  LabelledCases training = {};     ///< of every fine-tuning
  LabelledCases validation = {};   ///< chooses single models and soups; learned soups learn on it
  std::vector<std::string> test_names = {};
  std::vector<LabelledCases> tests = {};  ///< for scores only: like the training, shifted, ...
  int num_classes = 0;
};

/// A sweep of fine-tunings from one base, drawn at random.
struct SoupSweepOptions {
  std::vector<Eigen::Index> hidden = {64};
  TrainingOptions base = {.adam = {.learning_rate = 1e-3}, .num_steps = 2000, .batch_size = 64};
  std::size_t num_runs = 10;
  double lowest_rate = 5e-4, highest_rate = 1.6e-3;  ///< of Adam, drawn in logarithm
  std::vector<std::size_t> batch_sizes = {16, 32};
  std::size_t fewest_epochs = 4, most_epochs = 6;
  bool decays = false;  ///< each learning rate falls to 0; else it is constant
};

struct SoupSweep {
  Perceptron network;
  Eigen::VectorXd base = {};
  std::vector<Eigen::VectorXd> models = {};
  std::vector<double> validation = {};  ///< accuracy of each model
};

/// Trains the base and its fine-tunings. Cost: num_runs trainings.
SoupSweep run_soup_sweep(const SoupData& data, const SoupSweepOptions& options, const Rng& rng);

struct SoupOutcome {
  std::string name;
  double validation = 0.0;         ///< accuracy, as below
  std::vector<double> tests = {};  ///< in the order of SoupData::tests
  std::size_t num_ingredients = 1;
};

/// Scores the recipes on one sweep, in this order: base, best_single (by validation), mean_single
/// (the average of the models' accuracies), uniform, greedy, learned, learned_by_layer, ensemble
/// (the mean of the logits). Cost: about num_runs evaluations and ten epochs over the validation
/// cases.
std::vector<SoupOutcome> compare_soups(const SoupSweep& sweep, const SoupData& data,
                                       const Rng& rng);

/// The control that must fail: two models trained alike from two random starts, and their soup.
struct UnrelatedSoup {
  double mean_single = 0.0, soup = 0.0;  ///< accuracy on the first test
};
UnrelatedSoup soup_of_unrelated(const SoupData& data, const SoupSweepOptions& options,
                                const Rng& rng);

/// Accuracies of soups and ensembles of the same random subsets, on one test: {soup, ensemble}
/// each.
std::vector<std::pair<double, double>> soups_and_ensembles(const SoupSweep& sweep,
                                                           const LabelledCases& test,
                                                           std::size_t num_subsets, Rng rng);

}  // namespace trimtab
