// Wrong study files through the real program: the whole message on stderr, nothing on stdout, exit
// code 2, and nothing created. The files and messages are those of tests/bad_studies, and some that
// cannot lie in a repository.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "trimtab/base/testing/places.hpp"
#include "trimtab/core/testing/bad_studies.hpp"

namespace trimtab {
namespace {

namespace fs = std::filesystem;

struct Answer {
  int code = -1;
  std::string out = {};
  std::string err = {};
  double seconds = 0.0;
  long peak_kilobytes = 0;
};

// A folder of its own for study file and results; what the program prints goes beside it.
class BadFile : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "trimtab-bad-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    fs::create_directory(folder());
    fs::create_directory(root_ / "bin");  // the program that most of the files name
    fs::create_symlink("/bin/true", root_ / "bin" / "train");
  }
  void TearDown() override { fs::remove_all(root_); }

  fs::path folder() const { return root_ / "work"; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder() / name, std::ios::binary) << text;
  }

  // `trimtab run NAME` inside the folder.
  Answer run(const std::string& name) const {
    const std::string script = "cd '" + folder().string() + "' && PATH=\"$PATH:../bin\" exec '" +
                               program_path() + "' run '" + name +
                               "' --no-progress >../out 2>../err";
    const char* const argv[] = {"/bin/sh", "-c", script.c_str(), nullptr};
    const auto start = std::chrono::steady_clock::now();
    pid_t child = 0;
    EXPECT_EQ(::posix_spawn(&child, "/bin/sh", nullptr, nullptr, const_cast<char**>(argv), environ),
              0);
    int status = 0;
    struct rusage usage{};
    EXPECT_EQ(::wait4(child, &status, 0, &usage), child);
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
            .out = content_of(root_ / "out"),
            .err = content_of(root_ / "err"),
            .seconds = passed.count(),
            .peak_kilobytes = usage.ru_maxrss};
  }

  // Nothing but what the test put there.
  void expect_only(const std::vector<std::string>& names) const {
    std::vector<std::string> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder())) {
      found.push_back(entry.path().filename().string());
    }
    std::ranges::sort(found);
    EXPECT_EQ(found, names);
  }

  void expect_refused(const std::string& name, const std::string& message) const {
    const Answer answer = run(name);
    EXPECT_EQ(answer.code, 2);
    EXPECT_EQ(answer.out, "");
    EXPECT_EQ(answer.err, message);
    expect_only({name});
  }

  // A good study but for one line.
  static std::string study(const std::string& line, const std::string& command = "true {x}") {
    return "[study]\nname = \"s\"\n[space]\nx = [0.0, 1.0]\n[program]\ncommand = \"" + command +
           "\"\n" + line + "\n";
  }

  fs::path root_;
};

TEST_P(BadFile, EndsWithItsMessageAndCreatesNothing) {
  fs::copy_file(bad_studies() / GetParam(), folder() / GetParam());
  expect_refused(GetParam(), expected_message(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(All, BadFile, ::testing::ValuesIn(bad_files()), [](const auto& test) {
  std::string name = test.param;
  std::ranges::replace(name, '.', '_');
  return name;
});

using OddFile = BadFile;

TEST_F(OddFile, WithAnUnknownSampler) {
  write("s.toml", study("[sampler]\nname = \"tpee\""));
  const Answer answer = run("s.toml");
  EXPECT_EQ(answer.code, 2);
  EXPECT_TRUE(answer.err.starts_with("s.toml:8:1: ")) << answer.err;
  EXPECT_NE(answer.err.find("got:      \"tpee\""), std::string::npos) << answer.err;
  EXPECT_NE(answer.err.find("hint:     did you mean \"tpe\"?"), std::string::npos) << answer.err;
  expect_only({"s.toml"});
}

TEST_F(OddFile, WithUnknownAndWrongOptionsOfASampler) {
  write("s.toml", study("[sampler]\nname = \"tpe\"\nnum_candidate = 3\nnum_startup = -1"));
  const Answer answer = run("s.toml");
  EXPECT_EQ(answer.code, 2);
  EXPECT_NE(answer.err.find("\"tpe\" has no such option"), std::string::npos) << answer.err;
  EXPECT_TRUE(answer.err.starts_with("s.toml:9:1: ")) << answer.err;
  EXPECT_NE(answer.err.find("did you mean \"num_candidates\"?"), std::string::npos) << answer.err;
  EXPECT_NE(answer.err.find("\ns.toml:10:1: option \"num_startup\" of \"tpe\" is wrong"),
            std::string::npos)
      << answer.err;
  expect_only({"s.toml"});
}

TEST_F(OddFile, WithAnUnknownWorkload) {
  write("s.toml", "[study]\nname = \"s\"\n[program]\nworkload = \"nonsense\"\n");
  const Answer answer = run("s.toml");
  EXPECT_EQ(answer.code, 2);
  EXPECT_TRUE(answer.err.starts_with("s.toml:4:1: ")) << answer.err;
  EXPECT_NE(answer.err.find("got:      \"nonsense\""), std::string::npos) << answer.err;
  expect_only({"s.toml"});
}

TEST_F(OddFile, WhoseProgramDoesNotExist) {
  write("s.toml", study("", "no-such-program {x}"));
  const Answer answer = run("s.toml");
  EXPECT_EQ(answer.code, 2);
  EXPECT_TRUE(answer.err.starts_with("s.toml:6:1: the program does not exist or is not executable"))
      << answer.err;
  EXPECT_NE(answer.err.find("\"no-such-program\""), std::string::npos) << answer.err;
  expect_only({"s.toml"});
}

TEST_F(OddFile, TellsProblemsOfEveryKindAtOnceInOrder) {
  write("s.toml",
        "[study]\nname = \"s\"\nbudjet = 3\n[space]\nx = [1.0, 0.0]\n[sampler]\nname = \"tpee\"\n"
        "[program]\ncommand = \"no-such-program {x}\"\n");
  const Answer answer = run("s.toml");
  EXPECT_EQ(answer.code, 2);
  std::vector<std::size_t> places;
  for (const char* line : {"s.toml:3:1: ", "\ns.toml:5:1: ", "\ns.toml:7:1: ", "\ns.toml:9:1: "}) {
    places.push_back(answer.err.find(line));
    EXPECT_NE(places.back(), std::string::npos) << line << answer.err;
  }
  EXPECT_TRUE(std::ranges::is_sorted(places)) << answer.err;
  expect_only({"s.toml"});
}

TEST_F(OddFile, ThatDoesNotExist) {
  const Answer answer = run("absent.toml");
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(answer.err,
            "absent.toml: the file cannot be read\n"
            "  got:      No such file or directory (errno 2)\n"
            "  expected: a readable file\n"
            "  code:     files.unreadable\n");
  expect_only({});
}

TEST_F(OddFile, ThatIsAFolder) {
  fs::create_directory(folder() / "s.toml");
  const Answer answer = run("s.toml");
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(answer.out, "");
  EXPECT_TRUE(answer.err.starts_with("s.toml: the file cannot be read\n")) << answer.err;
  expect_only({"s.toml"});
}

TEST_F(OddFile, ThatMayNotBeRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "the superuser may read everything";
  write("s.toml", study(""));
  fs::permissions(folder() / "s.toml", fs::perms::none);
  expect_refused("s.toml",
                 "s.toml: the file cannot be read\n"
                 "  got:      Permission denied (errno 13)\n"
                 "  expected: a readable file\n"
                 "  code:     files.unreadable\n");
}

TEST_F(OddFile, OfAGigabyteIsRefusedWithoutReadingIt) {
  write("s.toml", study(""));
  fs::resize_file(folder() / "s.toml", std::uintmax_t{1} << 30);  // sparse
  const Answer answer = run("s.toml");
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(answer.err,
            "s.toml: the file cannot be read\n"
            "  got:      more than 16777216 bytes\n"
            "  expected: at most 16777216 bytes\n"
            "  code:     files.unreadable\n");
  EXPECT_LT(answer.seconds, 5.0);
  EXPECT_LT(answer.peak_kilobytes, 400'000);
  expect_only({"s.toml"});
}

TEST_F(OddFile, ThatIsNotUtf8) {
  write("s.toml", "[study]\nname = \"M\xFCnchen\"\n");
  expect_refused("s.toml",
                 "s.toml:2:10: the file is not UTF-8 text\n"
                 "  got:      byte 0xfc\n"
                 "  expected: UTF-8\n"
                 "  hint:     save the file as UTF-8\n"
                 "  code:     document.not_utf8\n");
}

TEST_F(OddFile, ThatIsNestedTooDeeply) {
  write("s.toml", "x = " + std::string(100'000, '[') + "\n");
  expect_refused("s.toml",
                 "s.toml:1:70: tables and lists are nested too deeply\n"
                 "  got:      more than 64 levels\n"
                 "  expected: at most 64 levels\n"
                 "  code:     document.depth\n");
}

TEST_F(OddFile, WithNumbersBeyondAllBounds) {
  write("s.json",
        R"({"study": {"name": "s", "seed": 99999999999999999999, "parallel": 9223372036854775808},
 "space": {"x": {"float": [0, 1e999]}, "n": {"int": [0, 1e300]}},
 "program": {"command": "true {x} {n}"}})");
  const Answer answer = run("s.json");
  EXPECT_EQ(answer.code, 2) << answer.err;
  EXPECT_TRUE(answer.err.starts_with("s.json:")) << answer.err;
  expect_only({"s.json"});
}

TEST_F(OddFile, WhoseNameSaysNoFormat) {
  write("study.txt", study(""));
  const Answer answer = run("study.txt");
  EXPECT_EQ(answer.code, 2) << answer.err;
  EXPECT_NE(answer.err.find(".toml"), std::string::npos) << answer.err;
  expect_only({"study.txt"});
}

}  // namespace
}  // namespace trimtab
