#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <thread>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/cli/commands.hpp"
#include "trimtab/cli/interrupt_guard.hpp"
#include "trimtab/cli/open_study.hpp"
#include "trimtab/cli/output_file.hpp"
#include "trimtab/exchange/format.hpp"
#include "trimtab/report/html.hpp"
#include "trimtab/report/table.hpp"

namespace trimtab {
namespace {

using exchange::Format;
using exchange::Mirror;

constexpr std::chrono::milliseconds kBetweenLooks{200};

bool is_standard_output(const std::string& path) { return path.empty() || path == "-"; }

// Standard output, or a file that is replaced in one step.
void write_output(const std::string& path, const std::string& content, CommandContext context) {
  if (is_standard_output(path)) {
    context.out << content;
  } else {
    write_file_atomically(path, content);
    context.err << path << '\n';
  }
}

[[noreturn]] void throw_wrong_option(const ExportArguments& arguments, const char* option,
                                     const char* what, const char* expected) {
  throw UserError({.code = "cli.value",
                   .what = what,
                   .where = std::string("trimtab export, ") + option,
                   .got = arguments.format,
                   .expected = expected,
                   .hint = ""});
}

void export_text(const ExportArguments& arguments, CommandContext context) {
  const char* databases = "a format that is a database, see `trimtab list formats`";
  if (arguments.does_follow) {
    throw_wrong_option(arguments, "--follow", "a text cannot follow a study", databases);
  }
  if (!arguments.times.empty()) {
    throw_wrong_option(arguments, "--times", "a text's times have their zone", databases);
  }
  if (!is_standard_output(arguments.output)) require_output_place(arguments.output, "--output");
  const Study study = open_study(arguments, context.registry, /*may_create=*/false);
  std::string content;
  study.view([&](const StudyView& view) {
    content = arguments.format == "csv" ? trials_csv(view) : pretty_json(trials_json(view)) + "\n";
  });
  write_output(arguments.output, content, context);
}

// Writes what comes until it is told to end. What the storage or the file refuses is tried again.
void follow(Mirror& mirror, CommandContext context) {
  std::string last_trouble;
  for (bool is_last = false; !is_last;) {
    is_last = InterruptGuard::counter().load() > 0;  // what came before the signal is written too
    try {
      mirror.catch_up();
      last_trouble.clear();
    } catch (const EnvironmentError& error) {
      if (is_last || error.info().code == "export.two_writers") throw;
      if (last_trouble != error.what()) context.err << error.what() << '\n' << std::flush;
      last_trouble = error.what();
    }
    if (!is_last) std::this_thread::sleep_for(kBetweenLooks);
  }
}

void export_database(const Format& format, const ExportArguments& arguments,
                     CommandContext context) {
  if (is_standard_output(arguments.output)) {
    throw_wrong_option(arguments, "--output", "a database needs a file", "--output FILE");
  }
  require_output_place(arguments.output, "--output");
  const std::string name = is_study_file(arguments.study)
                               ? read_study_file(arguments.study, {}, context.registry).name
                               : arguments.study;
  const std::shared_ptr<Storage> storage = context.registry.open_storage(arguments.storage);
  Study::open(name, context.registry, storage);  // tells unknown names from near ones
  const std::optional<StudyRecord> record = storage->find_study(name);
  std::optional<InterruptGuard> guard;
  if (arguments.does_follow) guard.emplace();  // whoever reads the file's name may end this
  const std::unique_ptr<Mirror> mirror =
      format.open_mirror(*storage, *record, arguments.output, {.times = arguments.times});
  if (arguments.is_json) {
    context.out << Json{{"study", name}, {"format", format.name}, {"file", arguments.output}}.dump()
                << '\n';
  } else {
    context.err << arguments.output << '\n';
  }
  context.out << std::flush;
  context.err << std::flush;
  if (arguments.does_follow) follow(*mirror, context);
}

}  // namespace

std::vector<std::string> export_formats() {
  std::vector<std::string> names = {"csv", "json"};
  for (const Format& format : exchange::make_formats()) {
    if (format.open_mirror) names.push_back(format.name);
  }
  return names;
}

int export_study(const ExportArguments& arguments, CommandContext context) {
  const std::vector<Format> formats = exchange::make_formats();
  for (const Format& format : formats) {
    if (format.name != arguments.format) continue;
    export_database(format, arguments, context);
    return kSuccess;
  }
  export_text(arguments, context);
  return kSuccess;
}

}  // namespace trimtab
