#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace trimtab {

struct Tick {
  double unit = 0.0;  ///< position in [0, 1]
  std::string label;
};

/// Maps values to [0, 1] and names round values in between.
class Scale {
 public:
  /// @param low, high  finite; widened when equal.
  static Scale linear(double low, double high);
  /// Whole numbers from 0: ticks are whole. @param high  >= 0.
  static Scale whole(double high);
  /// The same between any two values. @param low, high  finite, low < high.
  static Scale whole(double low, double high);
  /// @param low, high  positive; widened when equal.
  static Scale logarithmic(double low, double high);
  /// Seconds: ticks at round times.
  static Scale duration(double high);
  /// Values 0, 1, ... at the centres of equal cells.
  static Scale categories(std::vector<std::string> labels);
  /// The range of finite values with a little air. An outlier cannot flatten the rest: when the
  /// worst tenth takes most of the range, it is left outside, on the side of `worse`. Positive
  /// losses over more than two powers of ten get a logarithmic scale.
  enum class Worse : std::uint8_t { High, Low };
  static Scale of_values(std::span<const double> values, Worse worse);

  /// Clamped to [0, 1]; NaN gives 0.
  double unit(double value) const;
  bool contains(double value) const;
  bool is_categorical() const { return kind_ == Kind::Categories; }
  std::size_t num_categories() const { return labels_.size(); }
  /// Round values within the range, ascending, about `most` of them at most; every category.
  std::vector<Tick> ticks(std::size_t most) const;
  double low() const { return low_; }
  double high() const { return high_; }

 private:
  enum class Kind : std::uint8_t { Linear, Whole, Logarithmic, Duration, Categories };
  Scale(Kind kind, double low, double high) : kind_(kind), low_(low), high_(high) {}
  std::vector<Tick> linear_ticks(double step) const;
  std::vector<Tick> logarithmic_ticks(std::size_t most) const;
  std::vector<Tick> decade_ticks(const std::vector<double>& factors, int stride) const;

  Kind kind_;
  double low_;
  double high_;
  std::vector<std::string> labels_;
};

/// The smallest of 1, 2, 5 times a power of ten with at most `most` steps in the range.
double round_step(double range, std::size_t most);

}  // namespace trimtab
