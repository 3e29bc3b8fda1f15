#include "trimtab/science/scaling_law/step_law_prior.hpp"

#include <fmt/core.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

constexpr double kRange = 4.0;  // deviations

LogNormal predict(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const Eigen::VectorXd& at) {
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> solver(x);
  const auto freedom = static_cast<double>(x.rows() - x.cols());
  if (solver.rank() < x.cols() || freedom < 1.0) {
    throw UserError({.code = "scaling_law.runs",
                     .what = "the runs do not determine a law",
                     .where = "scaling_law",
                     .got = fmt::format("{} runs near the best", x.rows()),
                     .expected = "more runs, of at least two sizes and two lengths",
                     .hint = ""});
  }
  const Eigen::VectorXd solution = solver.solve(y);
  const double noise = (y - x * solution).squaredNorm() / freedom;
  const double leverage = at.dot((x.transpose() * x).ldlt().solve(at));
  return {at.dot(solution), std::sqrt(noise * (1.0 + leverage))};
}

// Bare when TOML permits it.
std::string key(const std::string& name) {
  const bool is_bare = !name.empty() && name.find_first_not_of(
                                            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                            "0123456789_-") == std::string::npos;
  return is_bare ? name : quote(name, 1000);
}

std::string normal_text(const LogNormal& prior) {
  return fmt::format("prior = {{ normal = [{:.4f}, {:.4f}] }}", prior.mean, prior.deviation);
}

}  // namespace

StepLawPrior prior_at(std::span<const SweepTask> tasks, double max_excess, double num_parameters,
                      double num_tokens) {
  const std::vector<SweepRun> runs = near_best(tasks, max_excess);
  const auto n = static_cast<Eigen::Index>(runs.size());
  // Centred at the new scale: the prediction is the constant, and the columns stay well apart.
  Eigen::MatrixXd of_rate(n, 3), of_batch(n, 2);
  Eigen::VectorXd rate(n), batch(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const SweepRun& run = runs[static_cast<std::size_t>(i)];
    const double by_d = std::log(run.num_tokens / num_tokens);
    of_rate.row(i) << 1.0, std::log(run.num_parameters / num_parameters), by_d;
    of_batch.row(i) << 1.0, by_d;
    rate(i) = std::log(run.learning_rate);
    batch(i) = std::log(run.batch_tokens);
  }
  return {predict(of_rate, rate, Eigen::Vector3d(1.0, 0.0, 0.0)),
          predict(of_batch, batch, Eigen::Vector2d(1.0, 0.0))};
}

std::string space_lines(const StepLawPrior& prior, const SweepColumns& columns) {
  const LogNormal& rate = prior.learning_rate;
  const double rate_width = kRange * std::max(rate.deviation, 1e-3);
  const LogNormal batch = {prior.batch_tokens.mean - std::log(columns.sequence_length),
                           prior.batch_tokens.deviation};
  const double batch_width = kRange * std::max(batch.deviation, 1e-3);
  const double least = std::max(1.0, std::floor(std::exp(batch.mean - batch_width)));
  const double most = std::max(least + 1.0, std::ceil(std::exp(batch.mean + batch_width)));
  std::string text = "[space]\n";
  text += fmt::format("{} = {{ float = [{:.3e}, {:.3e}], log = true, default = {:.4e}, {} }}\n",
                      key(columns.learning_rate), std::exp(rate.mean - rate_width),
                      std::exp(rate.mean + rate_width), std::exp(rate.mean), normal_text(rate));
  text += fmt::format(
      "{} = {{ int = [{:.0f}, {:.0f}], log = true, default = {:.0f}, {} }}\n", key(columns.batch),
      least, most, std::clamp(std::round(std::exp(batch.mean)), least, most), normal_text(batch));
  return text;
}

}  // namespace trimtab
