#include "trimtab/science/time_to_result/performance_profile.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/numerics/statistics/bootstrap.hpp"

namespace trimtab {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

[[noreturn]] void refuse(const DataTable& table, const std::string& what, const std::string& got,
                         const std::string& expected) {
  throw UserError({.code = "time_to_result.times",
                   .what = what,
                   .where = table.source,
                   .got = got,
                   .expected = expected,
                   .hint = ""});
}

double time_of(const DataTable& table, double value) {
  if (std::isnan(value)) return kNever;
  if (!(value > 0.0)) refuse(table, "a time must be positive", format_number(value), "> 0");
  return value;
}

TimesToTarget read_wide(const DataTable& table) {
  TimesToTarget data;
  data.submissions = table.texts("submission");
  for (const std::string& name : data.submissions) {
    if (std::count(data.submissions.begin(), data.submissions.end(), name) > 1) {
      refuse(table, "a submission has two rows", quote(name), "one row each");
    }
  }
  for (const std::string& name : table.names) {
    if (name != "submission") data.workloads.push_back(name);
  }
  data.times.resize(data.submissions.size() * data.workloads.size());
  for (std::size_t w = 0; w < data.workloads.size(); ++w) {
    const std::vector<double> column = table.numbers(data.workloads[w]);
    for (std::size_t s = 0; s < column.size(); ++s) {
      data.times[s * data.workloads.size() + w] = time_of(table, column[s]);
    }
  }
  return data;
}

std::size_t index_in(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    names.push_back(name);
    return names.size() - 1;
  }
  return static_cast<std::size_t>(found - names.begin());
}

// Median of times, some infinite; the mean of the middle two when their number is even.
double median(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const std::size_t middle = times.size() / 2;
  if (times.size() % 2 == 1) return times[middle];
  return 0.5 * (times[middle - 1] + times[middle]);
}

TimesToTarget read_long(const DataTable& table) {
  const std::vector<std::string>& submissions = table.texts("submission");
  const std::vector<std::string>& workloads = table.texts("workload");
  const std::vector<double> times = table.numbers("time");
  const bool has_studies = table.has("study");
  TimesToTarget data;
  std::map<std::pair<std::size_t, std::size_t>, std::map<std::string, double>> fastest;
  for (std::size_t row = 0; row < times.size(); ++row) {
    const std::size_t s = index_in(data.submissions, submissions[row]);
    const std::size_t w = index_in(data.workloads, workloads[row]);
    const std::string study = has_studies ? table.texts("study")[row] : "";
    const double time = time_of(table, times[row]);
    const auto [found, is_new] = fastest[{s, w}].try_emplace(study, time);
    if (!is_new) found->second = std::min(found->second, time);
  }
  data.times.assign(data.submissions.size() * data.workloads.size(), kNever);
  for (const auto& [cell, studies] : fastest) {
    std::vector<double> of_studies;
    for (const auto& [study, time] : studies) of_studies.push_back(time);
    data.times[cell.first * data.workloads.size() + cell.second] = median(of_studies);
  }
  return data;
}

// (s, w); r beyond the limit is infinite, and so is every r of a workload that nobody reached.
std::vector<double> ratios_of(const TimesToTarget& data, double limit) {
  const std::size_t num_workloads = data.workloads.size();
  std::vector<double> ratios(data.times.size(), kNever);
  for (std::size_t w = 0; w < num_workloads; ++w) {
    double fastest = kNever;
    for (std::size_t s = 0; s < data.submissions.size(); ++s) {
      fastest = std::min(fastest, data.times[s * num_workloads + w]);
    }
    if (std::isinf(fastest)) continue;
    for (std::size_t s = 0; s < data.submissions.size(); ++s) {
      const double ratio = data.times[s * num_workloads + w] / fastest;
      if (ratio <= limit) ratios[s * num_workloads + w] = ratio;
    }
  }
  return ratios;
}

double trapezoid_score(std::span<const double> ratios, const ProfileOptions& options) {
  const double step = (options.ratio_limit - 1.0) / static_cast<double>(options.num_points - 1);
  double sum = 0.0;
  for (std::size_t i = 0; i < options.num_points; ++i) {
    const bool is_last = i + 1 == options.num_points;
    const double tau = is_last ? options.ratio_limit : 1.0 + step * static_cast<double>(i);
    sum += (i == 0 || is_last ? 0.5 : 1.0) * profile_at(ratios, tau);
  }
  return sum * step / (options.ratio_limit - 1.0);
}

double integral_score(std::span<const double> ratios, double limit) {
  double sum = 0.0;
  for (const double ratio : ratios) {
    if (std::isfinite(ratio)) sum += (limit - ratio) / (limit - 1.0);
  }
  return sum / static_cast<double>(ratios.size());
}

}  // namespace

double profile_at(std::span<const double> ratios, double tau) {
  const auto num_within =
      std::count_if(ratios.begin(), ratios.end(), [&](double ratio) { return ratio <= tau; });
  return static_cast<double>(num_within) / static_cast<double>(ratios.size());
}

TimesToTarget read_times(const DataTable& table) {
  TimesToTarget data =
      table.has("workload") && table.has("time") ? read_long(table) : read_wide(table);
  if (data.submissions.size() < 2 || data.workloads.empty()) {
    refuse(
        table, "there is nothing to compare",
        fmt::format("{} submissions, {} workloads", data.submissions.size(), data.workloads.size()),
        "at least 2 submissions and 1 workload");
  }
  return data;
}

std::vector<SubmissionScore> score_submissions(const TimesToTarget& data,
                                               const ProfileOptions& options) {
  if (!(options.ratio_limit > 1.0) || options.num_points < 2) {
    throw BugError({.code = "time_to_result.options",
                    .what = "a profile needs a range and points in it",
                    .where = "score_submissions",
                    .got = "",
                    .expected = "ratio_limit > 1 and num_points >= 2",
                    .hint = ""});
  }
  const std::vector<double> ratios = ratios_of(data, options.ratio_limit);
  const std::size_t num_workloads = data.workloads.size();
  std::vector<SubmissionScore> scores(data.submissions.size());
  for (std::size_t s = 0; s < scores.size(); ++s) {
    const auto first = ratios.begin() + static_cast<std::ptrdiff_t>(s * num_workloads);
    scores[s].ratios.assign(first, first + static_cast<std::ptrdiff_t>(num_workloads));
    scores[s].score = trapezoid_score(scores[s].ratios, options);
    scores[s].exact_score = integral_score(scores[s].ratios, options.ratio_limit);
    for (const double ratio : scores[s].ratios) {
      if (std::isfinite(ratio)) ++scores[s].num_reached;
      if (ratio == 1.0) ++scores[s].num_fastest;
    }
  }
  return scores;
}

Interval lead_interval(const TimesToTarget& data, std::size_t first, std::size_t second,
                       const ProfileOptions& options, double level, std::size_t num_resamples,
                       Rng& rng) {
  if (data.workloads.size() < 2) return {};
  // A workload's ratios do not depend on the other workloads: only the mean is resampled.
  const std::vector<SubmissionScore> scores = score_submissions(data, options);
  std::vector<double> leads;
  for (std::size_t w = 0; w < data.workloads.size(); ++w) {
    const double ahead = trapezoid_score({&scores[first].ratios[w], 1}, options);
    leads.push_back(ahead - trapezoid_score({&scores[second].ratios[w], 1}, options));
  }
  return bca_bootstrap(
      leads, [](std::span<const double> x) { return mean(x); }, num_resamples, level, rng);
}

}  // namespace trimtab
