#pragma once

#include <string>
#include <vector>

#include "trimtab/exchange/format.hpp"
#include "trimtab/optuna/stored_study.hpp"

namespace trimtab::exchange {

/// Studies as Optuna's files have them, ready to be stored. @param notes  go to every study.
std::vector<ForeignStudy> foreign_studies(std::vector<optuna::StoredStudy> studies,
                                          const std::vector<std::string>& notes);

}  // namespace trimtab::exchange
