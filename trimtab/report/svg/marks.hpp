#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "trimtab/core/history.hpp"
#include "trimtab/report/svg/frame.hpp"

namespace trimtab {

/// Dots of one class. Few are circles with titles; many share one path, 10 bytes each.
class Dots {
 public:
  Dots(std::string_view css_class, bool has_titles)
      : css_class_(css_class), has_titles_(has_titles) {}
  void add(Canvas& canvas, double x, double y, const std::function<std::string()>& title);
  void draw(Canvas& canvas) const;

 private:
  std::string css_class_;
  bool has_titles_;
  std::string path_;
};

/// Up to this many dots carry titles.
inline constexpr std::size_t kMaxTitles = 300;
/// Up to this many dots are drawn per chart.
inline constexpr std::size_t kMaxDots = 2500;

/// At most `most` of the items, evenly spread, first and last among them; the order is kept.
std::vector<std::int64_t> thin(const std::vector<std::int64_t>& items, std::size_t most);

/// Non-confirm trials with a value, in the order of their numbers.
std::vector<std::int64_t> valued_trials(const History& history);

/// "trial 12: auc 0.98".
std::string trial_title(const History& history, std::int64_t number);

/// The axis of the first objective for these trials.
Scale value_scale(const History& history, const std::vector<std::int64_t>& trials);

/// The scale of a parameter of one dimension, named choices included.
Scale parameter_scale(const Parameter& parameter, const Dimension& dimension);

/// A choice as people write it.
std::string scalar_text(const Scalar& scalar);

}  // namespace trimtab
