#pragma once

#include "trimtab/exchange/optuna_sqlite/database.hpp"

namespace trimtab::exchange {

/// Makes the tables of Optuna's schema 12 (revision v3.2.0.a) in an empty database, and says which
/// version of Optuna made them: that tells readers what its times mean.
/// @param library_version  "5.0.0": times are UTC; "4.9.0": local.
void create_optuna_schema(Database& database, const char* library_version);

}  // namespace trimtab::exchange
