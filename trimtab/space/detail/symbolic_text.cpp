#include "trimtab/space/detail/symbolic_text.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "trimtab/base/detail/document_reader.hpp"
#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab::detail {
namespace {

using Hole = TextTemplate::Hole;
using Piece = TextTemplate::Piece;

constexpr std::size_t kMaxHoles = 2'000;  // finding a point back recurses over the holes
const std::vector<std::string>& type_names() {
  static const std::vector<std::string> kNames = {"float", "int", "choice"};
  return kNames;
}

// Cuts at commas outside of quotes; quotes are taken away, a quoted part keeps its spaces.
// Nothing when a quote stays open.
std::optional<std::vector<std::string>> split_arguments(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    text = trim(text);
    const bool is_quoted = !text.empty() && (text.front() == '"' || text.front() == '\'');
    if (is_quoted) {
      const std::size_t end = text.find(text.front(), 1);
      if (end == text.npos) return std::nullopt;
      parts.emplace_back(text.substr(1, end - 1));
      text = trim(text.substr(end + 1));
      if (!text.empty() && text.front() != ',') return std::nullopt;
    } else {
      const std::size_t comma = text.find(',');
      parts.emplace_back(trim(text.substr(0, comma)));
      text = comma == text.npos ? std::string_view() : text.substr(comma);
    }
    if (text.empty()) return parts;
    text.remove_prefix(1);
  }
}

// 16 and true where that is how the value would be written, else the text.
Json typed_choice(const std::string& text) {
  if (text == "true" || text == "false") return text == "true";
  long long integer = 0;
  if (parse_int(text, integer) && std::to_string(integer) == text) return integer;
  double number = 0.0;
  if (parse_double(text, number) && format_number(number) == text && text != "nan" &&
      text.find("inf") == text.npos) {
    return number;
  }
  return text;
}

Json number_from(const std::string& text) {
  long long integer = 0;
  if (parse_int(text, integer)) return integer;
  double number = 0.0;
  if (parse_double(text, number)) return number;
  return text;  // the space says what is wrong with it
}

class TextCompiler {
 public:
  TextCompiler(std::string_view content, const std::string& where)
      : text_(content), where_(where) {}

  TextTemplate compile() {
    std::string literal;
    while (at_ < text_.size()) {
      if (text_.substr(at_).starts_with("\\{{")) {
        literal += "{{";
        advance(3);
      } else if (text_.substr(at_).starts_with("{{")) {
        read_hole(std::exchange(literal, {}));
      } else {
        literal += text_[at_];
        advance(1);
      }
    }
    result_.pieces.push_back({.literal = std::move(literal)});
    check_neighbours();
    if (!problems_.empty()) throw UserError(std::move(problems_));
    return std::move(result_);
  }

 private:
  void advance(std::size_t count) {
    for (const std::size_t end = std::min(at_ + count, text_.size()); at_ < end; ++at_) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '\n') {
        here_ = {here_.line + 1, 1};
      } else if ((byte & 0xC0U) != 0x80U) {
        ++here_.column;
      }
    }
  }

  void fail(const std::string& code, const std::string& what, const std::string& got,
            const std::string& expected, const std::string& hint = "") {
    problems_.push_back({.code = code,
                         .what = what,
                         .where = describe_position(where_, start_),
                         .got = got,
                         .expected = expected,
                         .hint = hint});
  }

  void read_hole(std::string literal) {
    start_ = here_;
    const std::string_view line = text_.substr(at_, text_.substr(at_).find('\n'));
    const std::size_t end = line.find("}}");
    if (end == line.npos) {
      fail("symbolic.open_hole", "a hole is not closed on its line", quote(line, 40), "}}",
           "write \\{{ for a literal {{");
      advance(2);
      return;
    }
    const std::string_view body = trim(line.substr(2, end - 2));
    advance(end + 2);
    const std::size_t colon = body.find(':');
    const std::string name(trim(body.substr(0, colon)));
    const auto known = std::ranges::find(result_.holes, name, &Hole::name);
    std::size_t index = static_cast<std::size_t>(known - result_.holes.begin());
    if (colon == body.npos) {
      if (known == result_.holes.end()) {
        fail("symbolic.unknown_hole", "this hole is not declared before", "{{" + name + "}}",
             "{{name: float(low, high)}}, {{name: int(low, high)}} or {{name: choice(a, b)}}",
             did_you_mean(name, hole_names()));
        return;
      }
    } else if (known != result_.holes.end()) {
      fail("symbolic.same_name", "two holes have the same name", quote(name),
           "{{" + name + "}} to repeat the earlier one, or another name");
      return;
    } else if (!declare(name, trim(body.substr(colon + 1)))) {
      return;
    } else {
      index = result_.holes.size() - 1;
    }
    if (result_.pieces.size() >= kMaxHoles) {
      if (result_.pieces.size() > kMaxHoles) return;
      fail("symbolic.too_many", "the template has too many holes", "",
           "at most " + std::to_string(kMaxHoles) + ", repetitions included");
    }
    result_.pieces.push_back({.literal = std::move(literal), .hole = index});
    starts_.push_back(start_);
  }

  std::vector<std::string> hole_names() const {
    std::vector<std::string> names;
    for (const Hole& hole : result_.holes) names.push_back(hole.name);
    return names;
  }

  // "float(1e-5, 1e-1, log)"
  bool declare(const std::string& name, std::string_view text) {
    const std::size_t open = text.find('(');
    const std::string type(trim(text.substr(0, open)));
    const auto known = std::ranges::find(type_names(), type);
    if (known == type_names().end() || open == text.npos || text.back() != ')') {
      fail("symbolic.type", "this is no type of a hole", quote(text, 60),
           "float(low, high), int(low, high) or choice(a, b)", did_you_mean(type, type_names()));
      return false;
    }
    const auto arguments = split_arguments(text.substr(open + 1, text.size() - open - 2));
    if (!arguments) {
      fail("symbolic.quote", "a quote of a hole is not closed", quote(text, 60),
           "quotes around a whole value");
      return false;
    }
    if (result_.holes.size() >= kMaxHoles) {
      if (result_.holes.size() == kMaxHoles) {
        fail("symbolic.too_many", "the template has too many holes", "",
             "at most " + std::to_string(kMaxHoles));
      }
      return false;
    }
    Hole hole = {.name = name, .type = static_cast<Hole::Type>(known - type_names().begin())};
    Json definition = Json::object();
    const bool is_good = hole.type == Hole::Type::Choice
                             ? read_choices(*arguments, hole, definition)
                             : read_numbers(*arguments, type, definition);
    if (!is_good) return false;
    append_member(result_.definition, name, std::move(definition));
    result_.places[name] = describe_position(where_, start_);
    result_.holes.push_back(std::move(hole));
    return true;
  }

  bool read_choices(const std::vector<std::string>& arguments, Hole& hole, Json& definition) {
    Json choices = Json::array();
    for (const std::string& argument : arguments) {
      if (argument.empty()) {
        fail("symbolic.empty_choice", "a choice is empty", "", "a text between the commas");
        return false;
      }
      choices.push_back(typed_choice(argument));
    }
    definition["choice"] = std::move(choices);
    hole.choices = arguments;
    return true;
  }

  bool read_numbers(const std::vector<std::string>& arguments, const std::string& type,
                    Json& definition) {
    if (arguments.size() < 2) {
      fail("symbolic.range", "a range has two ends", type + "(" + arguments[0] + ")",
           type + "(low, high)");
      return false;
    }
    definition[type] = {number_from(arguments[0]), number_from(arguments[1])};
    const std::vector<std::string> options = {"log", "step=...", "default=..."};
    for (std::size_t i = 2; i < arguments.size(); ++i) {
      const std::size_t equals = arguments[i].find('=');
      const std::string key(trim(std::string_view(arguments[i]).substr(0, equals)));
      if (key == "log" && equals == std::string::npos) {
        definition["log"] = true;
      } else if ((key == "step" || key == "default") && equals != std::string::npos) {
        definition[key] = number_from(std::string(trim(arguments[i].substr(equals + 1))));
      } else {
        fail("symbolic.option", "a range has no such option", quote(arguments[i]), one_of(options),
             did_you_mean(key, std::vector<std::string>{"log", "step", "default"}));
        return false;
      }
    }
    return true;
  }

  // Two numbers without a border, or a number before a digit, could not be told apart again.
  void check_neighbours() {
    for (std::size_t i = 0; i + 1 < result_.pieces.size(); ++i) {
      const Piece& piece = result_.pieces[i];
      const Piece& next = result_.pieces[i + 1];
      if (is_number(piece) && next.literal.empty() && is_number(next)) {
        start_ = starts_[i + 1];
        fail("symbolic.touching", "two numbers touch", "{{...}}{{...}}", "text between the holes");
      } else if (is_number(piece) && !next.literal.empty() && next.literal.front() >= '0' &&
                 next.literal.front() <= '9') {
        start_ = starts_[i];
        fail("symbolic.touching", "a digit touches the end of a number",
             "{{...}}" + next.literal.substr(0, 1), "text that does not start with a digit");
      }
    }
  }

  bool is_number(const Piece& piece) const {
    return piece.hole != TextTemplate::kNoHole &&
           result_.holes[piece.hole].type != Hole::Type::Choice;
  }

  std::string_view text_;
  const std::string& where_;
  TextTemplate result_ = {};
  std::vector<Position> starts_ = {};  // of the hole of each piece
  std::vector<ErrorInfo> problems_ = {};
  std::size_t at_ = 0;
  Position here_ = {};
  Position start_ = {};  // of the hole being read
};

// A float always shows that it is one: 1.0, not 1.
std::string number_text(double value, Hole::Type type) {
  std::string text = format_number(value);
  if (type == Hole::Type::Float && text.find_first_of(".e") == text.npos) text += ".0";
  return text;
}

std::string value_text(const Hole& hole, double coordinate) {
  if (hole.type == Hole::Type::Choice) return hole.choices[static_cast<std::size_t>(coordinate)];
  return number_text(coordinate, hole.type);
}

class TextMatcher {
 public:
  TextMatcher(const TextTemplate& text, const Space& space, std::string_view content)
      : text_(text), space_(space), content_(content), values_(text.holes.size()) {}

  // Whether pieces `piece`... match the content from `at` on; the values are then in `values_`.
  bool match(std::size_t piece, std::size_t at) {
    furthest_ = std::max(furthest_, at);
    const Piece& current = text_.pieces[piece];
    if (!content_.substr(at).starts_with(current.literal) || ++num_steps_ > kMaxSteps) return false;
    at += current.literal.size();
    furthest_ = std::max(furthest_, at);
    if (current.hole == TextTemplate::kNoHole) return at == content_.size();
    const Hole& hole = text_.holes[current.hole];
    std::optional<double>& value = values_[current.hole];
    if (value) {
      const std::string expected = value_text(hole, *value);
      return content_.substr(at).starts_with(expected) && match(piece + 1, at + expected.size());
    }
    return hole.type == Hole::Type::Choice ? match_choice(piece, hole, value, at)
                                           : match_number(piece, hole, value, at);
  }

  Point point() const {
    Point point(space_.num_dimensions(), kInactive);
    for (std::size_t i = 0; i < values_.size(); ++i) {
      point[*space_.find_dimension(text_.holes[i].name)] = values_[i].value_or(kInactive);
    }
    return point;
  }

  std::size_t furthest() const { return furthest_; }

 private:
  bool match_choice(std::size_t piece, const Hole& hole, std::optional<double>& value,
                    std::size_t at) {
    for (std::size_t i = 0; i < hole.choices.size(); ++i) {
      if (!content_.substr(at).starts_with(hole.choices[i])) continue;
      value = static_cast<double>(i);
      if (match(piece + 1, at + hole.choices[i].size())) return true;
      value.reset();
    }
    return false;
  }

  // The longest text first that is the number's own text.
  bool match_number(std::size_t piece, const Hole& hole, std::optional<double>& value,
                    std::size_t at) {
    const Dimension& dimension = space_.dimensions()[*space_.find_dimension(hole.name)];
    std::size_t length = content_.substr(at).find_first_not_of("0123456789+-.e");
    length = std::min(length, content_.size() - at);
    for (length = std::min(length, kMaxNumber); length > 0; --length) {
      const std::string_view text = content_.substr(at, length);
      double number = 0.0;
      if (!parse_double(text, number) || number_text(number, hole.type) != text) continue;
      if (!(number >= dimension.low && number <= dimension.high)) continue;
      if (dimension.clip(number) != number) continue;
      value = number;
      if (match(piece + 1, at + length)) return true;
      value.reset();
    }
    return false;
  }

  static constexpr std::size_t kMaxNumber = 32;
  static constexpr std::size_t kMaxSteps = 1'000'000;  // bounds the search in odd templates
  const TextTemplate& text_;
  const Space& space_;
  std::string_view content_;
  std::vector<std::optional<double>> values_;
  std::size_t num_steps_ = 0;
  std::size_t furthest_ = 0;
};

}  // namespace

TextTemplate compile_text(std::string_view content, const std::string& where) {
  return TextCompiler(content, where).compile();
}

std::string fill_text(const TextTemplate& text, const Space& space, PointView point) {
  std::vector<std::string> values;
  for (const Hole& hole : text.holes) {
    values.push_back(value_text(hole, point[*space.find_dimension(hole.name)]));
  }
  std::string result;
  for (const Piece& piece : text.pieces) {
    result += piece.literal;
    if (piece.hole != TextTemplate::kNoHole) result += values[piece.hole];
  }
  return result;
}

Point match_text(const TextTemplate& text, const Space& space, std::string_view content,
                 const std::string& where) {
  TextMatcher matcher(text, space, content);
  if (matcher.match(0, 0)) return matcher.point();
  const Position position = position_of(content, matcher.furthest());
  throw UserError({.code = "symbolic.recover",
                   .what = "the document does not come from this template",
                   .where = where,
                   .got = "a difference at line " + std::to_string(position.line) + ", column " +
                          std::to_string(position.column) + " of the document",
                   .expected = "the template with its holes filled",
                   .hint = ""});
}

}  // namespace trimtab::detail
