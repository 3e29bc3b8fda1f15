#include "trimtab/core/protocol.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include "trimtab/base/error.hpp"

namespace trimtab {
namespace {

using Metrics = std::map<std::string, double>;

const ProtocolReader& reader() {
  static const ProtocolReader kReader({"auc", "loss"});
  return kReader;
}

Metrics metrics_of(std::string_view line) {
  const ProgramLine read = reader().read_line(line);
  return read.message ? read.message->metrics : Metrics{};
}

TEST(ProtocolReader, ReadsFinalAndIntermediateLines) {
  const ProgramLine last = reader().read_line(R"(  trimtab: {"auc": 0.98, "time": 3})");
  ASSERT_TRUE(last.message);
  EXPECT_TRUE(last.message->is_final);
  EXPECT_FALSE(last.message->step);
  EXPECT_EQ(last.message->metrics, (Metrics{{"auc", 0.98}, {"time", 3.0}}));

  const ProgramLine middle = reader().read_line(R"(trimtab: {"step": 3, "auc": 0.97})");
  ASSERT_TRUE(middle.message);
  EXPECT_FALSE(middle.message->is_final);
  EXPECT_EQ(middle.message->step, 3.0);
  EXPECT_EQ(middle.message->metrics, (Metrics{{"auc", 0.97}}));
}

TEST(ProtocolReader, TakesEverySpellingOfNotANumberAndInfinity) {
  for (const char* token : {"NaN", "\"nan\"", "null"}) {
    EXPECT_TRUE(std::isnan(metrics_of(std::string("trimtab: {\"auc\": ") + token + "}").at("auc")))
        << token;
  }
  EXPECT_EQ(metrics_of("trimtab: {\"auc\": Infinity}").at("auc"),
            std::numeric_limits<double>::infinity());
  EXPECT_EQ(metrics_of("trimtab: {\"auc\": -Infinity}").at("auc"),
            -std::numeric_limits<double>::infinity());
  EXPECT_EQ(metrics_of("auc=-inf").at("auc"), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(metrics_of("auc=nan").at("auc")));
}

TEST(ProtocolReader, LeavesTokensInsideNamesAlone) {
  EXPECT_EQ(metrics_of(R"(trimtab: {"a \"NaN\" b": 1, "Infinity": 2})"),
            (Metrics{{"a \"NaN\" b", 1.0}, {"Infinity", 2.0}}));
}

TEST(ProtocolReader, SaysWhyALineMeantForItSaysNothing) {
  EXPECT_EQ(reader().read_line("trimtab: auc 3").problem, "not a JSON object: \"auc 3\"");
  EXPECT_EQ(reader().read_line("trimtab: {}").problem, "a message without a metric");
  EXPECT_EQ(reader().read_line(R"(trimtab: {"step": 1})").problem, "a message without a metric");
  const ProgramLine mixed = reader().read_line(R"(trimtab: {"auc": 1, "note": "good"})");
  EXPECT_EQ(mixed.problem, "\"note\" is not a number");
  EXPECT_EQ(mixed.message->metrics, (Metrics{{"auc", 1.0}}));
  const ProgramLine step = reader().read_line(R"(trimtab: {"auc": 1, "step": NaN})");
  EXPECT_EQ(step.problem, "the step is not a finite number");
}

TEST(ProtocolReader, TakesOrdinaryOutputForWhatItIs) {
  for (const char* line : {"", "hello", "auc", "auc=", "auc=high", "auc = 0.9 (best)", "seed=3",
                           "seed=3 auc=0.9", "Epoch 3: auc=0.9", "step=3", "trimtab", "=3", "{}",
                           "{\"auc\": 1}", "auc==3", "auc=0x10", "metrics:", "metrics: none"}) {
    const ProgramLine read = reader().read_line(line);
    EXPECT_FALSE(read.message) << line;
    EXPECT_EQ(read.problem, "") << line;
  }
}

TEST(ProtocolReader, ReadsPairsOfKnownNames) {
  EXPECT_EQ(metrics_of("auc=0.9"), (Metrics{{"auc", 0.9}}));
  EXPECT_EQ(metrics_of("auc = 0.9, loss = +1e-3;"), (Metrics{{"auc", 0.9}, {"loss", 1e-3}}));
  EXPECT_EQ(metrics_of("metrics: f1=0.5 top-1/acc=.25"),
            (Metrics{{"f1", 0.5}, {"top-1/acc", 0.25}}));
  const ProgramLine read = reader().read_line("epoch=4 auc=0.9");
  EXPECT_EQ(read.message->step, 4.0);
  EXPECT_FALSE(read.message->is_final);
}

TEST(ProtocolReader, ReadsTuneMetricLines) {
  const ProgramLine read = reader().read_line(
      R"([tune-metric]: {"epoch": 3, "loss": 0.1, "st_worker_iter": 2, "st_worker_time": 5.5})");
  EXPECT_EQ(read.message->step, 3.0);
  EXPECT_EQ(read.message->metrics, (Metrics{{"loss", 0.1}}));
  EXPECT_FALSE(read.message->is_final);
}

TEST(ProtocolReader, ReadsFilesOfOneObjectOrOfLines) {
  ASSERT_EQ(reader().read_file("{\n  \"auc\": 0.5\n}\n").size(), 1u);
  const std::vector<ProgramLine> lines =
      reader().read_file("{\"step\": 1, \"auc\": 0.5}\nnoise\ntrimtab: {\"auc\": 0.6}\n");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].message->step, 1.0);
  EXPECT_EQ(lines[1].message->metrics, (Metrics{{"auc", 0.6}}));
  EXPECT_TRUE(reader().read_file(" \n").empty());
}

TEST(ProtocolReader, SurvivesDeepNestingAndBinaryBytes) {
  EXPECT_FALSE(reader().read_line("trimtab: " + std::string(30000, '[')).problem.empty());
  EXPECT_FALSE(reader().read_line("trimtab: {\"a\": \"\xff\xfe\"}").message);
  EXPECT_FALSE(reader().read_line(std::string("auc=0.9\0", 8)).message);
}

RC_GTEST_PROP(ProtocolReader, ReadsBackWhatRenderLineWrites, ()) {
  ProgramMessage message;
  const auto names = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::string>>(rc::gen::string<std::string>()));
  for (const std::string& name : names) {
    if (name == "step") continue;
    bool is_ascii = true;
    for (const char c : name) is_ascii &= static_cast<unsigned char>(c) < 0x80;
    if (is_ascii) message.metrics[name] = *rc::gen::arbitrary<double>();
  }
  RC_PRE(!message.metrics.empty());
  if (*rc::gen::arbitrary<bool>()) message.step = *rc::gen::inRange(-1000, 1000);
  const ProgramLine read = reader().read_line(render_line(message));
  RC_ASSERT(read.message.has_value());
  RC_ASSERT(read.message->step == message.step);
  RC_ASSERT(read.message->metrics == message.metrics);
  RC_ASSERT(read.message->is_final == !message.step.has_value());
}

TEST(MessageFromWords, ReadsPairsAndNamesTheWrongWord) {
  const std::vector<std::string> words = {"step=3", "auc=0.98", "gap=inf"};
  const ProgramMessage message = message_from_words(words);
  EXPECT_EQ(message.step, 3.0);
  EXPECT_EQ(render_line(message), R"(trimtab: {"step": 3, "auc": 0.98, "gap": Infinity})");
  for (const char* wrong : {"auc", "=1", "auc=", "auc=x", "step=nan"}) {
    try {
      message_from_words(std::vector<std::string>{wrong});
      ADD_FAILURE() << wrong;
    } catch (const UserError& error) {
      EXPECT_EQ(error.info().code, "protocol.pair");
      EXPECT_EQ(error.info().got, "\"" + std::string(wrong) + "\"");
    }
  }
  EXPECT_THROW(message_from_words(std::vector<std::string>{"step=1"}), UserError);
}

TEST(ResultCollector, PrefersFinalValuesAndTheLatestOfEach) {
  ResultCollector collector;
  EXPECT_FALSE(collector.has_metrics());
  for (const char* line :
       {R"(trimtab: {"auc": 0.5})", R"(trimtab: {"step": 9, "auc": 0.9, "loss": 2})",
        R"(trimtab: {"auc": 0.6, "time": 1})", R"(trimtab: {"step": 10, "auc": 0.95})"}) {
    collector.add(reader().read_line(line));
  }
  EXPECT_EQ(collector.metrics(), (Metrics{{"auc", 0.6}, {"loss", 2.0}, {"time", 1.0}}));
}

std::vector<std::string> split_in_pieces(std::string_view text, std::size_t piece) {
  std::vector<std::string> lines;
  const auto sink = [&](std::string_view line) { lines.emplace_back(line); };
  LineSplitter splitter;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    splitter.feed(text.substr(at, piece), sink);
  }
  splitter.finish(sink);
  return lines;
}

TEST(LineSplitter, GivesTheSameLinesHoweverTheBytesArrive) {
  const std::string text = "one\n\ntwo\r\n 50%\r100%\rthree";
  const std::vector<std::string> expected = {"one", "two", " 50%", "100%", "three"};
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    EXPECT_EQ(split_in_pieces(text, piece), expected) << piece;
  }
}

TEST(LineSplitter, SkipsLinesThatAreTooLong) {
  const std::string fits(LineSplitter::kMaxLine, 'x');
  const std::vector<std::string> expected = {fits, "end"};
  EXPECT_EQ(split_in_pieces(fits + "\n" + fits + "y\nend", 1000), expected);
  EXPECT_EQ(split_in_pieces(fits + "y", 70000), std::vector<std::string>{});
}

TEST(LineSplitter, RemembersThatALineWasTooLong) {
  LineSplitter splitter;
  std::vector<std::string> lines;
  const LineSplitter::Sink sink = [&](std::string_view line) { lines.emplace_back(line); };
  splitter.feed(std::string(LineSplitter::kMaxLine, 'x') + "\n", sink);
  EXPECT_FALSE(splitter.has_skipped());
  splitter.feed(std::string(LineSplitter::kMaxLine + 1, 'x'), sink);
  EXPECT_TRUE(splitter.has_skipped());
  splitter.feed("y\nz\n", sink);
  EXPECT_TRUE(splitter.has_skipped());
  EXPECT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines.back(), "z");
}

TEST(ReportLimiter, LetsTheFirstThousandPassAndThenTenASecond) {
  ReportLimiter limiter;
  for (int k = 0; k < ReportLimiter::kFreeReports; ++k) EXPECT_TRUE(limiter.accepts(5.0));
  EXPECT_FALSE(limiter.accepts(5.0));
  EXPECT_FALSE(limiter.accepts(5.09));
  EXPECT_TRUE(limiter.accepts(5.11));
  EXPECT_FALSE(limiter.accepts(5.2));
  int count = 0;
  for (int k = 0; k < 100'000; ++k) count += limiter.accepts(6.0 + k * 1e-4) ? 1 : 0;
  EXPECT_NEAR(count, 100, 1);
}

}  // namespace
}  // namespace trimtab
