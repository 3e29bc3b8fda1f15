// Any bytes as a journal: studies whose trials refer to what is there, or a UserError.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "trimtab/base/error.hpp"
#include "trimtab/exchange/optuna_journal/replay_journal.hpp"
#include "trimtab/optuna/study_import.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const trimtab::exchange::ReplayedJournal journal =
        trimtab::exchange::replay_journal(bytes, "fuzz");
    for (const trimtab::optuna::StoredStudy& study : journal.studies) {
      for (const trimtab::optuna::StoredTrial& trial : study.trials) {
        for (const auto& parameter : trial.parameters) {
          const auto entry = static_cast<std::size_t>(parameter.entry);
          if (parameter.entry < 0 || entry >= study.entries.size()) std::abort();
        }
      }
      trimtab::optuna::plan_import(study, "fuzz", 0);
    }
  } catch (const trimtab::UserError&) {
    // the expected answer to most bytes
  }
  return 0;
}
