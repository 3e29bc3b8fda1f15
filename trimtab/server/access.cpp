#include "trimtab/server/access.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab::server {
namespace {

using Hash = std::array<std::uint8_t, 32>;

constexpr std::string_view kDigits = "0123456789abcdef";

[[noreturn]] void refuse(const std::string& what, const std::string& where, const std::string& got,
                         const std::string& expected) {
  throw UserError({.code = "server.tokens",
                   .what = what,
                   .where = where,
                   .got = got,
                   .expected = expected,
                   .hint = "trimtab-serve --tokens FILE --new-token NAME:read makes one"});
}

Hash hash_of(std::string_view text) {
  Hash hash{};
  unsigned int size = 0;
  ::EVP_Digest(text.data(), text.size(), hash.data(), &size, ::EVP_sha256(), nullptr);
  return hash;
}

std::string hex(const Hash& bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

bool read_hex(std::string_view text, Hash& bytes) {
  if (text.size() != 2 * bytes.size()) return false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t high = kDigits.find(text[2 * i]);
    const std::size_t low = kDigits.find(text[2 * i + 1]);
    if (high == kDigits.npos || low == kDigits.npos) return false;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

std::optional<Role> role_named(std::string_view name) {
  if (name == "read") return Role::Read;
  if (name == "write") return Role::Write;
  return std::nullopt;
}

}  // namespace

Tokens Tokens::parse(std::string_view text, const std::string& where) {
  Tokens tokens;
  int number = 0;
  for (const std::string_view raw : split(text, '\n')) {
    ++number;
    const std::string_view line = trim(raw);
    if (line.empty() || line.front() == '#') continue;
    const std::vector<std::string_view> words = split(line, ' ');
    Hash hash{};
    const std::optional<Role> role = words.size() == 3 ? role_named(words[1]) : std::nullopt;
    if (!role || !read_hex(words[2], hash)) {
      refuse("that is no line of tokens", where + ":" + std::to_string(number), quote(line),
             "NAME read|write SHA-256 in 64 hexadecimal digits");
    }
    tokens.entries_.push_back({*role, hash});
  }
  if (tokens.entries_.empty()) refuse("the file has no token", where, "", "at least one line");
  return tokens;
}

Tokens Tokens::read(const std::string& path) { return parse(read_file(path), path); }

std::optional<Role> Tokens::role_of(std::string_view authorization) const {
  constexpr std::string_view kScheme = "Bearer ";
  if (!authorization.starts_with(kScheme)) return std::nullopt;
  const Hash hash = hash_of(authorization.substr(kScheme.size()));
  std::optional<Role> role;
  for (const Entry& entry : entries_) {
    const bool is_same = ::CRYPTO_memcmp(entry.hash.data(), hash.data(), hash.size()) == 0;
    if (is_same && role != Role::Write) role = entry.role;
  }
  return role;
}

std::string add_token(const std::string& path, const std::string& who) {
  const std::size_t colon = who.rfind(':');
  const std::string name = who.substr(0, colon);
  const bool is_name = colon != who.npos && !name.empty() &&
                       name.find_first_of(" \t\r\n#") == name.npos &&
                       role_named(who.substr(colon + 1));
  if (!is_name)
    refuse("that is no holder of a token", "--new-token", quote(who), "NAME:read or NAME:write");
  Hash secret{};
  if (::RAND_bytes(secret.data(), static_cast<int>(secret.size())) != 1) {
    throw EnvironmentError({.code = "server.random",
                            .what = "the machine gives no random bits",
                            .where = "--new-token",
                            .got = "",
                            .expected = "",
                            .hint = ""});
  }
  const std::string token = hex(secret);
  const std::string line = name + " " + who.substr(colon + 1) + " " + hex(hash_of(token)) + "\n";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const bool is_written =
      file >= 0 && ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (file >= 0) ::close(file);
  if (!is_written) {
    throw EnvironmentError(
        {.code = "server.tokens_file",
         .what = std::string("the file of tokens cannot be written: ") + std::strerror(errno),
         .where = path,
         .got = "",
         .expected = "",
         .hint = ""});
  }
  return token;
}

}  // namespace trimtab::server
