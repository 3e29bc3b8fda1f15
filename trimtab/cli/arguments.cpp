#include <CLI/CLI.hpp>
#include <cstdlib>
#include <functional>
#include <ostream>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/cli/commands.hpp"

namespace trimtab {
namespace {

using Action = std::function<int(CommandContext)>;

constexpr const char* kPurpose =
    R"(Trimtab tunes the hyperparameters of any program and ends with a conclusion.

  trimtab run study.toml            create or resume a study, with progress
  trimtab report svm -o svm.html    a page to look at
  trimtab list samplers             what there is

Exit codes: 0 done, 2 wrong input (nothing written), 4 disk, database or process trouble, 130 interrupted.)";

// Everything a command line can say; one object per call.
struct CommandLine {
  CLI::App app{kPurpose, "trimtab"};
  Action action;
  RunArguments run;
  AskArguments ask;
  TellArguments tell;
  EnqueueArguments enqueue;
  LogArguments log;
  StudyArguments show, best, replay, remove;
  TrialsArguments trials;
  ExportArguments exported;
  AnalyseArguments analyse;
  ReportArguments report;
  ListArguments list;
  CompletionArguments completion;
  bool is_doctor_json = false;
};

template <typename Arguments>
void bind(CommandLine& line, CLI::App* command, Arguments& arguments,
          int (*function)(const Arguments&, CommandContext)) {
  command->callback([&line, &arguments, function] {
    line.action = [&arguments, function](CommandContext context) {
      return function(arguments, context);
    };
  });
}

CLI::App* add(CommandLine& line, const char* name, const char* purpose, const char* examples) {
  CLI::App* command = line.app.add_subcommand(name, purpose);
  command->footer(std::string("Examples:\n") + examples);
  return command;
}

void add_storage(CLI::App* command, std::string& storage) {
  storage = "sqlite:trimtab.db";
  command->add_option("--storage", storage, "where studies live: sqlite:PATH or memory:")
      ->envname("TRIMTAB_STORAGE")
      ->capture_default_str();
}

void add_study(CLI::App* command, StudyArguments& arguments) {
  command->add_option("study", arguments.study, "name of a study, or its study file")->required();
  add_storage(command, arguments.storage);
  command->add_flag("--json", arguments.is_json, "machine-readable output");
}

void add_run(CommandLine& line) {
  RunArguments& run = line.run;
  CLI::App* command = add(line, "run", "create or resume a study and run it to its end",
                          "  trimtab run study.toml\n"
                          "  trimtab run study.toml --parallel 4 --storage sqlite:/data/all.db\n"
                          "  trimtab run study.toml --set study.budget.trials=200 --set "
                          "sampler.name=sobol\n"
                          "  trimtab run study.toml --json > result.json\n"
                          "Ctrl-C lets running trials finish; again stops them and puts them back. "
                          "The same command resumes.");
  command->add_option("file", run.file, "study file (.toml, .yaml, .json)")->required();
  add_storage(command, run.storage);
  command->add_option("--parallel", run.parallel, "runs at the same time (default: the file's)")
      ->check(CLI::Range(1, 10000));
  command->add_option("--set", run.settings, "change a value of the file: path=value (repeatable)");
  command->add_option("--report", run.report, "write the HTML report here at the end");
  command->add_option("--folder", run.folder, "folder for the trials' files")
      ->capture_default_str();
  command->add_flag("--json", run.is_json, "print the result as JSON, no progress");
  command->add_flag("!--no-progress", run.has_progress, "no progress line");
  bind(line, command, run, run_study);
}

void add_ask_and_tell(CommandLine& line) {
  CLI::App* ask = add(line, "ask", "take trials to run elsewhere (prints one JSON line each)",
                      "  trimtab ask study.toml\n"
                      "  trimtab ask svm --count 4 --storage sqlite:all.db");
  add_study(ask, line.ask);
  ask->add_option("--count", line.ask.count, "how many")->check(CLI::Range(1, 100000));
  bind(line, ask, line.ask, ask_trials);

  CLI::App* tell = add(line, "tell", "end a trial with its result",
                       "  trimtab tell svm 12 0.981\n"
                       "  trimtab tell svm 13 accuracy=0.97 seconds=12.5\n"
                       "  trimtab tell svm 14 --state failed --reason 'node lost'");
  add_study(tell, line.tell);
  tell->add_option("number", line.tell.number, "the trial's number")->required();
  tell->add_option("values", line.tell.values,
                   "values in the order of the objectives, or name=number");
  tell->add_option("--state", line.tell.state, "complete, failed or pruned")
      ->check(CLI::IsMember({"complete", "failed", "pruned"}));
  tell->add_option("--reason", line.tell.reason, "why it failed");
  bind(line, tell, line.tell, tell_trial);

  CLI::App* enqueue = add(line, "enqueue", "put a configuration first in the queue",
                          "  trimtab enqueue svm C=1.0 kernel=rbf gamma=0.01");
  add_study(enqueue, line.enqueue);
  enqueue->add_option("values", line.enqueue.values, "name=value; the rest takes its default");
  bind(line, enqueue, line.enqueue, enqueue_trial);

  CLI::App* log =
      add(line, "log", "report metrics from inside a running trial",
          "  trimtab log step=3 auc=0.98 || exit 0   # exits 3 when the trial should stop\n"
          "  trimtab log auc=0.985                   # no step: the final result");
  log->add_option("values", line.log.values, "name=number")->required();
  bind(line, log, line.log, log_metrics);
}

void add_readers(CommandLine& line) {
  CLI::App* show =
      add(line, "show", "where a study stands", "  trimtab show svm\n  trimtab show svm --json");
  add_study(show, line.show);
  bind(line, show, line.show, show_study);

  CLI::App* best = add(line, "best", "the best configuration",
                       "  trimtab best svm\n  trimtab best svm --json | jq .params");
  add_study(best, line.best);
  bind(line, best, line.best, show_best);

  CLI::App* trials =
      add(line, "trials", "list trials", "  trimtab trials svm --sort value --limit 10");
  add_study(trials, line.trials);
  trials->add_option("--limit", line.trials.limit, "at most so many; 0 = all")
      ->capture_default_str();
  trials->add_option("--sort", line.trials.order, "number, value (best first) or time")
      ->check(CLI::IsMember({"number", "value", "time"}));
  bind(line, trials, line.trials, list_trials);

  CLI::App* exported =
      add(line, "export", "all trials as CSV or JSON",
          "  trimtab export csv svm > svm.csv\n  trimtab export json svm -o svm.json");
  exported->add_option("format", line.exported.format, "csv or json")
      ->required()
      ->check(CLI::IsMember({"csv", "json"}));
  add_study(exported, line.exported);
  exported->add_option("-o,--output", line.exported.output, "file; default standard output");
  bind(line, exported, line.exported, export_study);

  CLI::App* analyse = add(line, "analyse", "answer a question about a study",
                          "  trimtab analyse importance svm\n"
                          "  trimtab analyse confirmation svm --json\n"
                          "  trimtab list analyses");
  analyse->add_option("analysis", line.analyse.analysis, "see `trimtab list analyses`")->required();
  add_study(analyse, line.analyse);
  analyse->add_option("--option", line.analyse.options, "name=value (repeatable)");
  bind(line, analyse, line.analyse, analyse_study);

  CLI::App* report =
      add(line, "report", "write a study's HTML page", "  trimtab report svm -o svm.html");
  add_study(report, line.report);
  report->add_option("-o,--output", line.report.output, "file; default STUDY.html");
  bind(line, report, line.report, write_report);

  CLI::App* replay = add(line, "replay", "ask the sampler again for every proposal of the log",
                         "  trimtab replay svm");
  add_study(replay, line.replay);
  bind(line, replay, line.replay, replay_proposals);

  CLI::App* remove =
      add(line, "delete", "remove a study and all its trials", "  trimtab delete svm");
  add_study(remove, line.remove);
  bind(line, remove, line.remove, delete_study);
}

void add_machine(CommandLine& line) {
  CLI::App* list =
      add(line, "list", "what there is: samplers, storages, workloads, analyses, studies",
          "  trimtab list samplers\n  trimtab list studies --storage sqlite:all.db --json");
  list->add_option("what", line.list.what, "samplers, storages, workloads, analyses or studies")
      ->required()
      ->check(CLI::IsMember({"samplers", "storages", "workloads", "analyses", "studies"}));
  add_storage(list, line.list.storage);
  list->add_flag("--json", line.list.is_json, "machine-readable output");
  bind(line, list, line.list, list_things);

  CLI::App* doctor = add(line, "doctor", "what this machine offers", "  trimtab doctor");
  doctor->add_flag("--json", line.is_doctor_json, "machine-readable output");
  doctor->callback([&line] {
    line.action = [&line](CommandContext context) {
      return run_doctor(line.is_doctor_json, context);
    };
  });

  CLI::App* completion = add(line, "completion", "print a shell completion script",
                             "  source <(trimtab completion bash)\n"
                             "  trimtab completion fish > ~/.config/fish/completions/trimtab.fish");
  completion->add_option("shell", line.completion.shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->callback([&line] {
    line.action = [&line](CommandContext context) {
      std::vector<CompletionEntry> entries;
      for (const CLI::App* command : line.app.get_subcommands({})) {
        CompletionEntry& entry = entries.emplace_back();
        entry.command = command->get_name();
        entry.purpose = command->get_description();
        for (const CLI::Option* option : command->get_options()) {
          for (const std::string& name : option->get_lnames()) entry.options.push_back("--" + name);
        }
      }
      return print_completion(line.completion, entries, context);
    };
  });
}

// A wrong subcommand gets the nearest right one; CLI11 says the rest well enough.
int refuse(const CommandLine& line, const CLI::ParseError& error, int argc, const char* const* argv,
           std::ostream& out, std::ostream& err) {
  if (error.get_exit_code() == 0) {
    line.app.exit(error, out, err);
    return kSuccess;
  }
  ErrorInfo info = {.code = "cli.arguments",
                    .what = error.what(),
                    .where = "trimtab",
                    .got = "",
                    .expected = "",
                    .hint = "trimtab --help"};
  std::vector<std::string> names;
  for (const CLI::App* command : line.app.get_subcommands({})) names.push_back(command->get_name());
  const std::string first = argc > 1 ? argv[1] : "";
  const bool is_known = std::find(names.begin(), names.end(), first) != names.end();
  if (is_known) {
    info.where = "trimtab " + first;
    info.hint = "trimtab " + first + " --help";
  } else if (!first.empty() && first[0] != '-') {
    info.what = "there is no such command";
    info.got = quote(first);
    info.expected = one_of(names);
    if (const std::string near = did_you_mean(first, names); !near.empty()) info.hint = near;
  }
  err << render(info) << '\n';
  return kUserError;
}

}  // namespace

int run_command_line(int argc, const char* const* argv, std::ostream& out, std::ostream& err,
                     const TerminalOptions& terminal, int progress_width) {
  CommandLine line;
  line.app.set_version_flag("--version", "trimtab " TRIMTAB_VERSION);
  line.app.require_subcommand(1);
  line.app.get_formatter()->column_width(34);
  add_run(line);
  add_ask_and_tell(line);
  add_readers(line);
  add_machine(line);
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return refuse(line, error, argc, argv, out, err);
  }
  try {
    const Registry registry = make_registry();
    return line.action({out, err, registry, terminal, progress_width});
  } catch (const UserError& error) {
    err << error.what() << '\n';
    return kUserError;
  } catch (const EnvironmentError& error) {
    err << error.what() << '\n';
    return kEnvironmentError;
  } catch (const std::exception& error) {
    err << "trimtab: this is a bug in Trimtab, please report it\n  " << error.what() << '\n';
    return kBug;
  }
}

}  // namespace trimtab
