#pragma once

#include <string>
#include <vector>

#include "trimtab/core/data_table.hpp"
#include "trimtab/core/history.hpp"
#include "trimtab/science/surrogate_explanation/explanation.hpp"

namespace trimtab::explanation {

/// A task with what is needed to speak about it.
struct NamedTask {
  Task task;
  std::size_t num_left_out = 0;       ///< columns that are neither numbers nor a few names
  std::size_t num_thinned_from = 0;   ///< rows before thinning; 0 = all are used
  std::vector<std::string> is_texts;  ///< (p) "model = rbf" for the feature of a choice, else ""
  std::vector<const Dimension*>
      dimensions;  ///< (p) of a study, whose features are unit coordinates
};

/// A column with numbers is a feature; one with at most 12 different texts gives a feature per
/// text; others are left out. Cells that are no finite number become the column's median. A target
/// whose cells are not all numbers, or that has at most 10 different whole numbers, gives classes.
/// @throws UserError when the target is unknown, has one value only, or no feature or fewer than 20
/// rows are left.
NamedTask task_of_table(const DataTable& table, const std::string& target, std::size_t max_rows);

/// The complete trials: parameters as features, the value of the first objective as the number. The
/// view's space must outlive the task. @throws UserError for fewer than 20 trials or one value
/// only.
NamedTask task_of_study(const StudyView& study, std::size_t max_rows);

/// "rate <= 0.01", "0.2 < x <= 0.4", "model is rbf", "model is not rbf".
std::string condition_text(const NamedTask& named, const Condition& condition);
/// "rate 0.1 -> 0.01", "model becomes rbf".
std::string change_text(const NamedTask& named, const Change& change);

}  // namespace trimtab::explanation
