#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "trimtab/base/json.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/engine/study.hpp"

namespace trimtab::server {

/// What a GET is answered with.
struct HttpAnswer {
  int status = 200;
  std::string type = "application/json";
  std::string body = {};
};

/// The reading pages of a storage, by path (docs/server.md). Knows nothing of sockets. Threads:
/// every method may be called from any thread.
class HttpRoutes {
 public:
  /// @param metrics  the text of /metrics.
  HttpRoutes(const Registry& registry, std::shared_ptr<Storage> storage,
             std::function<std::string()> metrics);

  /// @param path  decoded, without the query. @param after  of the query: trials from this number
  /// on.
  HttpAnswer get(std::string_view path, std::int64_t after = 0);

  /// What a live page shows of a study: counts, best trial. @throws UserError when there is none.
  Json state_of(const std::string& study);

 private:
  HttpAnswer get_study(std::string_view rest, std::int64_t after);
  HttpAnswer page(const std::string& study);
  HttpAnswer index();
  Json list();
  std::shared_ptr<Study> open(const std::string& name);

  struct Open {
    StudyId id = 0;
    std::shared_ptr<Study> study;
  };

  const Registry& registry_;
  std::shared_ptr<Storage> storage_;
  std::function<std::string()> metrics_;
  std::mutex mutex_;
  std::map<std::string, Open> open_;
};

}  // namespace trimtab::server
