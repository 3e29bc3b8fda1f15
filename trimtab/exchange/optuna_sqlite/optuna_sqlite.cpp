#include <string_view>

#include "trimtab/exchange/format.hpp"
#include "trimtab/exchange/optuna_sqlite/database.hpp"
#include "trimtab/exchange/optuna_sqlite/mirror.hpp"
#include "trimtab/exchange/optuna_sqlite/read_database.hpp"
#include "trimtab/exchange/optuna_studies.hpp"

namespace trimtab::exchange {
namespace {

using namespace std::string_view_literals;

bool is_optuna_database(const SourceFile& source) {
  if (!source.head.starts_with("SQLite format 3\0"sv)) return false;
  const Database database(source.path, Database::Mode::Read);
  Statement tables(database,
                   "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN "
                   "('studies', 'trials', 'trial_params', 'version_info')");
  return tables.next() && tables.integer(0) == 4;
}

std::vector<ForeignStudy> read_studies(const SourceFile& source, const ReadOptions& options) {
  StoredDatabase stored = read_optuna_database(source.path, options);
  return foreign_studies(std::move(stored.studies), stored.notes);
}

Format optuna_sqlite() {
  return {.name = "optuna-sqlite",
          .purpose = "an SQLite database of Optuna's, schema 12 (Optuna 3.0 to 5.x)",
          .recognises = is_optuna_database,
          .read_studies = read_studies,
          .open_mirror = mirror_to_optuna};
}

}  // namespace
}  // namespace trimtab::exchange

TRIMTAB_FORMAT(optuna_sqlite, optuna_sqlite())
