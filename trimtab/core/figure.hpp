#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trimtab/base/json.hpp"

namespace trimtab {

/// How a series is drawn.
enum class Mark : std::uint8_t {
  Line,      ///< through the points in their order; a hole where one is not finite
  Steps,     ///< as Line, each value holding until the next x
  Points,    ///< dots
  Diamonds,  ///< hollow, for what stands beside dots
  Ticks,     ///< short bars across the axis of the values: a mean beside its points
  Bars,      ///< from 0
  Rules      ///< reference lines across the plot at every y, or at every x where y is empty
};

/// How much a series stands out. Normal ones take the colours of the palette in their order.
enum class Emphasis : std::uint8_t { Normal, Strong, Quiet };

/// Numbers of one kind. A point that is not finite is not drawn.
struct FigureSeries {
  std::string name = {};  ///< in the key; "" = not there
  Mark mark = Mark::Line;
  std::vector<double> x = {}, y = {};       ///< (n) each; one may be empty for Rules
  std::vector<double> low = {}, high = {};  ///< (n) or empty: a band around a line, else whiskers
  Emphasis emphasis = Emphasis::Normal;
  bool is_of_previous = false;  ///< the same colour as the series before, and no key of its own
  std::vector<std::string> labels = {};  ///< (n) or empty: of points, shown on pointing
};

struct FigureAxis {
  std::string name = {};  ///< with its unit: "wall time (s)"
  bool is_log = false;
  std::vector<double> covers = {};  ///< values that are on the axis even if no series has them
  /// Where not empty, the values 0, 1, ... are these. Those of the y axis stand from top to bottom,
  /// bars and whiskers lie down. Not both axes.
  std::vector<std::string> categories = {};
};

/// Mean ranks of methods and the difference below which two are not told apart, for a
/// critical-difference diagram (Demsar 2006, section 3.2.2).
struct RankDiagram {
  std::vector<std::string> names = {};  ///< (k)
  std::vector<double> mean_ranks = {};  ///< (k), 1 = best
  double critical_difference = 0.0;
  std::vector<std::vector<std::size_t>> cliques = {};  ///< runs of methods that are not told apart
};

/// What a person should rather look at than read: numbers and what they mean, not how they look.
struct Figure {
  std::string title = {};
  std::string caption = {};  ///< one or two sentences that say what there is to see
  FigureAxis x = {}, y = {};
  std::vector<FigureSeries> series = {};
  std::optional<RankDiagram> ranks = std::nullopt;  ///< instead of axes and series
};

/// @throws BugError when the lengths within a series or diagram differ, both axes have categories,
/// or a clique names a method that is not there.
void require_drawable(const Figure& figure);

/// {"title", "caption", "x", "y", "series": [{"name", "mark", "x", "y", "low", "high", "labels"}]}
/// or with "ranks" for a critical-difference diagram; numbers that are not finite are null.
Json figure_json(const Figure& figure);

/// The critical-difference diagram of k methods over n blocks: Friedman's test, then Nemenyi's.
/// Source, Differs: those of `friedman_test` and `nemenyi_test`.
/// @param names   (k), k >= 2.
/// @param losses  (n, k) row-major, finite; the smallest of a block has rank 1.
/// @return the diagram; its caption tells the test's p and alpha. O(n k log k).
Figure rank_figure(std::string title, std::vector<std::string> names,
                   const std::vector<double>& losses, double alpha = 0.05);

}  // namespace trimtab
