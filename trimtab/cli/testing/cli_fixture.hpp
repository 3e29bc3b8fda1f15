#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "trimtab/cli/commands.hpp"

namespace trimtab {

struct Answer {
  int code = 0;
  std::string out, err;
};

class CliTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "trimtab-cli-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    write("study.toml", R"(
[study]
name = "bowl"
objectives = [{ name = "loss", goal = "min" }]
budget = { trials = 12 }
parallel = 2
[space]
x = { float = [-1.0, 1.0], default = 0.9 }
[program]
command = "sh fit.sh {x} {trial.seed}"
directory = ")" + folder_.string() +
                            R"("
[sampler]
name = "random"
[validity]
confirm = { top = 1, seeds = 3 }
)");
    write("fit.sh",
          "awk -v x=\"$1\" 'BEGIN { printf \"trimtab: {\\\"loss\\\": %.17g}\\n\", x * x }'\n");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
  }
  std::string storage() const { return "sqlite:" + path("all.db"); }

  static Answer call(std::vector<std::string> arguments) {
    std::vector<const char*> argv = {"trimtab"};
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    std::ostringstream out, err;
    Answer answer;
    answer.code = run_command_line(static_cast<int>(argv.size()), argv.data(), out, err);
    answer.out = out.str();
    answer.err = err.str();
    return answer;
  }
  Answer run(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"run",     path("study.toml"), "--storage",
                                          storage(), "--folder",         path("trials")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return call(arguments);
  }

  std::filesystem::path folder_;
};

}  // namespace trimtab
