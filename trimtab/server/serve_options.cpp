#include "trimtab/server/serve_options.hpp"

#include <cstdlib>
#include <functional>
#include <map>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab::server {
namespace {

constexpr const char* kHelp =
    R"(usage: trimtab serve [--storage URL] [--listen HOST:PORT] [--http HOST:PORT]

Serves the studies of a storage to Optuna clients (GrpcStorageProxy) and to
clients of Trimtab's own service, until SIGTERM or Ctrl-C; calls in progress are
answered first.

  --storage URL       where studies live [$TRIMTAB_STORAGE, sqlite:trimtab.db]
  --listen HOST:PORT  where to listen [127.0.0.1:13000]; port 0 = any free one
  --http HOST:PORT    also serve pages, JSON and metrics here [nowhere]
  --tokens FILE       callers need a token of this file
  --new-token NAME:ROLE  with --tokens: make a token (read or write), print it
  --tls-cert FILE     serve over TLS with this certificate (PEM) ...
  --tls-key FILE      ... and its key
  --tls-client-ca FILE  callers must show a certificate of this authority
  -h, --help          this help

Examples:
  trimtab serve
  trimtab serve --storage sqlite:/data/all.db --listen 127.0.0.1:13000
)";

[[noreturn]] void refuse(const std::string& what, const std::string& got,
                         const std::string& expected, const std::string& hint) {
  throw UserError({.code = "cli.usage",
                   .what = what,
                   .where = "trimtab serve",
                   .got = got,
                   .expected = expected,
                   .hint = hint});
}

using Setter = std::function<void(ServeOptions&, const std::string&)>;

const std::map<std::string, Setter>& setters() {
  static const std::map<std::string, Setter> kSetters = {
      {"--storage", [](ServeOptions& options, const std::string& text) { options.storage = text; }},
      {"--listen", [](ServeOptions& options, const std::string& text) { options.listen = text; }},
      {"--tokens", [](ServeOptions& options, const std::string& text) { options.tokens = text; }},
      {"--new-token",
       [](ServeOptions& options, const std::string& text) { options.new_token = text; }},
      {"--tls-cert",
       [](ServeOptions& options, const std::string& text) { options.tls.certificate = text; }},
      {"--tls-key", [](ServeOptions& options, const std::string& text) { options.tls.key = text; }},
      {"--tls-client-ca",
       [](ServeOptions& options, const std::string& text) { options.tls.client_authority = text; }},
      {"--http", [](ServeOptions& options, const std::string& text) { options.http = text; }},
  };
  return kSetters;
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& [name, setter] : setters()) all.push_back(name);
  return all;
}

void check_address(const std::string& address, const ServeOptions& options) {
  const std::size_t colon = address.rfind(':');
  const std::string port = colon == address.npos ? "" : address.substr(colon + 1);
  const bool is_number =
      !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == port.npos;
  if (colon == 0 || !is_number || std::stoi(port) > 65535) {
    refuse("that is no address", quote(address), "HOST:PORT", "127.0.0.1:13000");
  }
  const bool is_guarded =
      options.tls.is_mutual() || (options.tls.is_on() && !options.tokens.empty());
  if (is_guarded || is_loopback(address)) return;
  refuse(options.tokens.empty()
             ? "anybody who reaches this address could read and change the studies"
             : "anybody on the way to this address could read the tokens",
         quote(address), "an address of this machine alone, as 127.0.0.1:13000",
         "for others: --tokens with --tls-cert and --tls-key, or --tls-client-ca; or a tunnel: ssh "
         "-L 13000:127.0.0.1:13000 HOST");
}

void check(const ServeOptions& options) {
  if (options.tls.certificate.empty() != options.tls.key.empty() ||
      (!options.tls.is_on() && !options.tls.client_authority.empty())) {
    refuse("a certificate and its key belong together", quote(options.tls.certificate),
           "--tls-cert FILE --tls-key FILE", "");
  }
  if (!options.new_token.empty() && options.tokens.empty()) {
    refuse("there is no file for the token", quote(options.new_token), "--tokens FILE", "");
  }
  check_address(options.listen, options);
  if (!options.http.empty()) check_address(options.http, options);
}

}  // namespace

bool is_loopback(const std::string& listen) {
  const std::string host = listen.substr(0, listen.rfind(':'));
  const bool is_dotted = host.find_first_not_of("0123456789.") == host.npos;
  return (host.starts_with("127.") && is_dotted) || host == "localhost" || host == "[::1]";
}

std::string serve_help() { return kHelp; }

std::optional<ServeOptions> parse_serve_options(const std::vector<std::string>& words) {
  ServeOptions options;
  if (const char* url = std::getenv("TRIMTAB_STORAGE"); url != nullptr) options.storage = url;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "-h" || words[i] == "--help") return std::nullopt;
    const std::size_t equals = words[i].find('=');
    const std::string name = words[i].substr(0, equals);
    const auto found = setters().find(name);
    if (found == setters().end()) {
      refuse("there is no such option", quote(words[i]), one_of(names()),
             did_you_mean(name, names()));
    }
    if (equals == words[i].npos && i + 1 == words.size()) {
      refuse("the option has no value", quote(name), name + " VALUE", "");
    }
    found->second(options, equals == words[i].npos ? words[++i] : words[i].substr(equals + 1));
  }
  check(options);
  return options;
}

}  // namespace trimtab::server
