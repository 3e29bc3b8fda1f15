#include "trimtab/workloads/tabular_diagnosis/table.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab::diagnosis {
namespace {

namespace fs = std::filesystem;
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// How a table lies in its file.
struct Format {
  std::string name;
  std::vector<std::string> files;    // paths under the data folder, in order of preference
  std::vector<std::string> ignored;  // columns that are no features (case numbers)
  std::string class_column;          // "" = the last one
  std::vector<std::string> classes;  // in this order if not empty; the diseased last
  std::vector<std::string> aliases;  // what another file calls the same classes
  std::vector<std::string> header;   // of a file without one; its first cell is then a number
};

const std::vector<Format>& formats() {
  static const std::vector<Format> known = {
      {"wdbc",
       {"breast_cancer.csv", "tables/wdbc.csv", "wdbc.csv"},
       {},
       "",
       {"benign", "malignant"},
       {"B", "M"},
       {}},
      {"wisconsin",
       {"breast-cancer-wisconsin.data", "wisconsin/breast-cancer-wisconsin.data",
        "BreastCancer.csv", "tables/BreastCancer.csv"},
       {"", "Id", "id", "ID", "rownames", "Sample code number"},
       "Class",
       {"benign", "malignant"},
       {"2", "4"},
       {"Id", "Cl.thickness", "Cell.size", "Cell.shape", "Marg.adhesion", "Epith.c.size",
        "Bare.nuclei", "Bl.cromatin", "Normal.nucleoli", "Mitoses", "Class"}},
      {"coimbra",
       {"coimbra/dataR2.csv", "dataR2.csv"},
       {},
       "Classification",
       {"No", "Yes"},
       {"1", "2"},
       {}},
      {"breast_tissue",
       {"coimbra/BreastTissue.csv", "BreastTissue.csv"},
       {"Case #"},
       "Class",
       {"adi", "car", "con", "fad", "gla", "mas"},
       {},
       {}},
      {"csv", {}, {}, "", {}, {}, {}},
  };
  return known;
}

const Format& format_of(const std::string& name) {
  const auto found = std::ranges::find(formats(), name, &Format::name);
  if (found != formats().end()) return *found;
  throw UserError({.code = "table.unknown",
                   .what = "there is no such table",
                   .where = "option table",
                   .got = quote(name),
                   .expected = one_of(table_names()),
                   .hint = did_you_mean(name, table_names())});
}

[[noreturn]] void malformed(const std::string& where, std::size_t line, const std::string& what,
                            std::string_view got, const std::string& expected) {
  throw UserError({.code = "table.malformed",
                   .what = what,
                   .where = where + ":" + std::to_string(line),
                   .got = quote(got),
                   .expected = expected,
                   .hint = ""});
}

std::string_view unquoted(std::string_view cell) {
  cell = trim(cell);
  const bool is_quoted = cell.size() >= 2 && cell.front() == '"' && cell.back() == '"';
  return is_quoted ? cell.substr(1, cell.size() - 2) : cell;
}

std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  for (const std::string_view cell : split(line, ',')) cells.emplace_back(unquoted(cell));
  return cells;
}

// Rows of cells under a header, with the number of each row's line.
struct Sheet {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> lines;
};

// scikit-learn's files begin with "569,30,malignant,benign": rows, features, names of 0, 1, ...
std::optional<std::vector<std::string>> bundled_classes(const std::vector<std::string>& first) {
  long long rows = 0;
  long long features = 0;
  if (first.size() < 4 || !parse_int(first[0], rows) || !parse_int(first[1], features)) return {};
  double number = 0.0;
  if (parse_double(first[2], number)) return {};
  return std::vector<std::string>(first.begin() + 2, first.end());
}

void name_bundled_classes(Sheet& sheet, const std::vector<std::string>& classes,
                          const std::string& where) {
  for (std::size_t i = 0; i < sheet.rows.size(); ++i) {
    long long index = 0;
    std::string& cell = sheet.rows[i].back();
    if (!parse_int(cell, index) || index < 0 || index >= static_cast<long long>(classes.size())) {
      malformed(where, sheet.lines[i], "the class is not a number of the header's classes", cell,
                "0.." + std::to_string(classes.size() - 1));
    }
    cell = classes[static_cast<std::size_t>(index)];
  }
}

Sheet read_sheet(std::string_view text, const Format& format, const std::string& where) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // byte-order mark
  Sheet sheet;
  std::optional<std::vector<std::string>> bundled;
  std::size_t line_number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++line_number;
    if (trim(line).empty()) continue;
    std::vector<std::string> cells = cells_of(line);
    if (sheet.header.empty()) {
      double number = 0.0;
      bundled = bundled_classes(cells);
      const bool is_header = !parse_double(cells.front(), number);
      if (is_header) {
        sheet.header = cells;
        continue;
      }
      if (!bundled && format.header.empty()) {
        malformed(where, line_number, "the table has no header row", line, "names of the columns");
      }
      sheet.header = format.header;
      if (bundled) {
        for (std::size_t j = 1; j <= static_cast<std::size_t>(std::stoul(cells[1])); ++j) {
          sheet.header.push_back("feature_" + std::to_string(j));
        }
        sheet.header.push_back("class");
        continue;
      }
    }
    if (cells.size() != sheet.header.size()) {
      malformed(where, line_number, "the row has another number of cells than the header", line,
                std::to_string(sheet.header.size()) + " cells");
    }
    sheet.rows.push_back(std::move(cells));
    sheet.lines.push_back(line_number);
  }
  if (sheet.rows.empty()) malformed(where, 1, "the table has no rows", "", "a header and rows");
  if (bundled) name_bundled_classes(sheet, *bundled, where);
  return sheet;
}

double number_of(const Sheet& sheet, std::size_t row, std::size_t column,
                 const std::string& where) {
  const std::string& cell = sheet.rows[row][column];
  if (cell.empty() || cell == "?" || cell == "NA") return kMissing;
  double value = 0.0;
  if (!parse_double(cell, value) || !std::isfinite(value)) {
    malformed(where, sheet.lines[row], "column " + quote(sheet.header[column]) + " holds no number",
              cell, "a number, or nothing, ? or NA where it is missing");
  }
  return value;
}

void read_labels(const Sheet& sheet, std::size_t column, const Format& format,
                 const std::string& where, Table& table) {
  table.classes = format.classes;
  if (table.classes.empty()) {
    std::set<std::string> names;
    for (const auto& row : sheet.rows) names.insert(row[column]);
    table.classes.assign(names.begin(), names.end());
  }
  for (std::size_t i = 0; i < sheet.rows.size(); ++i) {
    const std::string& cell = sheet.rows[i][column];
    std::ptrdiff_t index = std::ranges::find(table.classes, cell) - table.classes.begin();
    if (index == std::ssize(table.classes)) {
      index = std::ranges::find(format.aliases, cell) - format.aliases.begin();
      if (index == std::ssize(format.aliases)) {
        malformed(where, sheet.lines[i], "the class is unknown", cell, one_of(table.classes));
      }
    }
    table.label.push_back(static_cast<int>(index));
  }
  if (table.classes.size() < 2) {
    malformed(where, 1, "the table has one class only", table.classes.front(), "two or more");
  }
}

void group_equal_rows(Table& table) {
  std::map<std::vector<double>, int> seen;
  for (Eigen::Index i = 0; i < table.x.rows(); ++i) {
    std::vector<double> key(static_cast<std::size_t>(table.x.cols()));
    for (Eigen::Index j = 0; j < table.x.cols(); ++j) {
      const double value = table.x(i, j);
      key[static_cast<std::size_t>(j)] =
          std::isnan(value) ? -std::numeric_limits<double>::infinity() : value;
    }
    table.group.push_back(
        seen.emplace(std::move(key), static_cast<int>(seen.size())).first->second);
  }
}

// Where the data may be when the user does not say.
std::vector<fs::path> data_folders() {
  std::vector<fs::path> folders;
  if (const char* data = std::getenv("TRIMTAB_DATA"); data != nullptr && *data != '\0') {
    folders.emplace_back(data);
  }
  const fs::path bundled = fs::path("sklearn") / "datasets" / "data";
  folders.push_back(fs::path("/usr/lib/python3/dist-packages") / bundled);
  for (const char* base : {"/usr/local/lib", "/usr/lib"}) {
    std::error_code ignored;
    std::set<fs::path> found;  // sorted: the answer must not depend on the disk's order
    for (const auto& entry : fs::directory_iterator(base, ignored)) {
      if (!entry.path().filename().string().starts_with("python3")) continue;
      for (const char* kind : {"dist-packages", "site-packages"}) {
        found.insert(entry.path() / kind / bundled);
      }
    }
    folders.insert(folders.end(), found.begin(), found.end());
  }
  return folders;
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

std::string find_file(const Format& format, const std::string& data) {
  std::error_code ignored;
  if (!data.empty() && !fs::is_directory(data, ignored)) {
    if (is_file(data)) return data;
    throw UserError({.code = "table.absent",
                     .what = "the table's file does not exist",
                     .where = "option data",
                     .got = quote(data, 200),
                     .expected = "a file, or a folder that holds the table",
                     .hint = ""});
  }
  const std::vector<fs::path> folders =
      data.empty() ? data_folders() : std::vector<fs::path>{fs::path(data)};
  std::string tried;
  for (const std::string& file : format.files) {
    for (const fs::path& folder : folders) {
      if (is_file(folder / file)) return (folder / file).string();
      tried += (tried.empty() ? "" : ", ") + (folder / file).string();
    }
  }
  throw UserError(
      {.code = "table.absent",
       .what = "the table " + format.name + " is not on this machine",
       .where = "option data",
       .got = tried.empty() ? "no file" : "none of " + tried,
       .expected = format.name == "csv"
                       ? "data = \"FILE.csv\""
                       : "data = \"FILE\", or the environment variable TRIMTAB_DATA",
       .hint = format.name == "wdbc" ? "apt-get install python3-sklearn brings it" : ""});
}

}  // namespace

std::vector<std::string> table_names() {
  std::vector<std::string> names;
  for (const Format& format : formats()) names.push_back(format.name);
  return names;
}

Table parse_table(const std::string& name, std::string_view text, const std::string& where) {
  const Format& format = format_of(name);
  const Sheet sheet = read_sheet(text, format, where);
  std::size_t class_column = sheet.header.size() - 1;
  if (const auto at = std::ranges::find(sheet.header, format.class_column);
      !format.class_column.empty() && at != sheet.header.end()) {
    class_column = static_cast<std::size_t>(at - sheet.header.begin());
  }
  std::vector<std::size_t> columns;
  Table table;
  table.name = name;
  for (std::size_t j = 0; j < sheet.header.size(); ++j) {
    const bool is_ignored =
        std::ranges::find(format.ignored, sheet.header[j]) != format.ignored.end();
    if (j == class_column || is_ignored) continue;
    columns.push_back(j);
    table.features.push_back(sheet.header[j]);
  }
  if (columns.empty())
    malformed(where, 1, "the table has no features", "", "a column beside the class");
  table.x.resize(static_cast<Eigen::Index>(sheet.rows.size()),
                 static_cast<Eigen::Index>(columns.size()));
  for (std::size_t i = 0; i < sheet.rows.size(); ++i) {
    for (std::size_t j = 0; j < columns.size(); ++j) {
      table.x(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) =
          number_of(sheet, i, columns[j], where);
    }
  }
  read_labels(sheet, class_column, format, where, table);
  group_equal_rows(table);
  return table;
}

Table read_table(const std::string& name, const std::string& data) {
  const Format& format = format_of(name);
  const std::string path = find_file(format, data);
  return parse_table(name, read_file(path), path);
}

}  // namespace trimtab::diagnosis
