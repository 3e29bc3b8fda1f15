#include "trimtab/numerics/hypervolume.hpp"

#include <algorithm>
#include <utility>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

using Point = std::vector<double>;

bool dominates_or_equals(const Point& a, const Point& b) {
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k] < b[k]) return false;
  }
  return true;
}

// Points above the reference, as distances from it.
std::vector<Point> shifted(std::span<const double> points, std::span<const double> reference) {
  const std::size_t m = reference.size();
  if (m == 0 || points.size() % m != 0) {
    throw BugError({.code = "hypervolume.shape",
                    .what = "points are no whole rows",
                    .where = "hypervolume",
                    .got = std::to_string(points.size()),
                    .expected = "a multiple of " + std::to_string(m),
                    .hint = ""});
  }
  std::vector<Point> result;
  for (std::size_t i = 0; i < points.size(); i += m) {
    Point point(m);
    bool is_above = true;
    for (std::size_t k = 0; k < m; ++k) {
      point[k] = points[i + k] - reference[k];
      is_above = is_above && point[k] > 0.0;
    }
    if (is_above) result.push_back(std::move(point));
  }
  return result;
}

std::vector<Point> front_of(const std::vector<Point>& points) {
  std::vector<Point> front;
  for (const Point& point : points) {
    const bool is_below = std::any_of(front.begin(), front.end(), [&](const Point& other) {
      return dominates_or_equals(other, point);
    });
    if (is_below) continue;
    std::erase_if(front, [&](const Point& other) { return dominates_or_equals(point, other); });
    front.push_back(point);
  }
  return front;
}

double sweep(std::vector<Point> points) {
  std::sort(points.begin(), points.end(), [](const Point& a, const Point& b) {
    return a[0] > b[0] || (a[0] == b[0] && a[1] > b[1]);
  });
  double volume = 0.0, highest = 0.0;
  for (const Point& point : points) {
    if (point[1] <= highest) continue;
    volume += point[0] * (point[1] - highest);
    highest = point[1];
  }
  return volume;
}

double box(const Point& point) {
  double volume = 1.0;
  for (const double side : point) volume *= side;
  return volume;
}

// Each point's volume less what the points after it share with it.
double wfg(const std::vector<Point>& points) {
  if (points.empty()) return 0.0;
  if (points.front().size() == 2) return sweep(points);
  if (points.front().size() == 1) {
    return (*std::max_element(points.begin(), points.end()))[0];
  }
  double volume = 0.0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    std::vector<Point> shared;
    for (std::size_t j = i + 1; j < points.size(); ++j) {
      Point& corner = shared.emplace_back(points[i]);
      for (std::size_t k = 0; k < corner.size(); ++k) corner[k] = std::min(corner[k], points[j][k]);
    }
    volume += box(points[i]) - wfg(front_of(shared));
  }
  return volume;
}

}  // namespace

double hypervolume(std::span<const double> points, std::span<const double> reference) {
  return wfg(front_of(shifted(points, reference)));
}

std::vector<std::size_t> non_dominated(std::span<const double> points, std::size_t num_objectives) {
  const std::size_t n = points.size() / num_objectives;
  const auto covers = [&](std::size_t a, std::size_t b) {
    for (std::size_t k = 0; k < num_objectives; ++k) {
      if (points[a * num_objectives + k] < points[b * num_objectives + k]) return false;
    }
    return true;
  };
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < n; ++i) {
    bool is_best = true;
    for (std::size_t j = 0; j < n && is_best; ++j) {
      is_best = j == i || !covers(j, i) || (covers(i, j) && i < j);
    }
    if (is_best) front.push_back(i);
  }
  return front;
}

}  // namespace trimtab
