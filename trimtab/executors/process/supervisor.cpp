#include "trimtab/executors/process/supervisor.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <poll.h>
#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

constexpr char kTerminate = 'T';
constexpr char kKill = 'K';
constexpr int kControl = 3;  // descriptor of the control socket inside the supervisor

// What the child sides need, as plain pointers. Between fork and exec only async-signal-safe calls
// are allowed: the parent may have had other threads, whose locks nobody will release.
struct RawPlan {
  const char* program;
  char* const* arguments;
  char* const* environment;
  const char* directory;      // nullptr = stay
  const cpu_set_t* cores;     // nullptr = any
  const char* control_group;  // nullptr = as here
  const rlimit* max_data;     // nullptr = as here
  const rlimit* max_cpu;      // nullptr = as here
  int output;
  int errors;
};

struct StartFailure {
  int error = 0;
  bool is_directory = false;
};

[[noreturn]] void fail_start(int pipe, bool is_directory) {
  const StartFailure failure{errno, is_directory};
  // When even this write fails the exit code says it.
  if (write(pipe, &failure, sizeof failure) < 0) _exit(126);
  _exit(127);
}

// None of these is worth a failed start: the executor looks at time and memory as well.
void limit_resources(const RawPlan& plan) {
  rlimit core;
  // No core files of 10 GB beside the checkpoints; a program that wants one may raise it again.
  if (getrlimit(RLIMIT_CORE, &core) == 0) {
    core.rlim_cur = 0;
    setrlimit(RLIMIT_CORE, &core);
  }
  if (plan.max_data != nullptr) setrlimit(RLIMIT_DATA, plan.max_data);
  if (plan.max_cpu != nullptr) setrlimit(RLIMIT_CPU, plan.max_cpu);
  if (plan.control_group == nullptr) return;
  const int file = open(plan.control_group, O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  if (write(file, "0", 1) < 0) errno = 0;  // stays where it is
  close(file);
}

// The program's side: a clean signal state, a process group of its own, then the program.
[[noreturn]] void become_program(const RawPlan& plan, int pipe) {
  struct sigaction action;
  std::memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);  // should somebody kill the supervisor
  if (plan.cores != nullptr) sched_setaffinity(0, sizeof *plan.cores, plan.cores);
  limit_resources(plan);
  if (plan.directory != nullptr && chdir(plan.directory) != 0) fail_start(pipe, true);
  execve(plan.program, plan.arguments, plan.environment);
  fail_start(pipe, false);
}

// Reads the pids of our children into `pids`; at most `capacity`. Raw calls only.
int list_children(pid_t* pids, int capacity) {
  char path[64] = "/proc/thread-self/children";
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  int count = 0;
  pid_t current = 0;
  char buffer[4096];
  for (ssize_t size = 0; (size = read(file, buffer, sizeof buffer)) > 0;) {
    for (ssize_t k = 0; k < size; ++k) {
      if (buffer[k] >= '0' && buffer[k] <= '9') {
        current = current * 10 + (buffer[k] - '0');
      } else if (current > 0) {
        if (count < capacity) pids[count++] = current;
        current = 0;
      }
    }
  }
  close(file);
  return count;
}

// The supervisor's side; lives as long as the program.
class Warden {
 public:
  explicit Warden(const RawPlan& plan) : plan_(plan) {}

  [[noreturn]] void run() {
    set_up();
    start_program();
    if (report_.start_error == 0) watch();
    end_everything();
    take_usage();
    if (send(kControl, &report_, sizeof report_, MSG_NOSIGNAL) < 0) _exit(1);
    _exit(0);
  }

 private:
  void set_up() {
    setsid();  // Ctrl-C at the terminal is for the engine, which then decides
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    prctl(PR_SET_NAME, "trimtab-run", 0, 0, 0);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    signals_ = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    // An ignored SIGCHLD, inherited, would throw the exit codes away.
    struct sigaction action;
    std::memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &action, nullptr);
  }

  void start_program() {
    int pipe[2];
    if (pipe2(pipe, O_CLOEXEC) != 0) {
      report_.start_error = errno;
      return;
    }
    program_ = vfork();
    if (program_ == 0) become_program(plan_, pipe[1]);
    if (program_ < 0) report_.start_error = errno;
    close(pipe[1]);
    StartFailure failure;
    if (read(pipe[0], &failure, sizeof failure) == sizeof failure) {
      report_.start_error = failure.error;
      report_.is_directory = failure.is_directory;
    }
    close(pipe[0]);
    // Only the program may hold its pipes, so that they end when it ends.
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(nothing, STDOUT_FILENO);
    dup2(nothing, STDERR_FILENO);
    if (nothing > STDERR_FILENO) close(nothing);
  }

  // Returns when the program has ended or shall end.
  void watch() {
    for (;;) {
      pollfd waits[2] = {{signals_, POLLIN, 0}, {kControl, POLLIN, 0}};
      if (poll(waits, 2, -1) < 0 && errno != EINTR) return;
      if (waits[1].revents != 0 && !obey()) return;
      if (waits[0].revents != 0 && has_ended()) return;
    }
  }

  // Returns false when everything shall end: told so, or nobody is left to tell.
  bool obey() {
    char command = kKill;
    const ssize_t size = recv(kControl, &command, 1, MSG_DONTWAIT);
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    if (size == 0 || command == kKill) return false;
    ::kill(-program_, SIGTERM);
    return true;
  }

  // The program stays a zombie until `end_everything`, so that its number cannot be reused while
  // its group is still signalled. Adopted processes are collected as they end.
  bool has_ended() {
    signalfd_siginfo info;
    while (read(signals_, &info, sizeof info) > 0) {
    }
    for (;;) {
      siginfo_t child;
      child.si_pid = 0;
      if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) != 0 || child.si_pid == 0) {
        return false;
      }
      if (child.si_pid == program_) return true;
      collect(child.si_pid, 0);
    }
  }

  void end_everything() {
    if (program_ > 0) ::kill(-program_, SIGKILL);
    for (;;) {
      const int count = list_children(children_, kMaxChildren);
      for (int k = 0; k < count; ++k) ::kill(children_[k], SIGKILL);
      if (!collect(-1, 0)) return;
      while (collect(-1, WNOHANG)) {
      }
    }
  }

  bool collect(pid_t pid, int flags) {
    int status = 0;
    pid_t ended = 0;
    do {
      ended = waitpid(pid, &status, flags);
    } while (ended < 0 && errno == EINTR);
    if (ended > 0 && ended == program_) report_.status = status;
    return ended > 0;
  }

  void take_usage() {
    rusage usage;
    std::memset(&usage, 0, sizeof usage);
    getrusage(RUSAGE_CHILDREN, &usage);
    report_.cpu_seconds =
        static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
        static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
    report_.peak_memory_bytes = static_cast<double>(usage.ru_maxrss) * 1024.0;
  }

  static constexpr int kMaxChildren = 4096;
  const RawPlan& plan_;
  SupervisorReport report_ = {};
  pid_t program_ = -1;
  int signals_ = -1;
  pid_t children_[kMaxChildren];
};

// Puts the descriptors in their places and closes all others, which belong to the engine.
void arrange_descriptors(const RawPlan& plan, int control) {
  // First out of the way of 0..3, then into place.
  const int output = fcntl(plan.output, F_DUPFD, 10);
  const int errors = fcntl(plan.errors, F_DUPFD, 10);
  const int kept = fcntl(control, F_DUPFD, 10);
  const int nothing = open("/dev/null", O_RDONLY);
  if (output < 0 || errors < 0 || kept < 0 || nothing < 0) _exit(1);
  dup2(nothing, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  dup3(kept, kControl, O_CLOEXEC);
  if (syscall(SYS_close_range, kControl + 1, ~0U, 0U) != 0) {
    for (int fd = kControl + 1; fd < 65536; ++fd) close(fd);  // before Linux 5.9
  }
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

// Our own limit, or `value` when that is less: the soft limit, with the hard one `margin` above.
rlimit lowered(int resource, std::uint64_t value, std::uint64_t margin) {
  rlimit limit{RLIM_INFINITY, RLIM_INFINITY};
  getrlimit(static_cast<__rlimit_resource>(resource), &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_cur, value);
  if (value < RLIM_INFINITY - margin) {
    limit.rlim_max = std::min<rlim_t>(limit.rlim_max, value + margin);
  }
  return limit;
}

EnvironmentError no_process(int code) {
  return EnvironmentError(
      {.code = "process.fork",
       .what = "no further process can be started: " + describe_errno(code),
       .where = "process executor",
       .got = "",
       .expected = "",
       .hint = "lower the number of parallel trials or raise ulimit -u and -n"});
}

}  // namespace

Supervisor Supervisor::start(const SpawnPlan& plan) {
  const std::vector<char*> arguments = pointers(plan.arguments);
  const std::vector<char*> environment = pointers(plan.environment);
  cpu_set_t cores;
  CPU_ZERO(&cores);
  for (const int core : plan.cores) CPU_SET(static_cast<std::size_t>(core), &cores);
  const rlimit data = lowered(RLIMIT_DATA, plan.max_data_bytes.value_or(RLIM_INFINITY), 0);
  const rlimit cpu = lowered(RLIMIT_CPU, plan.max_cpu_seconds.value_or(RLIM_INFINITY), 5);
  const RawPlan raw{plan.program.c_str(),
                    arguments.data(),
                    environment.data(),
                    plan.directory.empty() ? nullptr : plan.directory.c_str(),
                    plan.cores.empty() ? nullptr : &cores,
                    plan.control_group.empty() ? nullptr : plan.control_group.c_str(),
                    plan.max_data_bytes ? &data : nullptr,
                    plan.max_cpu_seconds ? &cpu : nullptr,
                    plan.output,
                    plan.errors};
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) throw no_process(errno);
  UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  const pid_t pid = fork();
  if (pid < 0) throw no_process(errno);
  if (pid == 0) {
    arrange_descriptors(raw, ends[1]);
    Warden(raw).run();
  }
  return Supervisor(pid, std::move(ours));
}

Supervisor::Supervisor(Supervisor&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), control_(std::move(other.control_)) {}

Supervisor::~Supervisor() {
  if (pid_ < 0) return;
  control_.reset();  // the supervisor sees the end of the socket and ends everything
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// A failed send means that the supervisor is ending; its report tells the rest.
void Supervisor::send(char command) {
  if (::send(control_.get(), &command, 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) return;
}

void Supervisor::terminate() { send(kTerminate); }

void Supervisor::kill() { send(kKill); }

bool Supervisor::read_report(SupervisorReport& report) {
  const ssize_t size = recv(control_.get(), &report, sizeof report, MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (size != sizeof report) {
    report = SupervisorReport{};
    report.status = SIGKILL;  // a wait status of "killed by SIGKILL"
    report.is_lost = true;
  }
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return true;
}

}  // namespace trimtab
