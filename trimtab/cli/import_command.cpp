#include <nlohmann/json.hpp>
#include <ostream>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/cli/commands.hpp"
#include "trimtab/exchange/format.hpp"
#include "trimtab/exchange/store_studies.hpp"

namespace trimtab {
namespace {

using exchange::ForeignStudy;
using exchange::Format;
using exchange::SourceFile;
using exchange::StoredImport;

std::int64_t num_trials(const StoredImport& import) {
  std::int64_t count = 0;
  for (const std::int64_t of_state : import.content.num_trials) count += of_state;
  return count;
}

// "12 trials (10 complete, 2 pruned)".
std::string describe_trials(const StoredImport& import) {
  std::string parts;
  for (std::size_t i = 0; i < import.content.num_trials.size(); ++i) {
    const std::int64_t count = import.content.num_trials[i];
    if (count == 0) continue;
    parts += (parts.empty() ? "" : ", ") + std::to_string(count) + " " +
             std::string(name_of(static_cast<TrialState>(i)));
  }
  const std::int64_t count = num_trials(import);
  return std::to_string(count) + (count == 1 ? " trial" : " trials") +
         (parts.empty() ? "" : " (" + parts + ")");
}

Json as_json(const StoredImport& import) {
  Json states = Json::object();
  for (std::size_t i = 0; i < import.content.num_trials.size(); ++i) {
    states[std::string(name_of(static_cast<TrialState>(i)))] = import.content.num_trials[i];
  }
  return {{"study", import.name},
          {"imported", import.is_new},
          {"trials", num_trials(import)},
          {"states", std::move(states)},
          {"parameters", import.content.num_parameters},
          {"notes", import.content.notes}};
}

void rename(std::vector<ForeignStudy>& studies, const std::string& name) {
  if (name.empty()) return;
  if (studies.size() == 1) {
    studies.front().name = name;
    return;
  }
  std::vector<std::string> names;
  for (const ForeignStudy& study : studies) names.push_back(study.name);
  throw UserError({.code = "import.several",
                   .what = "the source has several studies, and one name is given",
                   .where = "trimtab import, --as",
                   .got = quote(name),
                   .expected = "one study: " + one_of(names),
                   .hint = "choose it with --study NAME"});
}

void say(const std::vector<StoredImport>& imports, const std::string& format,
         CommandContext context) {
  for (const StoredImport& import : imports) {
    context.out << import.name << ": " << describe_trials(import) << ", "
                << import.content.num_parameters
                << (import.content.num_parameters == 1 ? " parameter" : " parameters")
                << (import.is_new ? "" : "; it was here already, nothing was written") << '\n';
    for (const std::string& note : import.content.notes) context.out << "  " << note << '\n';
  }
  if (imports.empty()) context.out << "the " << format << " file has no studies\n";
}

}  // namespace

int import_source(const ImportArguments& arguments, CommandContext context) {
  const std::vector<Format> formats = exchange::make_formats();
  const SourceFile source = exchange::open_source(arguments.source);
  const Format& format = exchange::find_format(formats, arguments.format, source);
  std::vector<ForeignStudy> studies =
      format.read_studies(source, {.study = arguments.study, .times = arguments.times});
  rename(studies, arguments.name);
  const std::shared_ptr<Storage> storage = context.registry.open_storage(arguments.storage);
  const std::vector<StoredImport> imports = exchange::store_studies(studies, *storage);
  if (!arguments.is_json) {
    say(imports, format.name, context);
    return kSuccess;
  }
  Json list = Json::array();
  for (const StoredImport& import : imports) list.push_back(as_json(import));
  context.out << Json{{"format", format.name}, {"studies", std::move(list)}}.dump() << '\n';
  return kSuccess;
}

}  // namespace trimtab
