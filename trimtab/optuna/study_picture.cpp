#include "trimtab/optuna/study_picture.hpp"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/optuna/local_time.hpp"
#include "trimtab/optuna/wire_writer.hpp"

namespace trimtab::optuna {
namespace {

// Fields of the messages Trial and GetTrialsReply (optuna.proto).
constexpr int kTrialId = 1, kNumber = 2, kState = 3, kValues = 4, kStart = 5, kComplete = 6;
constexpr int kParams = 7, kDistributions = 8, kUserAttributes = 9, kSystemAttributes = 10;
constexpr int kReports = 11;
constexpr int kTrials = 1;

[[noreturn]] void throw_corrupt(const char* what, std::int64_t number) {
  throw EnvironmentError({.code = "history.corrupt",
                          .what = what,
                          .where = "event log",
                          .got = "trial " + std::to_string(number),
                          .expected = "",
                          .hint = "the study's log is damaged or was written by another program"});
}

// An entry of a map from texts: key 1, value 2, both always there.
void append_entry(int field, std::string_view key, std::string_view value, std::string& bytes) {
  WireWriter out(bytes);
  out.key(field, 2);
  out.varint(2 + WireWriter::varint_size(key.size()) + key.size() +
             WireWriter::varint_size(value.size()) + value.size());
  out.always_text(1, key);
  out.always_text(2, value);
}

void append_values(const std::vector<double>& values, std::string& bytes) {
  if (values.empty()) return;
  WireWriter out(bytes);
  out.key(kValues, 2);
  out.varint(values.size() * sizeof(double));
  for (const double value : values) out.fixed(value);
}

void append_parameter(std::string_view name, double value, std::string& bytes) {
  WireWriter out(bytes);
  out.key(kParams, 2);
  out.varint(1 + WireWriter::varint_size(name.size()) + name.size() + 1 + sizeof value);
  out.always_text(1, name);
  out.number(2, value);
}

void append_report(std::int64_t step, double value, std::string& bytes) {
  WireWriter out(bytes);
  const auto raw = static_cast<std::uint64_t>(step);
  out.key(kReports, 2);
  out.varint(1 + WireWriter::varint_size(raw) + 1 + sizeof value);
  out.key(1, 0);
  out.varint(raw);
  out.number(2, value);
}

std::optional<std::string_view> after_prefix(std::string_view key, std::string_view prefix) {
  if (!key.starts_with(prefix)) return std::nullopt;
  return key.substr(prefix.size());
}

std::vector<double> numbers_of(const std::string& text) {
  std::vector<double> numbers;
  if (const std::optional<PythonValue> list = parse_python_json(text)) {
    for (const PythonValue& item : list->items) numbers.push_back(item.number);
  }
  return numbers;
}

void set_start(LiveTrial& trial, Timestamp time) {
  trial.start = local_time_text(time);
  trial.start_time = time;
}

// Which parameter owns each dimension; nullptr = none alone.
std::vector<const Parameter*> owners_of(const Space& space) {
  std::vector<const Parameter*> owners(space.num_dimensions(), nullptr);
  for (const Parameter& parameter : space.parameters()) {
    for (std::size_t i = 0; i < parameter.count && parameter.first + i < owners.size(); ++i) {
      owners[parameter.first + i] = &parameter;  // inner parameters come after outer ones
    }
  }
  return owners;
}

}  // namespace

std::optional<WireAttribute> wire_attribute(std::string_view key) {
  if (const auto system = after_prefix(key, kSystemPrefix)) return WireAttribute{true, *system};
  if (const auto user = after_prefix(key, kUserPrefix)) return WireAttribute{false, *user};
  if (key.starts_with(kReserved)) return std::nullopt;
  return WireAttribute{false, key};
}

StudyPicture::StudyPicture(const StudyRecord& record) : id_(record.id), name_(record.name) {
  StudySpec spec = study_from_json(Json::parse(record.spec));
  objectives_ = std::move(spec.objectives);
  has_holdout_ = spec.validity.holdout.has_value();
  set_space(Space::parse_text(spec.space_definition));
}

void StudyPicture::apply(Sequence sequence, const Event& event) {
  if (sequence != last_sequence_ + 1) throw_corrupt("the log has a gap", sequence);
  std::visit([&](const auto& body) { apply(body, event.time); }, event.body);
  last_sequence_ = sequence;
}

const LiveTrial* StudyPicture::live(std::int64_t number) const {
  const auto found = live_.find(number);
  return found == live_.end() ? nullptr : &found->second;
}

LiveTrial& StudyPicture::require_live(std::int64_t number) {
  const auto found = live_.find(number);
  if (found == live_.end()) throw_corrupt("an event changes a trial that is not open", number);
  return found->second;
}

int StudyPicture::last_given(const std::string& name) const {
  const auto found = last_given_.find(name);
  return found == last_given_.end() ? -1 : found->second;
}

int StudyPicture::known(const std::string& name) const {
  const int given = last_given(name);
  if (given >= 0) return given;
  const std::optional<std::size_t> dimension = space_.find_dimension(name);
  return dimension ? dimension_entries_[*dimension] : -1;
}

int StudyPicture::intern(const std::string& name, const std::string& text) {
  const auto [found, is_new] =
      entry_of_.try_emplace(name + '\0' + text, static_cast<int>(entries_.size()));
  if (is_new) {
    Entry& entry = entries_.emplace_back(Entry{name, text, {}});
    append_entry(kDistributions, name, text, entry.bytes);
  }
  return found->second;
}

void StudyPicture::set_space(Space space) {
  space_ = std::move(space);
  const std::vector<const Parameter*> owners = owners_of(space_);
  for (std::size_t i = dimension_entries_.size(); i < space_.num_dimensions(); ++i) {
    const Dimension& dimension = space_.dimensions()[i];
    dimension_entries_.push_back(intern(dimension.name, distribution_text(dimension, owners[i])));
  }
}

void StudyPicture::set_point(LiveTrial& trial, const Point& point) {
  trial.parameters.clear();
  for (std::size_t i = 0; i < std::min(point.size(), dimension_entries_.size()); ++i) {
    if (is_active(point[i])) trial.parameters.push_back({dimension_entries_[i], point[i]});
  }
}

void StudyPicture::apply(const TrialCreated& event, Timestamp time) {
  if (event.number != size()) throw_corrupt("trial numbers are not dense", event.number);
  slots_.emplace_back();
  LiveTrial& trial = live_[event.number];
  trial.state = event.state;
  if (event.state == TrialState::Running) set_start(trial, time);
  set_point(trial, event.point);
}

void StudyPicture::apply(const TrialMoved& event, Timestamp time) {
  LiveTrial& trial = require_live(event.number);
  trial.state = event.state;
  if (event.state == TrialState::Running) set_start(trial, time);
}

void StudyPicture::apply(const TrialReported& event, Timestamp) {
  add_report(event.number, event.report.step, event.report.value);
}

void StudyPicture::apply(const ObjectivesReported& event, Timestamp) {
  if (!event.values.empty()) add_report(event.number, event.step, event.values.front());
}

// A step between whole numbers cannot be said on the wire.
void StudyPicture::add_report(std::int64_t number, double step, double value) {
  LiveTrial& trial = require_live(number);
  if (std::floor(step) != step || std::abs(step) > 0x1p53) return;
  trial.reports[static_cast<std::int64_t>(step)] = value;
}

void StudyPicture::apply(const SpaceGrown& event, Timestamp) {
  if (space_.find_parameter(event.name) != nullptr) return;
  set_space(space_.with_parameter(event.name, Json::parse(event.definition)));
}

void StudyPicture::apply(const TrialPlaced& event, Timestamp) {
  set_point(require_live(event.number), event.point);
}

void StudyPicture::apply(const ParameterSet& event, Timestamp) {
  LiveTrial& trial = require_live(event.number);
  if (!event.distribution.empty()) last_given_[event.name] = intern(event.name, event.distribution);
  const int entry = known(event.name);
  if (entry < 0) throw_corrupt("a parameter has no distribution", event.number);
  for (LiveTrial::Parameter& parameter : trial.parameters) {
    if (this->entry(parameter.entry).name != event.name) continue;
    parameter = {entry, event.value};
    return;
  }
  trial.parameters.push_back({entry, event.value});
}

void StudyPicture::apply(const Attribute& event, Timestamp) {
  if (event.number < -1 || event.number >= size()) {
    throw_corrupt("an attribute names an unknown trial", event.number);
  }
  if (event.number >= 0) {
    const auto found = live_.find(event.number);
    if (found == live_.end()) return extend_finished(event);
    return set_attribute(found->second, event);
  }
  const std::optional<WireAttribute> attribute = wire_attribute(event.key);
  if (!attribute) return;
  AttributeMap& attributes = attribute->is_system ? system_attributes_ : user_attributes_;
  attributes.insert_or_assign(std::string(attribute->key), event.value);
}

void StudyPicture::set_attribute(LiveTrial& trial, const Attribute& event) {
  if (const std::optional<WireAttribute> attribute = wire_attribute(event.key)) {
    AttributeMap& map = attribute->is_system ? trial.system_attributes : trial.user_attributes;
    map.insert_or_assign(std::string(attribute->key), event.value);
  } else if (const auto step_text = after_prefix(event.key, kStepPrefix)) {
    std::int64_t step = 0;
    const auto [end, error] =
        std::from_chars(step_text->data(), step_text->data() + step_text->size(), step);
    const std::vector<double> numbers = numbers_of(event.value);
    if (error == std::errc() && numbers.size() == 1) trial.reports[step] = numbers.front();
  } else if (event.key == kStartKey) {
    trial.start = event.value;
    trial.start_time.reset();
  } else if (event.key == kCompleteKey) {
    trial.complete = event.value;
  } else if (event.key == kValuesKey) {
    trial.values = numbers_of(event.value);
  } else if (event.key == kStateKey && event.value.size() == 1) {
    const int state = event.value[0] - '0';
    if (state >= 1 && state <= 3) trial.state_at_end = static_cast<TrialState>(state);
  }
}

// Optuna lets nobody change a finished trial; Trimtab lets people annotate one. The last entry of a
// key counts.
void StudyPicture::extend_finished(const Attribute& event) {
  const std::optional<WireAttribute> attribute = wire_attribute(event.key);
  if (!attribute) return;
  const Slot& slot = slots_[static_cast<std::size_t>(event.number)];
  std::string bytes(slot.bytes, slot.length);
  append_entry(attribute->is_system ? kSystemAttributes : kUserAttributes, attribute->key,
               event.value, bytes);
  keep(event.number, bytes);
}

void StudyPicture::apply(const TrialFinished& event, Timestamp time) {
  LiveTrial& trial = require_live(event.number);
  trial.state = trial.state_at_end.value_or(event.outcome.state);
  if (!event.outcome.values.empty()) trial.values = event.outcome.values;
  if (trial.complete.empty()) {
    trial.complete = local_time_text(time);
    trial.complete_time = time;
  }
  if (end_watcher_) end_watcher_(event.number, trial);
  freeze(event.number, trial);
}

std::uint32_t StudyPicture::intern_shape(const LiveTrial& trial) {
  scratch_.clear();
  for (const LiveTrial::Parameter& parameter : trial.parameters) {
    scratch_.append(reinterpret_cast<const char*>(&parameter.entry), sizeof parameter.entry);
  }
  const auto [found, is_new] =
      shape_of_.try_emplace(scratch_, static_cast<std::uint32_t>(shapes_.size()));
  if (is_new) {
    std::string& bytes = shapes_.emplace_back();
    for (const LiveTrial::Parameter& parameter : trial.parameters) {
      bytes += entry(parameter.entry).bytes;
    }
  }
  return found->second;
}

void StudyPicture::freeze(std::int64_t number, LiveTrial& trial) {
  slots_[static_cast<std::size_t>(number)].shape = intern_shape(trial);
  scratch_.clear();
  encode(number, trial, scratch_);
  keep(number, scratch_);
  live_.erase(number);
}

void StudyPicture::keep(std::int64_t number, std::string_view bytes) {
  if (bytes.size() > UINT32_MAX) throw_corrupt("a trial is larger than 4 GiB", number);
  Slot& slot = slots_[static_cast<std::size_t>(number)];
  slot.bytes = arena_.keep(bytes);
  slot.length = static_cast<std::uint32_t>(bytes.size());
}

// Everything but the distributions.
void StudyPicture::encode(std::int64_t number, const LiveTrial& trial, std::string& bytes) const {
  WireWriter out(bytes);
  out.integer(kTrialId, make_trial_id(id_, number));
  out.integer(kNumber, number);
  out.integer(kState, static_cast<int>(trial.state));
  append_values(trial.values, bytes);
  out.text(kStart, trial.start);
  out.text(kComplete, trial.complete);
  for (const LiveTrial::Parameter& parameter : trial.parameters) {
    append_parameter(entry(parameter.entry).name, parameter.value, bytes);
  }
  for (const auto& [key, value] : trial.user_attributes) {
    append_entry(kUserAttributes, key, value, bytes);
  }
  for (const auto& [key, value] : trial.system_attributes) {
    append_entry(kSystemAttributes, key, value, bytes);
  }
  for (const auto& [step, value] : trial.reports) append_report(step, value, bytes);
}

void StudyPicture::append_trial(std::int64_t number, int field, std::string& bytes) const {
  WireWriter out(bytes);
  const Slot& slot = slots_[static_cast<std::size_t>(number)];
  out.key(field, 2);
  if (slot.bytes != nullptr) {
    const std::string& shape = shapes_[slot.shape];
    out.varint(slot.length + shape.size());
    bytes.append(slot.bytes, slot.length);
    bytes.append(shape);
    return;
  }
  const LiveTrial& trial = live_.at(number);
  std::string message;
  encode(number, trial, message);
  for (const LiveTrial::Parameter& parameter : trial.parameters) {
    message += entry(parameter.entry).bytes;
  }
  out.varint(message.size());
  bytes += message;
}

void StudyPicture::append_trials(std::span<const std::int64_t> listed, std::int64_t first,
                                 std::string& bytes) const {
  constexpr std::size_t kFrame = 8;  // key and length of a trial, at most
  std::size_t total = 0;
  for (std::int64_t number = first; number < size(); ++number) {
    const Slot& slot = slots_[static_cast<std::size_t>(number)];
    if (slot.bytes != nullptr) total += slot.length + shapes_[slot.shape].size() + kFrame;
  }
  bytes.reserve(bytes.size() + total);
  for (const std::int64_t number : listed) append_trial(number, kTrials, bytes);
  for (std::int64_t number = first; number < size(); ++number) {
    append_trial(number, kTrials, bytes);
  }
}

}  // namespace trimtab::optuna
