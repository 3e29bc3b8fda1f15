#include "trimtab/exchange/optuna_studies.hpp"

#include <memory>
#include <utility>

#include "trimtab/base/text.hpp"
#include "trimtab/optuna/study_import.hpp"

namespace trimtab::exchange {
namespace {

StudyContent content_of(const optuna::StoredStudy& stored, const std::string& name,
                        Timestamp fallback, std::vector<std::string> notes) {
  optuna::ImportPlan plan = optuna::plan_import(stored, name, fallback);
  StudyContent content{.spec = std::move(plan.spec),
                       .events = std::move(plan.events),
                       .num_parameters = plan.num_native,
                       .notes = std::move(notes)};
  for (const optuna::StoredTrial& trial : stored.trials) {
    ++content.num_trials[static_cast<std::size_t>(trial.state)];
  }
  if (plan.is_dynamic && plan.num_native > 0) {
    content.notes.push_back(
        "not all trials have the same parameters: they are those of a study whose programs "
        "find their parameters");
  }
  for (const std::string& parameter : plan.foreign) {
    content.notes.push_back("parameter " + quote(parameter) +
                            " is visible to Optuna's clients alone: no space can have it");
  }
  if (plan.num_foreign > 0) {
    content.notes.push_back(std::to_string(plan.num_foreign) +
                            " values of parameters are visible to Optuna's clients alone");
  }
  return content;
}

}  // namespace

std::vector<ForeignStudy> foreign_studies(std::vector<optuna::StoredStudy> studies,
                                          const std::vector<std::string>& notes) {
  std::vector<ForeignStudy> foreign;
  for (optuna::StoredStudy& study : studies) {
    const auto stored = std::make_shared<const optuna::StoredStudy>(std::move(study));
    foreign.push_back({stored->name, [stored, notes](const std::string& name, Timestamp fallback) {
                         return content_of(*stored, name, fallback, notes);
                       }});
  }
  return foreign;
}

}  // namespace trimtab::exchange
