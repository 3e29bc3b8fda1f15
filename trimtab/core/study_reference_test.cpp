// docs/study-file.md and docs/spaces.md say what the parsers do: every key that a parser knows is
// named there, and every example is read.

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/base/testing/places.hpp"
#include "trimtab/core/study.hpp"
#include "trimtab/space/symbolic.hpp"

namespace trimtab {
namespace {

std::string page(const std::string& name) {
  std::ifstream file(source_folder() + "/docs/" + name);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

struct Block {
  std::string language;
  std::string text;
};

std::vector<Block> blocks_of(const std::string& content) {
  std::vector<Block> blocks;
  bool is_inside = false;
  std::istringstream lines(content);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      is_inside = !is_inside;
      if (is_inside) blocks.push_back({.language = line.substr(3), .text = ""});
    } else if (is_inside) {
      blocks.back().text += line + "\n";
    }
  }
  EXPECT_FALSE(is_inside);
  return blocks;
}

// The keys in `expected: one of a, b, c` of the message about the key "nonsense".
std::vector<std::string> known_keys(const std::string& toml) {
  std::vector<std::string> keys;
  try {
    parse_study(Document::parse(toml, Document::Format::Toml, "t"));
    ADD_FAILURE() << "no error in " << toml;
  } catch (const UserError& error) {
    for (const ErrorInfo& info : error.infos()) {
      if (info.got != "\"nonsense\"") continue;
      std::string list = info.expected;
      EXPECT_EQ(list.find("more)"), std::string::npos) << "the list is cut";
      if (list.starts_with("one of ")) list = list.substr(7);
      const std::regex word("[a-z_]+");
      for (std::sregex_iterator it(list.begin(), list.end(), word), end; it != end; ++it) {
        keys.push_back(it->str());
      }
    }
  }
  EXPECT_FALSE(keys.empty()) << toml;
  return keys;
}

TEST(StudyReference, NamesEveryKeyThatTheParserKnows) {
  const std::string content = page("study-file.md");
  const std::vector<std::string> probes = {
      "nonsense = 1",
      "[study]\nnonsense = 1",
      "[study]\nobjectives = [{ nonsense = 1 }]",
      "[study]\nbudget = { nonsense = 1 }",
      "[study]\nbudget = { stop = { nonsense = 1 } }",
      "[program]\nnonsense = 1",
      "[program]\nlimits = { nonsense = 1 }",
      "[program]\nfiles = [{ nonsense = 1 }]",
      "[validity]\nnonsense = 1",
      "[validity]\nconfirm = { nonsense = 1 }",
      "[space]\nx = { float = [0, 1], nonsense = 1 }",
      "[space]\nx = { int = [0, 1], nonsense = 1 }",
      "[space]\nx = { choice = [0, 1], nonsense = 1 }",
      "[space]\nx = { ordinal = [0, 1], nonsense = 1 }",
      "[space]\nx = { permutation = [0, 1], nonsense = 1 }",
      "[space]\nx = { subset = [0, 1], nonsense = 1 }",
      "[space]\nx = { one_of = [0, 1], nonsense = 1 }",
      "[space]\nx = { many_of = [0, 1], k = 1, nonsense = 1 }",
      "[space]\nx = { repeat = [0, 1], space = {}, nonsense = 1 }"};
  std::size_t num_keys = 0;
  for (const std::string& probe : probes) {
    for (const std::string& key : known_keys(probe)) {
      ++num_keys;
      const bool is_named = std::regex_search(content, std::regex("[`\\[]" + key + "[` \\]]"));
      EXPECT_TRUE(is_named) << key << " of " << probe;
    }
  }
  EXPECT_GT(num_keys, 80u);
}

class ReferencePage : public ::testing::TestWithParam<std::string> {};

TEST_P(ReferencePage, HoldsExamplesThatAreRead) {
  std::size_t num_examples = 0;
  for (const Block& block : blocks_of(page(GetParam()))) {
    const bool is_study = block.language == "toml" || block.language == "yaml";
    if (!is_study) continue;
    ++num_examples;
    const bool is_toml = block.language == "toml";
    const std::string text = is_toml && block.text.find("[study]") == std::string::npos
                                 ? block.text + "\n[study]\nname = \"example\"\n"
                                 : block.text;
    try {
      parse_study(Document::parse(text, is_toml ? Document::Format::Toml : Document::Format::Yaml,
                                  GetParam()));
    } catch (const UserError& error) {
      ADD_FAILURE() << block.text << "\n" << error.what();
    }
  }
  EXPECT_GE(num_examples, 3u);
}

INSTANTIATE_TEST_SUITE_P(All, ReferencePage, ::testing::Values("study-file.md", "spaces.md"),
                         [](const auto& test) {
                           return test.param == "spaces.md" ? "Spaces" : "StudyFile";
                         });

// A block "json" of docs/spaces.md is a symbolic document.
TEST(SpacesPage, HoldsSymbolicDocumentsThatComeBack) {
  std::size_t num_documents = 0;
  for (const Block& block : blocks_of(page("spaces.md"))) {
    if (block.language != "json") continue;
    ++num_documents;
    const SymbolicDocument document =
        SymbolicDocument::parse(block.text, SymbolicDocument::Format::Json, "spaces.md");
    Rng rng(1);
    const Point point = document.space().sample(rng);
    EXPECT_EQ(document.materialise(document.recover(document.materialise(point))),
              document.materialise(point));
    EXPECT_GT(document.space().num_dimensions(), 0u);
  }
  EXPECT_GE(num_documents, 1u);
}

}  // namespace
}  // namespace trimtab
