#include "trimtab/samplers/gp/expert_prior.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace trimtab::gp {
namespace {

constexpr std::size_t kAlways = std::numeric_limits<std::size_t>::max();
constexpr double kDoubt = 0.01;  // of the density at its mode, everywhere

double doubted(double ratio) { return std::log((1.0 - kDoubt) * ratio + kDoubt); }

std::vector<double> logs_of(const std::vector<double>& weights) {
  const double largest = *std::max_element(weights.begin(), weights.end());
  std::vector<double> logs;
  for (const double weight : weights) logs.push_back(doubted(weight / largest));
  return logs;
}

}  // namespace

ExpertPrior::ExpertPrior(const Space& space, const Encoding& encoding) {
  for (std::size_t j = 0; j < space.num_dimensions(); ++j) {
    const Dimension& dimension = space.dimensions()[j];
    if (dimension.prior.shape == Prior::Shape::Uniform || dimension.count() == 1) continue;
    Term term;
    term.first = encoding.feature_of(j);
    if (dimension.kind == Kind::Categorical) term.num_choices = dimension.prior.weights.size();
    term.activity = dimension.is_conditional()
                        ? term.first + std::max<std::size_t>(1, term.num_choices)
                        : kAlways;
    if (dimension.prior.shape == Prior::Shape::Weights) {
      term.logs = logs_of(dimension.prior.weights);
    } else {
      // The prior's scale is linear in the feature; the ends tell how.
      const double low = dimension.is_log ? std::log(dimension.low) : dimension.low;
      const double high = dimension.is_log ? std::log(dimension.high) : dimension.high;
      const double first = dimension.to_unit(dimension.low) - 0.5;
      const double rate = (dimension.to_unit(dimension.high) - 0.5 - first) / (high - low);
      term.mean = std::clamp(first + rate * (dimension.prior.mean - low), -0.5, 0.5);
      term.deviation = rate * dimension.prior.deviation;
    }
    terms_.push_back(std::move(term));
  }
}

bool ExpertPrior::is_on(const Term& term, std::span<const double> features) const {
  return term.activity == kAlways || features[term.activity] > 0.0;
}

double ExpertPrior::log_density(std::span<const double> features) const {
  double sum = 0.0;
  for (const Term& term : terms_) {
    if (!is_on(term, features)) continue;
    if (term.logs.empty()) {
      const double z = (features[term.first] - term.mean) / term.deviation;
      sum += doubted(std::exp(-0.5 * z * z));
    } else if (term.num_choices > 0) {
      const auto own = features.subspan(term.first, term.num_choices);
      sum += term.logs[static_cast<std::size_t>(std::max_element(own.begin(), own.end()) -
                                                own.begin())];
    } else {
      const auto count = static_cast<double>(term.logs.size());
      const double rank = std::floor((features[term.first] + 0.5) * count);
      sum += term.logs[static_cast<std::size_t>(std::clamp(rank, 0.0, count - 1.0))];
    }
  }
  return sum;
}

void ExpertPrior::add_slope(std::span<const double> features, double weight,
                            std::span<double> slope) const {
  for (const Term& term : terms_) {
    if (!term.logs.empty() || !is_on(term, features)) continue;
    const double z = (features[term.first] - term.mean) / term.deviation;
    const double believed = (1.0 - kDoubt) * std::exp(-0.5 * z * z);
    slope[term.first] -= weight * believed / (believed + kDoubt) * z / term.deviation;
  }
}

}  // namespace trimtab::gp
