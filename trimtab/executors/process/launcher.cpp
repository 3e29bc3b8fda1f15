#include "trimtab/executors/process/launcher.hpp"

#include <unistd.h>

#include <cctype>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/json.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/executors/process/trial_files.hpp"

namespace trimtab {
namespace {

namespace fs = std::filesystem;

// Any study name as one path component: everything unusual becomes %XX, as does a leading dot.
std::string path_component(std::string_view name) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string result;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain =
        std::isalnum(byte) || c == '_' || c == '-' || (c == '.' && !result.empty());
    if (is_plain) {
      result += c;
    } else {
      result += '%';
      result += kDigits[byte / 16];
      result += kDigits[byte % 16];
    }
  }
  return result;
}

constexpr std::size_t kMaxIdentity = std::size_t{1} << 20;

// What each process of a run may hold and use at most, should nobody look at it in time.
void set_backstops(const Limits& limits, SpawnPlan& plan) {
  if (limits.memory_bytes) {
    const double bytes = 2.0 * *limits.memory_bytes + 512.0 * 1024.0 * 1024.0;
    if (bytes < 9e18) plan.max_data_bytes = static_cast<std::uint64_t>(bytes);
  }
  if (limits.wall_seconds) {
    const double cores =
        limits.cpus ? std::ceil(*limits.cpus) : static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN));
    const double seconds = std::ceil((*limits.wall_seconds + limits.grace_seconds) * cores) + 1.0;
    if (seconds < 9e18) plan.max_cpu_seconds = static_cast<std::uint64_t>(seconds);
  }
}

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && access(path.c_str(), X_OK) == 0;
}

// What execvp would run, looked up before the fork. "" = nothing.
std::string find_program(const std::string& name, const std::string& search_path) {
  if (name.find('/') != std::string::npos) return name;  // relative to the working directory
  for (const std::string_view folder : split(search_path, ':')) {
    const fs::path path = fs::path(folder.empty() ? "." : folder) / name;
    if (is_program(path)) return fs::absolute(path).string();
  }
  return "";
}

std::map<std::string, std::string> own_environment() {
  std::map<std::string, std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || text.starts_with("TRIMTAB_")) continue;
    result.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return result;
}

}  // namespace

Launcher::Launcher(const StudySpec& spec, const Space& space, const std::string& root)
    : program_(spec.program),
      space_(space),
      root_(fs::absolute(root).lexically_normal().string()),
      command_(CommandTemplate::parse(spec.program.command, "program.command")) {
  std::vector<std::string> names;
  for (const RenderedFile& file : program_.files) {
    names.push_back(file.destination);
    files_.push_back(
        {file.destination, RenderedTemplate(read_file(file.source), file.source, space_)});
  }
  std::vector<ErrorInfo> problems = command_.check(space_, names, "program.command");
  if (!problems.empty()) throw UserError(std::move(problems));
}

std::string Launcher::folder_of(const RunRequest& request) const {
  return root_ + "/" + path_component(request.study) + "/" + std::to_string(request.trial) + "-" +
         std::to_string(request.run);
}

std::optional<std::string> Launcher::value_of(const std::string& name, const RunRequest& request,
                                              const std::string& folder) const {
  if (name == "trial.number") return std::to_string(request.trial);
  if (name == "trial.run") return std::to_string(request.run);
  if (name == "trial.attempt") return std::to_string(request.attempt);
  if (name == "trial.seed") return std::to_string(request.seed);
  if (name == "trial.fidelity") {
    if (request.fidelity == 0.0) return std::nullopt;
    return format_number(request.fidelity);
  }
  if (name == "trial.scenario" && !request.scenario.empty()) return request.scenario;
  if (name == "trial.split" && request.split != nullptr) return folder + "/split.json";
  if (name == "trial.dir") return folder;
  if (name == "study.name") return request.study;
  if (name.starts_with("file:")) return folder + "/" + name.substr(5);
  const Parameter* parameter = space_.find_parameter(name);
  if (parameter == nullptr) return std::nullopt;
  return space_.value_text(request.point, *parameter);
}

void Launcher::discard_checkpoint(const RunRequest& request) const {
  std::error_code ignored;
  fs::remove_all(folder_of(request) + "/checkpoints", ignored);
}

// A copy, so that whoever else begins with the same checkpoint, or goes on from it, is not
// disturbed. It takes its place in one step, whole.
void Launcher::inherit_checkpoints(const RunRequest& request,
                                   const std::string& checkpoints) const {
  RunRequest parent = request;
  parent.trial = request.parent;
  const std::string source = folder_of(parent) + "/checkpoints";
  const std::string part = checkpoints + ".part";
  std::error_code error;
  fs::remove_all(part, error);
  if (!fs::exists(source, error)) return;
  fs::copy(source, part, fs::copy_options::recursive | fs::copy_options::copy_symlinks, error);
  if (!error) fs::rename(part, checkpoints, error);
  if (!error) return;
  throw EnvironmentError({.code = "trial.checkpoint",
                          .what = "a checkpoint cannot be handed over",
                          .where = source,
                          .got = error.message(),
                          .expected = "",
                          .hint = ""});
}

void Launcher::write_files(const RunRequest& request, const std::string& folder) const {
  const Json parameters = space_.to_json(request.point);
  const std::string identity = Json{{"study", request.study},
                                    {"trial", request.trial},
                                    {"run", request.run},
                                    {"seed", request.seed},
                                    {"parameters", parameters}}
                                   .dump(2) +
                               "\n";
  const std::string checkpoints = folder + "/checkpoints";
  if (read_trial_file(folder + "/run.json", "record", kMaxIdentity).content != identity) {
    std::error_code ignored;
    fs::remove_all(checkpoints, ignored);
    if (request.parent >= 0) inherit_checkpoints(request, checkpoints);
    write_trial_file(folder + "/run.json", identity);  // last: until then all this is done again
  }
  make_trial_folder(checkpoints);
  write_trial_file(folder + "/params.json", parameters.dump(2) + "\n");
  if (request.split) write_trial_file(folder + "/split.json", request.split->to_json() + "\n");
  for (const File& file : files_) {
    const fs::path path = fs::path(folder) / file.destination;
    if (path.parent_path() != folder) make_folders(path.parent_path().string());
    write_trial_file(path.string(),
                     file.content.render(request.point, [&](const std::string& name) {
                       return value_of(name, request, folder);
                     }));
  }
}

std::vector<std::string> Launcher::environment_of(const RunRequest& request, const Launch& launch,
                                                  const std::string& socket) const {
  std::map<std::string, std::string> variables = own_environment();
  // Else Python keeps intermediate results to itself until its buffer is full.
  variables.emplace("PYTHONUNBUFFERED", "1");
  for (const auto& [name, value] : program_.environment) variables[name] = value;
  variables["TRIMTAB_STUDY"] = request.study;
  variables["TRIMTAB_TRIAL"] = std::to_string(request.trial);
  variables["TRIMTAB_RUN"] = std::to_string(request.run);
  variables["TRIMTAB_ATTEMPT"] = std::to_string(request.attempt);
  variables["TRIMTAB_SEED"] = std::to_string(request.seed);
  if (request.fidelity > 0.0) variables["TRIMTAB_FIDELITY"] = format_number(request.fidelity);
  if (!request.scenario.empty()) variables["TRIMTAB_SCENARIO"] = request.scenario;
  if (request.split) variables["TRIMTAB_SPLIT"] = launch.folder + "/split.json";
  variables["TRIMTAB_PARAMS"] = space_.to_json(request.point).dump();
  variables["TRIMTAB_FOLDER"] = launch.folder;
  variables["TRIMTAB_CHECKPOINT_DIR"] = launch.folder + "/checkpoints";
  variables["TRIMTAB_RESULT"] = launch.result_file;
  variables["TRIMTAB_SOCKET"] = socket;
  std::vector<std::string> result;
  for (const auto& [name, value] : variables) result.push_back(name + "=" + value);
  return result;
}

Launcher::Launch Launcher::prepare(const RunRequest& request, const std::string& socket) const {
  Launch launch;
  launch.folder = folder_of(request);
  launch.result_file = launch.folder + "/result";
  make_folders(fs::path(launch.folder).parent_path().string());
  make_trial_folder(launch.folder);
  std::error_code ignored;
  fs::remove_all(launch.result_file, ignored);
  write_files(request, launch.folder);
  SpawnPlan& plan = launch.plan;
  plan.arguments = command_.arguments(
      [&](const std::string& name) { return value_of(name, request, launch.folder); });
  plan.environment = environment_of(request, launch, socket);
  plan.directory = program_.directory;
  set_backstops(program_.limits, plan);
  const auto path = program_.environment.find("PATH");
  const char* own_path = std::getenv("PATH");
  const std::string search_path = path != program_.environment.end() ? path->second
                                  : own_path != nullptr              ? own_path
                                                                     : "/usr/bin:/bin";
  if (!plan.arguments.empty()) plan.program = find_program(plan.arguments.front(), search_path);
  return launch;
}

}  // namespace trimtab
