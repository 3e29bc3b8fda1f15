#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "trimtab/cli/commands.hpp"

namespace trimtab {

/// The files that a soup may be made of.
struct SoupIngredients {
  std::vector<std::string> files = {};
  std::vector<double> scores = {};  ///< maximised; empty = not known yet
  std::string metric = {};          ///< what the scores, and the evaluation of soups, are
  double sign = 1.0;                ///< -1 where less of the metric is better: score = sign * value
  std::size_t num_missing = 0;      ///< complete trials whose file is not there

  double value(double score) const { return sign * score; }
};

/// The files of the command line; or those of a study's complete trials (confirmations apart, and
/// only what keeps the constraints), with their scores by its first objective.
/// @throws UserError "soup.arguments" when both or neither are given, or fewer than two files are.
SoupIngredients find_soup_ingredients(const SoupArguments& arguments, const Registry& registry);

}  // namespace trimtab
