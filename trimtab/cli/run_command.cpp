#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/cli/commands.hpp"
#include "trimtab/cli/interrupt_guard.hpp"
#include "trimtab/cli/open_study.hpp"
#include "trimtab/cli/output_file.hpp"
#include "trimtab/cli/progress.hpp"
#include "trimtab/cli/run_to_end.hpp"
#include "trimtab/core/command_template.hpp"
#include "trimtab/core/run_analyses.hpp"
#include "trimtab/engine/energy_meter.hpp"
#include "trimtab/engine/runner.hpp"
#include "trimtab/executors/process/process_executor.hpp"
#include "trimtab/executors/thread/thread_executor.hpp"
#include "trimtab/report/html.hpp"
#include "trimtab/report/table.hpp"
#include "trimtab/report/terminal.hpp"

namespace trimtab {
namespace {

bool is_executable_file(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

bool is_on_path(const std::string& program, const std::string& directory) {
  if (program.find('/') != std::string::npos) {
    return is_executable_file(std::filesystem::path(directory.empty() ? "." : directory) / program);
  }
  const char* path = std::getenv("PATH");
  for (const std::string_view folder : split(path == nullptr ? "/usr/bin:/bin" : path, ':')) {
    if (is_executable_file(std::filesystem::path(folder) / program)) return true;
  }
  return false;
}

void require_something_to_run(const Program& program, const std::string& file) {
  if (!program.command.empty() || !program.workload.empty()) return;
  throw UserError({.code = "study.no_program",
                   .what = "the study has nothing to run",
                   .where = file,
                   .got = "",
                   .expected = "[program] with command = \"...\" or workload = \"...\"",
                   .hint = "to run trials yourself: trimtab ask " + file + ", trimtab tell"});
}

// The first word of a command that no shell interprets; nothing when the command is malformed,
// which parse_study tells.
std::optional<std::string> program_of(const std::string& command) {
  try {
    const CommandTemplate parsed = CommandTemplate::parse(command, "");
    if (parsed.uses_shell()) return std::nullopt;
    const std::vector<std::string> words =
        parsed.arguments([](const std::string&) { return std::optional<std::string>("0"); });
    if (!words.empty()) return words.front();
  } catch (const UserError&) {
  }
  return std::nullopt;
}

// A missing program is told before anything is written, not as a hundred failed trials.
void check_program(const Program& program, const PlaceOf& where) {
  if (program.command.empty()) return;
  const std::optional<std::string> word = program_of(program.command);
  if (!word || is_on_path(*word, program.directory)) return;
  throw UserError({.code = "program.not_found",
                   .what = "the program does not exist or is not executable",
                   .where = where("program/command"),
                   .got = quote(*word),
                   .expected = "a program on the PATH, or a path from the study's directory",
                   .hint = ""});
}

// The same of a meter that is not there, or a profile that is none.
void check_energy(const StudySpec& spec, const PlaceOf& where) {
  if (!spec.energy) return;
  try {
    const EnergyMeter meter(*spec.energy, spec.parallel);
  } catch (const UserError& error) {
    ErrorInfo info = error.info();
    info.where = where(spec.energy->profile.empty() ? "energy/meter" : "energy/profile");
    throw UserError(info);
  }
}

std::unique_ptr<Executor> make_executor(const StudySpec& spec, const Space& space,
                                        const RunArguments& arguments, std::int64_t parallel,
                                        const Registry& registry) {
  if (!spec.program.command.empty()) {
    return std::make_unique<ProcessExecutor>(spec, space,
                                             ProcessExecutor::Options{.folder = arguments.folder});
  }
  const WorkloadEntry& entry = registry.workload(spec.program.workload);
  const Json options = Json::parse(spec.program.workload_options);
  const Workload workload = entry.make(OptionValues(entry.info, options, "program"));
  return std::make_unique<ThreadExecutor>(space, workload.run, spec.objectives.front().name,
                                          static_cast<int>(parallel));
}

// Tells what an interruption does, once per signal.
class AnnouncingDisplay final : public RunObserver {
 public:
  explicit AnnouncingDisplay(ProgressDisplay& display, bool is_silent)
      : display_(display), is_silent_(is_silent) {}
  void trial_finished(std::int64_t number, const Outcome& outcome) override {
    if (!is_silent_) display_.trial_finished(number, outcome);
  }
  void trial_lost(std::int64_t number) override {
    display_.say("trial " + std::to_string(number) +
                 " is lost: this process was silent for longer than its lease, and somebody else "
                 "may run it now");
  }
  void stage_changed(Stage stage) override {
    if (!is_silent_) display_.stage_changed(stage);
  }
  void tick() override {
    const int count = InterruptGuard::counter().load();
    if (count > 0 && told_ < 1) {
      display_.say("stopping: running trials may finish; interrupt again to stop them now");
    }
    if (count > 1 && told_ < 2) display_.say("stopping now: running trials go back to the queue");
    told_ = count;
    if (!is_silent_) display_.tick();
  }

 private:
  ProgressDisplay& display_;
  bool is_silent_;
  int told_ = 0;
};

void print_result(const Study& study, Runner::End end, const RunArguments& arguments,
                  CommandContext context) {
  const bool is_over = end == Runner::End::Done;
  study.view([&](const StudyView& view) {
    const AnalysisResults analyses = run_analyses(view, context.registry);
    if (!arguments.report.empty()) {
      write_file_atomically(arguments.report, html_report(view, analyses));
    }
    if (arguments.is_json) {
      Json json = study_json(view, analyses);
      json["is_over"] = is_over;
      context.out << pretty_json(json) << '\n';
      return;
    }
    context.out << study_summary(view, analyses, context.terminal);
    if (!arguments.report.empty()) context.out << "\nreport: " << arguments.report << '\n';
  });
  if (!is_over && !arguments.is_json) {
    context.out << "\ninterrupted; the same command goes on from here\n";
  }
}

StudySpec read_runnable(const RunArguments& arguments, const Registry& registry) {
  StudySpec spec = read_study_file(arguments.file, arguments.settings, registry,
                                   [](const StudySpec& read, const PlaceOf& where) {
                                     check_program(read.program, where);
                                     check_energy(read, where);
                                   });
  require_something_to_run(spec.program, arguments.file);
  if (!arguments.report.empty()) require_output_place(arguments.report, "--report");
  return spec;
}

}  // namespace

Runner::End run_opened(Study& study, const StudySpec& spec, const RunArguments& arguments,
                       CommandContext context) {
  const std::int64_t parallel = arguments.parallel > 0 ? arguments.parallel : spec.parallel;
  const std::unique_ptr<Executor> executor =
      make_executor(spec, study.space(), arguments, parallel, context.registry);
  const bool is_silent = arguments.is_json || arguments.is_quiet;
  ProgressDisplay display(study, context.err, is_silent ? 0 : context.progress_width);
  AnnouncingDisplay observer(display, is_silent);
  Runner runner(study, *executor, observer,
                {.parallel = parallel, .num_retries = spec.program.limits.retries});
  Runner::End end = Runner::End::Done;
  {
    const InterruptGuard guard;
    end = runner.run(InterruptGuard::counter());
  }
  display.close();
  return end;
}

std::optional<Study> run_to_end(const RunArguments& arguments, CommandContext context) {
  const StudySpec spec = read_runnable(arguments, context.registry);
  Study study(spec, context.registry, context.registry.open_storage(arguments.storage));
  if (run_opened(study, spec, arguments, context) != Runner::End::Done) return std::nullopt;
  if (!arguments.report.empty()) {
    study.view([&](const StudyView& view) {
      write_file_atomically(arguments.report,
                            html_report(view, run_analyses(view, context.registry)));
    });
  }
  return study;
}

int run_study(const RunArguments& arguments, CommandContext context) {
  if (arguments.nested > 0) return run_nested(arguments, context);
  const StudySpec spec = read_runnable(arguments, context.registry);
  Study study(spec, context.registry, context.registry.open_storage(arguments.storage));
  const Runner::End end = run_opened(study, spec, arguments, context);
  print_result(study, end, arguments, context);
  return end == Runner::End::Interrupted ? kInterrupted : kSuccess;
}

}  // namespace trimtab
