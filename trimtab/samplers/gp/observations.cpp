#include "trimtab/samplers/gp/observations.hpp"

#include <cmath>
#include <limits>

namespace trimtab::gp {
namespace {

Verdict verdict_of(const Observation& observation) {
  if (observation.state == TrialState::Pruned && !observation.is_infeasible) {
    return Verdict::AtLeast;
  }
  const bool has_value = observation.state == TrialState::Complete && !observation.is_infeasible &&
                         !std::isnan(observation.loss);
  return has_value ? Verdict::Value : Verdict::Failure;
}

}  // namespace

Observations::Observations(const Space& space, const Encoding& encoding,
                           std::size_t num_constraints)
    : space_(space), encoding_(encoding), num_constraints_(num_constraints) {}

void Observations::add(const Observation& observation) {
  const Verdict verdict = verdict_of(observation);
  points_.insert(points_.end(), observation.point.begin(), observation.point.end());
  features_.resize(features_.size() + encoding_.num_features());
  encoding_.encode(observation.point, std::span(features_).last(encoding_.num_features()));
  losses_.push_back(verdict == Verdict::Failure ? std::numeric_limits<double>::quiet_NaN()
                                                : observation.loss);
  for (std::size_t c = 0; c < num_constraints_; ++c) {
    violations_.push_back(c < observation.violations.size()
                              ? observation.violations[c]
                              : std::numeric_limits<double>::quiet_NaN());
  }
  verdicts_.push_back(verdict);
  seen_.insert(space_.hash(observation.point).low);
}

bool Observations::is_feasible(std::size_t i) const {
  for (std::size_t c = 0; c < num_constraints_; ++c) {
    if (violation(i, c) > 0.0) return false;
  }
  return true;
}

PointView Observations::point(std::size_t i) const {
  return PointView(points_).subspan(i * space_.num_dimensions(), space_.num_dimensions());
}

std::span<const double> Observations::features(std::size_t i) const {
  return std::span(features_).subspan(i * encoding_.num_features(), encoding_.num_features());
}

bool Observations::has_seen(PointView point) const {
  return seen_.contains(space_.hash(point).low);
}

}  // namespace trimtab::gp
