#pragma once

#include <map>
#include <string>
#include <vector>

#include "trimtab/core/command_template.hpp"
#include "trimtab/core/executor.hpp"
#include "trimtab/core/study.hpp"
#include "trimtab/executors/process/rendered_template.hpp"
#include "trimtab/executors/process/supervisor.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {

/// Turns a run into a folder on disk and a command to start. The folder is
///   ROOT/STUDY/TRIAL-RUN/   stdout stderr params.json run.json checkpoints/ and rendered files
/// Checkpoints of an earlier attempt stay when run.json shows the same configuration and seed;
/// otherwise they belong to something else and are removed. A run with a parent begins with a copy
/// of the parent's.
class Launcher {
 public:
  /// @throws UserError when the command or a file to render is wrong or cannot be read.
  Launcher(const StudySpec& spec, const Space& space, const std::string& root);

  struct Launch {
    std::string folder;       ///< absolute
    std::string result_file;  ///< absent until the program writes it
    SpawnPlan plan;           ///< without output descriptors; program "" = not on the PATH
  };

  /// Removes what the run keeps for its next attempt. Never throws.
  void discard_checkpoint(const RunRequest& request) const;

  /// @param socket  where the program may say metrics.
  /// @throws EnvironmentError when the folder or a file cannot be written.
  Launch prepare(const RunRequest& request, const std::string& socket) const;

 private:
  struct File {
    std::string destination;
    RenderedTemplate content;
  };
  std::string folder_of(const RunRequest& request) const;
  std::optional<std::string> value_of(const std::string& name, const RunRequest& request,
                                      const std::string& folder) const;
  void inherit_checkpoints(const RunRequest& request, const std::string& checkpoints) const;
  void write_files(const RunRequest& request, const std::string& folder) const;
  std::vector<std::string> environment_of(const RunRequest& request, const Launch& launch,
                                          const std::string& socket) const;

  Program program_;
  Space space_;
  std::string root_;
  CommandTemplate command_;
  std::vector<File> files_;
};

}  // namespace trimtab
