#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "trimtab/base/testing/places.hpp"

namespace trimtab {

/// Wrong study files; NAME.expected beside NAME.toml (.yaml, .json) holds the whole message that a
/// user gets.
inline const std::filesystem::path& bad_studies() {
  static const std::filesystem::path kFolder =
      std::filesystem::path(source_folder()) / "tests" / "bad_studies";
  return kFolder;
}

inline std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

inline std::string expected_message(const std::string& name) {
  return content_of((bad_studies() / name).replace_extension(".expected"));
}

/// Names of the files, sorted.
inline std::vector<std::string> bad_files() {
  std::vector<std::string> names;
  for (const std::filesystem::directory_entry& entry :
       std::filesystem::directory_iterator(bad_studies())) {
    if (entry.path().extension() != ".expected") names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace trimtab
