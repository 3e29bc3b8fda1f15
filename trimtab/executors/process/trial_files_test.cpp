#include "trimtab/executors/process/trial_files.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "trimtab/base/error.hpp"
#include "trimtab/executors/process/testing/process_fixture.hpp"

namespace trimtab {
namespace {

namespace fs = std::filesystem;

class TrialFilesTest : public ProcessFixture {
 protected:
  // Everything a program may leave where a file of ours should be.
  void leave(const std::string& kind, const std::string& path) const {
    if (kind == "file") write(path, "old");
    if (kind == "folder") fs::create_directories(path + "/deep/er");
    if (kind == "pipe") {
      EXPECT_EQ(mkfifo(path.c_str(), 0600), 0);
    }
    if (kind == "link") fs::create_symlink(this->path("target"), path);
    if (kind == "loop") fs::create_symlink(path, path);
    if (kind == "hard link") fs::create_hard_link(this->path("target"), path);
    if (kind == "socket") bind_socket(path);
    if (kind == "unreadable") {
      write(path, "old");
      fs::permissions(path, fs::perms::none);
    }
  }
  static void bind_socket(const std::string& path) {
    const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path.c_str());
    EXPECT_EQ(bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  void SetUp() override { write(path("target"), "precious"); }

  static constexpr const char* kKinds[] = {"nothing", "file",      "folder", "pipe",      "link",
                                           "loop",    "hard link", "socket", "unreadable"};
};

TEST_F(TrialFilesTest, ReadsAFileAndNothingElse) {
  const auto outcome = [&](const std::string& kind) {
    leave(kind, path(kind));
    const TrialFile file = read_trial_file(path(kind), "result file", 100);
    return file.content + "|" + file.problem;
  };
  EXPECT_EQ(outcome("nothing"), "|");
  EXPECT_EQ(outcome("file"), "old|");
  EXPECT_EQ(outcome("link"), "precious|");
  EXPECT_EQ(outcome("folder"), "|the result file is a folder, not a file");
  EXPECT_EQ(outcome("pipe"), "|the result file is a pipe, not a file");
  EXPECT_EQ(outcome("socket"), "|the result file is a socket, not a file");
  EXPECT_EQ(outcome("loop"),
            "|the result file cannot be read: Too many levels of symbolic links (errno 40)");
  EXPECT_EQ(read_trial_file("/dev/zero", "result file", 100).problem,
            "the result file is a device, not a file");
}

TEST_F(TrialFilesTest, ReadsNoMoreThanIsAllowed) {
  write(path("exact"), std::string(std::size_t{1} << 20, 'x'));
  EXPECT_EQ(read_trial_file(path("exact"), "file", std::size_t{1} << 20).content.size(),
            std::size_t{1} << 20);
  write(path("more"), std::string((std::size_t{1} << 20) + 1, 'x'));
  const TrialFile file = read_trial_file(path("more"), "file", std::size_t{1} << 20);
  EXPECT_EQ(file.content, "");
  EXPECT_EQ(file.problem, "the file is larger than 1 MiB");
}

TEST_F(TrialFilesTest, WritesInPlaceOfAnything) {
  for (const std::string kind : kKinds) {
    const std::string place = path("here " + kind);
    leave(kind, place);
    write_trial_file(place, "new");
    EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(place))) << kind;
    EXPECT_EQ(read(place), "new") << kind;
  }
  EXPECT_EQ(read(path("target")), "precious");
}

TEST_F(TrialFilesTest, MakesAFolderInPlaceOfAnythingButAFolder) {
  for (const std::string kind : kKinds) {
    const std::string place = path("there " + kind);
    leave(kind, place);
    make_trial_folder(place);
    EXPECT_TRUE(fs::is_directory(place)) << kind;
  }
  EXPECT_TRUE(fs::exists(path("there folder/deep/er")));
  EXPECT_EQ(read(path("target")), "precious");
}

TEST_F(TrialFilesTest, KeepsALinkToAFolderAndOpensOneThatWasShut) {
  fs::create_directory(path("real"));
  fs::create_symlink(path("real"), path("linked"));
  make_trial_folder(path("linked"));
  EXPECT_TRUE(fs::is_symlink(path("linked")));

  fs::permissions(path("real"), fs::perms::none);
  make_trial_folder(path("real"));
  EXPECT_EQ(fs::status(path("real")).permissions() & fs::perms::owner_all, fs::perms::owner_all);
}

TEST_F(TrialFilesTest, TellsWhenTheSystemRefuses) {
  EXPECT_THROW(write_trial_file("/proc/nothing/here", "x"), EnvironmentError);
  EXPECT_THROW(make_trial_folder("/proc/nothing"), EnvironmentError);
}

TEST_F(TrialFilesTest, KnowsTheSizeOfFilesOnly) {
  write(path("five"), "12345");
  EXPECT_EQ(size_of_trial_file(path("five")), 5.0);
  fs::create_symlink(path("five"), path("link"));
  EXPECT_EQ(size_of_trial_file(path("link")), 0.0);
  EXPECT_EQ(size_of_trial_file(path("missing")), 0.0);
  EXPECT_EQ(size_of_trial_file(folder_.string()), 0.0);
}

}  // namespace
}  // namespace trimtab
