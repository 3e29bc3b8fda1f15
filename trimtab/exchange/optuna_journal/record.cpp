#include "trimtab/exchange/optuna_journal/record.hpp"

#include <algorithm>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab::exchange {
namespace {

using optuna::PythonMember;
using optuna::PythonValue;
using Type = PythonValue::Type;

bool is_number(const PythonValue& value) {
  return value.type == Type::Int || value.type == Type::Float;
}

}  // namespace

Record::Record(std::string_view line, const std::string& file, std::int64_t number)
    : file_(file), line_(number) {
  std::optional<std::vector<PythonMember>> members = optuna::split_python_object(line);
  if (!members) {
    throw UserError({.code = "import.journal",
                     .what = "the line is no record of a journal",
                     .where = file_ + ":" + std::to_string(line_),
                     .got = quote(line),
                     .expected = "one JSON object per line",
                     .hint = ""});
  }
  members_ = std::move(*members);
}

void Record::refuse(std::string_view key, std::string_view expected) const {
  const PythonMember* found = find(key);
  throw UserError({.code = "import.journal",
                   .what = found == nullptr ? "a member of the record is missing"
                                            : "a member of the record is wrong",
                   .where = file_ + ":" + std::to_string(line_) + ", " + std::string(key),
                   .got = found == nullptr ? "" : quote(found->raw),
                   .expected = std::string(expected),
                   .hint = ""});
}

// The last one of a name counts, as in Python.
const PythonMember* Record::find(std::string_view key) const {
  const auto found = std::find_if(members_.rbegin(), members_.rend(),
                                  [&](const PythonMember& member) { return member.key == key; });
  return found == members_.rend() ? nullptr : &*found;
}

const PythonMember& Record::require(std::string_view key, std::string_view expected) const {
  const PythonMember* found = find(key);
  if (found == nullptr) refuse(key, expected);
  return *found;
}

bool Record::has(std::string_view key) const {
  const PythonMember* found = find(key);
  return found != nullptr && found->value.type != Type::Null;
}

std::int64_t Record::whole(const PythonValue& value, std::string_view key) const {
  long long number = 0;
  if (value.type != Type::Int || !parse_int(value.text, number)) refuse(key, "a whole number");
  return number;
}

std::int64_t Record::integer(std::string_view key) const {
  return whole(require(key, "a whole number").value, key);
}

const std::string& Record::text(std::string_view key) const {
  const PythonValue& value = require(key, "a text").value;
  if (value.type != Type::Text) refuse(key, "a text");
  return value.text;
}

double Record::number(std::string_view key) const {
  const PythonValue& value = require(key, "a number").value;
  if (!is_number(value)) refuse(key, "a number");
  return value.number;
}

TrialState Record::state(std::string_view key) const {
  const std::int64_t state = integer(key);
  if (state < 0 || state > 4) refuse(key, "0 to 4");
  return static_cast<TrialState>(state);
}

std::optional<Timestamp> Record::time_if(std::string_view key, optuna::ZoneRule rule) const {
  if (!has(key)) return std::nullopt;
  const std::optional<Timestamp> time = optuna::parse_file_time(text(key), rule);
  if (!time) refuse(key, "a time as 2026-01-02T03:04:05.000006+00:00");
  return time;
}

std::vector<double> Record::numbers(std::string_view key) const {
  const PythonValue& list = require(key, "an array of numbers").value;
  if (list.type != Type::Array) refuse(key, "an array of numbers");
  std::vector<double> numbers;
  for (const PythonValue& item : list.items) {
    if (!is_number(item)) refuse(key, "an array of numbers");
    numbers.push_back(item.number);
  }
  return numbers;
}

std::vector<std::int64_t> Record::integers(std::string_view key) const {
  const PythonValue& list = require(key, "an array of whole numbers").value;
  if (list.type != Type::Array) refuse(key, "an array of whole numbers");
  std::vector<std::int64_t> integers;
  for (const PythonValue& item : list.items) integers.push_back(whole(item, key));
  return integers;
}

std::vector<PythonMember> Record::members(std::string_view key) const {
  std::optional<std::vector<PythonMember>> members =
      optuna::split_python_object(require(key, "an object").raw);
  if (!members) refuse(key, "an object");
  return std::move(*members);
}

optuna::AttributeMap Record::attributes(std::string_view key) const {
  optuna::AttributeMap attributes;
  for (const PythonMember& member : members(key)) {
    attributes.insert_or_assign(member.key, std::string(member.raw));
  }
  return attributes;
}

}  // namespace trimtab::exchange
