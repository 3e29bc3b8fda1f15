#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "trimtab/core/event.hpp"
#include "trimtab/core/storage.hpp"
#include "trimtab/optuna/byte_arena.hpp"
#include "trimtab/optuna/distribution.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab::optuna {

/// A trial's id on the wire: study and number in one. So ids are unique in a storage, never used
/// again, and grow with the number inside a study, whoever serves it.
using TrialId = std::int64_t;
inline TrialId make_trial_id(StudyId study, std::int64_t number) { return study << 32 | number; }
inline StudyId study_of(TrialId trial) { return trial >> 32; }
inline std::int64_t number_of(TrialId trial) { return trial & 0xFFFFFFFF; }

/// Attribute keys of the log that carry what Optuna says and events do not. A user attribute keeps
/// its key, unless that begins with the prefix itself.
inline constexpr std::string_view kReserved = "optuna:";
inline constexpr std::string_view kSystemPrefix = "optuna:system:";
inline constexpr std::string_view kUserPrefix = "optuna:user:";
inline constexpr std::string_view kStepPrefix = "optuna:step:";  ///< steps beyond 2^53
inline constexpr std::string_view kStartKey = "optuna:start";    ///< text of datetime_start
inline constexpr std::string_view kCompleteKey = "optuna:complete";
inline constexpr std::string_view kValuesKey = "optuna:values";  ///< where events allow others
inline constexpr std::string_view kStateKey = "optuna:state";    ///< of a finished trial

using AttributeMap = std::map<std::string, std::string, std::less<>>;

/// Where an attribute of the log belongs in Optuna's view; nothing when it is of neither kind.
struct WireAttribute {
  bool is_system;
  std::string_view key;  ///< a view into the log's key
};
std::optional<WireAttribute> wire_attribute(std::string_view key);

/// A trial that may still change.
struct LiveTrial {
  struct Parameter {
    int entry = 0;  ///< of StudyPicture::entry
    double value = 0.0;
  };
  TrialState state = TrialState::Running;
  std::vector<double> values = {};
  std::string start = {};  ///< as on the wire
  std::string complete = {};
  std::optional<Timestamp> start_time = {}, complete_time = {};  ///< unless only a text was given
  std::vector<Parameter> parameters = {};  ///< in the order in which they were first set
  AttributeMap user_attributes = {};
  AttributeMap system_attributes = {};
  std::map<std::int64_t, double> reports = {};
  std::optional<TrialState> state_at_end = {};
};

/// A study as Optuna's wire shows it, derived from its event log alone. A finished trial is kept as
/// the bytes of its message but for the distributions, which trials share. Used by one thread at a
/// time.
///
/// Memory: about 100 bytes + 20 per parameter and trial.
class StudyPicture {
 public:
  explicit StudyPicture(const StudyRecord& record);

  /// Called with every trial when it ends, while all of it is still known.
  using EndWatcher = std::function<void(std::int64_t number, const LiveTrial& trial)>;
  void watch_ends(EndWatcher watcher) { end_watcher_ = std::move(watcher); }

  /// Takes the next event. @throws EnvironmentError when the log is damaged.
  void apply(Sequence sequence, const Event& event);

  Sequence last_sequence() const { return last_sequence_; }
  StudyId id() const { return id_; }
  const std::string& name() const { return name_; }
  const std::vector<Objective>& objectives() const { return objectives_; }
  /// Whether values go through the mechanism of a holdout, which clients of this protocol cannot.
  bool has_holdout() const { return has_holdout_; }
  const Space& space() const { return space_; }
  std::int64_t size() const { return static_cast<std::int64_t>(slots_.size()); }
  const AttributeMap& user_attributes() const { return user_attributes_; }
  const AttributeMap& system_attributes() const { return system_attributes_; }

  /// nullptr when the trial is finished. @param number  0..size()-1.
  const LiveTrial* live(std::int64_t number) const;

  /// Appends the trial's message as field `field` of another. O(its bytes).
  void append_trial(std::int64_t number, int field, std::string& bytes) const;
  /// Appends trials as `trials` of GetTrialsReply: `listed` (ascending), then all from `first` on.
  void append_trials(std::span<const std::int64_t> listed, std::int64_t first,
                     std::string& bytes) const;

  /// A parameter's name with a distribution's text, shared by all trials that have both.
  struct Entry {
    std::string name;
    std::string text;
    std::string bytes;  ///< the entry of the message's map of distributions
  };
  const Entry& entry(int index) const { return entries_[static_cast<std::size_t>(index)]; }
  /// What a client last gave for this name; -1 = nothing yet.
  int last_given(const std::string& name) const;
  /// What the study has for this name: what was given, or what its space says; -1 = nothing.
  int known(const std::string& name) const;

 private:
  struct Slot {
    const char* bytes = nullptr;  // nullptr: a live trial
    std::uint32_t length = 0;
    std::uint32_t shape = 0;
  };

  void apply(const TrialCreated& event, Timestamp time);
  void apply(const TrialMoved& event, Timestamp time);
  void apply(const TrialReported& event, Timestamp time);
  void apply(const TrialFinished& event, Timestamp time);
  void apply(const SpaceGrown& event, Timestamp time);
  void apply(const Note&, Timestamp) {}
  void apply(const Attribute& event, Timestamp time);
  void apply(const TrialPlaced& event, Timestamp time);
  void apply(const ObjectivesReported& event, Timestamp time);
  void apply(const PruneDecided&, Timestamp) {}
  // Optuna knows no pause: the trial goes on running, so that no client takes it from the queue.
  void apply(const TrialPaused&, Timestamp) {}
  void apply(const ParameterSet& event, Timestamp time);
  void apply(const LeaseRenewed&, Timestamp) {}
  void apply(const HoldoutAsked&, Timestamp) {}

  LiveTrial& require_live(std::int64_t number);
  void set_attribute(LiveTrial& trial, const Attribute& event);
  void extend_finished(const Attribute& event);
  void set_point(LiveTrial& trial, const Point& point);
  void add_report(std::int64_t number, double step, double value);
  void set_space(Space space);
  int intern(const std::string& name, const std::string& text);
  std::uint32_t intern_shape(const LiveTrial& trial);
  void freeze(std::int64_t number, LiveTrial& trial);
  void encode(std::int64_t number, const LiveTrial& trial, std::string& bytes) const;
  void keep(std::int64_t number, std::string_view bytes);

  StudyId id_;
  std::string name_;
  bool has_holdout_ = false;
  std::vector<Objective> objectives_;
  Space space_;
  Sequence last_sequence_ = 0;
  EndWatcher end_watcher_;
  AttributeMap user_attributes_, system_attributes_;
  std::vector<Slot> slots_;
  std::unordered_map<std::int64_t, LiveTrial> live_;
  ByteArena arena_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, int> entry_of_;    // name, NUL, text
  std::unordered_map<std::string, int> last_given_;  // by name
  std::vector<int> dimension_entries_;
  std::vector<std::string> shapes_;  // the distributions of a trial's message
  std::unordered_map<std::string, std::uint32_t> shape_of_;
  std::string scratch_;
};

}  // namespace trimtab::optuna
