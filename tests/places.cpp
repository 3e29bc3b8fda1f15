#include "trimtab/base/testing/places.hpp"

namespace trimtab {

std::string source_folder() { return TRIMTAB_SOURCE_DIR; }
std::string program_path() { return TRIMTAB_PROGRAM; }
std::string fake_nvml() { return TRIMTAB_FAKE_NVML_LIBRARY; }

}  // namespace trimtab
