#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "trimtab/core/registry.hpp"
#include "trimtab/report/terminal.hpp"

namespace trimtab {

/// Exit codes of the program.
enum ExitCode : int {
  kSuccess = 0,
  kDifferent = 1,         ///< `trimtab replay`: a proposal came out differently
  kShouldStop = 3,        ///< `trimtab log`: the trial should stop
  kUserError = 2,         ///< the input is wrong; nothing was written
  kEnvironmentError = 4,  ///< disk, database, processes
  kBug = 70,
  kInterrupted = 130,
};

/// What every command gets: where to write and what there is.
struct CommandContext {
  std::ostream& out;
  std::ostream& err;
  const Registry& registry;
  TerminalOptions terminal = {};  ///< how `out` shows text
  int progress_width = 0;         ///< columns of the terminal behind `err`; 0 = not a terminal
};

struct StudyArguments {
  std::string study;    ///< a study's name, or a study file
  std::string storage;  ///< URL
  bool is_json = false;
};

struct RunArguments {
  std::string file;
  std::string storage;
  std::vector<std::string> settings;  ///< "path=value"
  std::int64_t parallel = 0;          ///< 0 = as the study file says
  std::string report;                 ///< write the HTML page here at the end
  std::string folder = "trimtab-trials";
  bool is_json = false;
  bool is_quiet = false;    ///< no progress
  std::int64_t nested = 0;  ///< outer folds of nested cross-validation; 0 = one plain study
};
int run_study(const RunArguments& arguments, CommandContext context);

/// One study for each outer fold of the table, then what tuning is worth on rows that it never saw.
int run_nested(const RunArguments& arguments, CommandContext context);

struct WorkerArguments {
  RunArguments run;                  ///< storage, parallel, folder, is_quiet
  std::vector<std::string> studies;  ///< names; empty = all
  std::vector<std::string> allowed;  ///< study files whose programs may run here
  bool may_run_anything = false;     ///< whatever the storage says
  bool is_once = false;              ///< end when nothing is left
  double poll_seconds = 2.0;
};
/// Runs the studies of a storage, one after the other, until a signal comes.
int run_worker(const WorkerArguments& arguments, CommandContext context);

struct AskArguments : StudyArguments {
  std::int64_t count = 1;
};
int ask_trials(const AskArguments& arguments, CommandContext context);

struct TellArguments : StudyArguments {
  std::int64_t number = 0;
  std::vector<std::string> values;  ///< numbers in the order of the objectives, or name=number
  std::string state = "complete";
  std::string reason;
};
int tell_trial(const TellArguments& arguments, CommandContext context);

struct EnqueueArguments : StudyArguments {
  std::vector<std::string> values;  ///< name=value
  bool is_replicate = false;        ///< run it although a trial has the same configuration
};
int enqueue_trial(const EnqueueArguments& arguments, CommandContext context);

struct LogArguments {
  std::vector<std::string> values;  ///< name=number
};
int log_metrics(const LogArguments& arguments, CommandContext context);

int show_study(const StudyArguments& arguments, CommandContext context);
int show_best(const StudyArguments& arguments, CommandContext context);

struct TrialsArguments : StudyArguments {
  std::int64_t limit = 50;
  std::string order = "number";
};
int list_trials(const TrialsArguments& arguments, CommandContext context);

struct ExportArguments : StudyArguments {
  std::string format;
  std::string output;  ///< "" = standard output
  std::string times;   ///< of a database: "utc" or "local"; "" = utc
  bool does_follow = false;
};
std::vector<std::string> export_formats();
int export_study(const ExportArguments& arguments, CommandContext context);

struct ImportArguments {
  std::string source;  ///< a file of another program's
  std::string format;  ///< "" = what its content says
  std::string study;   ///< this one of its studies alone; "" = all
  std::string name;    ///< instead of the study's own name; "" = that
  std::string times;   ///< "utc" or "local"; "" = as the file says
  std::string storage;
  bool is_json = false;
};
int import_source(const ImportArguments& arguments, CommandContext context);

struct AnalyseArguments : StudyArguments {
  std::string analysis;
  std::vector<std::string> data;     ///< tables, one below the other, instead of the study
  std::vector<std::string> options;  ///< "name=value"
  std::string html;                  ///< also write a page with figures here; "" = none
};
int analyse_study(const AnalyseArguments& arguments, CommandContext context);

struct SoupArguments : StudyArguments {
  std::vector<std::string> files;  ///< of weights; none = those of the study's trials
  std::string weights;             ///< where a trial's are, with {trial}
  std::string output;
  std::string recipe = "uniform";  ///< or greedy
  std::string evaluate;            ///< command with {file}; "" = the soup is not evaluated
  std::string score = "score";     ///< the metric that it reports, maximised; of files only
};
/// Averages files of weights.
int make_soup(const SoupArguments& arguments, CommandContext context);

struct ReportArguments : StudyArguments {
  std::string output;  ///< "" = <study>.html
};
int write_report(const ReportArguments& arguments, CommandContext context);

/// Asks the sampler again at every point of the log; exit code 1 when a proposal differs.
int replay_proposals(const StudyArguments& arguments, CommandContext context);

struct ReplayScheduleArguments : StudyArguments {
  std::int64_t trial = -1;  ///< -1 = the best one
  std::string output;       ///< "" = no study file
};
/// Shows how a trial's parameters changed on the way to it, from checkpoint to checkpoint.
int replay_schedule(const ReplayScheduleArguments& arguments, CommandContext context);

int delete_study(const StudyArguments& arguments, CommandContext context);

struct ServeArguments {
  std::string storage;
  std::string listen = "127.0.0.1:13000";  ///< host:port
  std::string http;                        ///< host:port of the pages; "" = none
  std::string tokens, new_token;
  std::string tls_certificate, tls_key, tls_client_authority;  ///< PEM files
};
int serve_studies(const ServeArguments& arguments, CommandContext context);

struct ListArguments {
  std::string what;
  std::string storage;
  bool is_json = false;
};
int list_things(const ListArguments& arguments, CommandContext context);

int run_doctor(bool is_json, CommandContext context);

struct CompletionArguments {
  std::string shell;
};
/// What completion knows of a command.
struct CompletionOption {
  std::string name;  ///< without dashes
  std::string purpose;
  bool takes_value = false;
  std::vector<std::string> values;  ///< the possible ones; empty = any
};
struct CompletionEntry {
  std::string command;
  std::string purpose;
  std::vector<CompletionOption> options;
  std::vector<std::string> values;  ///< of the arguments that name one of a few
};
int print_completion(const CompletionArguments& arguments,
                     const std::vector<CompletionEntry>& commands, CommandContext context);

/// Reads the arguments, runs the command, renders errors. Never throws, never exits.
/// @param progress_width  columns of the terminal behind `err`; 0 = not a terminal.
int run_command_line(int argc, const char* const* argv, std::ostream& out, std::ostream& err,
                     const TerminalOptions& terminal = {}, int progress_width = 0);

}  // namespace trimtab
