#pragma once

#include <cstdint>
#include <vector>

#include "trimtab/workloads/value_dynamics/opinion_dynamics.hpp"

namespace trimtab::values {

/// How the scores are made up, because the study's are private.
struct SurveyOptions {
  Dynamics hidden;           ///< what really moved people
  double noise = 0.05;       ///< standard deviation of a later answer
  double first_noise = 0.0;  ///< of a first answer
  double drift = 0.2;        ///< share of the way to a common profile that everybody went anyway
  std::size_t num_egos = 275;
  double held_out = 0.25;  ///< share of the egos that tuning never sees
};

/// Who answered what.
struct Survey {
  Network network;
  std::vector<Scores> first;  ///< (n) answers at the beginning, of everybody
  std::vector<std::uint32_t> egos;
  std::vector<Scores> later;        ///< beside `egos`: answers at the end
  std::vector<std::size_t> tuning;  ///< positions in `egos`
  std::vector<std::size_t> held_out;
};

/// True first scores are N(centre of the community, 0.12^2), centres uniform in [0.2, 0.8]; the
/// hidden dynamics move them; a drift towards a profile, uniform in [0.2, 0.8], that has nothing to
/// do with friends adds what the second stage can learn; an answer adds noise. All clipped to
/// [0, 1].
Survey conduct_survey(Network network, const SurveyOptions& options, std::uint64_t seed);

/// Mean square of prediction minus answer over the five scores of some egos.
/// @param predicted  beside `egos`. @param chosen  positions.
double mean_squared_error(const Survey& survey, const std::vector<Scores>& predicted,
                          const std::vector<std::size_t>& chosen);

/// The scores of the egos alone, out of those of everybody.
std::vector<Scores> of_egos(const Survey& survey, const std::vector<Scores>& everybody);

}  // namespace trimtab::values
