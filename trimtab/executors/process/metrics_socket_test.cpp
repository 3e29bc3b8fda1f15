#include "trimtab/executors/process/metrics_socket.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <thread>

#include "trimtab/base/error.hpp"
#include "trimtab/executors/process/testing/process_fixture.hpp"

namespace trimtab {
namespace {

class MetricsSocketTest : public ProcessFixture {
 protected:
  MetricsSocketTest() : socket_(path("socket")) {}

  UniqueFd connect() const {
    UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, socket_.path().c_str());
    EXPECT_EQ(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return client;
  }
  static void say(const UniqueFd& client, std::string_view text) {
    EXPECT_EQ(send(client.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  // Serves until nothing more comes.
  void serve(bool should_stop = false) {
    while (socket_.serve(sink_, should_stop)) {
    }
  }
  static std::string answer_of(const UniqueFd& client) {
    char buffer[64];
    const ssize_t size = recv(client.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    return std::string(buffer, size > 0 ? static_cast<std::size_t>(size) : 0);
  }

  MetricsSocket socket_;
  std::vector<std::string> lines_;
  MetricsSocket::Sink sink_ = [this](std::string_view line) { lines_.emplace_back(line); };
};

using Lines = std::vector<std::string>;

TEST_F(MetricsSocketTest, AnswersEveryLineWithGoOrStop) {
  const UniqueFd client = connect();
  say(client, "a=1\nb=");
  serve();
  EXPECT_EQ(answer_of(client), "go\n");
  say(client, "2\nc=3\n");
  serve(/*should_stop=*/true);
  EXPECT_EQ(answer_of(client), "stop\nstop\n");
  EXPECT_EQ(lines_, (Lines{"a=1", "b=2", "c=3"}));
}

// Whoever owns the socket decides between the two calls.
TEST_F(MetricsSocketTest, AnswersALineInTheCallAfterTheOneThatReadIt) {
  const UniqueFd client = connect();
  say(client, "step=1 loss=1\n");
  while (lines_.empty()) socket_.serve(sink_, /*should_stop=*/false);
  EXPECT_TRUE(socket_.has_unanswered());
  EXPECT_EQ(answer_of(client), "");
  EXPECT_TRUE(socket_.serve(sink_, /*should_stop=*/true));
  EXPECT_EQ(answer_of(client), "stop\n");
  EXPECT_FALSE(socket_.has_unanswered());
}

TEST_F(MetricsSocketTest, TakesTheLastLineOfAConnectionWithoutALineBreak) {
  {
    const UniqueFd client = connect();
    say(client, "loss=1");
  }
  serve();
  EXPECT_EQ(lines_, (Lines{"loss=1"}));
}

TEST_F(MetricsSocketTest, FinishesWithAllThatWasSaidButNotRead) {
  std::string many;
  for (int k = 0; k < 10'000; ++k) many += "loss=" + std::to_string(k) + "\n";
  const UniqueFd open = connect();
  say(open, many + "loss=last");
  const UniqueFd closed = connect();
  say(closed, "loss=other\n");
  socket_.finish(sink_);
  EXPECT_EQ(lines_.size(), 10'002u);
  EXPECT_EQ(lines_.back(), "loss=last");
}

TEST_F(MetricsSocketTest, HearsWhoeverDoesNotReadAnswers) {
  const UniqueFd deaf = connect();
  std::string many;
  for (int k = 0; k < 1000; ++k) many += "x=1\n";
  for (int k = 0; k < 200; ++k) {
    say(deaf, many);
    serve();
  }
  EXPECT_EQ(lines_.size(), 200'000u);
}

TEST_F(MetricsSocketTest, LetsFurtherConnectionsWaitWhenThereAreMany) {
  std::vector<UniqueFd> clients;
  for (std::size_t k = 0; k < MetricsSocket::kMaxConnections + 3; ++k) {
    clients.push_back(connect());
    serve();
  }
  std::vector<pollfd> polled;
  socket_.add_to(polled);
  EXPECT_EQ(polled.size(), MetricsSocket::kMaxConnections);  // the listener rests
  say(clients.back(), "loss=2\n");
  serve();
  EXPECT_TRUE(lines_.empty());
  for (int k = 0; k < 3; ++k) clients[static_cast<std::size_t>(k)].reset();
  serve();  // sees the ends
  serve();  // and then the newcomers
  EXPECT_EQ(lines_, (Lines{"loss=2"}));
}

TEST_F(MetricsSocketTest, SpeaksWithTheProgramsSide) {
  const auto answer_to = [&](const std::string& line, bool should_stop) {
    std::thread server([&, known = lines_.size()] {
      while (lines_.size() == known) socket_.serve(sink_, should_stop);
      socket_.answer(should_stop);
    });
    const Answer answer = say_to_socket(socket_.path(), line, 10.0);
    server.join();
    return answer;
  };
  EXPECT_EQ(answer_to("loss=1", false), Answer::Go);
  EXPECT_EQ(answer_to("loss=2", true), Answer::Stop);
  EXPECT_EQ(lines_, (Lines{"loss=1", "loss=2"}));
}

TEST_F(MetricsSocketTest, TellsTheProgramWhenNobodyListensOrAnswers) {
  const auto message_of = [&](const std::string& path) -> std::string {
    try {
      say_to_socket(path, "loss=1", 0.05);
      return "";
    } catch (const EnvironmentError& error) {
      return error.info().what;
    }
  };
  EXPECT_EQ(message_of(path("nowhere")),
            "nobody listens for metrics: No such file or directory (errno 2)");
  EXPECT_EQ(message_of(socket_.path()), "the metrics were sent but not answered");
  EXPECT_EQ(message_of(std::string(200, 'x')), "the path is too long for a socket");
}

TEST_F(MetricsSocketTest, RemovesItsFile) {
  const std::string path = this->path("other");
  {
    MetricsSocket first(path);
    const MetricsSocket second(std::move(first));
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace trimtab
