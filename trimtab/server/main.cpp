#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <regex>
#include <string>
#include <thread>

#include "trimtab/base/error.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/server/grpc_server.hpp"
#include "trimtab/server/http_routes.hpp"
#include "trimtab/server/http_server.hpp"
#include "trimtab/server/native/native_desk.hpp"
#include "trimtab/server/serve_options.hpp"

namespace {

using trimtab::server::ServeOptions;

// Counters in the text format of Prometheus.
std::string metrics_text(const trimtab::optuna::Desk& desk) {
  const trimtab::optuna::Desk::Counters counters = desk.counters();
  std::string text;
  const auto add = [&](const char* name, const char* type, const char* help, std::int64_t value) {
    text += std::string("# HELP ") + name + " " + help + "\n# TYPE " + name + " " + type + "\n" +
            name + " " + std::to_string(value) + "\n";
  };
  add("trimtab_calls_total", "counter", "Calls of the storage protocol that were answered.",
      counters.calls);
  add("trimtab_refusals_total", "counter", "Calls among them that were answered with an error.",
      counters.refusals);
  add("trimtab_commits_total", "counter", "Steps of studies' logs, each one commit.",
      counters.commits);
  add("trimtab_events_total", "counter", "Events that were appended.", counters.events);
  add("trimtab_studies_loaded", "gauge", "Studies whose picture is in memory.",
      counters.studies_loaded);
  return text;
}

// The storage's address without a password, for the log.
std::string shown(const std::string& url) {
  static const std::regex kOfUser("(//[^/@:]*):[^/]*@");
  static const std::regex kOption("([?&]password=)[^&]*");
  return std::regex_replace(std::regex_replace(url, kOfUser, "$1@"), kOption, "$1***");
}

// Waits for a wish to end; the signals are blocked in every thread.
int wait_for_signal(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
  return signal;
}

int serve(const ServeOptions& options, const sigset_t& signals) {
  const trimtab::Registry registry = trimtab::make_registry();
  const std::shared_ptr<trimtab::Storage> storage = registry.open_storage(options.storage);
  trimtab::optuna::Desk desk(storage);
  std::optional<trimtab::server::Tokens> tokens;
  if (!options.tokens.empty()) tokens = trimtab::server::Tokens::read(options.tokens);
  trimtab::server::NativeDesk native(registry, storage);
  trimtab::server::GrpcServer server(
      desk, {.address = options.listen, .tokens = tokens, .tls = options.tls, .native = &native});
  std::cout << "trimtab: serving " << shown(options.storage) << " to Optuna and Trimtab on "
            << options.host() << ":" << server.port() << std::endl;
  trimtab::server::HttpRoutes routes(registry, storage, [&desk] { return metrics_text(desk); });
  std::optional<trimtab::server::HttpServer> pages;
  if (!options.http.empty()) {
    pages.emplace(routes, trimtab::server::HttpOptions{options.http, tokens, options.tls});
    std::cout << "trimtab: pages on " << (options.tls.is_on() ? "https://" : "http://")
              << options.http.substr(0, options.http.rfind(':')) << ":" << pages->port()
              << std::endl;
  }
  wait_for_signal(signals);
  std::cout << "trimtab: ending; calls in progress are answered first" << std::endl;
  std::thread impatience([&] {
    wait_for_signal(signals);
    std::_Exit(130);
  });
  impatience.detach();
  if (pages) pages->stop();
  server.shutdown(options.patience);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  ::setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);  // what matters is told by the errors
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  try {
    const std::optional<ServeOptions> options =
        trimtab::server::parse_serve_options({argv + 1, argv + argc});
    if (!options) {
      std::cout << trimtab::server::serve_help();
      return 0;
    }
    if (!options->new_token.empty()) {
      std::cout << trimtab::server::add_token(options->tokens, options->new_token) << '\n';
      return 0;
    }
    return serve(*options, signals);
  } catch (const trimtab::UserError& error) {
    std::cerr << error.what() << '\n';
    return 2;
  } catch (const trimtab::EnvironmentError& error) {
    std::cerr << error.what() << '\n';
    return 4;
  } catch (const std::exception& error) {
    std::cerr << "trimtab: this is a bug in Trimtab, please report it\n  " << error.what() << '\n';
    return 70;
  }
}
