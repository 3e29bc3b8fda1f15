#include "trimtab/executors/process/socket_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>

namespace trimtab {
namespace {

namespace fs = std::filesystem;

// TMPDIR is a folder of the test's own meanwhile.
class SocketFolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const char* given = std::getenv("TMPDIR")) given_ = given;
    std::string pattern = "/tmp/trimtab-test-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    base_ = pattern;
    ::setenv("TMPDIR", base_.c_str(), 1);
  }
  void TearDown() override {
    if (given_) {
      ::setenv("TMPDIR", given_->c_str(), 1);
    } else {
      ::unsetenv("TMPDIR");
    }
    fs::remove_all(base_);
  }
  static void make_old(const fs::path& path) {
    const struct timeval hour_ago[2] = {{.tv_sec = ::time(nullptr) - 3600, .tv_usec = 0},
                                        {.tv_sec = ::time(nullptr) - 3600, .tv_usec = 0}};
    ASSERT_EQ(::utimes(path.c_str(), hour_ago), 0);
  }

  fs::path base_;
  std::optional<std::string> given_;
};

TEST_F(SocketFolderTest, IsRemovedWithItsEngine) {
  std::string path;
  {
    const SocketFolder folder;
    path = folder.path();
    EXPECT_TRUE(fs::is_directory(path));
    EXPECT_EQ(fs::path(path).filename(), folder.name());
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(SocketFolderTest, RemovesThoseOfKilledEnginesAndNothingElse) {
  const fs::path abandoned = base_ / "trimtab-sockets-killed";
  const fs::path young = base_ / "trimtab-sockets-young";  // perhaps not locked yet
  const fs::path foreign = base_ / "trimtab-other";
  for (const fs::path& path : {abandoned, young, foreign}) fs::create_directory(path);
  std::ofstream(abandoned / "3-0") << "";
  const SocketFolder living;
  for (const fs::path& path : {abandoned, foreign, fs::path(living.path())}) make_old(path);
  const SocketFolder next;
  EXPECT_FALSE(fs::exists(abandoned));
  EXPECT_TRUE(fs::exists(young));
  EXPECT_TRUE(fs::exists(foreign));
  EXPECT_TRUE(fs::exists(living.path()));
}

}  // namespace
}  // namespace trimtab
