#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <ostream>

#include "trimtab/base/error.hpp"
#include "trimtab/cli/commands.hpp"

namespace trimtab {
namespace {

// The program beside this one that links the network's libraries.
std::string find_server() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path() / "trimtab-serve").string();
}

}  // namespace

// Becomes the server: returns only when that fails.
int serve_studies(const ServeArguments& arguments, CommandContext context) {
  const std::string program = find_server();
  std::vector<std::string> words = {program, "--storage", arguments.storage, "--listen",
                                    arguments.listen};
  const auto pass = [&](const char* name, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {name, value});
  };
  pass("--http", arguments.http);
  pass("--tokens", arguments.tokens);
  pass("--new-token", arguments.new_token);
  pass("--tls-cert", arguments.tls_certificate);
  pass("--tls-key", arguments.tls_key);
  pass("--tls-client-ca", arguments.tls_client_authority);
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  context.out.flush();
  ::execv(program.c_str(), pointers.data());
  throw EnvironmentError(
      {.code = "cli.no_server",
       .what = std::string("the server cannot be started: ") + std::strerror(errno),
       .where = "trimtab serve",
       .got = program,
       .expected = "the program trimtab-serve beside trimtab",
       .hint = "install Trimtab as a whole"});
}

}  // namespace trimtab
