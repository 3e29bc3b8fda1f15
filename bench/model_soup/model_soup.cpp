// Does averaging the models of a sweep help? Prints protocol, seeds, accuracies and counts.
//
//   bench_model_soup FOLDER [SEEDS] [constant|decayed] [POOL] [WIDTHS]
//
// FOLDER holds train-images-idx3-ubyte, t10k-images-idx3-ubyte and their labels: MNIST or
// Fashion-MNIST, unpacked. Per seed: a base on 12 000 images, 10 fine-tunings on 6 000 others,
// 2 000 for validation, the 10 000 of t10k as test, and once more with noise of deviation 0.25.
// POOL 2 halves the images' sides.
#include <fmt/core.h>

#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/numerics/statistics.hpp"
#include "trimtab/science/model_soup/soup_sweep.hpp"
#include "trimtab/science/model_soup/testing/idx_images.hpp"

namespace {

using namespace trimtab;

constexpr testing::SoupSplit kSplit = {12000, 6000, 2000};

double correlation(const std::vector<std::pair<double, double>>& pairs) {
  std::vector<double> a, b;
  for (const auto& [soup, ensemble] : pairs) {
    a.push_back(soup);
    b.push_back(ensemble);
  }
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - mean(a)) * (b[i] - mean(b));
  return sum / static_cast<double>(a.size() - 1) / std::sqrt(variance(a) * variance(b));
}

struct Count {
  int uniform_test = 0, uniform_noisy = 0, greedy_test = 0, greedy_noisy = 0;
};

void print_seed(std::size_t seed, const std::vector<SoupOutcome>& outcomes) {
  for (const SoupOutcome& each : outcomes) {
    fmt::print("| {} | {} | {} | {:.4f} | {:.4f} | {:.4f} |\n", seed, each.name,
               each.num_ingredients, each.validation, each.tests[0], each.tests[1]);
  }
}

void count(const std::vector<SoupOutcome>& outcomes, Count& counts) {
  const std::vector<double>&best = outcomes[1].tests, &uniform = outcomes[3].tests,
        &greedy = outcomes[4].tests;
  counts.uniform_test += uniform[0] > best[0] ? 1 : 0;
  counts.uniform_noisy += uniform[1] >= best[1] + 0.005 ? 1 : 0;
  counts.greedy_test += greedy[0] >= best[0] - 0.003 ? 1 : 0;
  counts.greedy_noisy += greedy[1] > best[1] ? 1 : 0;
}

void run(const std::string& folder, std::size_t num_seeds, bool decays, Eigen::Index pool,
         std::vector<Eigen::Index> hidden) {
  const LabelledCases train = testing::read_images(folder, "train", pool);
  const LabelledCases test = testing::read_images(folder, "t10k", pool);
  // The counter-example: two decades of learning rates, each falling to 0.
  SoupSweepOptions options = {.hidden = std::move(hidden), .decays = decays};
  if (decays) options.lowest_rate = 5e-5, options.highest_rate = 5e-3;
  fmt::print(
      "| seed | model | ingredients | validation | test | noisy test |\n"
      "|---|---|---|---|---|---|\n");
  Count counts;
  int num_ruined = 0;
  for (std::size_t seed = 0; seed < num_seeds; ++seed) {
    const Rng rng(seed, 0, "bench_model_soup");
    const SoupData data = testing::draw_soup_data(train, &test, kSplit, rng.derive("data"));
    const SoupSweep sweep = run_soup_sweep(data, options, rng);
    const std::vector<SoupOutcome> outcomes = compare_soups(sweep, data, rng);
    print_seed(seed, outcomes);
    count(outcomes, counts);
    const UnrelatedSoup control = soup_of_unrelated(data, options, rng);
    num_ruined += control.soup <= control.mean_single - 0.2 ? 1 : 0;
    fmt::print(
        "| {} | control: two random starts {:.4f}, their soup {:.4f}; soup and ensemble of "
        "20 subsets correlate {:.2f} | | | | |\n",
        seed, control.mean_single, control.soup,
        correlation(soups_and_ensembles(sweep, data.tests[0], 20, rng.derive("subsets"))));
  }
  fmt::print(
      "\nof {} seeds: uniform > best single on test {}, by 0.5 points with noise {}; greedy >= "
      "best "
      "single - 0.3 points on test {}, > best single with noise {}; a soup of strangers loses 20 "
      "points {}\n",
      num_seeds, counts.uniform_test, counts.uniform_noisy, counts.greedy_test, counts.greedy_noisy,
      num_ruined);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty()) {
    fmt::print(stderr,
               "usage: bench_model_soup FOLDER [SEEDS] [constant|decayed] [POOL] [WIDTHS]\n");
    return 2;
  }
  const auto at = [&](std::size_t i, const char* otherwise) {
    return i < arguments.size() ? arguments[i] : std::string(otherwise);
  };
  try {
    std::vector<Eigen::Index> hidden;
    const std::string widths = at(4, "64");
    for (const std::string_view width : split(widths, ',')) {
      hidden.push_back(std::stol(std::string(width)));
    }
    run(arguments[0], std::stoul(at(1, "10")), at(2, "constant") == "decayed",
        std::stol(at(3, "1")), std::move(hidden));
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
  return 0;
}
