// Every file of tests/bad_studies is wrong; NAME.expected beside NAME.toml (.yaml, .json) holds the
// whole message that a user gets.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/base/testing/places.hpp"
#include "trimtab/core/study.hpp"
#include "trimtab/core/testing/bad_studies.hpp"

namespace trimtab {
namespace {

namespace fs = std::filesystem;

Document::Format format_of(const fs::path& path) {
  if (path.extension() == ".toml") return Document::Format::Toml;
  return path.extension() == ".json" ? Document::Format::Json : Document::Format::Yaml;
}

template <typename Action>
std::string error_of(Action action) {
  try {
    action();
    return "no error";
  } catch (const UserError& error) {
    return error.what();
  }
}

class BadStudyFile : public ::testing::TestWithParam<std::string> {};

TEST_P(BadStudyFile, GetsItsMessage) {
  const fs::path path = bad_studies() / GetParam();
  const std::string message = error_of(
      [&] { parse_study(Document::parse(content_of(path), format_of(path), GetParam())); });
  EXPECT_EQ(message + "\n", expected_message(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(All, BadStudyFile, ::testing::ValuesIn(bad_files()), [](const auto& test) {
  std::string name = test.param;
  std::ranges::replace(name, '.', '_');
  return name;
});

TEST(BadStudyFiles, AreManyAndEachHasItsMessage) {
  const std::vector<std::string> names = bad_files();
  EXPECT_GE(names.size(), 45u);
  std::set<fs::path> expected;
  for (const fs::directory_entry& entry : fs::directory_iterator(bad_studies())) {
    if (entry.path().extension() == ".expected") expected.insert(entry.path());
  }
  EXPECT_EQ(expected.size(), names.size());
  for (const std::string& name : names) {
    EXPECT_TRUE(expected.contains((bad_studies() / name).replace_extension(".expected"))) << name;
  }
}

// Files that cannot lie in a repository.
class OddStudyFile : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("trimtab_odd_study_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override {
    ::chmod(folder_.c_str(), 0755);
    fs::remove_all(folder_);
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  fs::path folder_;
};

TEST_F(OddStudyFile, OfAGigabyteIsRefusedAtOnce) {
  std::ofstream(path("huge.toml")) << "[study]\nname = \"s\"\n";
  fs::resize_file(path("huge.toml"), std::uintmax_t{1} << 30);  // sparse
  EXPECT_EQ(error_of([&] { parse_study(Document::read(path("huge.toml"))); }),
            path("huge.toml") +
                ": the file cannot be read\n"
                "  got:      more than 16777216 bytes\n"
                "  expected: at most 16777216 bytes\n"
                "  code:     files.unreadable");
}

TEST_F(OddStudyFile, ThatIsNotUtf8NamesTheByte) {
  std::ofstream(path("latin.toml"), std::ios::binary) << "[study]\nname = \"M\xFCnchen\"\n";
  EXPECT_EQ(error_of([&] { parse_study(Document::read(path("latin.toml"))); }),
            path("latin.toml") +
                ":2:10: the file is not UTF-8 text\n"
                "  got:      byte 0xfc\n"
                "  expected: UTF-8\n"
                "  hint:     save the file as UTF-8\n"
                "  code:     document.not_utf8");
}

TEST_F(OddStudyFile, InAFolderWithoutPermissionSaysSo) {
  if (::geteuid() == 0) GTEST_SKIP() << "the superuser may read everything";
  std::ofstream(path("s.toml")) << "[study]\nname = \"s\"\n";
  ASSERT_EQ(::chmod(folder_.c_str(), 0), 0);
  EXPECT_EQ(error_of([&] { Document::read(path("s.toml")); }),
            path("s.toml") +
                ": the file cannot be read\n"
                "  got:      Permission denied (errno 13)\n"
                "  expected: a readable file\n"
                "  code:     files.unreadable");
}

TEST_F(OddStudyFile, WithNulBytesOrRandomBytesIsRefused) {
  const std::string nul("[study]\nname = \"a\0b\"\n", 21);
  EXPECT_THROW(parse_study(Document::parse(nul, Document::Format::Toml, "f")), UserError);
  EXPECT_THROW(parse_study(Document::parse(nul, Document::Format::Json, "f")), UserError);
  EXPECT_THROW(parse_study(Document::parse(nul, Document::Format::Yaml, "f")), UserError);
}

TEST(Setting, ThatIsNotUtf8IsRefused) {
  Json root = Json::object();
  EXPECT_EQ(error_of([&] { set_by_path(root, "study.name=\xFF"); }),
            "--set \"study.name=\": the setting is not UTF-8 text\n"
            "  got:      a wrong byte after 11 bytes\n"
            "  expected: UTF-8\n"
            "  code:     set.path");
}

class ExampleStudyFile : public ::testing::TestWithParam<std::string> {};

std::vector<std::string> example_files() {
  std::vector<std::string> paths;
  const fs::path examples = fs::path(source_folder()) / "examples" / "studies";
  for (const fs::directory_entry& entry : fs::directory_iterator(examples)) {
    if (entry.path().extension() == ".toml" || entry.path().extension() == ".yaml") {
      paths.push_back(entry.path().string());
    }
  }
  std::ranges::sort(paths);
  return paths;
}

TEST_P(ExampleStudyFile, IsAStudy) {
  const StudySpec spec = parse_study(Document::read(GetParam()));
  EXPECT_EQ(spec.name, fs::path(GetParam()).stem().string());
  EXPECT_EQ(study_from_json(spec.to_json()).to_json(), spec.to_json());
}

INSTANTIATE_TEST_SUITE_P(All, ExampleStudyFile, ::testing::ValuesIn(example_files()),
                         [](const auto& test) {
                           std::string name = fs::path(test.param).stem().string();
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace trimtab
