#include "trimtab/server/http_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "trimtab/base/error.hpp"
#include "trimtab/core/registry.hpp"

namespace trimtab::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    study_.tell(study_.enqueue({0.25}), {.values = {1.5}});
    client_.set_tcp_nodelay(true);
  }
  Json json(const std::string& path) const { return Json::parse(routes_.get(path).body); }

  Registry registry_ = make_registry();
  std::shared_ptr<Storage> storage_ = registry_.open_storage("memory:");
  Study study_{{.name = "a <b>&",
                .space_definition = R"({"x": [0.0, 1.0]})",
                .sampler = {.name = "random", .options = "{}"}},
               registry_,
               storage_};
  mutable HttpRoutes routes_{registry_, storage_, [] { return std::string("calls 1\n"); }};
  HttpServer server_{routes_, {}};
  httplib::Client client_{"127.0.0.1", server_.port()};
};

TEST_F(HttpServerTest, ShowsStudiesTrialsAndTheBest) {
  EXPECT_EQ(json("/api/studies")[0]["name"], "a <b>&");
  EXPECT_EQ(json("/api/studies/a <b>&")["name"], "a <b>&");
  EXPECT_EQ(json("/api/studies/a <b>&/trials").size(), 1U);
  EXPECT_EQ(routes_.get("/api/studies/a <b>&/trials", 1).body, "[]\n");
  EXPECT_EQ(json("/api/studies/a <b>&/best")["number"], 0);
  EXPECT_THAT(routes_.get("/api/studies/a <b>&/trials.csv").body, HasSubstr("1.5"));
  EXPECT_EQ(json("/openapi.json")["openapi"], "3.1.0");
}

TEST_F(HttpServerTest, EscapesNamesInItsPages) {
  const std::string index = routes_.get("/").body;
  EXPECT_THAT(index, HasSubstr("/studies/a%20%3Cb%3E%26"));
  EXPECT_THAT(index, Not(HasSubstr("<b>")));
  EXPECT_THAT(routes_.get("/studies/a <b>&").body, Not(HasSubstr("a <b>")));
}

TEST_F(HttpServerTest, AnswersOverTheNetwork) {
  const auto page = client_.Get("/studies/a%20%3Cb%3E%26");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->status, 200);
  EXPECT_THAT(page->get_header_value("Content-Security-Policy"), HasSubstr("default-src 'none'"));
  EXPECT_EQ(client_.Get("/healthz")->body, "ok\n");
  EXPECT_EQ(client_.Get("/metrics")->body, "calls 1\n");
  EXPECT_EQ(client_.Get("/../../etc/passwd")->status, 404);
  EXPECT_EQ(client_.Get("/api/studies/none")->status, 404);
  EXPECT_EQ(client_.Get("/api/studies/none/live")->status, 404);
}

TEST_F(HttpServerTest, RefusesOtherMethodsAndForeignHosts) {
  EXPECT_EQ(client_.Post("/api/studies", "{}", "application/json")->status, 405);
  EXPECT_EQ(client_.Delete("/api/studies")->status, 405);
  const httplib::Headers foreign = {{"Host", "evil.example"}};
  EXPECT_EQ(client_.Get("/api/studies", foreign)->status, 421);
  const httplib::Headers disguised = {{"Host", "127.evil.example:80"}};
  EXPECT_EQ(client_.Get("/api/studies", disguised)->status, 421);
}

TEST_F(HttpServerTest, StreamsEachChangeOfAStudy) {
  std::string received;
  std::thread teller;
  client_.Get("/api/studies/a%20%3Cb%3E%26/live", [&](const char* data, std::size_t size) {
    received.append(data, size);
    if (!teller.joinable()) {
      teller = std::thread([&] { study_.tell(study_.enqueue({0.75}), {.values = {0.5}}); });
    }
    return received.find("\"complete\":2") == std::string::npos;
  });
  teller.join();
  EXPECT_THAT(received, HasSubstr("data: {\"trials\":1"));
  EXPECT_THAT(received, HasSubstr("\"complete\":2"));
}

TEST_F(HttpServerTest, EndsItsStreamsWhenItStops) {
  std::thread ender([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    server_.stop();
  });
  client_.Get("/api/studies/a%20%3Cb%3E%26/live", [](const char*, std::size_t) { return true; });
  ender.join();
}

TEST_F(HttpServerTest, AsksForATokenWhereThereAreSome) {
  // SHA-256 of "abc".
  const Tokens tokens = Tokens::parse(
      "bob read ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "file");
  HttpServer guarded(routes_, {.tokens = tokens});
  httplib::Client client("127.0.0.1", guarded.port());
  EXPECT_EQ(client.Get("/api/studies")->status, 401);
  EXPECT_EQ(client.Get("/api/studies", {{"Authorization", "Bearer abd"}})->status, 401);
  EXPECT_EQ(client.Get("/api/studies", {{"Authorization", "Bearer abc"}})->status, 200);
  EXPECT_EQ(client.Get("/healthz")->status, 200);
}

TEST_F(HttpServerTest, RefusesAnAddressThatIsTaken) {
  EXPECT_THROW(HttpServer(routes_, {.address = "127.0.0.1:" + std::to_string(server_.port())}),
               EnvironmentError);
}

}  // namespace
}  // namespace trimtab::server
