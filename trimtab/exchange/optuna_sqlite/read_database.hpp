#pragma once

#include <string>
#include <vector>

#include "trimtab/exchange/format.hpp"
#include "trimtab/optuna/stored_study.hpp"

namespace trimtab::exchange {

struct StoredDatabase {
  std::vector<optuna::StoredStudy> studies = {};
  std::vector<std::string> notes = {};  ///< what is not as it was, for all studies
};

/// Reads an Optuna database, schema 12, as one picture of one moment; others may write meanwhile.
/// @throws UserError when it is another schema, a study of `options.study` is not in it, or a row
/// makes no sense. Cost: O(rows), one query per table.
StoredDatabase read_optuna_database(const std::string& path, const ReadOptions& options);

}  // namespace trimtab::exchange
