#pragma once

#include <string>

namespace trimtab {

/// The repository's folder, the built command line program, and the library that stands in for that
/// of the graphics cards' driver. Defined by tests/places.cpp, the
/// only file that is compiled with them: every other test compiles alike in every clone.
std::string source_folder();
std::string program_path();
std::string fake_nvml();

}  // namespace trimtab
