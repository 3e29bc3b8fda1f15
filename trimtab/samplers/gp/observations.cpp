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

Observations::Observations(const Space& space, const Encoding& encoding)
    : space_(space), encoding_(encoding) {}

void Observations::add(const Observation& observation) {
  const Verdict verdict = verdict_of(observation);
  points_.insert(points_.end(), observation.point.begin(), observation.point.end());
  features_.resize(features_.size() + encoding_.num_features());
  encoding_.encode(observation.point, std::span(features_).last(encoding_.num_features()));
  losses_.push_back(verdict == Verdict::Failure ? std::numeric_limits<double>::quiet_NaN()
                                                : observation.loss);
  verdicts_.push_back(verdict);
  seen_.insert(space_.hash(observation.point).low);
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
