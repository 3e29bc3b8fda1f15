#include "trimtab/science/importance/ablation.hpp"

#include <cmath>
#include <limits>

namespace trimtab {
namespace {

// The predicted loss of a point; what is inactive stands in the middle.
double predict(const SurrogateForest& forest, const Space& space, PointView point) {
  const FeatureMap& features = forest.features();
  std::vector<double> unit(features.num_dimensions()), x(features.num_features(), 0.5);
  space.to_unit(point, unit);
  for (std::size_t j = 0; j < unit.size(); ++j) features.write(j, unit[j], x);
  return forest.predict(x);
}

// `from` with one parameter as in `end`; what that activates is as in `end` too.
Point with_parameter(const Space& space, const Point& from, PointView end,
                     const Parameter& parameter) {
  Point point = from;
  for (std::size_t j = parameter.first; j < parameter.first + parameter.count; ++j) {
    point[j] = end[j];
  }
  for (std::size_t j = 0; j < point.size(); ++j) {
    if (std::isnan(point[j])) point[j] = end[j];
  }
  space.canonicalise(point);
  return point;
}

bool differs(const Point& from, PointView end, const Parameter& parameter) {
  for (std::size_t j = parameter.first; j < parameter.first + parameter.count; ++j) {
    if (from[j] != end[j] && !(std::isnan(from[j]) && std::isnan(end[j]))) return true;
  }
  return false;
}

}  // namespace

std::vector<AblationStep> ablation_path(const SurrogateForest& forest, const Space& space,
                                        PointView start, PointView end) {
  std::vector<AblationStep> path;
  Point here(start.begin(), start.end());
  double loss = predict(forest, space, here);
  std::vector<bool> is_done(space.parameters().size(), false);
  for (std::size_t step = 0; step < is_done.size(); ++step) {
    AblationStep best = {.parameter = is_done.size(),
                         .gain = -std::numeric_limits<double>::infinity()};
    Point next;
    for (std::size_t p = 0; p < is_done.size(); ++p) {
      const Parameter& parameter = space.parameters()[p];
      if (is_done[p] || !differs(here, end, parameter)) continue;
      Point candidate = with_parameter(space, here, end, parameter);
      if (!differs(candidate, here, parameter)) continue;
      const double gain = loss - predict(forest, space, candidate);
      if (gain > best.gain) {
        best = {.parameter = p, .gain = gain};
        next = std::move(candidate);
      }
    }
    if (best.parameter == is_done.size()) break;
    is_done[best.parameter] = true;
    loss -= best.gain;
    here = std::move(next);
    path.push_back(best);
  }
  return path;
}

}  // namespace trimtab
