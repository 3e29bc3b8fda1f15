#include "trimtab/core/detail/program_parse.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "trimtab/base/text.hpp"

namespace trimtab::detail {
namespace {

bool is_variable_name(const std::string& name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && is_letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

void read_variable(TableReader& table, const std::string& name, const Json& value,
                   std::map<std::string, std::string>& environment) {
  if (!is_variable_name(name)) {
    table.wrong(name, "program.environment", "is no name of an environment variable",
                "letters, digits and _, not starting with a digit");
  } else if (name.starts_with("TRIMTAB_")) {
    table.wrong(name, "program.environment", "is set by Trimtab itself",
                "a name that does not start with TRIMTAB_");
  } else if (value.is_string() &&
             value.get_ref<const std::string&>().find('\0') == std::string::npos) {
    environment[name] = value.get<std::string>();
  } else if (value.is_boolean() || value.is_number()) {
    environment[name] = value.dump();
  } else {
    table.wrong(name, "program.environment", "has no value for an environment variable",
                "a text, a number, true or false");
  }
}

void read_environment(TableReader& program, ProblemList& problems,
                      std::map<std::string, std::string>& environment) {
  if (program.find("env") != nullptr && program.find("environment") != nullptr) {
    program.wrong("env", "program.environment", "and \"environment\" cannot both stand",
                  "one of the two");
    return;
  }
  const char* key = program.find("env") != nullptr ? "env" : "environment";
  const Json* json = program.find(key);
  if (json == nullptr) return;
  TableReader table(*json, program.path_of(key), {}, problems);
  if (!json->is_object()) return;
  for (const auto& [name, value] : json->items()) read_variable(table, name, value, environment);
}

// A destination stays inside the trial's folder.
bool is_inside(const std::string& path) {
  if (path.empty() || path.front() == '/' || path.back() == '/') return false;
  return std::ranges::none_of(split(path, '/'), [](std::string_view part) {
    return part.empty() || part == "." || part == "..";
  });
}

std::string last_part(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

void read_file(const Json& json, const std::string& path, ProblemList& problems,
               std::vector<RenderedFile>& files) {
  RenderedFile file;
  const Json table = json.is_string() ? Json{{"source", json}} : json;
  TableReader reader(table, path, {"source", "destination"}, problems);
  if (!table.is_object()) return;
  reader.text("source", file.source);
  reader.text("destination", file.destination);
  if (reader.find("source") == nullptr) {
    problems.add({.code = "study.missing",
                  .what = "a rendered file has no source",
                  .where = path,
                  .got = show(json),
                  .expected = R"({ source = "model.json.in", destination = "model.json" })",
                  .hint = ""});
  }
  if (reader.find("destination") == nullptr) file.destination = last_part(file.source);
  if (file.source.empty() || file.destination.empty()) return;
  const auto refuse = [&](const std::string& what, const std::string& expected) {
    problems.add({.code = "program.files",
                  .what = what,
                  .where = path,
                  .got = quote(file.destination),
                  .expected = expected,
                  .hint = ""});
  };
  if (!is_inside(file.destination)) {
    refuse("the destination of a rendered file leaves the trial's folder",
           "a relative path without \"..\"");
  } else if (std::ranges::any_of(files, [&](const RenderedFile& other) {
               return other.destination == file.destination;
             })) {
    refuse("two rendered files have the same destination", "a destination of its own for each");
  } else {
    files.push_back(std::move(file));
  }
}

void read_files(TableReader& program, ProblemList& problems, std::vector<RenderedFile>& files) {
  const Json* json = program.find("files");
  if (json == nullptr) return;
  if (!json->is_array()) {
    program.wrong("files", "study.type", "is not a list of files",
                  R"([{ source = "model.json.in", destination = "model.json" }])");
    return;
  }
  for (std::size_t i = 0; i < json->size(); ++i) {
    read_file((*json)[i], program.path_of("files") + "/" + std::to_string(i), problems, files);
  }
}

void read_limits(TableReader& program, ProblemList& problems, Limits& limits) {
  const Json* json = program.find("limits");
  if (json == nullptr) return;
  TableReader table(*json, program.path_of("limits"),
                    {"wall", "memory", "cpus", "retries", "grace"}, problems);
  table.duration("wall", /*may_be_zero=*/false, limits.wall_seconds);
  table.bytes("memory", limits.memory_bytes);
  table.positive_number("cpus", limits.cpus);
  std::int64_t retries = limits.retries;
  table.integer("retries", {.low = 0, .high = 1000}, retries);
  limits.retries = static_cast<int>(retries);
  std::optional<double> grace;
  table.duration("grace", /*may_be_zero=*/true, grace);
  limits.grace_seconds = grace.value_or(limits.grace_seconds);
}

// What only makes sense beside a command, and what only beside a workload.
void check_combination(TableReader& program, ProblemList& problems) {
  const bool has_command = program.find("command") != nullptr;
  const bool has_workload = program.find("workload") != nullptr;
  if (has_command && has_workload) {
    program.wrong("workload", "program.two", "and \"command\" cannot both stand",
                  "a command line or a workload");
  }
  if (!has_command && !has_workload) {
    problems.add({.code = "study.missing",
                  .what = "[program] does not say what to run",
                  .where = "program",
                  .got = "",
                  .expected = "command = \"...\" or workload = \"...\"",
                  .hint = "leave [program] out when you ask and tell by hand"});
  }
  if (program.find("options") != nullptr && !has_workload) {
    program.wrong("options", "program.options", "stands without a workload",
                  "options beside workload = \"...\"",
                  has_command ? "options of a program belong into its command" : "");
  }
}

}  // namespace

void read_program(const Json& json, ProblemList& problems, Program& program) {
  TableReader table(
      json, "program",
      {"command", "workload", "options", "environment", "env", "directory", "files", "limits"},
      problems);
  if (!json.is_object()) return;
  check_combination(table, problems);
  table.text("command", program.command);
  table.text("workload", program.workload);
  if (const Json* options = table.find("options")) {
    const TableReader check(*options, "program/options", {}, problems);
    if (options->is_object()) program.workload_options = options->dump();
  }
  read_environment(table, problems, program.environment);
  table.text("directory", program.directory);
  read_files(table, problems, program.files);
  read_limits(table, problems, program.limits);
}

}  // namespace trimtab::detail
