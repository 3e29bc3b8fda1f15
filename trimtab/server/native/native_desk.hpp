#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "trimtab/base/clock.hpp"
#include "trimtab/core/registry.hpp"
#include "trimtab/core/storage.hpp"
#include "trimtab/engine/worker_id.hpp"
#include "trimtab/server/native/trimtab.pb.h"

namespace trimtab::server {

class HeldStudy;

/// The native service (native/trimtab.proto) over the studies of a storage: one sampler and one
/// budget for all clients. Knows nothing of sockets.
///
/// Trials are leased to clients here, and to this process in the log: when the server dies, another
/// one takes its trials over after the study's lease, and clients that come back meanwhile go on
/// with theirs. Threads: every method may be called from any thread. Errors: UserError for what the
/// caller did, EnvironmentError when the storage refuses.
class NativeDesk {
 public:
  /// @param worker  who holds the clients' trials in the log: this process.
  NativeDesk(const Registry& registry, std::shared_ptr<Storage> storage,
             const Clock& clock = wall_clock(), std::int64_t worker = own_worker_id());
  ~NativeDesk();
  NativeDesk(const NativeDesk&) = delete;
  NativeDesk& operator=(const NativeDesk&) = delete;

  v1::CreateStudyReply create_study(const v1::CreateStudyRequest& request);
  v1::DeleteStudyReply delete_study(const v1::DeleteStudyRequest& request);
  v1::ListStudiesReply list_studies(const v1::ListStudiesRequest& request);
  v1::SummaryReply summary(const v1::SummaryRequest& request);
  /// Cost: a commit for each outcome, report and trial; those of concurrent clients share syncs.
  v1::ExchangeReply exchange(const v1::ExchangeRequest& request);
  v1::HeartbeatReply heartbeat(const v1::HeartbeatRequest& request);
  /// Blocks for as long as the request says, at most 300 s, or until the desk ends.
  v1::WatchReply watch(const v1::WatchRequest& request);

  /// Ends watches and the care for leases; calls are still answered.
  void end();

  /// Takes trials back from clients that are silent, keeps the leases of this process. Called by
  /// the desk's own thread; public for tests with a clock of their own.
  void tend();

 private:
  std::shared_ptr<HeldStudy> find(const std::string& name);
  void forget(const std::string& name);
  void run();

  const Registry& registry_;
  std::shared_ptr<Storage> storage_;
  const Clock& clock_;
  const std::int64_t worker_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<HeldStudy>> studies_;
  std::condition_variable ends_;
  bool is_ending_ = false;  // guarded by mutex_
  std::thread tender_;
};

}  // namespace trimtab::server
