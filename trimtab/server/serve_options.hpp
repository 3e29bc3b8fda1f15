#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "trimtab/server/access.hpp"

namespace trimtab::server {

/// What `trimtab serve` is told.
struct ServeOptions {
  std::string storage = "sqlite:trimtab.db";
  std::string listen = "127.0.0.1:13000";
  std::string http = "";       ///< HOST:PORT of the pages; "" = none
  std::string tokens = "";     ///< file of tokens; "" = nobody needs one
  std::string new_token = "";  ///< NAME:ROLE: makes a token instead of serving
  TlsFiles tls = {};
  std::chrono::milliseconds patience{10'000};  ///< for calls in progress at the end

  /// The part of `listen` before the port.
  std::string host() const { return listen.substr(0, listen.rfind(':')); }
};

/// Reads "--name value" and "--name=value"; $TRIMTAB_STORAGE is the default of --storage. Nothing
/// when help is asked for. @throws UserError "cli.usage" for anything unknown or wrong, and for
/// an address that others reach unless callers are known and nobody listens in: tokens and a
/// certificate, or certificates on both sides.
std::optional<ServeOptions> parse_serve_options(const std::vector<std::string>& words);

std::string serve_help();

/// Whether the address is of this machine alone: 127.0.0.0/8, [::1], localhost, unix:.
bool is_loopback(const std::string& listen);

}  // namespace trimtab::server
