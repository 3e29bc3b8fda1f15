#pragma once

#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"

namespace trimtab::diagnosis {

/// Row numbers of a split.
struct Split {
  std::vector<int> train;
  std::vector<int> test;
};

/// Cuts rows into k test parts with nearly the class shares of the whole, in random order (files
/// are often sorted by class). Rows of one group stay together.
///
/// Per class the groups are shuffled and dealt one after another to the parts, the next class
/// beginning where the last one ended: without duplicates the sizes of two parts differ by at most
/// one, and the same holds within each class.
/// Source: Kohavi (1995), stratified k-fold cross-validation.
/// Differs: groups are kept whole; the parts differ in size by at most one over all classes
/// together, not only within each class. O(n).
/// @param rows   the rows to cut; label and group are indexed by row number.
/// @param group  (n); a group belongs to the class of its first row.
/// @throws UserError "folds.too_few" when a class has fewer groups than k.
std::vector<Split> stratified_folds(std::span<const int> rows, std::span<const int> label,
                                    std::span<const int> group, int k, Rng& rng);

}  // namespace trimtab::diagnosis
