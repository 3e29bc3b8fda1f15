#pragma once

#include <optional>
#include <string>
#include <utility>

#include "trimtab/exchange/study_draft.hpp"

namespace trimtab::exchange {

/// A range of numbers as sweep files of several programs have it, on its way to a parameter.
struct Range {
  double low = 0.0, high = 1.0;
  double step = 0.0;  ///< values are rounded to its multiples; 0 = they are not
  bool is_log = false;
  bool is_int = false;  ///< whole numbers
  /// Mean and deviation of a normal belief; of the natural logarithm when `is_log`.
  std::optional<std::pair<double, double>> normal = {};
};

/// The unbounded normal distribution, or that of the logarithm, cut at four deviations: 1 draw in
/// 15 787 lies outside. Refused when the deviation is not above 0.
Range normal_range(StudyDraft& draft, std::string_view path, double mean, double deviation,
                   bool is_log);

/// The parameter of a study file. Ends that are no multiples of the step move to the nearest one,
/// which is noted; wrong ranges are refused.
Json parameter_of(StudyDraft& draft, std::string_view path, Range range);

/// A choice of the values of a list: texts, numbers and booleans as they are; null, lists and
/// objects as their JSON text, which is noted. Repeated ones are noted and left out.
/// @param weights  empty, or one per value of the list.
Json choice_of(StudyDraft& draft, std::string_view path, const Json& list, const Json& weights);

}  // namespace trimtab::exchange
