#include "trimtab/workloads/value_dynamics/survey.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace trimtab::values {
namespace {

constexpr double kSpread = 0.12;  // of people around the centre of their community

Scores with_noise(const Scores& scores, double deviation, Rng& rng) {
  Scores answer;
  for (std::size_t k = 0; k < kNumValues; ++k) {
    answer[k] = std::clamp(scores[k] + deviation * rng.normal(), 0.0, 1.0);
  }
  return answer;
}

}  // namespace

Survey conduct_survey(Network network, const SurveyOptions& options, std::uint64_t seed) {
  Rng rng(seed, 0, "survey");
  const std::uint32_t num_communities =
      network.size() == 0
          ? 0
          : *std::max_element(network.community.begin(), network.community.end()) + 1;
  std::vector<Scores> centres(num_communities);
  for (Scores& centre : centres) {
    for (double& score : centre) score = rng.uniform(0.2, 0.8);
  }
  Scores profile;
  for (double& score : profile) score = rng.uniform(0.2, 0.8);
  std::vector<Scores> truth;
  for (const std::uint32_t c : network.community) {
    truth.push_back(with_noise(centres[c], kSpread, rng));
  }
  Survey survey;
  for (const Scores& scores : truth)
    survey.first.push_back(with_noise(scores, options.first_noise, rng));
  survey.egos = popular_people(network, options.num_egos);
  survey.network = std::move(network);
  for (Scores scores : of_egos(survey, simulate(survey.network, truth, options.hidden))) {
    for (std::size_t k = 0; k < kNumValues; ++k) {
      scores[k] += options.drift * (profile[k] - scores[k]);
    }
    survey.later.push_back(with_noise(scores, options.noise, rng));
  }
  std::vector<std::size_t> order(survey.egos.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  rng.shuffle(std::span<std::size_t>(order));
  const auto num_held_out =
      static_cast<std::ptrdiff_t>(std::round(options.held_out * static_cast<double>(order.size())));
  survey.held_out.assign(order.begin(), order.begin() + num_held_out);
  survey.tuning.assign(order.begin() + num_held_out, order.end());
  return survey;
}

double mean_squared_error(const Survey& survey, const std::vector<Scores>& predicted,
                          const std::vector<std::size_t>& chosen) {
  double sum = 0.0;
  for (const std::size_t e : chosen) {
    for (std::size_t k = 0; k < kNumValues; ++k) {
      sum += (predicted[e][k] - survey.later[e][k]) * (predicted[e][k] - survey.later[e][k]);
    }
  }
  return sum / static_cast<double>(kNumValues * chosen.size());
}

std::vector<Scores> of_egos(const Survey& survey, const std::vector<Scores>& everybody) {
  std::vector<Scores> scores;
  for (const std::uint32_t i : survey.egos) scores.push_back(everybody[i]);
  return scores;
}

}  // namespace trimtab::values
