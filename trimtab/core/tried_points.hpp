#pragma once

#include <cstdint>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

#include "trimtab/core/sampler.hpp"

namespace trimtab {

/// The points that a study already has, finished or running, so that a sampler proposes others.
/// Memory: 8 bytes a trial and the set's overhead.
class TriedPoints {
 public:
  explicit TriedPoints(const Space& space) : space_(space) {}

  void add_finished(std::uint64_t key) { finished_.insert(key); }
  /// Replaces the running ones. O(active).
  void set_running(std::span<const Observation> active);

  std::uint64_t key_of(PointView point) const { return space_.hash(point).low; }
  bool contains(std::uint64_t key) const {
    return finished_.contains(key) || running_.contains(key);
  }
  bool is_finished(std::uint64_t key) const { return finished_.contains(key); }

 private:
  Space space_;
  std::unordered_set<std::uint64_t> finished_;
  std::unordered_set<std::uint64_t> running_;
};

/// The points of one `ask`: each one untried and other than those before it where that is possible.
class Proposals {
 public:
  Proposals(const Space& space, const TriedPoints& tried) : space_(space), tried_(tried) {}

  bool is_new(std::uint64_t key) const { return !tried_.contains(key) && !keys_.contains(key); }
  /// Takes a point whose key the caller knows.
  void add(Point point, std::uint64_t key);
  /// The default configuration, if the space declares one, nobody has tried it and `count` > 0.
  void add_default(std::size_t count);
  /// Draws a few times, then changes a parameter at random a few times, then takes what there is.
  /// @param draw  returns a point of the space.
  template <typename Draw>
  void add_new(const Draw& draw, Rng& rng) {
    constexpr int kAttempts = 4;
    Point point = draw();
    std::uint64_t key = tried_.key_of(point);
    for (int attempt = 0; attempt < 2 * kAttempts && !is_new(key); ++attempt) {
      point = attempt < kAttempts ? draw() : space_.mutate(point, rng);
      key = tried_.key_of(point);
    }
    add(std::move(point), key);
  }
  std::size_t size() const { return points_.size(); }
  std::vector<Point> take() && { return std::move(points_); }

 private:
  const Space& space_;
  const TriedPoints& tried_;
  std::vector<Point> points_;
  std::unordered_set<std::uint64_t> keys_;
};

}  // namespace trimtab
