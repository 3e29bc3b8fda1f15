// Nothing told is lost: processes that are killed at any moment, and disks that are full.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <thread>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/rng.hpp"
#include "trimtab/engine/study.hpp"
#include "trimtab/storage/postgresql/testing/postgres_server.hpp"

namespace trimtab {
namespace {

namespace fs = std::filesystem;

// What a process was promised: `tell` of this trial returned.
struct Acknowledgement {
  std::int64_t number = 0;
  double value = 0.0;
};

class DurabilitySlow : public ::testing::Test {
 protected:
  DurabilitySlow() {
    const ::testing::TestInfo& test = *::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() / (std::string("trimtab_durability_") + test.name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~DurabilitySlow() override { fs::remove_all(folder_); }

  static StudySpec spec() {
    StudySpec spec;
    spec.name = "durable";
    spec.budget.trials = 1'000'000'000;
    spec.space_definition = R"({"x": [0.0, 1.0], "k": {"choice": ["a", "b", "c"]}})";
    spec.sampler.name = "random";
    spec.validity.confirm_top = 0;
    return spec;
  }
  Study open(const std::string& database) const {
    const bool is_url = database.starts_with("postgresql:");
    return Study(spec(), registry_,
                 registry_.open_storage(is_url ? database : "sqlite:" + database));
  }

  // The life of a worker that is going to be killed.
  [[noreturn]] void work(const std::string& database, const fs::path& promises,
                         double mark) const noexcept {
    const UniqueFd file(::open(promises.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644));
    Study study = open(database);
    for (std::int64_t i = 0;; ++i) {
      const Acknowledgement promise{study.ask()->number, mark + static_cast<double>(i)};
      study.tell(promise.number, {.values = {promise.value}});
      if (::write(file.get(), &promise, sizeof promise) != sizeof promise) ::_exit(1);
    }
  }

  static std::vector<Acknowledgement> read_promises(const fs::path& path) {
    std::vector<Acknowledgement> promises;
    std::ifstream file(path, std::ios::binary);
    Acknowledgement promise;
    while (file.read(reinterpret_cast<char*>(&promise), sizeof promise)) {
      promises.push_back(promise);
    }
    return promises;
  }

  static std::string check_integrity(const fs::path& database) {
    std::string answer;
    sqlite3* connection = nullptr;
    sqlite3_open(database.c_str(), &connection);
    sqlite3_exec(
        connection, "PRAGMA integrity_check",
        [](void* result, int, char** columns, char**) {
          *static_cast<std::string*>(result) += columns[0];
          return 0;
        },
        &answer, nullptr);
    sqlite3_close(connection);
    return answer;
  }

  // Reads the log from the start: a gap in the numbering, a trial told twice or a damaged event
  // throws. Then every promise must be there.
  void expect_kept(const std::string& database,
                   const std::vector<Acknowledgement>& promises) const {
    if (fs::exists(database)) {
      EXPECT_EQ(check_integrity(database), "ok");
    }
    std::map<std::int64_t, double> by_number;
    for (const Acknowledgement& promise : promises) {
      EXPECT_TRUE(by_number.emplace(promise.number, promise.value).second) << "promised twice";
    }
    open(database).view([&](const StudyView& view) {
      for (const auto& [number, value] : by_number) {
        ASSERT_LT(number, view.history.size());
        EXPECT_EQ(view.history.state(number), TrialState::Complete);
        EXPECT_EQ(view.history.value(number), value);
      }
    });
  }

  std::vector<pid_t> start_workers(const std::string& database, const fs::path& promises,
                                   int round) {
    std::vector<pid_t> children;
    for (int i = 0; i < kProcesses; ++i) {
      const pid_t child = ::fork();
      EXPECT_GE(child, 0);
      if (child == 0) work(database, promises, 1e6 * (round * kProcesses + i));
      if (child > 0) children.push_back(child);
    }
    return children;
  }
  static void kill_workers(const std::vector<pid_t>& children, Rng& rng) {
    for (const pid_t child : children) {
      std::this_thread::sleep_for(std::chrono::microseconds(rng.below(30'000)));
      ::kill(child, SIGKILL);
      int status = 0;
      ::waitpid(child, &status, 0);
      EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "it ended by itself";
    }
  }

  static constexpr int kProcesses = 4;
  fs::path folder_;
  Registry registry_ = make_registry();
};

TEST_F(DurabilitySlow, KeepsEveryAcknowledgedTellOfProcessesThatAreKilled) {
  constexpr int kRounds = 200;
  const fs::path database = folder_ / "study.db";
  const fs::path promises = folder_ / "promises";
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<pid_t> children = start_workers(database, promises, round);
    Rng rng(17, static_cast<std::uint64_t>(round), "kill");
    kill_workers(children, rng);
    if (round % 20 == 0) expect_kept(database, read_promises(promises));
    if (HasFailure()) return;
  }
  const std::vector<Acknowledgement> all = read_promises(promises);
  EXPECT_GT(all.size(), 200u) << "the workers hardly ran: the test says nothing";
  expect_kept(database, all);
  RecordProperty("acknowledged", std::to_string(all.size()));
}

// The workers and, in every third round, the server under them.
TEST_F(DurabilitySlow, KeepsEveryAcknowledgedTellWhenPostgresqlIsKilledToo) {
  if (testing::PostgresServer::programs().empty()) GTEST_SKIP() << "PostgreSQL is not installed";
  constexpr int kRounds = 30;
  testing::PostgresServer server(folder_ / "server");
  const std::string database = "postgresql:" + server.address();
  const fs::path promises = folder_ / "promises";
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<pid_t> children = start_workers(database, promises, round);
    Rng rng(18, static_cast<std::uint64_t>(round), "kill");
    std::this_thread::sleep_for(std::chrono::milliseconds(60 + rng.below(60)));
    if (round % 3 == 0) {
      server.end(SIGKILL);
      server.start();  // the workers wait for it
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
    kill_workers(children, rng);
    if (HasFailure()) return;
  }
  const std::vector<Acknowledgement> all = read_promises(promises);
  EXPECT_GT(all.size(), 200u) << "the workers hardly ran: the test says nothing";
  expect_kept(database, all);
  RecordProperty("acknowledged", std::to_string(all.size()));
}

// Tells until the storage refuses; returns what was acknowledged.
std::vector<Acknowledgement> tell_until_full(Study& study, std::optional<ErrorInfo>& refusal) {
  std::vector<Acknowledgement> promises;
  try {
    for (int i = 0; i < 200'000; ++i) {
      const Acknowledgement promise{study.ask()->number, static_cast<double>(i)};
      study.tell(promise.number, {.values = {promise.value}});
      promises.push_back(promise);
    }
  } catch (const EnvironmentError& error) {
    refusal = error.info();
  }
  return promises;
}

TEST_F(DurabilitySlow, GoesOnAfterAFullDisk) {
  const fs::path disk = folder_ / "disk";
  fs::create_directories(disk);
  if (::mount("none", disk.c_str(), "tmpfs", 0, "size=2m") != 0) {
    GTEST_SKIP() << "mounting a small tmpfs is not permitted here; the variant with a file size "
                    "limit runs";
  }
  std::vector<Acknowledgement> promises;
  std::optional<ErrorInfo> refusal;
  {
    write_file_atomically(disk / "ballast", std::string(std::size_t{1} << 20, 'x'));
    Study study = open(disk / "study.db");
    promises = tell_until_full(study, refusal);
    EXPECT_TRUE(refusal);
    if (refusal) {
      EXPECT_EQ(refusal->code, "storage.full");
      EXPECT_EQ(refusal->hint, "free space and go on; nothing that was acknowledged is lost");
    }
    fs::remove(disk / "ballast");
    study.recover();
    const std::int64_t number = study.ask()->number;  // the same study goes on
    study.tell(number, {.values = {-1.0}});
    promises.push_back({number, -1.0});
  }
  EXPECT_GT(promises.size(), 100u);
  expect_kept(disk / "study.db", promises);
  EXPECT_EQ(::umount(disk.c_str()), 0);
}

TEST_F(DurabilitySlow, GoesOnAfterAFileSizeLimit) {
  const fs::path database = folder_ / "study.db";
  const auto old_handler = ::signal(SIGXFSZ, SIG_IGN);
  struct rlimit old_limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  struct rlimit limit = old_limit;
  limit.rlim_cur = 1 << 20;
  Study study = open(database);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::optional<ErrorInfo> refusal;
  std::vector<Acknowledgement> promises = tell_until_full(study, refusal);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old_limit), 0);
  ::signal(SIGXFSZ, old_handler);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, "storage.full");
  EXPECT_GT(promises.size(), 100u);
  const std::int64_t number = study.ask()->number;
  study.tell(number, {.values = {-1.0}});
  promises.push_back({number, -1.0});
  expect_kept(database, promises);
}

}  // namespace
}  // namespace trimtab
