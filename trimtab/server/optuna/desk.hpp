#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "trimtab/base/clock.hpp"
#include "trimtab/core/storage.hpp"
#include "trimtab/optuna/study_picture.hpp"
#include "trimtab/optuna/study_step.hpp"

namespace trimtab::optuna {

struct Reply {
  CallStatus status = CallStatus::Ok;
  std::string message = {};
  std::string bytes = {};  ///< the reply's message
};

class Desk;

/// A call on its way through the desk.
struct Call {
  /// The study it is about; 0 = the storage as a whole.
  StudyId study = 0;
  bool writes = false;
  /// study != 0: reads the picture, collects events, fills the reply. May run again after a
  /// conflict.
  std::function<void(StudyStep& step, Reply& reply)> step = {};
  /// study == 0.
  std::function<void(Desk& desk, Reply& reply)> visit = {};
  /// Called once, when everything that the call said is on disk; from any thread.
  std::function<void(Reply reply)> done = {};
};

/// Serves calls over the studies of a storage from pictures of their logs. Whoever brings a call
/// while nobody works, works: it takes all calls that wait, appends what they say of each study in
/// one step of its log, and answers them; calls that come meanwhile wait for the next round. So
/// many concurrent calls share one sync, and a caller never blocks on another's.
///
/// A call sees everything that was acknowledged before it came. What other processes append is seen
/// by every writing call at once, and by reading ones within `freshness`.
class Desk {
 public:
  struct Options {
    std::chrono::milliseconds freshness{50};
  };

  explicit Desk(std::shared_ptr<Storage> storage, const Clock& clock = wall_clock());
  Desk(std::shared_ptr<Storage> storage, const Clock& clock, Options options);

  void submit(std::unique_ptr<Call> call);

  // For `Call::visit` only.
  /// @throws Refusal AlreadyExists.
  StudyId create_study(const std::string& name, const std::string& spec);
  /// @throws Refusal NotFound.
  void delete_study(StudyId study);
  std::optional<StudyId> find_study(const std::string& name);
  /// Every study, caught up, in order of creation.
  std::vector<const StudyPicture*> studies();

  /// Counters for the metrics page. Approximate while calls run.
  struct Counters {
    std::int64_t calls = 0, refusals = 0, commits = 0, events = 0, studies_loaded = 0;
  };
  Counters counters() const;

 private:
  using Calls = std::vector<std::unique_ptr<Call>>;
  struct Open {
    std::unique_ptr<StudyPicture> picture;
    std::chrono::steady_clock::time_point fresh_until = {};
  };

  void work(Calls calls);
  void serve_storage(Call& call);
  void serve_study(StudyId study, Calls& calls);
  void try_study(StudyId study, Calls& calls, std::vector<Reply>& replies);
  void append(Open& open, Calls& calls, std::vector<Reply>& replies);
  void read(Open& open, Calls& calls, std::vector<Reply>& replies);
  void answer(Call& call, Reply reply);
  Open* find_open(StudyId study);
  Open& load(const StudyRecord& record);
  void catch_up(Open& open);

  std::shared_ptr<Storage> storage_;
  const Clock& clock_;
  Options options_;
  std::int64_t worker_;

  mutable std::mutex mutex_;
  Calls waiting_;           // guarded by mutex_
  bool is_busy_ = false;    // guarded by mutex_
  Counters counters_ = {};  // guarded by mutex_
  // Whoever works has these alone.
  std::map<StudyId, Open> open_;
  std::unordered_map<std::string, StudyId> ids_;
  Counters round_ = {};
};

}  // namespace trimtab::optuna
