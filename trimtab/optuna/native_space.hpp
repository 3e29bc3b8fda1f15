#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trimtab/optuna/stored_study.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab::optuna {

/// The space that spans what the trials of a stored study had for each parameter.
struct NativeSpace {
  Space space;
  std::vector<std::string> definitions = {};    ///< JSON text per dimension
  std::vector<std::int64_t> dimension_of = {};  ///< per entry of the study; -1 = Optuna's alone
  std::vector<std::string> foreign = {};        ///< names without a dimension, as they first came
};

/// @throws UserError "optuna.distribution" with the entry's name. O(entries).
NativeSpace native_space(const StoredStudy& stored);

/// Makes `range` span `other` too, both of the same type and scale. A step that both grids share is
/// kept: the greatest of whole numbers; of others only an equal one from equal beginnings.
void widen(Distribution& range, const Distribution& other);

}  // namespace trimtab::optuna
