#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "trimtab/base/testing/places.hpp"

namespace trimtab {

/// Runs tests/check_page.py on a page: well-formed, alone, described, labels apart.
/// @param sections  headings that must be there in this order, each quoted for the shell if needed.
inline void expect_sound(const std::string& page, const std::string& sections = "") {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("trimtab-page-" + std::to_string(::getpid())))
          .string();
  std::ofstream(path) << page;
  const std::string command = "python3 '" + source_folder() + "/tests/check_page.py' '" + path +
                              "' " + sections + " >'" + path + ".log'";
  const int code = std::system(command.c_str());
  std::ifstream log(path + ".log");
  EXPECT_EQ(code, 0) << std::string(std::istreambuf_iterator<char>(log), {});
  std::filesystem::remove(path);
  std::filesystem::remove(path + ".log");
}

}  // namespace trimtab
