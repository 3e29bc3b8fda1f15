#pragma once

#include <memory>
#include <string>

#include "trimtab/server/http_routes.hpp"

namespace trimtab::server {

/// Serves the pages of `HttpRoutes` over HTTP/1.1 on an address of this machine, with live streams
/// of studies. Only GET and HEAD; a request must name this machine as its host, so that no web page
/// of somebody else's reads here through a name that it made to point at us.
class HttpServer {
 public:
  /// @param address  HOST:PORT; port 0 = any free one. @throws EnvironmentError "server.listen".
  HttpServer(HttpRoutes& routes, const std::string& address);
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
