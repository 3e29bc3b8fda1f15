#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "trimtab/base/testing/places.hpp"

namespace trimtab {

/// Graphics cards for a test, by the library that stands in for the driver's.
class FakeCards {
 public:
  FakeCards()
      : file_(std::filesystem::temp_directory_path() /
              ("trimtab-cards-" + std::to_string(::getpid()))) {
    ::setenv("TRIMTAB_FAKE_NVML", file_.c_str(), 1);
  }
  FakeCards(const FakeCards&) = delete;
  FakeCards& operator=(const FakeCards&) = delete;
  ~FakeCards() {
    ::unsetenv("TRIMTAB_FAKE_NVML");
    std::filesystem::remove(file_);
  }

  /// What the cards have counted, millijoules each, "-" for one that does not count: "5 7000 -".
  void set(const std::string& counts) const { std::ofstream(file_) << counts << "\n"; }
  static std::string library() { return fake_nvml(); }

 private:
  std::filesystem::path file_;
};

}  // namespace trimtab
