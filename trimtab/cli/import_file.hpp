#pragma once

#include <string>

#include "trimtab/cli/commands.hpp"

namespace trimtab {

struct ImportFileArguments : ImportArguments {
  std::string output;  ///< where the study file of a description goes; "" = standard output
};
/// Whatever the format has: studies go to the storage, the description of one becomes a study file.
int import_file(const ImportFileArguments& arguments, CommandContext context);

}  // namespace trimtab
