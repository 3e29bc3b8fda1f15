#include "trimtab/cli/output_file.hpp"

#include <unistd.h>

#include <filesystem>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab {

void require_output_place(const std::string& path, const std::string& option) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path parent = fs::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  std::string what;
  if (fs::is_directory(path, ignored)) {
    what = "the file to write is a folder";
  } else if (!fs::is_directory(folder, ignored)) {
    what = "the folder of the file to write does not exist";
  } else if (::access(folder.c_str(), W_OK) != 0) {
    what = "the folder of the file to write is closed to this user";
  }
  if (what.empty()) return;
  throw UserError({.code = "cli.output",
                   .what = what,
                   .where = option,
                   .got = quote(path),
                   .expected = "a file in a folder that exists and can be written",
                   .hint = ""});
}

}  // namespace trimtab
