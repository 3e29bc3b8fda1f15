#include "trimtab/base/files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "trimtab/base/clock.hpp"
#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

class FilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "trimtab-files-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_;
};

TEST_F(FilesTest, WritesInOneStepAndReadsBack) {
  const std::string content("a\0b\n", 4);
  write_file_atomically(path("x"), content);
  EXPECT_EQ(read_file(path("x")), content);
  write_file_atomically(path("x"), "");
  EXPECT_EQ(read_file(path("x")), "");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);  // no drafts left
}

TEST_F(FilesTest, RefusesWhatCannotBeReadWithTheReason) {
  const auto reason = [](const std::string& name, std::size_t limit) -> std::string {
    try {
      read_file(name, limit);
      return "";
    } catch (const UserError& error) {
      return error.info().got;
    }
  };
  EXPECT_EQ(reason(path("missing"), 10), "No such file or directory (errno 2)");
  EXPECT_EQ(reason(folder_.string(), 10), "a folder");
  write_file_atomically(path("long"), std::string(11, 'x'));
  EXPECT_EQ(reason(path("long"), 10), "more than 10 bytes");
}

TEST_F(FilesTest, KeepsTheOldFileWhenTheFolderIsMissing) {
  EXPECT_THROW(write_file_atomically(path("no/such/folder/file"), "x"), EnvironmentError);
  make_folders(path("no/such/folder"));
  write_file_atomically(path("no/such/folder/file"), "x");
  EXPECT_THROW(make_folders(path("no/such/folder/file/below")), EnvironmentError);
}

TEST_F(FilesTest, ClosesADescriptorOnce) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  UniqueFd first(pipe_ends[0]), second(pipe_ends[1]);
  UniqueFd moved = std::move(first);
  EXPECT_FALSE(first.is_open());
  moved.reset();
  char byte = 'x';
  EXPECT_EQ(::read(pipe_ends[0], &byte, 1), -1);  // really closed
}

TEST(ManualClockTest, MovesOnlyWhenTold) {
  ManualClock clock;
  EXPECT_EQ(clock.now(), 0);
  clock.advance(1'500'000);
  EXPECT_EQ(clock.now(), 1'500'000);
  EXPECT_GT(wall_clock().now(), 1'700'000'000'000'000);
}

}  // namespace
}  // namespace trimtab
