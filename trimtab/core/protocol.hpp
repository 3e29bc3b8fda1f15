#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trimtab {

/// What a program said in one line. Format and rules: docs/trial-protocol.md.
struct ProgramMessage {
  std::optional<double> step = {};             ///< finite; nothing = not tied to a step
  std::map<std::string, double> metrics = {};  ///< may hold NaN and infinities
  /// False for messages with a step and for the dialects of other programs, which have no line that
  /// says "this is the end": their latest values count when nothing final was said.
  bool is_final = false;
};

/// The reading of one line. Ordinary output has neither message nor problem.
struct ProgramLine {
  std::optional<ProgramMessage> message = {};
  std::string problem = {};  ///< why a line that was meant for Trimtab says less than it should
};

/// Reads the lines of a running program:
///   trimtab: {"step": 3, "auc": 0.98}     NaN, Infinity and -Infinity are numbers
///   [tune-metric]: {"epoch": 3, "auc": 0.98}
///   step=3 auc=0.98
///   metrics: anything=0.5
/// A line of name=number pairs counts only when nothing else stands in it, one name is an objective
/// and every other name is an objective, "step" or "epoch"; after "metrics:" any name will do.
class ProtocolReader {
 public:
  explicit ProtocolReader(std::vector<std::string> objective_names);

  /// @param line  without its line break. Never throws on any bytes. O(size).
  ProgramLine read_line(std::string_view line) const;

  /// A result file: one JSON object over any number of lines, or lines as above, or one JSON object
  /// per line. O(size).
  std::vector<ProgramLine> read_file(std::string_view content) const;

 private:
  ProgramLine read_pairs(std::string_view text) const;

  std::vector<std::string> objective_names_;
};

/// The line that says `message`, without line break. `read_line` of it gives the message back.
std::string render_line(const ProgramMessage& message);

/// Reads "name=number" words, as `trimtab log` gets them; the name "step" is the step.
/// @throws UserError for anything else, naming the word.
ProgramMessage message_from_words(std::span<const std::string> words);

/// Collects messages: the latest value of each metric counts, final ones before all others.
class ResultCollector {
 public:
  void add(const ProgramLine& line);

  std::map<std::string, double> metrics() const;
  bool has_metrics() const { return !latest_.empty() || !final_.empty(); }
  /// The last problem, or "".
  const std::string& problem() const { return problem_; }

 private:
  std::map<std::string, double> latest_;
  std::map<std::string, double> final_;
  std::string problem_;
};

/// Cuts a stream into lines at '\n' and '\r' (progress bars), in bounded memory.
class LineSplitter {
 public:
  /// Longer lines are skipped as a whole.
  static constexpr std::size_t kMaxLine = std::size_t{64} * 1024;
  using Sink = std::function<void(std::string_view line)>;

  /// Calls `sink` for every complete line that is not empty; views live for the call. O(size).
  void feed(std::string_view bytes, const Sink& sink);
  /// The last line, when the stream ended without a line break.
  void finish(const Sink& sink);
  /// True once a line was too long.
  bool has_skipped() const { return has_skipped_; }

 private:
  void take(std::string_view part);

  std::string pending_;
  bool is_too_long_ = false;
  bool has_skipped_ = false;
};

/// Thins the intermediate reports of one run, so that a program that never stops talking fills
/// neither memory nor the study's log: the first 1000 count, then ten a second.
class ReportLimiter {
 public:
  static constexpr int kFreeReports = 1000;
  static constexpr double kSecondsBetween = 0.1;

  /// @param seconds  since the run began, not decreasing.
  bool accepts(double seconds);

 private:
  int num_accepted_ = 0;
  double last_ = 0.0;
};

}  // namespace trimtab
