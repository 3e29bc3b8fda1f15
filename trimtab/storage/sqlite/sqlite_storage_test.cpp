#include "trimtab/storage/sqlite/sqlite_storage.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <set>
#include <thread>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"

namespace trimtab {
namespace {

std::atomic<int> num_syncs{0};
std::atomic<int> sync_milliseconds{0};
std::atomic<int> fail_every{0};  // 0 = never

}  // namespace
}  // namespace trimtab

// In front of the C library's, for this test program: counts SQLite's syncs, slows them down, and
// makes them fail.
extern "C" int fdatasync(int file) {
  using namespace trimtab;
  const int count = ++num_syncs;
  const int slow = sync_milliseconds;
  if (slow > 0) std::this_thread::sleep_for(std::chrono::milliseconds(slow));
  const int period = fail_every;
  if (period > 0 && count % period == 0) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fdatasync, file));
}

namespace trimtab {
namespace {

namespace fs = std::filesystem;

class SqliteStorageTest : public ::testing::Test {
 protected:
  SqliteStorageTest() {
    const ::testing::TestInfo& test = *::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() / (std::string("trimtab_sqlite_") + test.name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    path_ = (folder_ / "study.db").string();
  }
  ~SqliteStorageTest() override {
    num_syncs = sync_milliseconds = fail_every = 0;
    fs::remove_all(folder_);
  }

  void run_sql(const std::string& path, const std::string& sql) {
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &connection), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK)
        << message;
    sqlite3_free(message);
    sqlite3_close(connection);
  }

  static Sequence append(Storage& storage, StudyId study, Storage::Batch events,
                         Durability durability = Durability::Disk) {
    return storage.transact(
        study, 0, durability, [](Sequence, std::string_view) {},
        [&](Sequence) { return std::move(events); });
  }
  static std::vector<std::string> read(const Storage& storage, StudyId study) {
    std::vector<std::string> log;
    storage.read(study, 0, [&](Sequence, std::string_view bytes) { log.emplace_back(bytes); });
    return log;
  }

  template <typename ErrorType, typename Action>
  static ErrorInfo error_of(Action action) {
    try {
      action();
    } catch (const ErrorType& error) {
      return error.info();
    }
    ADD_FAILURE() << "no error";
    return {};
  }
  static std::string refusal_of(const std::string& path) {
    return error_of<EnvironmentError>([&] { SqliteStorage storage(path); }).code;
  }

  fs::path folder_;
  std::string path_;
};

TEST_F(SqliteStorageTest, CreatesNoFileBeforeTheFirstStudy) {
  SqliteStorage storage(path_);
  EXPECT_FALSE(storage.find_study("a"));
  EXPECT_TRUE(storage.list_studies().empty());
  storage.delete_study(1);
  EXPECT_THROW(append(storage, 1, {"x"}), UserError);
  EXPECT_TRUE(fs::is_empty(folder_));
  storage.create_study("a", "", 0);
  EXPECT_TRUE(fs::exists(path_));
}

TEST_F(SqliteStorageTest, RefusesPathsThatCannotBeADatabase) {
  const auto code_of = [](const std::string& path) {
    return error_of<UserError>([&] { SqliteStorage storage(path); }).code;
  };
  EXPECT_EQ(code_of(""), "storage.url");
  EXPECT_EQ(code_of(":memory:"), "storage.url");
  EXPECT_EQ(code_of("//host/study.db"), "storage.url");
  EXPECT_EQ(code_of(folder_.string()), "storage.is_folder");
  EXPECT_EQ(code_of((folder_ / "missing" / "study.db").string()), "storage.folder_missing");
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(SqliteStorageTest, RefusesForeignFilesAndLeavesThemAsTheyAre) {
  run_sql(folder_ / "foreign", "CREATE TABLE t (x); INSERT INTO t VALUES (1)");
  SqliteStorage(folder_ / "newer").create_study("a", "", 0);
  run_sql(folder_ / "newer", "PRAGMA user_version = 99");
  {
    SqliteStorage good(folder_ / "cut");
    const StudyId study = good.create_study("a", "", 0).id;
    append(good, study, {std::string(100'000, 'x')});
  }
  fs::resize_file(folder_ / "cut", fs::file_size(folder_ / "cut") / 2);
  const std::pair<const char*, std::string> garbage[] = {
      {"text", "[study]\nname = \"svm\"\n" + std::string(5000, 'x')},
      {"short", "abc"},
      {"zeros", std::string(8192, '\0')},
  };
  for (const auto& [name, content] : garbage) write_file_atomically(folder_ / name, content);
  const std::pair<const char*, const char*> expected[] = {
      {"foreign", "storage.foreign"},      {"newer", "storage.newer_version"},
      {"cut", "storage.corrupt"},          {"text", "storage.not_a_database"},
      {"short", "storage.not_a_database"}, {"zeros", "storage.not_a_database"},
  };
  for (const auto& [name, code] : expected) {
    const std::string before = read_file(folder_ / name);
    EXPECT_EQ(refusal_of(folder_ / name), code) << name;
    EXPECT_TRUE(read_file(folder_ / name) == before) << name;
  }
  const auto num_files = std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  EXPECT_EQ(num_files, 6);  // no journals beside them
}

TEST_F(SqliteStorageTest, SaysWhatIsWrongInFull) {
  write_file_atomically(path_, "not a database at all");
  const ErrorInfo info = error_of<EnvironmentError>([&] { SqliteStorage storage(path_); });
  EXPECT_EQ(info.what, "the file is not a database");
  EXPECT_EQ(info.where, "sqlite:" + path_);
  EXPECT_EQ(info.got, "file is not a database");
  EXPECT_EQ(info.expected, "a file that trimtab has created, or a new name");
}

// Files like this are on people's disks: this text may never change. A new schema version gets a
// test of its own beside this one.
TEST_F(SqliteStorageTest, SchemaVersion1Permanence) {
  run_sql(path_, R"(
    PRAGMA journal_mode = WAL;
    CREATE TABLE study (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,
                        spec TEXT NOT NULL, created INTEGER NOT NULL);
    CREATE TABLE event (study INTEGER NOT NULL, sequence INTEGER NOT NULL, bytes BLOB NOT NULL,
                        PRIMARY KEY (study, sequence)) WITHOUT ROWID;
    PRAGMA application_id = 1416784237;
    PRAGMA user_version = 1;
    INSERT INTO study VALUES (4, 'old', '{}', 1700000000000000);
    INSERT INTO event VALUES (4, 1, X'0102'), (4, 2, X'00');
  )");
  SqliteStorage storage(path_);
  const std::optional<StudyRecord> record = storage.find_study("old");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->id, 4);
  EXPECT_EQ(record->created, 1'700'000'000'000'000);
  EXPECT_EQ(read(storage, 4), (std::vector<std::string>{"\x01\x02", std::string(1, '\0')}));
  EXPECT_EQ(append(storage, 4, {"new"}), 3);
  // What this program creates is the same schema.
  const auto schema_of = [&](const std::string& path) {
    sqlite::Connection connection(path, sqlite::Connection::Mode::Existing, 1.0);
    return connection.ask_once(
               "SELECT group_concat(name || ' ' || type || ' ' || \"notnull\" || ' ' || pk) FROM "
               "(SELECT * FROM pragma_table_info('study') UNION ALL "
               "SELECT * FROM pragma_table_info('event'))") +
           connection.ask_once("PRAGMA application_id") + "/" +
           connection.ask_once("PRAGMA user_version") + "/" +
           connection.ask_once("PRAGMA journal_mode");
  };
  const std::string fresh = folder_ / "fresh.db";
  SqliteStorage(fresh).create_study("a", "", 0);
  EXPECT_EQ(schema_of(fresh), schema_of(path_));
}

TEST_F(SqliteStorageTest, WaitsForAnotherProcessAndThenSaysThatItIsLocked) {
  SqliteStorage storage(path_, {.lock_wait_seconds = 0.05});
  const StudyId study = storage.create_study("a", "", 0).id;
  sqlite::Connection other(path_, sqlite::Connection::Mode::Existing, 1.0);
  {
    const sqlite::WriteTransaction holds(other);
    const ErrorInfo info = error_of<EnvironmentError>([&] { append(storage, study, {"refused"}); });
    EXPECT_EQ(info.code, "storage.locked");
    EXPECT_TRUE(read(storage, study).empty());  // reading needs no lock
  }
  EXPECT_EQ(append(storage, study, {"taken"}), 1);
}

TEST_F(SqliteStorageTest, SyncsBeforeItReturnsExactlyWhenAskedTo) {
  SqliteStorage storage(path_);
  const StudyId study = storage.create_study("a", "", 0).id;
  append(storage, study, {"warm"});
  num_syncs = 0;
  append(storage, study, {"a"}, Durability::Process);
  append(storage, study, {"b"}, Durability::Process);
  EXPECT_EQ(num_syncs, 0);
  append(storage, study, {"c"}, Durability::Disk);
  EXPECT_EQ(num_syncs, 1);
  append(storage, study, {}, Durability::Disk);  // nothing new to keep
  EXPECT_EQ(num_syncs, 1);
}

TEST_F(SqliteStorageTest, SharesOneSyncAmongThreads) {
  SqliteStorage storage(path_);
  const StudyId study = storage.create_study("a", "", 0).id;
  num_syncs = 0;
  sync_milliseconds = 2;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) append(storage, study, {"x"});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(read(storage, study).size(), 80u);
  EXPECT_LT(num_syncs, 60);
}

TEST_F(SqliteStorageTest, KeepsNothingOfAGroupThatCouldNotBeSynced) {
  SqliteStorage storage(path_);
  const StudyId study = storage.create_study("a", "", 0).id;
  sync_milliseconds = 1;  // so that groups have several members
  fail_every = 3;
  std::mutex mutex;
  std::multiset<std::string> acknowledged;
  std::atomic<int> num_refused{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 12; ++i) {
        const std::string event = std::to_string(t) + "/" + std::to_string(i);
        try {
          append(storage, study, {event});
          const std::lock_guard lock(mutex);
          acknowledged.insert(event);
        } catch (const EnvironmentError& error) {
          EXPECT_EQ(error.info().code, "storage.io");
          ++num_refused;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  fail_every = 0;
  EXPECT_GT(num_refused, 0);
  const std::vector<std::string> log = read(storage, study);
  EXPECT_EQ(std::multiset<std::string>(log.begin(), log.end()), acknowledged);
  const SqliteStorage again(path_);
  EXPECT_EQ(read(again, study), log);
}

TEST_F(SqliteStorageTest, ReportsAFullDiskAndGoesOnWhenThereIsRoom) {
  SqliteStorage storage(path_);
  const StudyId study = storage.create_study("a", "", 0).id;
  append(storage, study, {"first"});
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit old_limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  struct rlimit limit = old_limit;
  limit.rlim_cur = 200'000;  // no file may grow beyond that
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  const std::string large(60'000, 'x');
  std::size_t num_taken = 1;
  ErrorInfo info;
  try {
    for (int i = 0; i < 20; ++i, ++num_taken) append(storage, study, {large, large});
  } catch (const EnvironmentError& error) {
    info = error.info();
  }
  EXPECT_EQ(read(storage, study).size(), 1 + 2 * (num_taken - 1));  // all of a step or nothing
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old_limit), 0);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(info.code, "storage.full");
  EXPECT_EQ(info.got, "disk I/O error: File too large (errno 27)");
  append(storage, study, {large, large});
  EXPECT_EQ(read(storage, study).size(), 1 + 2 * num_taken);
}

TEST_F(SqliteStorageTest, ReadsWhatItMayNotWriteAndSaysSo) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become a user without rights";
  SqliteStorage owner(path_);
  const StudyId study = owner.create_study("a", "", 0).id;
  append(owner, study, {"x"});
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (::setuid(65534) != 0) ::_exit(2);
    try {
      SqliteStorage reader(path_);
      if (read(reader, study).size() != 1) ::_exit(3);
      append(reader, study, {"y"});
    } catch (const EnvironmentError& error) {
      ::_exit(error.info().code == "storage.read_only" ? 0 : 4);
    }
    ::_exit(5);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(read(owner, study).size(), 1u);
}

TEST_F(SqliteStorageTest, RefusesToWriteIntoAFileThatWasRemoved) {
  SqliteStorage storage(path_);
  const StudyId study = storage.create_study("a", "", 0).id;
  fs::remove(path_);
  EXPECT_EQ(error_of<EnvironmentError>([&] { append(storage, study, {"x"}); }).code,
            "storage.replaced");
}

TEST_F(SqliteStorageTest, RefusesToBeChangedFromInsideAStep) {
  SqliteStorage storage(path_);
  const StudyId study = storage.create_study("a", "", 0).id;
  EXPECT_THROW(storage.transact(
                   study, 0, Durability::Process, [](Sequence, std::string_view) {},
                   [&](Sequence) {
                     storage.create_study("b", "", 0);
                     return Storage::Batch{};
                   }),
               BugError);
  EXPECT_EQ(append(storage, study, {"x"}), 1);
}

TEST_F(SqliteStorageTest, LetsManyOpenANewFileAtOnce) {
  std::atomic<int> num_done{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      SqliteStorage storage(path_);
      const StudyId study = storage.create_study("s" + std::to_string(t), "", 0).id;
      append(storage, study, {"x"});
      ++num_done;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(num_done, 6);
  EXPECT_EQ(SqliteStorage(path_).list_studies().size(), 6u);
}

}  // namespace
}  // namespace trimtab
