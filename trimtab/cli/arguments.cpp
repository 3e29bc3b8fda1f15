#include <CLI/CLI.hpp>
#include <functional>
#include <limits>
#include <ostream>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/cli/commands.hpp"
#include "trimtab/cli/help_page.hpp"
#include "trimtab/cli/import_file.hpp"

namespace trimtab {
namespace {

using Action = std::function<int(CommandContext)>;

constexpr const char* kPurpose =
    R"(Trimtab tunes the hyperparameters of any program and ends with a conclusion.

  trimtab run study.toml            create or resume a study, with progress
  trimtab report svm -o svm.html    a page to look at
  trimtab list samplers             what there is

Exit codes: 0 done; 2 wrong input, nothing was written; 3 nothing to ask, or the
trial should stop; 4 disk, database or process trouble; 130 interrupted.)";

// Everything a command line can say; one object per call.
struct CommandLine {
  CLI::App app{kPurpose, "trimtab"};
  Action action;
  RunArguments run;
  WorkerArguments worker;
  AskArguments ask;
  TellArguments tell;
  EnqueueArguments enqueue;
  LogArguments log;
  StudyArguments show, best, replay, remove;
  ReplayScheduleArguments replay_schedule;
  TrialsArguments trials;
  ExportArguments exported;
  ImportFileArguments imported;
  AnalyseArguments analyse;
  SoupArguments soup;
  ReportArguments report;
  ServeArguments serve;
  ListArguments list;
  CompletionArguments completion;
  bool is_doctor_json = false;
  Choices choices;  ///< the values of the arguments that name one of a few
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
  command->footer(std::string("Examples:\n") + examples)->group("Commands");
  return command;
}

void add_storage(CLI::App* command, std::string& storage) {
  storage = "sqlite:trimtab.db";
  command
      ->add_option("--storage", storage,
                   "where studies live: sqlite:PATH, postgresql://HOST/DB or memory:")
      ->type_name("URL")
      ->envname("TRIMTAB_STORAGE")
      ->capture_default_str();
}

void add_study(CLI::App* command, StudyArguments& arguments, bool is_required = true) {
  command->add_option("study", arguments.study, "name of a study, or its study file")
      ->required(is_required);
  add_storage(command, arguments.storage);
  command->add_flag("--json", arguments.is_json, "machine-readable output");
}

CLI::Option* add_number(CLI::App* command, const char* name, std::int64_t& number,
                        const char* purpose, std::int64_t low, std::int64_t high) {
  CLI::Option* option = command->add_option(name, number, purpose)->type_name("N");
  require_whole_number(command, option, low, high);
  return option;
}

void add_run(CommandLine& line) {
  RunArguments& run = line.run;
  CLI::App* command =
      add(line, "run", "create or resume a study and run it to its end",
          "  trimtab run study.toml\n"
          "  trimtab run study.toml --parallel 4 --storage sqlite:/data/all.db\n"
          "  trimtab run study.toml --set study.budget.trials=200 --set "
          "sampler.name=sobol\n"
          "  trimtab run study.toml --json > result.json\n"
          "  trimtab run study.toml --nested 5\n"
          "\nCtrl-C lets running trials finish; a second one stops them and puts them "
          "back\ninto the queue. The same command resumes.");
  command->add_option("file", run.file, "study file (.toml, .yaml, .json)")->required();
  add_storage(command, run.storage);
  add_number(command, "--parallel", run.parallel, "runs at the same time, instead of the file's", 1,
             10000);
  command->add_option("--set", run.settings, "change a value of the file; may be repeated")
      ->type_name("PATH=VALUE");
  command->add_option("--report", run.report, "write the HTML report here at the end")
      ->type_name("FILE");
  command->add_option("--folder", run.folder, "folder for the trials' files")
      ->type_name("DIR")
      ->capture_default_str();
  add_number(command, "--nested", run.nested,
             "outer folds of nested cross-validation, a study each", 2, 1000);
  command->add_flag("--json", run.is_json, "print the result as JSON, no progress");
  command->add_flag("--no-progress", run.is_quiet, "say nothing until the end");
  bind(line, command, run, run_study);
}

void add_worker(CommandLine& line) {
  WorkerArguments& worker = line.worker;
  CLI::App* command =
      add(line, "worker", "run the studies of a storage, beside any number of other workers",
          "  trimtab worker --storage postgresql://tuner@db/trimtab --allow study.toml\n"
          "  trimtab worker --storage sqlite:all.db --study svm --allow-any --once\n"
          "\nEvery worker counts against the one budget of a study. SIGTERM and Ctrl-C drain: "
          "running\ntrials may finish; a second one puts them back into the queue. A worker that "
          "dies loses\nits trials to the others when its lease ends.");
  add_storage(command, worker.run.storage);
  command->add_option("--study", worker.studies, "only these; may be repeated")->type_name("NAME");
  command
      ->add_option("--allow", worker.allowed,
                   "a study file: its program may run here; may be repeated")
      ->type_name("FILE");
  command->add_flag("--allow-any", worker.may_run_anything,
                    "run whatever command the storage says");
  command->add_flag("--once", worker.is_once, "end when no study has anything to do");
  add_number(command, "--parallel", worker.run.parallel, "runs at the same time", 1, 10000);
  command->add_option("--poll", worker.poll_seconds, "seconds between looks for new work")
      ->capture_default_str()
      ->check(CLI::Range(0.05, 3600.0));
  command->add_option("--folder", worker.run.folder, "folder for the trials' files")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_flag("--no-progress", worker.run.is_quiet, "say nothing");
  bind(line, command, worker, run_worker);
}

void add_ask_and_tell(CommandLine& line) {
  CLI::App* ask = add(line, "ask", "take trials to run elsewhere (prints one JSON line each)",
                      "  trimtab ask study.toml\n"
                      "  trimtab ask svm --count 4 --storage sqlite:all.db");
  add_study(ask, line.ask);
  add_number(ask, "--count", line.ask.count, "how many", 1, 100000)->capture_default_str();
  bind(line, ask, line.ask, ask_trials);

  CLI::App* tell = add(line, "tell", "end a trial with its result",
                       "  trimtab tell svm 12 0.981\n"
                       "  trimtab tell svm 13 accuracy=0.97 seconds=12.5\n"
                       "  trimtab tell svm 14 --state failed --reason 'node lost'");
  add_study(tell, line.tell);
  add_number(tell, "number", line.tell.number, "the trial's number", 0,
             std::numeric_limits<std::int64_t>::max())
      ->required();
  tell->add_option("values", line.tell.values,
                   "values in the order of the objectives, or name=number");
  CLI::Option* state = tell->add_option("--state", line.tell.state, "complete, failed or pruned")
                           ->type_name("STATE")
                           ->capture_default_str();
  require_one_of(tell, state, {"complete", "failed", "pruned"}, line.choices);
  tell->add_option("--reason", line.tell.reason, "why it failed")->type_name("TEXT");
  bind(line, tell, line.tell, tell_trial);

  CLI::App* enqueue = add(line, "enqueue", "put a configuration first in the queue",
                          "  trimtab enqueue svm C=1.0 kernel=rbf gamma=0.01\n"
                          "  trimtab enqueue svm C=1.0 --replicate");
  add_study(enqueue, line.enqueue);
  enqueue->add_option("values", line.enqueue.values, "name=value; the rest takes its default");
  enqueue->add_flag("--replicate", line.enqueue.is_replicate,
                    "run it on a fresh seed even if a trial has it already");
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
  add_number(trials, "--limit", line.trials.limit, "at most so many; 0 = all", 0, 1'000'000'000)
      ->capture_default_str();
  CLI::Option* order = trials
                           ->add_option("--sort", line.trials.order,
                                        "number, value (best first) or time (longest first)")
                           ->type_name("KEY")
                           ->capture_default_str();
  require_one_of(trials, order, {"number", "value", "time"}, line.choices);
  bind(line, trials, line.trials, list_trials);

  CLI::App* analyse = add(line, "analyse", "answer a question about a study or a table",
                          "  trimtab analyse importance svm\n"
                          "  trimtab analyse confirmation svm --json\n"
                          "  trimtab analyse time_to_result --data times.csv --html times.html\n"
                          "  trimtab list analyses");
  analyse->add_option("analysis", line.analyse.analysis, "see `trimtab list analyses`")->required();
  add_study(analyse, line.analyse, /*is_required=*/false);
  analyse
      ->add_option("--data", line.analyse.data, "CSV table instead of a study; several are stacked")
      ->type_name("FILE");
  analyse
      ->add_option("--option", line.analyse.options, "an option of the analysis; may be repeated")
      ->type_name("NAME=VALUE");
  analyse->add_option("--html", line.analyse.html, "write a page with the figures, too")
      ->type_name("FILE");
  bind(line, analyse, line.analyse, analyse_study);

  CLI::App* report =
      add(line, "report", "write a study's HTML page", "  trimtab report svm -o svm.html");
  add_study(report, line.report);
  report->add_option("-o,--output", line.report.output, "file instead of STUDY.html")
      ->type_name("FILE");
  bind(line, report, line.report, write_report);
}

void add_export(CommandLine& line) {
  CLI::App* command =
      add(line, "export", "all trials as CSV, JSON or a database of Optuna's",
          "  trimtab export csv svm > svm.csv\n  trimtab export json svm -o svm.json\n"
          "  trimtab export optuna-sqlite svm -o svm.sqlite3\n"
          "  trimtab export optuna-sqlite svm -o svm.sqlite3 --follow\n"
          "\n--follow ends with SIGTERM or Ctrl-C.");
  ExportArguments& exported = line.exported;
  CLI::Option* format =
      command->add_option("format", exported.format, "csv, json or optuna-sqlite")->required();
  require_one_of(command, format, export_formats(), line.choices);
  add_study(command, exported);
  command->add_option("-o,--output", exported.output, "file instead of standard output")
      ->type_name("FILE");
  command->add_flag("--follow", exported.does_follow,
                    "go on writing what the study gets (databases)");
  CLI::Option* times = command
                           ->add_option("--times", exported.times,
                                        "what a database's times are, utc (Optuna 5, the default) "
                                        "or local (4.9)")
                           ->type_name("ZONE");
  require_one_of(command, times, {"utc", "local"}, line.choices);
  bind(line, command, exported, export_study);
}

void add_import(CommandLine& line) {
  CLI::App* command =
      add(line, "import", "take over studies, or their descriptions, from files of other programs",
          "  trimtab import optuna.db\n"
          "  trimtab import optuna.db --study svm --as svm-2025 --storage sqlite:all.db\n"
          "  trimtab import journal.log --json\n"
          "  trimtab import sweep.yaml -o study.toml && trimtab run study.toml\n"
          "\nAll of a file's studies are taken over, or none; twice is as once.");
  ImportFileArguments& imported = line.imported;
  command->add_option("source", imported.source, "a file, see `trimtab list formats`")->required();
  add_storage(command, imported.storage);
  command
      ->add_option("--format", imported.format,
                   "the file's format, instead of what its content says")
      ->type_name("NAME");
  command->add_option("--study", imported.study, "this one of the file's studies alone")
      ->type_name("NAME");
  command->add_option("--as", imported.name, "call the study so")->type_name("NAME");
  command
      ->add_option("-o,--output", imported.output,
                   "where to write a study file, instead of standard output")
      ->type_name("FILE");
  CLI::Option* times =
      command
          ->add_option("--times", imported.times,
                       "what times without a zone are, utc or local; instead of what the version "
                       "of Optuna in the file says")
          ->type_name("ZONE");
  require_one_of(command, times, {"utc", "local"}, line.choices);
  command->add_flag("--json", imported.is_json, "machine-readable output");
  bind(line, command, imported, import_file);
}

void add_keepers(CommandLine& line) {
  CLI::App* replay = add(line, "replay", "ask the sampler again for every proposal of the log",
                         "  trimtab replay svm");
  add_study(replay, line.replay);
  bind(line, replay, line.replay, replay_proposals);

  CLI::App* schedule =
      add(line, "replay-schedule",
          "how a trial's parameters changed on the way, and a study that repeats it",
          "  trimtab replay-schedule population\n"
          "  trimtab replay-schedule population -o again.json && trimtab run again.json");
  add_study(schedule, line.replay_schedule);
  add_number(schedule, "--trial", line.replay_schedule.trial, "instead of the best one", 0,
             std::numeric_limits<std::int64_t>::max());
  schedule->add_option("-o,--output", line.replay_schedule.output, "write the study file here")
      ->type_name("FILE");
  bind(line, schedule, line.replay_schedule, replay_schedule);

  CLI::App* remove =
      add(line, "delete", "remove a study and all its trials", "  trimtab delete svm");
  add_study(remove, line.remove);
  bind(line, remove, line.remove, delete_study);
}

void add_soup(CommandLine& line) {
  CLI::App* soup = add(
      line, "soup", "average the weights of models fine-tuned from one start",
      "  trimtab soup run1.safetensors run2.safetensors -o soup.safetensors\n"
      "  trimtab soup runs/*.safetensors -o soup.safetensors --recipe greedy \\\n"
      "      --evaluate 'python3 evaluate.py {file}'   # prints score=0.93\n"
      "  trimtab soup --study svm --weights 'trimtab-trials/svm/{trial}-0/model.safetensors' \\\n"
      "      -o soup.safetensors --recipe greedy --evaluate 'python3 evaluate.py {file}'");
  soup->add_option("files", line.soup.files, "weights, in the safetensors format");
  soup->add_option("--study", line.soup.study,
                   "take its complete trials, scored by its objective, instead of files")
      ->type_name("NAME");
  soup->add_option("--weights", line.soup.weights, "where a trial's weights are, with {trial}")
      ->type_name("PATTERN");
  add_storage(soup, line.soup.storage);
  soup->add_option("-o,--output", line.soup.output, "the file to write")
      ->type_name("FILE")
      ->required();
  CLI::Option* recipe =
      soup->add_option("--recipe", line.soup.recipe,
                       "uniform (all), or greedy (best first, kept when the score improves)")
          ->type_name("NAME")
          ->capture_default_str();
  require_one_of(soup, recipe, {"uniform", "greedy"}, line.choices);
  soup->add_option("--evaluate", line.soup.evaluate, "says how good {file} is, on held-out data")
      ->type_name("COMMAND");
  soup->add_option("--score", line.soup.score,
                   "the metric it reports, more is better; of a study its objective")
      ->type_name("METRIC")
      ->capture_default_str();
  soup->add_flag("--json", line.soup.is_json, "machine-readable output");
  bind(line, soup, line.soup, make_soup);
}

void add_serve(CommandLine& line) {
  CLI::App* command =
      add(line, "serve", "serve studies to Optuna's clients over the network",
          "  trimtab serve\n"
          "  trimtab serve --storage sqlite:/data/all.db --listen 127.0.0.1:13000\n"
          "  trimtab serve --http 127.0.0.1:8080\n"
          "\nIt ends with SIGTERM or Ctrl-C; calls in progress are answered first.");
  add_storage(command, line.serve.storage);
  command->add_option("--listen", line.serve.listen, "where to listen; port 0 = any free one")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  command->add_option("--http", line.serve.http, "also serve pages, JSON and metrics here")
      ->type_name("HOST:PORT");
  const auto add_text = [&](const char* name, const char* type, std::string& text,
                            const char* purpose) {
    command->add_option(name, text, purpose)->type_name(type);
  };
  add_text("--tokens", "FILE", line.serve.tokens, "callers need a token of this file");
  add_text("--new-token", "NAME:ROLE", line.serve.new_token,
           "make a token (role read or write), print it and end");
  add_text("--tls-cert", "FILE", line.serve.tls_certificate, "serve over TLS: the certificate");
  add_text("--tls-key", "FILE", line.serve.tls_key, "and its key");
  add_text("--tls-client-ca", "FILE", line.serve.tls_client_authority,
           "callers must show a certificate of this authority");
  bind(line, command, line.serve, serve_studies);
}

CompletionEntry completion_of(const CLI::App& command, const Choices& choices) {
  CompletionEntry entry = {command.get_name(), command.get_description(), {}, {}};
  for (const CLI::Option* argument : command.get_options()) {
    const auto found = choices.find(argument);
    const std::vector<std::string> values =
        found == choices.end() ? std::vector<std::string>() : found->second;
    if (argument->get_positional()) {
      entry.values.insert(entry.values.end(), values.begin(), values.end());
      continue;
    }
    for (const std::string& name : argument->get_lnames()) {
      entry.options.push_back(
          {name, argument->get_description(), argument->get_type_size() != 0, values});
    }
  }
  return entry;
}

void add_machine(CommandLine& line) {
  CLI::App* list =
      add(line, "list",
          "what there is: samplers, pruners, schedules, storages, workloads, analyses, formats, "
          "studies",
          "  trimtab list samplers\n  trimtab list studies --storage sqlite:all.db --json");
  CLI::Option* what =
      list->add_option("what", line.list.what,
                       "samplers, pruners, schedules, storages, workloads, analyses, formats or "
                       "studies")
          ->required();
  require_one_of(list, what,
                 {"samplers", "pruners", "schedules", "storages", "workloads", "analyses",
                  "formats", "studies"},
                 line.choices);
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
  CLI::Option* shell =
      completion->add_option("shell", line.completion.shell, "bash, zsh or fish")->required();
  require_one_of(completion, shell, {"bash", "zsh", "fish"}, line.choices);
  completion->callback([&line] {
    line.action = [&line](CommandContext context) {
      std::vector<CompletionEntry> entries;
      for (const CLI::App* command : line.app.get_subcommands({})) {
        entries.push_back(completion_of(*command, line.choices));
      }
      return print_completion(line.completion, entries, context);
    };
  });
}

}  // namespace

int run_command_line(int argc, const char* const* argv, std::ostream& out, std::ostream& err,
                     const TerminalOptions& terminal, int progress_width) {
  CommandLine line;
  line.app.set_help_flag("-h,--help", "this help");
  line.app.set_version_flag("--version", "trimtab " TRIMTAB_VERSION, "the version");
  line.app.require_subcommand(1);
  line.app.formatter(std::make_shared<HelpPage>());
  add_run(line);
  add_worker(line);
  add_ask_and_tell(line);
  add_readers(line);
  add_export(line);
  add_import(line);
  add_soup(line);
  add_keepers(line);
  add_serve(line);
  add_machine(line);
  try {
    line.app.parse(argc, argv);
  } catch (const UserError& error) {
    err << error.what() << '\n';
    return kUserError;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      line.app.exit(error, out, err);
      return kSuccess;
    }
    err << describe_refusal(line.app, error, {argv + 1, argv + argc}) << '\n';
    return kUserError;
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
