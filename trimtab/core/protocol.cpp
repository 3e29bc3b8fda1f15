#include "trimtab/core/protocol.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/base/json.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab {
namespace {

constexpr std::string_view kOwnPrefix = "trimtab:";
constexpr std::string_view kSyneTunePrefix = "[tune-metric]:";
constexpr std::string_view kPairsPrefix = "metrics:";
constexpr std::string_view kBlanks = " \t";
// Nobody reports so many numbers on purpose; a loop that invents names must not eat the memory.
constexpr std::size_t kMaxMetrics = 4096;

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  });
}

// A number as programs print it: also nan, inf, Infinity, with a sign.
bool read_number(std::string_view text, double& value) {
  const bool has_sign = !text.empty() && (text[0] == '+' || text[0] == '-');
  const std::string_view rest = text.substr(has_sign ? 1 : 0);
  const double sign = has_sign && text[0] == '-' ? -1.0 : 1.0;
  if (equals_ignoring_case(rest, "nan")) {
    value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  if (equals_ignoring_case(rest, "inf") || equals_ignoring_case(rest, "infinity")) {
    value = sign * std::numeric_limits<double>::infinity();
    return true;
  }
  const bool starts_well =
      !rest.empty() && (std::isdigit(static_cast<unsigned char>(rest[0])) || rest[0] == '.');
  if (!starts_well || !parse_double(rest, value)) return false;
  value *= sign;
  return true;
}

// JSON has no NaN; most programs print it all the same. Bare tokens become texts, which
// `read_value` understands.
std::string with_quoted_tokens(std::string_view text) {
  static constexpr std::string_view kTokens[] = {"-Infinity", "Infinity", "NaN"};
  std::string result;
  result.reserve(text.size() + 16);
  bool is_inside = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (is_inside && c == '\\' && at + 1 < text.size()) {
      result += c;
      result += text[++at];
      continue;
    }
    if (c == '"') is_inside = !is_inside;
    const auto token = is_inside ? std::end(kTokens)
                                 : std::find_if(std::begin(kTokens), std::end(kTokens),
                                                [&](std::string_view candidate) {
                                                  return text.substr(at).starts_with(candidate);
                                                });
    if (token == std::end(kTokens)) {
      result += c;
      continue;
    }
    result += '"';
    result += *token;
    result += '"';
    at += token->size() - 1;
  }
  return result;
}

// null is what JavaScript writes for NaN.
bool read_value(const Json& json, double& value) {
  if (json.is_number()) {
    value = json.get<double>();
    return true;
  }
  if (json.is_null()) {
    value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  return json.is_string() && read_number(json.get_ref<const std::string&>(), value);
}

void set_step(ProgramLine& line, double value) {
  if (std::isfinite(value)) {
    line.message->step = value;
  } else {
    line.problem = "the step is not a finite number";
  }
}

ProgramLine read_object(const Json& object) {
  ProgramLine line{ProgramMessage{}, ""};
  for (const auto& [name, json] : object.items()) {
    double value = 0.0;
    if (!read_value(json, value)) {
      line.problem = quote(name) + " is not a number";
    } else if (name == "step") {
      set_step(line, value);
    } else if (line.message->metrics.size() < kMaxMetrics) {
      line.message->metrics[name] = value;
    }
  }
  if (line.message->metrics.empty()) {
    if (line.problem.empty()) line.problem = "a message without a metric";
    line.message.reset();
    return line;
  }
  line.message->is_final = !line.message->step;
  return line;
}

ProgramLine read_json(std::string_view text) {
  const Json json = Json::parse(with_quoted_tokens(text), nullptr, /*allow_exceptions=*/false);
  if (json.is_object()) return read_object(json);
  return {{}, "not a JSON object: " + quote(text, 60)};
}

// Syne Tune adds bookkeeping of its own to each report.
ProgramLine as_syne_tune(ProgramLine line) {
  line.problem.clear();  // texts among the metrics are usual there
  if (!line.message) return line;
  ProgramMessage& message = *line.message;
  for (const char* name : {"epoch", "st_worker_iter"}) {
    const auto found = message.metrics.find(name);
    if (found == message.metrics.end()) continue;
    if (!message.step && std::isfinite(found->second)) message.step = found->second;
  }
  std::erase_if(message.metrics, [](const auto& metric) {
    return metric.first == "epoch" || metric.first.starts_with("st_");
  });
  message.is_final = false;
  if (message.metrics.empty()) line.message.reset();
  return line;
}

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.' ||
         c == '/' || c == '|';
}

// Takes "name = number" from the front of `text`. Returns false when something else is there.
bool take_pair(std::string_view& text, std::string_view& name, double& value) {
  const auto skip = [&](std::string_view characters) {
    text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
  };
  const auto name_end = std::find_if_not(text.begin(), text.end(), is_name_character);
  name = text.substr(0, static_cast<std::size_t>(name_end - text.begin()));
  text.remove_prefix(name.size());
  skip(kBlanks);
  if (name.empty() || text.empty() || text[0] != '=') return false;
  text.remove_prefix(1);
  skip(kBlanks);
  const std::size_t end = std::min(text.find_first_of(" \t,;"), text.size());
  if (!read_number(text.substr(0, end), value)) return false;
  text.remove_prefix(end);
  skip(" \t,;");
  return true;
}

std::string number_token(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0.0 ? "Infinity" : "-Infinity";
  return format_number(value);
}

}  // namespace

ProtocolReader::ProtocolReader(std::vector<std::string> objective_names)
    : objective_names_(std::move(objective_names)) {}

ProgramLine ProtocolReader::read_line(std::string_view line) const {
  const std::string_view text = trim(line);
  if (text.starts_with(kOwnPrefix)) return read_json(trim(text.substr(kOwnPrefix.size())));
  if (text.starts_with(kSyneTunePrefix)) {
    return as_syne_tune(read_json(trim(text.substr(kSyneTunePrefix.size()))));
  }
  return text.find('=') == std::string_view::npos ? ProgramLine{} : read_pairs(text);
}

ProgramLine ProtocolReader::read_pairs(std::string_view text) const {
  const bool is_announced = text.starts_with(kPairsPrefix);
  if (is_announced) text = trim(text.substr(kPairsPrefix.size()));
  ProgramLine line{ProgramMessage{}, ""};
  bool has_objective = false;
  while (!text.empty()) {
    std::string_view name;
    double value = 0.0;
    if (!take_pair(text, name, value)) return {};
    const bool is_objective =
        std::find(objective_names_.begin(), objective_names_.end(), name) != objective_names_.end();
    has_objective |= is_objective;
    if (!is_objective && (name == "step" || name == "epoch")) {
      set_step(line, value);
    } else if (is_objective || is_announced) {
      if (line.message->metrics.size() < kMaxMetrics) {
        line.message->metrics[std::string(name)] = value;
      }
    } else {
      return {};
    }
  }
  if (line.message->metrics.empty() || !(has_objective || is_announced)) return {};
  return line;
}

std::vector<ProgramLine> ProtocolReader::read_file(std::string_view content) const {
  const std::string_view text = trim(content);
  if (text.empty()) return {};
  if (text.front() == '{') {
    ProgramLine whole = read_json(text);
    if (whole.message) return {std::move(whole)};
  }
  std::vector<ProgramLine> lines;
  LineSplitter splitter;
  const LineSplitter::Sink sink = [&](std::string_view line) {
    const std::string_view trimmed = trim(line);
    lines.push_back(trimmed.starts_with('{') ? read_json(trimmed) : read_line(trimmed));
  };
  splitter.feed(text, sink);
  splitter.finish(sink);
  std::erase_if(lines,
                [](const ProgramLine& line) { return !line.message && line.problem.empty(); });
  return lines;
}

std::string render_line(const ProgramMessage& message) {
  std::string line = std::string(kOwnPrefix) + " {";
  const char* separator = "";
  const auto add = [&](const std::string& name, double value) {
    line += separator;
    line += Json(name).dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
    line += ": " + number_token(value);
    separator = ", ";
  };
  if (message.step) add("step", *message.step);
  for (const auto& [name, value] : message.metrics) add(name, value);
  return line + "}";
}

ProgramMessage message_from_words(std::span<const std::string> words) {
  ProgramMessage message;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    double value = 0.0;
    const bool is_pair = equals != std::string::npos && equals > 0 &&
                         read_number(std::string_view(word).substr(equals + 1), value);
    if (!is_pair || (name == "step" && !std::isfinite(value))) {
      throw UserError({.code = "protocol.pair",
                       .what = "a metric is a name and a number",
                       .where = "trimtab log",
                       .got = quote(word),
                       .expected = name == "step" && is_pair ? "a finite step" : "name=number",
                       .hint = ""});
    }
    if (name == "step") {
      message.step = value;
    } else {
      message.metrics[name] = value;
    }
  }
  if (message.metrics.empty()) {
    throw UserError({.code = "protocol.no_metric",
                     .what = "there is no metric to log",
                     .where = "trimtab log",
                     .got = "",
                     .expected = "at least one name=number besides step",
                     .hint = ""});
  }
  message.is_final = !message.step;
  return message;
}

void ResultCollector::add(const ProgramLine& line) {
  if (!line.problem.empty()) problem_ = line.problem;
  if (!line.message) return;
  std::map<std::string, double>& metrics = line.message->is_final ? final_ : latest_;
  for (const auto& [name, value] : line.message->metrics) {
    if (metrics.size() < kMaxMetrics || metrics.contains(name)) metrics[name] = value;
  }
}

std::map<std::string, double> ResultCollector::metrics() const {
  std::map<std::string, double> result = latest_;
  for (const auto& [name, value] : final_) result[name] = value;
  return result;
}

// Both ends are searched for ahead, each byte once: a search for any of two characters is slow.
void LineSplitter::feed(std::string_view bytes, const Sink& sink) {
  std::size_t start = 0;
  std::size_t line_feed = bytes.find('\n');
  std::size_t carriage_return = bytes.find('\r');
  for (;;) {
    const std::size_t end = std::min(line_feed, carriage_return);
    take(bytes.substr(start, end - start));
    if (end == std::string_view::npos) return;
    finish(sink);
    start = end + 1;
    (end == line_feed ? line_feed : carriage_return) = bytes.find(bytes[end], start);
  }
}

void LineSplitter::finish(const Sink& sink) {
  if (!is_too_long_ && !pending_.empty()) sink(pending_);
  pending_.clear();
  is_too_long_ = false;
}

void LineSplitter::take(std::string_view part) {
  is_too_long_ = is_too_long_ || pending_.size() + part.size() > kMaxLine;
  if (is_too_long_) {
    pending_.clear();
    has_skipped_ = true;
  } else {
    pending_ += part;
  }
}

bool ReportLimiter::accepts(double seconds) {
  if (num_accepted_ >= kFreeReports && seconds < last_ + kSecondsBetween) return false;
  ++num_accepted_;
  last_ = seconds;
  return true;
}

}  // namespace trimtab
