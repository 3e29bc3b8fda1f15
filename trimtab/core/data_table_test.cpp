#include "trimtab/core/data_table.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"

namespace trimtab {
namespace {

std::string code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const UserError& error) {
    return error.info().code;
  }
  return "";
}

TEST(DataTable, ReadsQuotedCellsAndBothLineEnds) {
  const DataTable table = parse_csv(
      "\xEF\xBB\xBF"
      "a, b\r\n1,\"x, \"\"y\"\"\nz\"\n\n2,\n",
      "t.csv");
  EXPECT_EQ(table.names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(table.num_rows(), 2u);
  EXPECT_EQ(table.texts("b"), (std::vector<std::string>{"x, \"y\"\nz", ""}));
}

TEST(DataTable, ReadsNumbersWithHolesAndInfinities) {
  const DataTable table = parse_csv("x\n1.5\nNA\ninf\n-2e3\n", "t.csv");
  const std::vector<double> x = table.numbers("x");
  EXPECT_EQ(x[0], 1.5);
  EXPECT_TRUE(std::isnan(x[1]));
  EXPECT_EQ(x[2], std::numeric_limits<double>::infinity());
  EXPECT_EQ(x[3], -2000.0);
}

TEST(DataTable, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(code_of([] { parse_csv("", "t.csv"); }), "table.format");
  EXPECT_EQ(code_of([] { parse_csv("a,a\n", "t.csv"); }), "table.format");
  EXPECT_EQ(code_of([] { parse_csv("a\n\"b", "t.csv"); }), "table.format");
  EXPECT_EQ(code_of([] { parse_csv("a\n\"b\"c\n", "t.csv"); }), "table.format");
  EXPECT_EQ(code_of([] { parse_csv("a,b\n1\n", "t.csv"); }), "table.format");
  const DataTable table = parse_csv("loss,seed\n0.5,one\n", "t.csv");
  EXPECT_EQ(code_of([&] { table.numbers("seed"); }), "table.not_a_number");
  try {
    table.texts("lss");
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(error.info().code, "table.unknown_column");
    EXPECT_EQ(error.info().hint, "did you mean \"loss\"?");
  }
}

TEST(DataTable, StacksFilesOfOneHeader) {
  const std::string folder = ::testing::TempDir() + "data_table";
  make_folders(folder);
  write_file_atomically(folder + "/a.csv", "x,y\n1,2\n");
  write_file_atomically(folder + "/b.tsv", "x\ty\n3\t4\n");
  write_file_atomically(folder + "/c.csv", "x\n5\n");
  EXPECT_EQ(read_data_tables({folder + "/a.csv", folder + "/b.tsv"}).numbers("y"),
            (std::vector<double>{2, 4}));
  EXPECT_EQ(code_of([&] { read_data_tables({folder + "/a.csv", folder + "/c.csv"}); }),
            "table.headers");
}

TEST(DataTable, RefusesAFileThatIsNotThere) {
  EXPECT_THROW(read_data_tables({"/nowhere/at-all.csv"}), UserError);
}

RC_GTEST_PROP(DataTable, ReadsBackAnyQuotedText, (const std::string& raw)) {
  std::string cell = "\"";
  for (const char c : raw) cell += c == '"' ? std::string("\"\"") : std::string(1, c);
  const DataTable table = parse_csv("a,b\n" + cell + "\",1\n", "t.csv");
  RC_ASSERT(table.texts("a") == std::vector<std::string>{raw});
}

}  // namespace
}  // namespace trimtab
