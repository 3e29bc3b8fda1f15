#include "trimtab/server/http_server.hpp"

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/server/serve_options.hpp"

namespace trimtab::server {
namespace {

constexpr std::size_t kThreads = 12;
constexpr int kMostStreams = 8;  // fewer than threads, so that pages are answered meanwhile
constexpr std::size_t kLargestBody = 1 << 16;
constexpr std::chrono::milliseconds kLook{500};
constexpr int kLooksPerSign = 30;  // a comment every 15 s shows that the stream lives

std::string host_of(const std::string& address) {
  const std::string host = address.substr(0, address.rfind(':'));
  return host == "[::1]" ? "::1" : host;
}

// The study of /api/studies/NAME/live, "" for any other path.
std::string live_study(const std::string& path) {
  constexpr std::string_view kBegin = "/api/studies/", kEnd = "/live";
  if (!path.starts_with(kBegin) || !path.ends_with(kEnd)) return "";
  if (path.size() <= kBegin.size() + kEnd.size()) return "";
  return path.substr(kBegin.size(), path.size() - kBegin.size() - kEnd.size());
}

std::int64_t after_of(const httplib::Request& request) {
  long long after = 0;
  const bool is_read = parse_int(request.get_param_value("after"), after);
  return is_read ? after : 0;
}

}  // namespace

class HttpServer::State {
 public:
  State(HttpRoutes& routes, const HttpOptions& options)
      : routes_(routes), tokens_(options.tokens), made_(make(options.tls)), server_(*made_) {
    const std::string& address = options.address;
    is_mutual_ = options.tls.is_mutual();
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server_.set_tcp_nodelay(true);
    server_.set_socket_options([](socket_t socket) {  // not SO_REUSEPORT, which shares an address
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    server_.set_payload_max_length(kLargestBody);
    server_.set_read_timeout(10);
    server_.set_write_timeout(30);
    server_.set_pre_routing_handler([this](const auto& request, auto& response) {
      answer(request, response);
      return httplib::Server::HandlerResponse::Handled;
    });
    const std::string host = host_of(address);
    const int wanted = std::stoi(address.substr(address.rfind(':') + 1));
    port_ = wanted == 0 ? server_.bind_to_any_port(host)
                        : (server_.bind_to_port(host, wanted) ? wanted : -1);
    if (port_ <= 0) {
      throw EnvironmentError({.code = "server.listen",
                              .what = "the address cannot be listened on",
                              .where = "--http",
                              .got = address,
                              .expected = "HOST:PORT, free and of this machine",
                              .hint = ""});
    }
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }

  int port() const { return port_; }

  void stop() {
    is_ending_ = true;
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  static std::unique_ptr<httplib::Server> make(const TlsFiles& tls) {
    if (!tls.is_on()) return std::make_unique<httplib::Server>();
    const char* authority = tls.is_mutual() ? tls.client_authority.c_str() : nullptr;
    auto server =
        std::make_unique<httplib::SSLServer>(tls.certificate.c_str(), tls.key.c_str(), authority);
    if (server->is_valid()) return server;
    throw UserError({.code = "server.certificate",
                     .what = "the certificate cannot be used",
                     .where = "--tls-cert, --tls-key, --tls-client-ca",
                     .got = tls.certificate,
                     .expected = "PEM files that belong together",
                     .hint = ""});
  }

  void answer(const httplib::Request& request, httplib::Response& response) {
    response.set_header("X-Content-Type-Options", "nosniff");
    response.set_header("Content-Security-Policy",
                        "default-src 'none'; style-src 'unsafe-inline'; script-src "
                        "'unsafe-inline'; img-src data:");
    if (request.method != "GET" && request.method != "HEAD") {
      response.status = 405;
      response.set_header("Connection", "close");
      return;
    }
    if (tokens_ && request.path != "/healthz" &&
        !tokens_->role_of(request.get_header_value("Authorization"))) {
      response.status = 401;
      response.set_header("WWW-Authenticate", "Bearer");
      return;
    }
    const std::string host = request.get_header_value("Host");
    if (!tokens_ && !is_mutual_ &&
        !is_loopback(host.find(':') == host.npos ? host + ":80" : host)) {
      response.status = 421;
      response.set_content("this server answers to 127.0.0.1 and localhost\n", "text/plain");
      return;
    }
    const std::string study = live_study(request.path);
    if (!study.empty()) return stream(study, response);
    HttpAnswer page = routes_.get(request.path, after_of(request));
    response.status = page.status;
    response.set_content(std::move(page.body), page.type.c_str());
  }

  void stream(const std::string& study, httplib::Response& response) {
    const HttpAnswer first = routes_.get("/api/studies/" + study + "/best");
    if (first.status != 200) {
      response.status = first.status;
      response.set_content(first.body, first.type.c_str());
      return;
    }
    if (++num_streams_ > kMostStreams) {
      --num_streams_;
      response.status = 503;
      return;
    }
    const auto last = std::make_shared<std::string>();
    response.set_header("Cache-Control", "no-store");
    response.set_chunked_content_provider(
        "text/event-stream",
        [this, study, last](std::size_t, httplib::DataSink& sink) {
          return send_change(study, *last, sink);
        },
        [this](bool) { --num_streams_; });
  }

  // Waits for a change of the study and sends it; false = the client is gone.
  bool send_change(const std::string& study, std::string& last, httplib::DataSink& sink) {
    for (int looks = 0; !is_ending_; ++looks) {
      std::string message = state_text(study);
      if (message.empty()) break;
      if (message != last) {
        last = message;
        message = "data: " + message + "\n\n";
        return sink.write(message.data(), message.size());
      }
      if (looks >= kLooksPerSign) return sink.write(":\n\n", 3);
      std::this_thread::sleep_for(kLook);
    }
    sink.done();
    return true;
  }

  // "" = the study is no more.
  std::string state_text(const std::string& study) {
    try {
      return routes_.state_of(study).dump(-1, ' ', true, Json::error_handler_t::replace);
    } catch (const Error&) {
      return "";
    }
  }

  HttpRoutes& routes_;
  const std::optional<Tokens> tokens_;
  std::unique_ptr<httplib::Server> made_;
  httplib::Server& server_;
  bool is_mutual_ = false;
  int port_ = 0;
  std::atomic<int> num_streams_ = 0;
  std::atomic<bool> is_ending_ = false;
  std::thread thread_;
};

HttpServer::HttpServer(HttpRoutes& routes, const HttpOptions& options)
    : state_(std::make_unique<State>(routes, options)) {}

HttpServer::~HttpServer() { stop(); }

int HttpServer::port() const { return state_->port(); }

void HttpServer::stop() { state_->stop(); }

}  // namespace trimtab::server
