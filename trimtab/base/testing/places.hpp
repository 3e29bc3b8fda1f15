#pragma once

#include <string>

namespace trimtab {

/// The repository's folder, and the built command line program. Defined by tests/places.cpp, the
/// only file that is compiled with them: every other test compiles alike in every clone.
std::string source_folder();
std::string program_path();

}  // namespace trimtab
