#include "trimtab/storage/postgresql/postgresql_storage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/storage/postgresql/detail/schema.hpp"
#include "trimtab/storage/postgresql/testing/postgres_server.hpp"

namespace trimtab {
namespace {

namespace fs = std::filesystem;
using testing::PostgresServer;

constexpr const char* kAbsent = "PostgreSQL's server is not installed (apt install postgresql-15)";

class PostgresqlStorageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (PostgresServer::programs().empty()) GTEST_SKIP() << kAbsent;
    const ::testing::TestInfo& test = *::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() / (std::string("trimtab_postgresql_") + test.name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    server_ = std::make_unique<PostgresServer>(folder_ / "server");
  }
  void TearDown() override {
    server_.reset();
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  static Sequence append(Storage& storage, StudyId study, Storage::Batch events) {
    return storage.transact(
        study, 0, Durability::Disk, [](Sequence, std::string_view) {},
        [&](Sequence) { return events; });
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
  void run_sql(const char* sql) const {
    postgresql::Connection(postgresql::Address::parse(server_->address()), 5.0).run_script(sql);
  }

  fs::path folder_;
  std::unique_ptr<PostgresServer> server_;
};

TEST(PostgresqlAddress, IsRefusedWhenItIsNone) {
  for (const char* address : {"", "host/db", "//[::1/db", "//host/db?no_such_option=1"}) {
    try {
      const PostgresqlStorage storage(address);
      ADD_FAILURE() << address;
    } catch (const UserError& error) {
      EXPECT_EQ(error.info().code, "storage.url") << address;
    }
  }
}

TEST(PostgresqlAddress, IsShownWithoutItsPassword) {
  const postgresql::Address address =
      postgresql::Address::parse("//ada:secret@db.example:5433/sweeps?sslmode=require");
  EXPECT_EQ(address.shown, "postgresql://ada@db.example:5433/sweeps");
}

TEST_F(PostgresqlStorageTest, SaysWhyAServerCannotBeReached) {
  const ErrorInfo silent =
      error_of<EnvironmentError>([&] { PostgresqlStorage("///x?host=" + folder_.string()); });
  EXPECT_EQ(silent.code, "storage.lost");
  EXPECT_NE(silent.got.find("No such file"), std::string::npos) << silent.got;
  const ErrorInfo unknown = error_of<EnvironmentError>(
      [&] { PostgresqlStorage("///nowhere?user=trimtab&host=" + server_->host()); });
  EXPECT_NE(unknown.got.find("\"nowhere\" does not exist"), std::string::npos) << unknown.got;
}

TEST_F(PostgresqlStorageTest, CreatesNothingBeforeTheFirstStudy) {
  PostgresqlStorage storage(server_->address());
  EXPECT_FALSE(storage.find_study("a"));
  EXPECT_TRUE(storage.list_studies().empty());
  storage.delete_study(1);
  EXPECT_THROW(append(storage, 1, {"x"}), UserError);
  EXPECT_THROW(read(storage, 1), UserError);
  run_sql("CREATE SCHEMA trimtab");  // fails if it is there
}

TEST_F(PostgresqlStorageTest, RefusesTablesOfANewerVersion) {
  PostgresqlStorage(server_->address()).create_study("a", "", 0);
  run_sql("UPDATE trimtab.format SET version = 99");
  EXPECT_EQ(error_of<EnvironmentError>([&] { PostgresqlStorage(server_->address()); }).code,
            "storage.newer_version");
}

// Tables like these are in people's databases: this text may never change.
TEST_F(PostgresqlStorageTest, SchemaVersion1Permanence) {
  run_sql(R"(
    CREATE SCHEMA trimtab;
    CREATE TABLE trimtab.format (version int8 NOT NULL PRIMARY KEY);
    CREATE TABLE trimtab.study (id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      name text NOT NULL UNIQUE, spec text NOT NULL, created int8 NOT NULL, last int8 NOT NULL,
      token int8 NOT NULL);
    CREATE TABLE trimtab.event (study int8 NOT NULL REFERENCES trimtab.study ON DELETE CASCADE,
      sequence int8 NOT NULL, token int8 NOT NULL, bytes bytea NOT NULL,
      PRIMARY KEY (study, sequence));
    INSERT INTO trimtab.format VALUES (1);
    INSERT INTO trimtab.study (name, spec, created, last, token) VALUES ('old', '{}', 17, 2, 5);
    INSERT INTO trimtab.event VALUES (1, 1, 5, '\x0102'), (1, 2, 5, '\x00'))");
  PostgresqlStorage storage(server_->address());
  const std::optional<StudyRecord> record = storage.find_study("old");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->created, 17);
  EXPECT_EQ(read(storage, record->id),
            (std::vector<std::string>{"\x01\x02", std::string(1, '\0')}));
  EXPECT_EQ(append(storage, record->id, {"new"}), 3);
}

TEST_F(PostgresqlStorageTest, DecidesAgainWhenAnotherWriterWasFaster) {
  PostgresqlStorage mine(server_->address()), other(server_->address());
  const StudyId study = mine.create_study("a", "", 0).id;
  append(mine, study, {"1"});
  append(other, study, {"2"});
  std::vector<std::string> calls;
  const Sequence end = mine.transact(
      study, 1, Durability::Disk,
      [&](Sequence, std::string_view bytes) { calls.push_back("see " + std::string(bytes)); },
      [&](Sequence last) {
        calls.push_back("decide at " + std::to_string(last));
        if (last == 1) throw std::runtime_error("too early to say");
        return Storage::Batch{"3"};
      });
  EXPECT_EQ(end, 3);
  EXPECT_EQ(calls, (std::vector<std::string>{"decide at 1", "see 2", "decide at 2"}));
}

TEST_F(PostgresqlStorageTest, WaitsForAnotherProcessAndThenSaysThatItIsLocked) {
  PostgresqlStorage storage(server_->address(), {.lock_seconds = 0.1});
  const StudyId study = storage.create_study("a", "", 0).id;
  postgresql::Connection other(postgresql::Address::parse(server_->address()), 5.0);
  const std::vector<postgresql::Statement> hold = {{"BEGIN"},
                                                   {"SELECT * FROM trimtab.study FOR UPDATE"}};
  other.run_together(hold);
  const auto empty = [&] { append(storage, study, {}); };  // decides under the lock
  EXPECT_EQ(error_of<EnvironmentError>(empty).code, "storage.locked");
  EXPECT_TRUE(read(storage, study).empty());  // reading needs no lock
  other.run({"ROLLBACK"});
  EXPECT_EQ(append(storage, study, {"taken"}), 1);
}

TEST_F(PostgresqlStorageTest, SaysThatARoleMayNotWrite) {
  run_sql("CREATE ROLE guest LOGIN; REVOKE CREATE ON DATABASE postgres FROM PUBLIC");
  PostgresqlStorage guest("///postgres?user=guest&host=" + server_->host());
  EXPECT_EQ(error_of<EnvironmentError>([&] { guest.create_study("a", "", 0); }).code,
            "storage.permission");
}

TEST_F(PostgresqlStorageTest, LetsManyCreateTheTablesAtOnce) {
  std::atomic<int> num_done{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      PostgresqlStorage storage(server_->address());
      append(storage, storage.create_study("s" + std::to_string(t), "", 0).id, {"x"});
      ++num_done;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(num_done, 6);
  EXPECT_EQ(PostgresqlStorage(server_->address()).list_studies().size(), 6u);
}

TEST_F(PostgresqlStorageTest, GivesUpOnAServerThatStaysAway) {
  PostgresqlStorage storage(server_->address(), {.reconnect_seconds = 0.2});
  const StudyId study = storage.create_study("a", "", 0).id;
  server_->end(SIGINT);
  const ErrorInfo info = error_of<EnvironmentError>([&] { append(storage, study, {"x"}); });
  EXPECT_EQ(info.code, "storage.lost");
  server_->start();
  EXPECT_EQ(append(storage, study, {"x"}), 1);
}

// Every transaction may then run on another of the server's sessions.
TEST_F(PostgresqlStorageTest, WorksBehindAPoolerOfTransactions) {
  if (!fs::exists("/usr/sbin/pgbouncer")) GTEST_SKIP() << "pgbouncer is not installed";
  const std::string host = server_->host();
  write_file_atomically(host + "/pooler.ini", "[databases]\npostgres = host=" + host +
                                                  " user=trimtab\n[pgbouncer]\n"
                                                  "listen_addr =\nlisten_port = 6432\n"
                                                  "unix_socket_dir = " +
                                                  host +
                                                  "\nauth_type = any\npool_mode = transaction\n"
                                                  "default_pool_size = 3\n");
  fs::permissions(host + "/pooler.ini", fs::perms::others_read, fs::perm_options::add);
  const std::string user = ::geteuid() == 0 ? " -u postgres" : "";
  const testing::ChildProcess pooler("exec /usr/sbin/pgbouncer -q" + user + " " + host +
                                     "/pooler.ini >/dev/null 2>&1");
  for (int look = 0; look < 400 && !fs::exists(host + "/.s.PGSQL.6432"); ++look) {
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  const std::string address = "///postgres?port=6432&user=trimtab&host=" + host;
  const StudyId study = PostgresqlStorage(address).create_study("a", "", 0).id;
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&] {
      PostgresqlStorage storage(address);
      for (int i = 0; i < 20; ++i) append(storage, study, {"x"});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(read(PostgresqlStorage(address), study).size(), 120u);
}

// Writers in several storages go through crashes of the server and notice nothing.
class PostgresqlCrashSlow : public PostgresqlStorageTest {};

TEST_F(PostgresqlCrashSlow, LosesAndDoublesNothingWhenTheServerIsKilled) {
  constexpr int kRounds = 6, kWriters = 6;
  std::atomic<bool> is_over{false};
  std::mutex mutex;
  std::vector<std::string> acknowledged;
  const StudyId study = PostgresqlStorage(server_->address()).create_study("a", "", 0).id;
  std::vector<std::thread> writers;
  const auto shared = std::make_shared<PostgresqlStorage>(server_->address());
  for (int t = 0; t < kWriters; ++t) {
    writers.emplace_back([&, t] {
      // Half of them share one storage, and so groups.
      const auto storage =
          t % 2 == 0 ? shared : std::make_shared<PostgresqlStorage>(server_->address());
      Sequence known = 0;
      for (int i = 0; !is_over; ++i) {
        const std::string event = std::to_string(t) + "/" + std::to_string(i);
        try {
          known = storage->transact(
              study, known, Durability::Process, [](Sequence, std::string_view) {},
              [&](Sequence) { return Storage::Batch{event}; });
          const std::lock_guard lock(mutex);
          acknowledged.push_back(event);
        } catch (const EnvironmentError& error) {
          EXPECT_EQ(error.info().code, "storage.lost");  // of a group: nothing was kept
        }
      }
    });
  }
  for (int round = 0; round < kRounds; ++round) {
    const auto num_done = [&] {
      const std::lock_guard lock(mutex);
      return acknowledged.size();
    };
    const std::size_t before = num_done();
    for (int wait = 0; wait < 2000 && num_done() < before + 40; ++wait) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    server_->end(SIGKILL);
    server_->start();
  }
  is_over = true;
  for (std::thread& writer : writers) writer.join();
  std::vector<std::string> log = read(*shared, study);
  EXPECT_GE(log.size(), 40u * kRounds) << "the writers hardly wrote: the test says nothing";
  std::sort(log.begin(), log.end());
  std::sort(acknowledged.begin(), acknowledged.end());
  EXPECT_EQ(log, acknowledged);
}

}  // namespace
}  // namespace trimtab
