#pragma once

#include <memory>
#include <optional>
#include <string>

#include "trimtab/server/access.hpp"
#include "trimtab/server/http_routes.hpp"

namespace trimtab::server {

struct HttpOptions {
  std::string address = "127.0.0.1:0";  ///< HOST:PORT; port 0 = any free one
  std::optional<Tokens> tokens = {};    ///< everything but /healthz needs one of these
  TlsFiles tls = {};
};

/// Serves the pages of `HttpRoutes` over HTTP/1.1 with live streams of studies. Only GET and
/// HEAD. Where no token is asked for, a request must name this machine as its host, so that no web
/// page of somebody else's reads here through a name that it made to point at us.
class HttpServer {
 public:
  /// @throws EnvironmentError "server.listen"; UserError when the certificate cannot be used.
  HttpServer(HttpRoutes& routes, const HttpOptions& options);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const;
  /// Ends the streams and returns when all requests are answered. May be called twice.
  void stop();

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace trimtab::server
