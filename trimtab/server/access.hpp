#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trimtab::server {

/// What a caller may do. Write includes Read.
enum class Role : std::uint8_t { Read, Write };

/// Who may call: bearer tokens, of which only SHA-256 hashes are kept. The file has one line per
/// token, "NAME ROLE HASH" with ROLE read or write; empty lines and lines with # are passed over.
/// A token is 256 random bits, so that a plain hash gives nothing away.
class Tokens {
 public:
  /// @throws UserError "server.tokens" with the line that is wrong, or when there is none at all.
  static Tokens parse(std::string_view text, const std::string& where);
  static Tokens read(const std::string& path);

  /// The role behind the value of an `authorization` header, "Bearer TOKEN"; nothing when there is
  /// none. Takes the same time for every wrong token. O(tokens).
  std::optional<Role> role_of(std::string_view authorization) const;

 private:
  struct Entry {
    Role role;
    std::array<std::uint8_t, 32> hash;
  };
  std::vector<Entry> entries_;
};

/// Makes a token, appends its hash to the file (created for its owner alone) and returns it.
/// @param who  "NAME:ROLE". @throws UserError, EnvironmentError.
std::string add_token(const std::string& path, const std::string& who);

/// How connections are protected; paths of PEM files, all empty = not at all.
struct TlsFiles {
  std::string certificate = {};
  std::string key = {};
  std::string client_authority =
      {};  ///< callers must show a certificate of it; "" = they need none

  bool is_on() const { return !certificate.empty(); }
  /// The callers are known by their certificates.
  bool is_mutual() const { return is_on() && !client_authority.empty(); }
};

}  // namespace trimtab::server
