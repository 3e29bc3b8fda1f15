#include <filesystem>

#include "trimtab/core/contract/executor_contract.hpp"
#include "trimtab/executors/process/process_executor.hpp"
#include "trimtab/executors/process/testing/process_fixture.hpp"

namespace trimtab {
namespace {

const char* command_for(ContractRun run) {
  switch (run) {
    case ContractRun::Succeed:
      return R"(printf 'trimtab: {{"loss": %s}}\n' {x})";
    case ContractRun::Report:
      return "sh -c 'for k in 0 1 2 3 4 5 6 7 8 9; do echo step=$k loss=$((k * 10)); done;"
             R"( echo "trimtab: {{\"loss\": $1}}"' sh {x})";
    case ContractRun::Endless:
      return "sh -c 'echo step=0 loss=0; exec sleep 1000'";
    case ContractRun::Fail:
      return "false";
  }
  return "";
}

std::string marker() { return "contract-" + std::to_string(getpid()); }

/// The folder of all trials, as long as the program runs.
struct TrialsFolder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("trimtab-" + marker());
  ~TrialsFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

struct Programs {
  static std::unique_ptr<Executor> make(const Space& space, ContractRun run, int) {
    StudySpec spec;
    spec.name = "contract";
    spec.program.command = command_for(run);
    spec.program.environment["MARK"] = marker();
    static const TrialsFolder kFolder;
    return std::make_unique<ProcessExecutor>(
        spec, space, ProcessExecutor::Options{.folder = kFolder.path.string()});
  }
  static int count_alive() { return count_processes_with("MARK=" + marker()); }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Process, ExecutorContract, Programs);

}  // namespace
}  // namespace trimtab
