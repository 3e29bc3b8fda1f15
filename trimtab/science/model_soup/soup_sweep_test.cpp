#include "trimtab/science/model_soup/soup_sweep.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "trimtab/science/model_soup/testing/idx_images.hpp"

namespace trimtab {
namespace {

// Points of two rings, 2 classes.
LabelledCases rings(Eigen::Index n, Rng& rng) {
  LabelledCases cases = {Eigen::MatrixXf(2, n), {}};
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < 2; ++j) cases.x(j, i) = static_cast<float>(rng.normal());
    cases.labels.push_back(cases.x.col(i).norm() > 1.2F ? 1 : 0);
  }
  return cases;
}

SoupData ring_data(Rng rng) {
  return {.pretraining = rings(200, rng),
          .training = rings(100, rng),
          .validation = rings(100, rng),
          .test_names = {"test"},
          .tests = {rings(200, rng)},
          .num_classes = 2};
}

TEST(SoupSweep, ScoresEveryRecipeFromItsSeedAlone) {
  const SoupData data = ring_data(Rng(1));
  const SoupSweepOptions options = {.hidden = {12}, .base = {.num_steps = 200}, .num_runs = 4};
  const SoupSweep sweep = run_soup_sweep(data, options, Rng(2));
  ASSERT_EQ(sweep.models.size(), 4u);
  EXPECT_NE(sweep.models[0], sweep.models[1]);
  EXPECT_EQ(run_soup_sweep(data, options, Rng(2)).models, sweep.models);
  const std::vector<SoupOutcome> outcomes = compare_soups(sweep, data, Rng(3));
  ASSERT_EQ(outcomes.size(), 8u);
  EXPECT_EQ(outcomes[1].name, "best_single");
  EXPECT_EQ(outcomes[1].validation,
            *std::max_element(sweep.validation.begin(), sweep.validation.end()));
  EXPECT_EQ(outcomes[3].num_ingredients, 4u);
  EXPECT_GE(outcomes[4].validation, outcomes[1].validation);  // greedy, by its rule
  for (const SoupOutcome& each : outcomes) EXPECT_EQ(each.tests.size(), 1u) << each.name;
}

TEST(SoupSweep, OfOneModelIsThatModelInEveryRecipe) {
  const SoupData data = ring_data(Rng(4));
  const SoupSweep sweep =
      run_soup_sweep(data, {.hidden = {8}, .base = {.num_steps = 100}, .num_runs = 1}, Rng(5));
  const std::vector<SoupOutcome> outcomes = compare_soups(sweep, data, Rng(6));
  for (std::size_t i = 1; i < outcomes.size(); ++i) {
    EXPECT_EQ(outcomes[i].tests, outcomes[1].tests) << outcomes[i].name;
  }
}

// On 10 000 images of MNIST, three seeds: the mean of fine-tunings of one base is better than they
// are on average, with and without noise, and close to their ensemble; the mean of two strangers is
// useless. bench_model_soup has the figures of ten seeds on more data.
TEST(SoupSweepSlow, OfDigitsHelpsRelativesAndRuinsStrangers) {
  const char* data_folder = std::getenv("TRIMTAB_DATA");
  const std::string folder = data_folder == nullptr ? "" : std::string(data_folder) + "/mnist";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "data absent";
  const LabelledCases images = testing::read_images(folder, "t10k", 2);
  const SoupSweepOptions options = {.hidden = {32, 32},
                                    .base = {.num_steps = 600, .batch_size = 64}};
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    SCOPED_TRACE(seed);
    const Rng rng(seed, 0, "soup_sweep_test");
    const SoupData data =
        testing::draw_soup_data(images, nullptr, {3000, 1500, 1000}, rng.derive("data"));
    const SoupSweep sweep = run_soup_sweep(data, options, rng);
    const std::vector<SoupOutcome> outcomes = compare_soups(sweep, data, rng);
    for (const SoupOutcome& each : outcomes) {
      std::cout << each.name << " " << each.num_ingredients << ": " << each.validation << ", "
                << each.tests[0] << ", " << each.tests[1] << '\n';
    }
    const SoupOutcome &single = outcomes[2], &uniform = outcomes[3], &greedy = outcomes[4];
    EXPECT_GT(uniform.tests[0], single.tests[0]);
    EXPECT_GT(uniform.tests[1], single.tests[1]);
    EXPECT_GE(greedy.validation, outcomes[1].validation);
    EXPECT_NEAR(uniform.tests[0], outcomes.back().tests[0], 0.01);
    const UnrelatedSoup strangers = soup_of_unrelated(data, options, rng);
    EXPECT_LT(strangers.soup, strangers.mean_single - 0.2);
  }
}

}  // namespace
}  // namespace trimtab
