#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/core/info.hpp"
#include "trimtab/core/study.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {

/// Facts about the study that a schedule may need.
struct ScheduleSetting {
  Fidelity fidelity = {};
  std::size_t num_objectives = 1;
  std::uint64_t seed = 0;
  std::int64_t budget_trials = 0;  ///< 0 = unknown
};

/// One thing that happened to a trial of the search. Losses are minimised, in the objectives'
/// order; they and the point live during the call only.
struct LevelEvent {
  enum class Kind : std::uint8_t {
    Born,      ///< was created, at `level`
    Joined,    ///< right after Born: it is the next one of `member`
    Paused,    ///< has a result at `level`, below the top
    Promoted,  ///< goes on to `level`
    Ended,     ///< has ended at `level`: complete, pruned or failed
    Left,      ///< has ended without a run of its own; it counts nowhere
  };
  Kind kind = Kind::Born;
  std::int64_t trial = 0;
  int level = 0;
  PointView point = {};
  std::span<const double> losses = {};  ///< Paused; Ended: empty unless complete
  std::int64_t parent = -1;             ///< Born: whose checkpoint it begins with, -1 = none
  std::int64_t member = -1;             ///< Joined
};

/// What a new trial is.
struct Birth {
  Point point = {};          ///< empty = what the study's sampler says
  std::int64_t parent = -1;  ///< it begins with this trial's checkpoint, one level above it
  std::int64_t member = -1;  ///< logged, and told back as Joined
};

/// Whether a worker that is free may begin a new trial.
enum class Growth : std::uint8_t {
  Open,     ///< yes
  Waiting,  ///< not before something else has happened
  Over,     ///< never again
};

/// Who runs next and with how much. Levels are 0 .. top; `fidelity(top)` is the study's max, and
/// results there are final. Rules that the contract suite (core/contract/schedule_contract.hpp)
/// checks:
/// - Decisions depend on what was told, in the order of the log, and on their arguments alone.
/// - `fidelity` grows with the level, from at least min to max.
/// - Only a paused trial is promoted.
/// - When no trial is open and nothing grows, `promotion` names trials until it has nothing more;
///   by then somebody has reached the top, unless all have failed.
class Schedule {
 public:
  virtual ~Schedule() = default;
  Schedule() = default;
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;

  virtual int top() const = 0;
  virtual double fidelity(int level) const = 0;
  /// Where a trial without a parent begins; a pure function.
  virtual int first_level(std::int64_t trial) const = 0;
  virtual void tell(const LevelEvent& event) = 0;
  /// The paused trial that goes on now, by one level.
  /// @param is_growing  further trials may be born.
  virtual std::optional<std::int64_t> promotion(bool is_growing) const = 0;
  virtual Growth growth() const { return Growth::Open; }
  /// What trial `number` is going to be; asked when `growth` is Open. May be asked again when its
  /// point was tried before. @param rng  of this trial alone.
  virtual Birth birth(std::int64_t /*number*/, const Space& /*space*/, Rng& /*rng*/) const {
    return {};
  }
};

struct ScheduleEntry {
  Info info;
  std::function<std::unique_ptr<Schedule>(const OptionValues&, const ScheduleSetting&)> make;
};

template <typename T>
concept ScheduleModel =
    std::derived_from<T, Schedule> &&
    std::constructible_from<T, const OptionValues&, const ScheduleSetting&> && requires {
      { T::info() } -> std::same_as<Info>;
    };

}  // namespace trimtab
