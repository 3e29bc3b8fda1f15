#include "trimtab/engine/data_register.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/hash.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/data_table.hpp"
#include "trimtab/engine/split_dealer.hpp"

namespace trimtab {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFile = std::size_t{1} << 32;
constexpr std::size_t kLookedAt = 8192;  // bytes that tell a text

[[noreturn]] void refuse(const char* code, const std::string& what, const std::string& where,
                         const std::string& got, const std::string& expected,
                         const std::string& hint) {
  throw UserError(
      {.code = code, .what = what, .where = where, .got = got, .expected = expected, .hint = hint});
}

[[noreturn]] void refuse_text(const std::string& text) {
  refuse("data.fingerprint", "this is no fingerprint of data", "data.fingerprint",
         quote(text.substr(0, 40)), "what Trimtab wrote", "it is not for study files");
}

bool is_table(const std::string& path) {
  const std::string ending = fs::path(path).extension().string();
  return ending == ".csv" || ending == ".tsv";
}

// Rows of a table whatever its quotes and line ends; of a file that is none, lines.
bool add_table(const std::string& path, std::vector<std::uint64_t>& rows) {
  try {
    const std::vector<std::uint64_t> found = row_hashes(read_data_tables({path}));
    rows.insert(rows.end(), found.begin(), found.end());
    return true;
  } catch (const UserError& error) {
    if (error.info().code != "table.format") throw;
    return false;
  }
}

void add_rows(const std::string& path, std::vector<std::uint64_t>& rows) {
  if (is_table(path) && add_table(path, rows)) return;
  const std::string content = read_file(path, kMaxFile);
  if (content.substr(0, kLookedAt).find('\0') != std::string::npos) {
    rows.push_back(hash64(content));
    return;
  }
  for (std::size_t begin = 0; begin < content.size();) {
    const std::size_t end = std::min(content.find('\n', begin), content.size());
    const std::string_view line = trim(std::string_view(content).substr(begin, end - begin));
    if (!line.empty()) rows.push_back(hash64(line));
    begin = end + 1;
  }
}

// The two sets of rows of a study.
struct Roles {
  std::vector<std::uint64_t> tune, evaluate;
};

Roles rows_of(const StudySpec& spec) {
  if (!spec.data.split) {
    return {rows_of_files(spec.data.tune), rows_of_files(spec.data.evaluate)};
  }
  const SplitDealer dealer(spec.data, spec.seed);
  return {dealer.open_rows(), dealer.sealed_rows()};
}

void require_disjoint(const StudySpec& spec, const Roles& roles) {
  const std::unordered_set<std::uint64_t> seen(roles.tune.begin(), roles.tune.end());
  const auto count =
      std::ranges::count_if(roles.evaluate, [&](std::uint64_t row) { return seen.contains(row); });
  if (count == 0) return;
  refuse("data.leak", "rows that are to judge are among those that the search may see",
         "study " + spec.name + ", data.evaluate",
         fmt::format("{} of {} rows are in data.tune too", count, roles.evaluate.size()), "none",
         "take them out of one of the two, or give the whole table and let [data.split] deal it");
}

// What a study of the storage says of its data; empty sets when it says nothing.
struct Fingerprint {
  RowSketch tune, evaluate;
};

Fingerprint parse(const std::string& text) {
  if (text.empty()) return {};
  const std::size_t middle = text.find(';');
  if (middle == std::string::npos) refuse_text(text);
  return {RowSketch::from_text(text.substr(0, middle)),
          RowSketch::from_text(text.substr(middle + 1))};
}

std::string fingerprint_in(const StudyRecord& record) {
  const Json spec = Json::parse(record.spec, nullptr, /*allow_exceptions=*/false);
  if (!spec.is_object() || !spec.contains("data")) return "";
  return spec["data"].value("fingerprint", "");
}

std::string percent(double share) { return fmt::format("{} %", format_short(share * 100.0, 3)); }

}  // namespace

RowSketch::RowSketch(std::vector<std::uint64_t> hashes) : kept_(std::move(hashes)) {
  std::sort(kept_.begin(), kept_.end());
  kept_.erase(std::unique(kept_.begin(), kept_.end()), kept_.end());
  num_rows_ = kept_.size();
  if (kept_.size() > kMaxKept) kept_.resize(kMaxKept);
}

std::uint64_t RowSketch::limit() const {
  return kept_.size() == num_rows_ ? std::numeric_limits<std::uint64_t>::max() : kept_.back();
}

double RowSketch::share_in(const RowSketch& other) const {
  const std::uint64_t common = std::min(limit(), other.limit());
  std::size_t num_asked = 0, num_found = 0;
  for (const std::uint64_t hash : kept_) {
    if (hash > common) break;
    ++num_asked;
    num_found += std::binary_search(other.kept_.begin(), other.kept_.end(), hash) ? 1U : 0U;
  }
  if (num_asked == 0) return 0.0;
  return static_cast<double>(num_found) / static_cast<double>(num_asked);
}

std::string RowSketch::to_text() const {
  std::string text = std::to_string(num_rows_) + ":";
  for (const std::uint64_t hash : kept_) text += fmt::format("{:016x}", hash);
  return text;
}

RowSketch RowSketch::from_text(const std::string& text) {
  constexpr std::size_t kDigits = 16;
  const std::size_t colon = text.find(':');
  RowSketch sketch;
  const char* const begin = text.data();
  if (colon == std::string::npos) refuse_text(text);
  const auto count = std::from_chars(begin, begin + colon, sketch.num_rows_);
  const std::size_t length = text.size() - colon - 1;
  if (count.ec != std::errc() || count.ptr != begin + colon || length % kDigits != 0) {
    refuse_text(text);
  }
  for (std::size_t at = colon + 1; at < text.size(); at += kDigits) {
    std::uint64_t hash = 0;
    const auto read = std::from_chars(begin + at, begin + at + kDigits, hash, 16);
    const bool rises = sketch.kept_.empty() || hash > sketch.kept_.back();
    if (read.ptr != begin + at + kDigits || !rises) refuse_text(text);
    sketch.kept_.push_back(hash);
  }
  if (sketch.kept_.size() != std::min(sketch.num_rows_, kMaxKept)) refuse_text(text);
  return sketch;
}

std::vector<std::uint64_t> rows_of_files(const std::vector<std::string>& paths) {
  std::vector<std::uint64_t> rows;
  for (const std::string& path : paths) {
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) {
      add_rows(path, rows);
      continue;
    }
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) add_rows(entry.path().string(), rows);
    }
  }
  return rows;
}

void register_data(StudySpec& spec, const Storage& storage) {
  if (spec.data.is_empty()) return;
  const Roles roles = rows_of(spec);
  require_disjoint(spec, roles);
  const RowSketch tune(roles.tune), evaluate(roles.evaluate);
  spec.data.fingerprint = tune.to_text() + ";" + evaluate.to_text();
  if (const std::optional<StudyRecord> existing = storage.find_study(spec.name)) {
    const std::string before = fingerprint_in(*existing);
    if (!before.empty() && before != spec.data.fingerprint) {
      refuse("data.changed", "the study's data are not what they were when it began",
             "study " + spec.name + ", data",
             fmt::format("{} rows to tune on, {} to judge", tune.num_rows(), evaluate.num_rows()),
             fmt::format("the same {} and {} rows", parse(before).tune.num_rows(),
                         parse(before).evaluate.num_rows()),
             "results on other data cannot be compared: give the new study another name "
             "(--set study.name=...)");
    }
  }
  const std::string teacher = Json::parse(spec.sampler.options).value("warm_start", "");
  const std::optional<StudyRecord> earlier =
      teacher.empty() ? std::nullopt : storage.find_study(teacher);
  if (!earlier) return;
  const double share = evaluate.share_in(parse(fingerprint_in(*earlier)).tune);
  if (share == 0.0) return;
  refuse("data.leak", "the study would start from one that has tuned on rows that are to judge",
         "study " + spec.name + ", sampler.warm_start",
         fmt::format("{} of the {} rows of data.evaluate were tuned on by {}", percent(share),
                     evaluate.num_rows(), teacher),
         "none", "leave out warm_start, or judge on other rows");
}

std::vector<std::string> data_findings(const StudySpec& spec, const Storage& storage) {
  std::vector<std::string> findings;
  if (spec.data.fingerprint.empty()) return findings;
  const Fingerprint own = parse(spec.data.fingerprint);
  for (const StudyRecord& record : storage.list_studies()) {
    if (record.name == spec.name) continue;
    const Fingerprint other = parse(fingerprint_in(record));
    const double tuned = own.evaluate.share_in(other.tune);
    const double burnt = own.tune.share_in(other.evaluate);
    const double judged = own.evaluate.share_in(other.evaluate);
    if (tuned > 0.0) {
      findings.push_back(fmt::format("{} of the rows that judge here were tuned on by study {}",
                                     percent(tuned), record.name));
    }
    if (judged > 0.0) {
      findings.push_back(fmt::format("{} of the rows that judge here judged study {} too",
                                     percent(judged), record.name));
    }
    if (burnt > 0.0) {
      findings.push_back(fmt::format("{} of the rows that are tuned on here judge study {}",
                                     percent(burnt), record.name));
    }
  }
  return findings;
}

}  // namespace trimtab
