#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "trimtab/core/analysis.hpp"
#include "trimtab/core/data_table.hpp"
#include "trimtab/numerics/statistics.hpp"

namespace trimtab {

// Notation in this file
//   s   submissions (methods, optimisers, studies)      w   workloads
//   t   time of s to reach the target of w, > 0; infinite = never
//   r   t over the fastest t of the same workload; infinite beyond r_max
//   rho(tau)   share of workloads with r <= tau

/// Times of every submission on every workload.
struct TimesToTarget {
  std::vector<std::string> submissions;
  std::vector<std::string> workloads;
  std::vector<double> times;  ///< (s, w) row-major, > 0; infinite = never reached
};

/// Long format: one row per submission, workload, study and trial, median over studies of the
/// smallest over trials; or wide format: one row per submission, one column per workload.
/// Empty and "inf" cells are never. @throws UserError "time_to_result.times" for a time <= 0, a
/// repeated submission (wide), fewer than 2 submissions or no workload.
TimesToTarget read_times(const DataTable& table);

struct ProfileOptions {
  double ratio_limit = 4.0;      ///< r_max, > 1: slower by more counts as never
  std::size_t num_points = 100;  ///< equally spaced tau from 1 to r_max; the official number
};

/// What one submission has earned.
struct SubmissionScore {
  double score = 0.0;           ///< trapezoid over num_points: the published definition
  double exact_score = 0.0;     ///< the integral itself; the two differ by the grid alone
  std::size_t num_reached = 0;  ///< workloads within r_max of the fastest
  std::size_t num_fastest = 0;
  std::vector<double> ratios;  ///< (w)
};

/// Scores of the submissions, in their order: integrated performance profiles.
///   B_s = 1 / (r_max - 1) * integral of rho_s from 1 to r_max
/// Source: Dolan and More 2002 (profiles); Dahl et al. 2023, "Benchmarking neural network training
///   algorithms", section 4.2.
/// Differs: none; the exact integral is given beside the discretised one.
///   The 16 published AlgoPerf scores to 1e-12  [tested]
/// A workload that nobody reaches stays in the denominator. O(s w (num_points + s)).
std::vector<SubmissionScore> score_submissions(const TimesToTarget& data,
                                               const ProfileOptions& options = {});

/// Share of workloads with ratio <= tau.
double profile_at(std::span<const double> ratios, double tau);

/// How far the order of the first two is an accident of the workloads: BCa interval of the
/// difference of their scores over resampled workloads.
Interval lead_interval(const TimesToTarget& data, std::size_t first, std::size_t second,
                       const ProfileOptions& options, double level, std::size_t num_resamples,
                       Rng& rng);

/// The analysis "time_to_result".
AnalysisEntry time_to_result_entry();

}  // namespace trimtab
