#include "trimtab/core/data_table.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

[[noreturn]] void refuse(const std::string& source, std::size_t line, const std::string& what,
                         const std::string& got, const std::string& expected) {
  throw UserError({.code = "table.format",
                   .what = what,
                   .where = fmt::format("{}:{}", source, line),
                   .got = got,
                   .expected = expected,
                   .hint = ""});
}

// Cuts the text into rows of cells.
class CsvReader {
 public:
  CsvReader(std::string_view text, char separator, const std::string& source)
      : text_(text), separator_(separator), source_(source) {}

  bool is_at_end() const { return at_ >= text_.size(); }
  std::size_t line() const { return line_; }

  std::vector<std::string> row() {
    std::vector<std::string> cells;
    for (;;) {
      cells.push_back(is_next('"') ? quoted() : plain());
      if (!is_next(separator_)) break;
      ++at_;
    }
    if (is_next('\r')) ++at_;
    if (is_next('\n')) {
      ++at_;
      ++line_;
    } else if (!is_at_end()) {
      refuse(source_, line_, "text follows a closing quote", quote(text_.substr(at_, 20)),
             "a separator or the end of the line");
    }
    return cells;
  }

 private:
  bool is_next(char c) const { return at_ < text_.size() && text_[at_] == c; }

  std::string plain() {
    const std::size_t first = at_;
    while (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n' &&
           !(text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n'))) {
      ++at_;
    }
    return std::string(text_.substr(first, at_ - first));
  }

  std::string quoted() {
    const std::size_t opened = line_;
    std::string cell;
    for (++at_; !is_at_end(); ++at_) {
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] == '"' && (at_ + 1 == text_.size() || text_[at_ + 1] != '"')) {
        ++at_;
        return cell;
      }
      if (text_[at_] == '"') ++at_;
      cell += text_[at_];
    }
    refuse(source_, opened, "a quote is never closed", "", "another \"");
  }

  std::string_view text_;
  char separator_;
  const std::string& source_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

DataTable parse(std::string_view text, char separator, std::string source) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  DataTable table;
  table.source = std::move(source);
  CsvReader reader(text, separator, table.source);
  while (!reader.is_at_end()) {
    const std::size_t line = reader.line();
    std::vector<std::string> cells = reader.row();
    if (cells.size() == 1 && trim(cells[0]).empty()) continue;
    if (table.names.empty()) {
      for (const std::string& name : cells) table.names.emplace_back(trim(name));
      if (std::set<std::string>(table.names.begin(), table.names.end()).size() != cells.size()) {
        refuse(table.source, line, "two columns have one name", "", "distinct names");
      }
      table.columns.resize(cells.size());
      continue;
    }
    if (cells.size() != table.names.size()) {
      refuse(table.source, line, "a row is not as long as the header",
             fmt::format("{} cells", cells.size()), fmt::format("{}", table.names.size()));
    }
    for (std::size_t i = 0; i < cells.size(); ++i) table.columns[i].push_back(std::move(cells[i]));
  }
  if (table.names.empty()) refuse(table.source, 1, "the table is empty", "", "a line of names");
  return table;
}

bool read_number(std::string_view cell, double& value) {
  const std::string_view text = trim(cell);
  if (text.empty() || text == "NA" || text == "nan" || text == "NaN") {
    value = std::nan("");
    return true;
  }
  return parse_double(text, value);
}

}  // namespace

bool DataTable::has(std::string_view name) const {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const std::vector<std::string>& DataTable::texts(std::string_view name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    throw UserError({.code = "table.unknown_column",
                     .what = "the table has no such column",
                     .where = source,
                     .got = quote(name),
                     .expected = one_of(names),
                     .hint = did_you_mean(name, names)});
  }
  return columns[static_cast<std::size_t>(found - names.begin())];
}

std::vector<double> DataTable::numbers(std::string_view name) const {
  const std::vector<std::string>& cells = texts(name);
  std::vector<double> values(cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (read_number(cells[i], values[i])) continue;
    throw UserError({.code = "table.not_a_number",
                     .what = fmt::format("column {} has a cell that is no number", quote(name)),
                     .where = fmt::format("{}, row {}", source, i + 1),
                     .got = quote(cells[i]),
                     .expected = "a number, or nothing",
                     .hint = ""});
  }
  return values;
}

DataTable parse_csv(std::string_view text, std::string source) {
  return parse(text, ',', std::move(source));
}

DataTable read_data_tables(const std::vector<std::string>& paths) {
  DataTable all;
  for (const std::string& path : paths) {
    const std::string text = read_file(path, std::size_t{1} << 30);
    DataTable table = parse(text, path.ends_with(".tsv") ? '\t' : ',', path);
    if (&path == &paths.front()) {
      all = std::move(table);
      continue;
    }
    if (table.names != all.names) {
      throw UserError({.code = "table.headers",
                       .what = "two tables have different headers",
                       .where = path,
                       .got = one_of(table.names),
                       .expected = one_of(all.names),
                       .hint = ""});
    }
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      std::move(table.columns[i].begin(), table.columns[i].end(),
                std::back_inserter(all.columns[i]));
    }
  }
  return all;
}

}  // namespace trimtab
