#include "trimtab/exchange/optuna_sqlite/mirror.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/study.hpp"
#include "trimtab/exchange/optuna_sqlite/database.hpp"
#include "trimtab/exchange/optuna_sqlite/schema.hpp"
#include "trimtab/exchange/optuna_sqlite/trial_rows.hpp"
#include "trimtab/exchange/optuna_sqlite/trimtab_attributes.hpp"
#include "trimtab/optuna/study_picture.hpp"

namespace trimtab::exchange {
namespace {

using optuna::LiveTrial;
using optuna::StudyPicture;
using optuna::ZoneRule;

constexpr const char* kNoSyncs = "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY";

// Which trial an event is about; -1 = none.
std::int64_t trial_of(const EventBody& body) {
  return std::visit(
      [](const auto& event) -> std::int64_t {
        if constexpr (requires { event.number; }) return event.number;
        return -1;
      },
      body);
}

std::string marker_text(const StudyRecord& record, Sequence sequence) {
  return Json{{"study", record.name}, {"created", record.created}, {"sequence", sequence}}.dump();
}

// How far the log of a study has been written; nothing when the file is no mirror of the study.
std::optional<Sequence> read_marker(const Database& database, const StudyRecord& record) {
  Statement rows(database, "SELECT value_json FROM study_system_attributes WHERE key = ?1");
  rows.bind_text(1, kMirrorKey);
  if (!rows.next()) return std::nullopt;
  const Json marker = Json::parse(rows.text(0), nullptr, /*allow_exceptions=*/false);
  if (!marker.is_object() || marker.value("study", "") != record.name ||
      marker.value("created", Timestamp{-1}) != record.created) {
    return std::nullopt;
  }
  return marker.value("sequence", Sequence{0});
}

class DatabaseMirror final : public Mirror {
 public:
  DatabaseMirror(const Storage& storage, const StudyRecord& record, const std::string& path,
                 ZoneRule rule)
      : storage_(storage),
        record_(record),
        spec_(study_from_json(Json::parse(record.spec))),
        database_(path, Database::Mode::ReadWrite),
        rows_(database_, rule) {}

  // For a file that is synced as a whole later, and worth nothing until then.
  void trust_the_machine() { database_.execute(kNoSyncs); }

  std::int64_t catch_up() override {
    try {
      return write_news();
    } catch (...) {
      picture_.reset();  // it may know more than the file has
      throw;
    }
  }

 private:
  // What is not written yet begins behind `written_`.
  void start() {
    written_ = require_marker();
    picture_ = std::make_unique<StudyPicture>(record_);
    picture_->watch_ends([this](std::int64_t number, const LiveTrial& trial) {
      if (!is_new_) return;
      write_trial(number, trial);
      dirty_.erase(number);
    });
    dirty_.clear();
    unfinished_.clear();
    Statement open(database_, "SELECT number FROM trials WHERE state IN ('RUNNING', 'WAITING')");
    while (open.next()) unfinished_.insert(open.integer(0));
  }

  Sequence require_marker() const {
    const std::optional<Sequence> marker = read_marker(database_, record_);
    if (marker) return *marker;
    throw EnvironmentError({.code = "export.replaced",
                            .what = "the file is no longer a mirror of the study",
                            .where = database_.path(),
                            .got = "",
                            .expected = "",
                            .hint = "another program has written it"});
  }

  std::int64_t write_news() {
    if (!picture_) start();
    const Sequence before = written_;
    std::optional<Transaction> transaction;
    storage_.read(record_.id, picture_->last_sequence(),
                  [&](Sequence sequence, std::string_view bytes) {
                    is_new_ = sequence > written_;
                    if (is_new_ && !transaction) begin(transaction);
                    take(sequence, decode_event(bytes));
                  });
    if (!transaction) return 0;
    for (const std::int64_t number : dirty_) {
      if (const LiveTrial* trial = picture_->live(number)) write_trial(number, *trial);
    }
    const Sequence last = picture_->last_sequence();
    rows_.write_study_attribute(true, kMirrorKey, marker_text(record_, last));
    transaction->commit();
    dirty_.clear();
    written_ = last;
    return last - before;
  }

  // Called with the picture as the file must be: nobody else may have written meanwhile.
  void begin(std::optional<Transaction>& transaction) {
    transaction.emplace(database_, Transaction::Kind::Write);
    Statement last(database_, "SELECT coalesce(max(trial_id), 0) FROM trials");
    last.next();
    if (require_marker() == written_ && last.integer(0) == picture_->size()) return;
    throw EnvironmentError({.code = "export.two_writers",
                            .what = "another program writes the mirror",
                            .where = database_.path(),
                            .got = "",
                            .expected = "one writer; everybody else only reads",
                            .hint = "end the other one, or export to another file"});
  }

  void take(Sequence sequence, const Event& event) {
    const std::int64_t number = trial_of(event.body);
    if (const auto* created = std::get_if<TrialCreated>(&event.body);
        created != nullptr && created->purpose == Purpose::Confirm) {
      confirms_.insert(number);
    }
    finish_ = std::get_if<TrialFinished>(&event.body);
    const auto* attribute = std::get_if<Attribute>(&event.body);
    const bool is_late = attribute != nullptr && number >= 0 && picture_->live(number) == nullptr;
    if (is_new_ && number >= 0 && !is_late) dirty_.insert(number);
    picture_->apply(sequence, event);
    if (is_new_ && attribute != nullptr && (number < 0 || is_late)) write_attribute(*attribute);
  }

  // Of the study, or of a trial that has ended.
  void write_attribute(const Attribute& event) {
    const std::optional<optuna::WireAttribute> attribute = optuna::wire_attribute(event.key);
    if (!attribute) return;
    if (event.number < 0) {
      rows_.write_study_attribute(attribute->is_system, attribute->key, event.value);
    } else {
      rows_.write_attribute(event.number, attribute->is_system, attribute->key, event.value);
    }
  }

  void write_trial(std::int64_t number, const LiveTrial& trial) {
    if (unfinished_.contains(number)) rows_.forget_parameters(number);
    rows_.write(number, trial, *picture_);
    if (!is_finished(trial.state)) {
      unfinished_.insert(number);
      return;
    }
    unfinished_.erase(number);
    const Purpose purpose = confirms_.erase(number) > 0 ? Purpose::Confirm : Purpose::Search;
    for (const auto& [key, value] : trimtab_attributes(spec_, purpose, *finish_, trial)) {
      rows_.write_attribute(number, true, key, value);
    }
  }

  const Storage& storage_;
  StudyRecord record_;
  StudySpec spec_;
  Database database_;
  TrialRows rows_;
  std::unique_ptr<StudyPicture> picture_;  // nullptr: to be made from the log's beginning
  Sequence written_ = 0;
  bool is_new_ = false;  // the event that is applied is not in the file
  const TrialFinished* finish_ = nullptr;
  std::set<std::int64_t> dirty_;       // live trials that changed
  std::set<std::int64_t> unfinished_;  // trials that the file has as running or waiting
  std::set<std::int64_t> confirms_;    // live trials of the confirm stage
};

[[noreturn]] void throw_not_ours(const std::string& path) {
  throw UserError({.code = "export.exists",
                   .what = "the file exists, and is no mirror of this study",
                   .where = path,
                   .got = "",
                   .expected = "a new file, or one that `trimtab export` made of the same study",
                   .hint = "nothing was written; name another file"});
}

// The study itself, without trials.
void create_database(const std::string& path, const StudyRecord& record, ZoneRule rule) {
  Database database(path, Database::Mode::Create);
  database.execute(kNoSyncs);
  Transaction transaction(database, Transaction::Kind::Write);
  create_optuna_schema(database, rule == ZoneRule::Utc ? "5.0.0" : "4.9.0");
  Statement study(database, "INSERT INTO studies VALUES (?1, ?2)");
  study.bind(1, TrialRows::kStudy).bind_text(2, record.name).run();
  const StudySpec spec = study_from_json(Json::parse(record.spec));
  Statement direction(
      database,
      "INSERT INTO study_directions (direction, study_id, objective) VALUES (?1, ?2, ?3)");
  for (std::size_t i = 0; i < spec.objectives.size(); ++i) {
    const bool is_minimised = spec.objectives[i].goal == Goal::Minimise;
    direction.bind_text(1, is_minimised ? "MINIMIZE" : "MAXIMIZE").bind(2, TrialRows::kStudy);
    direction.bind(3, static_cast<std::int64_t>(i)).run();
  }
  TrialRows rows(database, rule);
  if (const std::string names = metric_names(spec); !names.empty()) {
    rows.write_study_attribute(true, "study:metric_names", names);
  }
  rows.write_study_attribute(true, kMirrorKey, marker_text(record, 0));
  transaction.commit();
}

[[noreturn]] void throw_no_file(const std::string& path, int code) {
  throw EnvironmentError({.code = "export.file",
                          .what = "the file cannot be made",
                          .where = path,
                          .got = describe_errno(code),
                          .expected = "",
                          .hint = ""});
}

// Makes the file beside its place, and puts it there when it is whole; an existing one stays.
void put_in_place(const std::string& made, const std::string& path) {
  const UniqueFd file(::open(made.c_str(), O_RDONLY));
  if (!file.is_open() || ::fsync(file.get()) != 0) throw_no_file(path, errno);
  if (::link(made.c_str(), path.c_str()) == 0) return;
  if (errno == EEXIST) throw_not_ours(path);
  throw_no_file(path, errno);
}

class RemovedFile {
 public:
  explicit RemovedFile(std::string path) : path_(std::move(path)) { ::unlink(path_.c_str()); }
  RemovedFile(const RemovedFile&) = delete;
  RemovedFile& operator=(const RemovedFile&) = delete;
  ~RemovedFile() {
    ::unlink(path_.c_str());
    ::unlink((path_ + "-journal").c_str());
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

bool is_mirror_of(const std::string& path, const StudyRecord& record) {
  try {
    const Database database(path, Database::Mode::Read);
    return read_marker(database, record).has_value();
  } catch (const EnvironmentError&) {
    return false;  // no database, or not Optuna's
  }
}

}  // namespace

std::unique_ptr<Mirror> mirror_to_optuna(const Storage& storage, const StudyRecord& record,
                                         const std::string& path, const MirrorOptions& options) {
  const ZoneRule rule = options.times == "local" ? ZoneRule::Local : ZoneRule::Utc;
  const bool is_there = std::filesystem::exists(path);
  if (is_there && !is_mirror_of(path, record)) throw_not_ours(path);
  if (!is_there) {
    const RemovedFile made(path + ".new-" + std::to_string(::getpid()));
    create_database(made.path(), record, rule);
    {
      DatabaseMirror first(storage, record, made.path(), rule);
      first.trust_the_machine();
      first.catch_up();
    }
    put_in_place(made.path(), path);
  }
  auto mirror = std::make_unique<DatabaseMirror>(storage, record, path, rule);
  if (is_there) mirror->catch_up();
  return mirror;
}

}  // namespace trimtab::exchange
