#include "trimtab/server/access.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"

namespace trimtab::server {
namespace {

// SHA-256 of "abc" (FIPS 180-4, first example).
constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Tokens, KnowsTheHolderOfATokenByItsHash) {
  const Tokens tokens = Tokens::parse(std::string("# ours\n\nbob read ") + kAbc + "\n", "file");
  EXPECT_EQ(tokens.role_of("Bearer abc"), Role::Read);
  for (const char* wrong :
       {"", "Bearer ", "Bearer abd", "bearer abc", "abc", "Bearer  abc", "Bearer abc "}) {
    EXPECT_FALSE(tokens.role_of(wrong)) << wrong;
  }
}

TEST(Tokens, GivesTheLargerRoleOfATokenThatIsThereTwice) {
  const std::string hash = kAbc;
  EXPECT_EQ(Tokens::parse("a write " + hash + "\nb read " + hash, "f").role_of("Bearer abc"),
            Role::Write);
}

TEST(Tokens, TellsTheLineThatIsWrong) {
  const std::string hash = kAbc;
  for (const std::string& line :
       std::vector<std::string>{"bob read", "bob admin " + hash, "bob read " + hash.substr(1),
                                "bob read X" + hash.substr(1), "bob read " + hash + " more"}) {
    try {
      Tokens::parse("# first\n" + line, "file");
      ADD_FAILURE() << line;
    } catch (const UserError& error) {
      EXPECT_EQ(error.info().where, "file:2");
    }
  }
  EXPECT_THROW(Tokens::parse("# nothing\n", "file"), UserError);
}

TEST(Tokens, KeepsOnlyTheHashOfANewToken) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("trimtab-tokens-" + std::to_string(::getpid())))
          .string();
  const std::string first = add_token(path, "ann:write");
  const std::string second = add_token(path, "bob:read");
  EXPECT_THROW(add_token(path, "bob"), UserError);
  EXPECT_THROW(add_token(path, "bob:admin"), UserError);
  EXPECT_EQ(read_file(path).find(first), std::string::npos);
  const Tokens tokens = Tokens::read(path);
  EXPECT_EQ(tokens.role_of("Bearer " + first), Role::Write);
  EXPECT_EQ(tokens.role_of("Bearer " + second), Role::Read);
  struct stat state{};
  ASSERT_EQ(::stat(path.c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777U, 0600U);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace trimtab::server
