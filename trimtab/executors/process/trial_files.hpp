#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "trimtab/base/files.hpp"

namespace trimtab {

/// What is found at a path that a program may write. At most one of `content` and `problem` says
/// something; both are empty when there is nothing.
struct TrialFile {
  std::string content = {};
  std::string problem = {};  ///< "the result file is a folder", after `name`
};

/// Reads a file inside a trial's folder, where a program may have left anything under that name: a
/// pipe, a folder, a device, a terabyte. Links are followed. Never blocks, never throws; reads at
/// most `max_bytes` + 1.
/// @param name  how messages call it, e.g. "result file".
TrialFile read_trial_file(const std::string& path, std::string_view name, std::size_t max_bytes);

/// Creates an empty file, in place of whatever had that name; what a link pointed at stays as it
/// is. @throws EnvironmentError when the system refuses.
UniqueFd create_trial_file(const std::string& path);

/// `create_trial_file` with a content. Not synced, unlike records: a lost machine loses the run as
/// well. @throws EnvironmentError when the system refuses.
void write_trial_file(const std::string& path, std::string_view content);

/// Makes a folder unless there is one (or a link to one), in place of anything else of that name.
/// @throws EnvironmentError when the system refuses.
void make_trial_folder(const std::string& path);

/// Size of a file in bytes; 0 for anything else. Links are not followed.
double size_of_trial_file(const std::string& path);

}  // namespace trimtab
