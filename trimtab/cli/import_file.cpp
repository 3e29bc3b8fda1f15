#include "trimtab/cli/import_file.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "trimtab/base/document.hpp"
#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/cli/output_file.hpp"
#include "trimtab/core/study.hpp"
#include "trimtab/engine/study_check.hpp"
#include "trimtab/exchange/format.hpp"

namespace trimtab {
namespace {

using exchange::Format;
using exchange::SourceFile;

[[noreturn]] void throw_wrong_option(const char* option, const Format& format,
                                     const char* expected) {
  throw UserError({.code = "cli.value",
                   .what = "the option means nothing for files of this format",
                   .where = std::string("trimtab import, ") + option,
                   .got = format.name + ": " + format.purpose,
                   .expected = expected,
                   .hint = ""});
}

// The study file must be one for `trimtab run`, with all names that it uses.
void check_study_file(const std::string& text, const Registry& registry) {
  const Document document = Document::parse(text, Document::Format::Toml, "the study file");
  const auto where = [&](std::string_view place) { return document.where(place); };
  parse_study(document, {[&](StudySpec& spec) { check_against_registry(spec, registry, where); }});
}

int import_study_file(const ImportFileArguments& arguments, const Format& format,
                      const SourceFile& source, CommandContext context) {
  const char* studies = "a format that has studies";
  if (!arguments.study.empty()) throw_wrong_option("--study", format, studies);
  if (!arguments.name.empty()) throw_wrong_option("--as", format, studies);
  if (!arguments.times.empty()) throw_wrong_option("--times", format, studies);
  if (!arguments.output.empty()) require_output_place(arguments.output, "--output");
  const exchange::StudyFileText file = exchange::make_study_file(format, source);
  check_study_file(file.text, context.registry);
  if (!arguments.output.empty()) write_file_atomically(arguments.output, file.text);
  if (arguments.is_json) {
    Json json = {{"format", format.name}, {"study", file.name}, {"notes", file.notes}};
    if (arguments.output.empty()) {
      json["text"] = file.text;
    } else {
      json["file"] = arguments.output;
    }
    context.out << json.dump() << '\n';
  } else if (arguments.output.empty()) {
    context.out << file.text;
  } else {
    context.out << file.name << ": " << arguments.output << '\n';
    for (const std::string& note : file.notes) context.out << "  " << note << '\n';
  }
  return kSuccess;
}

}  // namespace

int import_file(const ImportFileArguments& arguments, CommandContext context) {
  const std::vector<Format> formats = exchange::make_formats();
  const SourceFile source = exchange::open_source(arguments.source);
  const Format& format = exchange::find_format(formats, arguments.format, source);
  if (format.read_study_file) return import_study_file(arguments, format, source, context);
  if (!arguments.output.empty()) throw_wrong_option("--output", format, "a format of study files");
  return import_source(arguments, context);
}

}  // namespace trimtab
