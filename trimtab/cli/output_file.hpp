#pragma once

#include <string>

namespace trimtab {

/// Checks, before any work is done, that a file can be written there later.
/// @param option  the option that named it, for the message.
/// @throws UserError when the folder is missing or closed, or the path is a folder.
void require_output_place(const std::string& path, const std::string& option);

}  // namespace trimtab
