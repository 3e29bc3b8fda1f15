#include "trimtab/core/detail/table_reader.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "trimtab/base/text.hpp"
#include "trimtab/core/energy.hpp"

namespace trimtab::detail {
namespace {

// Where a key is at home, for people who put it into the wrong table.
struct Home {
  const char* key;
  const char* home;
};
constexpr Home kHomes[] = {
    {"name", "[study] (the study's) or [sampler] (the algorithm's)"},
    {"objectives", "[study]"},
    {"objective", "[study]"},
    {"budget", "[study]"},
    {"trials", "[study], as budget = { trials = 100 }"},
    {"patience", "[study], as budget = { patience = 40 }"},
    {"parallel", "[study]"},
    {"seed", "[study]"},
    {"command", "[program]"},
    {"workload", "[program]"},
    {"options", "[program]"},
    {"environment", "[program]"},
    {"directory", "[program]"},
    {"files", "[program]"},
    {"limits", "[program]"},
    {"wall",
     "[study], as budget = { wall = \"20m\" }, or [program], as limits = { wall = \"60s\" }"},
    {"memory", "[program], as limits = { memory = \"2G\" }"},
    {"cpus", "[program], as limits = { cpus = 1 }"},
    {"retries", "[program], as limits = { retries = 1 }"},
    {"grace", "[program], as limits = { grace = \"5s\" }"},
    {"tuning_seeds", "[validity]"},
    {"confirm", "[validity]"},
};

std::string hint_for_key(const std::string& key, const std::vector<std::string>& known) {
  const std::string near = did_you_mean(key, known);
  if (!near.empty()) return near;
  for (const Home& entry : kHomes) {
    if (key == entry.key) return quote(key) + " belongs into " + entry.home;
  }
  return "";
}

// "study.toml:12:5, column 3 of the command" gives (12, 5); a bare file name sorts first.
std::pair<long long, long long> position_in(const std::string& where, const std::string& name) {
  long long line = 0;
  long long column = 0;
  if (where.starts_with(name + ":")) {
    std::string_view rest = std::string_view(where).substr(name.size() + 1);
    const std::size_t colon = rest.find(':');
    parse_int(rest.substr(0, colon), line);
    if (colon != rest.npos) {
      rest.remove_prefix(colon + 1);
      parse_int(rest.substr(0, rest.find_first_not_of("0123456789")), column);
    }
  }
  return {line, column};
}

std::string range_text(TableReader::IntegerRange range) {
  const bool is_open = range.high == std::numeric_limits<std::int64_t>::max();
  return is_open ? "a whole number >= " + std::to_string(range.low)
                 : "a whole number in [" + std::to_string(range.low) + ", " +
                       std::to_string(range.high) + "]";
}

}  // namespace

void ProblemList::add(ErrorInfo info) {
  info.where = document_.where(info.where);
  infos_.push_back(std::move(info));
}

void ProblemList::append(const std::vector<ErrorInfo>& infos) {
  infos_.insert(infos_.end(), infos.begin(), infos.end());
}

void ProblemList::throw_if_any() {
  if (infos_.empty()) return;
  const std::string name = document_.where("");
  std::ranges::stable_sort(infos_, {},
                           [&](const ErrorInfo& info) { return position_in(info.where, name); });
  throw UserError(std::move(infos_));
}

std::string show(const Json& value) {
  constexpr std::size_t kMaxShown = 100;
  if (value.is_string()) return quote(value.get_ref<const std::string&>());
  if (value.is_number_float()) return format_number(value.get<double>());
  if (value.is_null()) return "nothing";
  std::string text = value.dump();
  if (text.size() <= kMaxShown) return text;
  std::size_t end = kMaxShown;
  while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

std::string describe_table(const std::string& path) {
  if (path.empty()) return "the file";
  const std::size_t slash = path.find('/');
  if (slash == std::string::npos) return "[" + path + "]";
  std::string inner = path.substr(slash + 1);
  std::ranges::replace(inner, '/', '.');
  return inner + " of [" + path.substr(0, slash) + "]";
}

TableReader::TableReader(const Json& table, std::string path, std::vector<std::string> known,
                         ProblemList& problems)
    : path_(std::move(path)), problems_(problems) {
  if (table.is_object()) {
    table_ = &table;
    if (!known.empty()) check_keys(known);
    return;
  }
  if (table.is_null() && path_.empty()) return;  // an empty YAML file
  if (known.empty() && path_.empty()) return;    // whoever knows the sections has noted it
  problems_.add({.code = "study.type",
                 .what = describe_table(path_) + " is not a table",
                 .where = path_,
                 .got = show(table),
                 .expected = known.empty() ? "a table" : "a table with " + one_of(known),
                 .hint = ""});
}

void TableReader::check_keys(const std::vector<std::string>& known) {
  for (const auto& [key, value] : table_->items()) {
    if (std::ranges::find(known, key) != known.end()) continue;
    problems_.add({.code = "study.unknown_key",
                   .what = describe_table(path_) + " has no such key",
                   .where = path_of(key),
                   .got = quote(key),
                   .expected = one_of(known),
                   .hint = hint_for_key(key, known)});
  }
}

const Json* TableReader::find(std::string_view key) const {
  if (table_ == nullptr) return nullptr;
  const auto found = table_->find(std::string(key));
  return found == table_->end() ? nullptr : &*found;
}

std::string TableReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "/" + std::string(key);
}

void TableReader::wrong(std::string_view key, const std::string& code, const std::string& what,
                        const std::string& expected, const std::string& hint) {
  const Json* value = find(key);
  problems_.add({.code = code,
                 .what = quote(key) + " " + what,
                 .where = path_of(key),
                 .got = value == nullptr ? "" : show(*value),
                 .expected = expected,
                 .hint = hint});
}

void TableReader::integer(std::string_view key, IntegerRange range,
                          std::optional<std::int64_t>& target) {
  const Json* value = find(key);
  if (value == nullptr) return;
  if (!value->is_number_integer()) {
    wrong(key, "study.type", "is not a whole number", range_text(range));
    return;
  }
  const bool is_huge = value->is_number_unsigned() && value->get<std::uint64_t>() > std::uint64_t{1}
                                                                                        << 62U;
  const std::int64_t integer = is_huge ? range.high : value->get<std::int64_t>();
  if (is_huge || integer < range.low || integer > range.high) {
    wrong(key, "study.range", "is out of range", range_text(range));
    return;
  }
  target = integer;
}

void TableReader::integer(std::string_view key, IntegerRange range, std::int64_t& target) {
  std::optional<std::int64_t> value;
  integer(key, range, value);
  if (value) target = *value;
}

void TableReader::number(std::string_view key, std::optional<double>& target) {
  const Json* value = find(key);
  if (value == nullptr) return;
  if (!value->is_number() || !std::isfinite(value->get<double>())) {
    wrong(key, "study.type", "is not a number", "a finite number");
    return;
  }
  target = value->get<double>();
}

void TableReader::positive_number(std::string_view key, std::optional<double>& target) {
  std::optional<double> value;
  number(key, value);
  if (value && *value <= 0.0) {
    wrong(key, "study.range", "is out of range", "a number > 0");
  } else if (value) {
    target = value;
  }
}

void TableReader::quantity(std::string_view key, bool (*parse)(std::string_view, double&),
                           bool may_be_zero, const char* what, const char* expected,
                           std::optional<double>& target) {
  const Json* value = find(key);
  if (value == nullptr) return;
  double read = 0.0;
  const bool is_read = value->is_string()
                           ? parse(value->get_ref<const std::string&>(), read)
                           : value->is_number() && std::isfinite(read = value->get<double>());
  if (!is_read || !std::isfinite(read)) {
    wrong(key, "study.type", what, expected);
  } else if (read < 0.0 || (read == 0.0 && !may_be_zero)) {
    wrong(key, "study.range", "is out of range",
          std::string(expected) + (may_be_zero ? "; not below 0" : "; above 0"));
  } else {
    target = read;
  }
}

void TableReader::duration(std::string_view key, bool may_be_zero, std::optional<double>& target) {
  quantity(key, parse_duration, may_be_zero, "is not a time",
           R"(seconds, or a text such as "90s", "20m", "8h", "2d")", target);
}

void TableReader::energy(std::string_view key, std::optional<double>& target) {
  quantity(key, parse_energy, false, "is not an amount of energy",
           R"(joules, or a text such as "500kJ", "50Wh", "1.2kWh")", target);
}

void TableReader::bytes(std::string_view key, std::optional<double>& target) {
  quantity(key, parse_bytes, false, "is not an amount of memory",
           R"(bytes, or a text such as "512M", "2G")", target);
}

void TableReader::text(std::string_view key, std::string& target) {
  const Json* value = find(key);
  if (value == nullptr) return;
  if (!value->is_string()) {
    wrong(key, "study.type", "is not a text", "a text");
    return;
  }
  const std::string& text = value->get_ref<const std::string&>();
  if (text.empty()) {
    wrong(key, "study.range", "is empty", "a text that is not empty");
  } else if (text.size() > kMaxText || text.find('\0') != text.npos) {
    wrong(key, "study.range", "is too long or holds a NUL character",
          "at most " + std::to_string(kMaxText) + " bytes of text");
  } else {
    target = text;
  }
}

}  // namespace trimtab::detail
