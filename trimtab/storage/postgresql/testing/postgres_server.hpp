#pragma once

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace trimtab::testing {

/// A process that ends with this object.
class ChildProcess {
 public:
  /// @param command  for the shell; one that begins with "exec" is the process itself.
  explicit ChildProcess(const std::string& command) {
    const char* const arguments[] = {"sh", "-c", command.c_str(), nullptr};
    if (::posix_spawn(&process_, "/bin/sh", nullptr, nullptr, const_cast<char**>(arguments),
                      environ) != 0) {
      throw std::runtime_error("cannot start a process");
    }
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess() { end(SIGTERM); }

  bool has_ended() {
    if (process_ != 0 && ::waitpid(process_, nullptr, WNOHANG) == process_) process_ = 0;
    return process_ == 0;
  }
  void end(int signal) {
    if (process_ == 0) return;
    ::kill(process_, signal);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }

 private:
  pid_t process_ = 0;
};

/// A PostgreSQL server of a test's own: in a folder, on a socket in it, without network. It ends
/// with this object, and with the process.
class PostgresServer {
 public:
  /// The newest installed programs' folder; empty when there are none.
  static std::filesystem::path programs() {
    std::vector<std::filesystem::path> found;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
      if (std::filesystem::exists(entry.path() / "bin/initdb"))
        found.push_back(entry.path() / "bin");
    }
    return found.empty() ? std::filesystem::path() : *std::max_element(found.begin(), found.end());
  }

  /// @param folder  does not exist yet. A server that cannot be started throws runtime_error.
  explicit PostgresServer(std::filesystem::path folder) : folder_(std::move(folder)) {
    copy_template();
    // The path of a socket must be short, that of a test's folder may be long.
    if (::mkdtemp(sockets_.data()) == nullptr) throw std::runtime_error("no folder for a socket");
    give_to_owner(sockets_);
    try {
      start();
    } catch (...) {
      end(SIGQUIT);
      std::filesystem::remove_all(sockets_);
      throw;
    }
  }
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer() {
    end(SIGINT);
    std::filesystem::remove_all(folder_);
    std::filesystem::remove_all(sockets_);
  }

  /// The address after "postgresql:".
  std::string address() const { return "///postgres?host=" + sockets_ + "&user=trimtab"; }
  /// Of the socket.
  const std::string& host() const { return sockets_; }

  /// @param signal  SIGINT ends it in order, SIGKILL is a crash: what it had not written is lost.
  void end(int signal) {
    if (process_) process_->end(signal);
    process_.reset();
  }

  void start() {
    for (int attempt = 0; attempt < 20; ++attempt) {  // those of a crashed one go away first
      spawn();
      for (int look = 0; look < 400; ++look) {
        if (run(program("pg_isready") + " -q -h " + sockets_) == 0) return;
        if (process_->has_ended()) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(25));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    throw std::runtime_error("the PostgreSQL server of the test does not start, see " +
                             (folder_ / "log").string());
  }

 private:
  static std::string program(const std::string& name) { return (programs() / name).string(); }
  static int run(const std::string& command) {
    return std::system((command + " >/dev/null 2>&1").c_str());
  }
  /// PostgreSQL refuses to run as root.
  static std::string as_owner(const std::string& options = "") {
    const std::string owner =
        ::geteuid() == 0 ? "--reuid=postgres --regid=postgres --clear-groups " : "";
    return "setpriv " + owner + options;
  }

  /// `initdb` takes seconds, a copy does not: the first test makes what all copy.
  void copy_template() const {
    const std::filesystem::path made =
        std::filesystem::temp_directory_path() /
        ("trimtab_postgres_" + programs().parent_path().filename().string() + "_" +
         std::to_string(::geteuid()));
    const int lock = ::open((made.string() + ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    ::flock(lock, LOCK_EX);
    if (!std::filesystem::exists(made)) {
      const std::string draft = made.string() + ".draft";
      std::filesystem::remove_all(draft);
      std::filesystem::create_directories(draft);
      give_to_owner(draft);
      const bool is_made = run(as_owner() + program("initdb") + " --no-sync --auth=trust -E UTF8 " +
                               "--locale=C -U trimtab -D " + draft) == 0;
      if (is_made) std::filesystem::rename(draft, made);
    }
    ::close(lock);
    if (run("cp -a " + made.string() + " " + folder_.string()) != 0) {
      throw std::runtime_error("initdb failed");
    }
  }

  static void give_to_owner(const std::filesystem::path& folder) {
    const passwd* const owner = ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr;
    if (owner != nullptr && ::chown(folder.c_str(), owner->pw_uid, owner->pw_gid) != 0) {
      throw std::runtime_error("cannot give a folder to the user postgres");
    }
  }

  void spawn() {
    const std::string folder = folder_.string();
    process_.emplace("exec " + as_owner("--pdeathsig INT ") + program("postgres") + " -D " +
                     folder + " -k " + sockets_ +
                     " -c listen_addresses='' -c max_connections=100 >>" + folder + "/log 2>&1");
  }

  std::filesystem::path folder_;
  std::string sockets_ = "/tmp/trimtab_XXXXXX";
  std::optional<ChildProcess> process_;
};

}  // namespace trimtab::testing
