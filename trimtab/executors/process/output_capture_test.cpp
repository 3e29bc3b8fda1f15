#include "trimtab/executors/process/output_capture.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "trimtab/executors/process/testing/process_fixture.hpp"

namespace trimtab {
namespace {

class OutputCaptureTest : public ProcessFixture {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    reading_ = UniqueFd(ends[0]);
    writing_ = UniqueFd(ends[1]);
  }
  OutputCapture capture(std::uint64_t max_bytes) {
    return OutputCapture(std::move(reading_), path("stdout"), max_bytes);
  }
  // Writes through the pipe, reading whenever it is full.
  void pump(OutputCapture& capture, std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t part = std::min<std::size_t>(bytes.size(), 32768);
      ASSERT_EQ(::write(writing_.get(), bytes.data(), part), static_cast<ssize_t>(part));
      bytes.remove_prefix(part);
      capture.read_some(sink_);
    }
  }

  UniqueFd reading_, writing_;
  std::string seen_;
  OutputCapture::Sink sink_ = [this](std::string_view bytes) { seen_ += bytes; };
};

TEST_F(OutputCaptureTest, KeepsAShortOutputAsItIs) {
  OutputCapture capture = this->capture(1000);
  const std::string text("one\ntwo\0three", 13);
  pump(capture, text);
  EXPECT_EQ(seen_, text);
  EXPECT_FALSE(capture.has_ended());
  writing_.reset();
  capture.finish(sink_);
  EXPECT_TRUE(capture.has_ended());
  EXPECT_EQ(read(path("stdout")), text);
}

TEST_F(OutputCaptureTest, KeepsHeadAndTailOfALongOutput) {
  OutputCapture capture = this->capture(100'000);
  std::string text;
  for (int k = 0; text.size() < 3'000'000; ++k) text += "line " + std::to_string(k) + "\n";
  pump(capture, text);
  writing_.reset();
  capture.finish(sink_);
  EXPECT_EQ(seen_, text);
  const std::string tail = text.substr(text.size() - OutputCapture::kTailBytes);
  const std::size_t left_out = text.size() - 100'000 - tail.size();
  EXPECT_EQ(read(path("stdout")), text.substr(0, 100'000) + "\n[trimtab: " +
                                      std::to_string(left_out) + " bytes left out]\n" + tail);
}

TEST_F(OutputCaptureTest, NoticesTheEndAndNeverBlocksBefore) {
  OutputCapture capture = this->capture(1000);
  capture.read_some(sink_);
  EXPECT_FALSE(capture.has_ended());
  writing_.reset();
  capture.read_some(sink_);
  EXPECT_TRUE(capture.has_ended());
  EXPECT_EQ(capture.descriptor(), -1);
}

TEST_F(OutputCaptureTest, FinishesThoughSomebodyElseKeepsThePipeFull) {
  OutputCapture capture = this->capture(1 << 20);
  fcntl(writing_.get(), F_SETFL, O_NONBLOCK);
  const std::string chunk(4096, 'x');
  const OutputCapture::Sink refill = [&](std::string_view) {
    while (::write(writing_.get(), chunk.data(), chunk.size()) > 0) {
    }
  };
  refill({});
  capture.finish(refill);
  EXPECT_TRUE(capture.has_ended());
}

TEST_F(OutputCaptureTest, TakesTheNameFromWhateverHasIt) {
  write(path("precious"), "precious");
  std::filesystem::create_symlink(path("precious"), path("stdout"));
  capture(10);
  EXPECT_EQ(read(path("precious")), "precious");
  EXPECT_FALSE(std::filesystem::is_symlink(path("stdout")));
}

TEST_F(OutputCaptureTest, GivesUpTheFileNotTheStreamWhenTheDiskRefuses) {
  OutputCapture capture = this->capture(1 << 20);
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit little{1000, limit.rlim_max};
  setrlimit(RLIMIT_FSIZE, &little);
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  pump(capture, std::string(5000, 'x'));
  setrlimit(RLIMIT_FSIZE, &limit);
  signal(SIGXFSZ, handler);
  writing_.reset();
  capture.finish(sink_);
  EXPECT_EQ(seen_.size(), 5000u);
  EXPECT_EQ(read(path("stdout")).size(), 1000u);
}

}  // namespace
}  // namespace trimtab
