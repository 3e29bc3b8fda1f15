#pragma once

#include <cstdint>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "trimtab/base/clock.hpp"
#include "trimtab/engine/run_plan.hpp"
#include "trimtab/engine/study.hpp"
#include "trimtab/server/native/trimtab.pb.h"

namespace trimtab::server {

/// A study that clients share: who holds which trial, and since when they were not heard.
class HeldStudy {
 public:
  HeldStudy(Study study, const Clock& clock);

  Study& study() { return study_; }

  v1::ExchangeReply exchange(const v1::ExchangeRequest& request);
  v1::HeartbeatReply heartbeat(const v1::HeartbeatRequest& request);
  /// Gives trials of silent clients, and of processes that are gone, back to the queue.
  void tend();

 private:
  struct Client {
    Timestamp heard = 0;  // monotonic
    std::set<std::int64_t> trials = {};
    std::vector<std::int64_t> lost = {};  // since its last heartbeat
  };
  // An answer that may be asked for again.
  struct Answered {
    std::string request_id;
    std::size_t bytes = 0;
  };

  v1::ExchangeReply answer(const v1::ExchangeRequest& request);
  void keep(const std::string& request_id, const v1::ExchangeReply& reply);
  void hear(const std::string& client);
  void take(const std::string& client, std::int64_t number);
  void adopt(const std::string& client, std::int64_t number);
  void release(std::int64_t number);
  void require_holder(const std::string& client, std::int64_t number);
  v1::Told tell(const std::string& client, const v1::Outcome& given);
  v1::Reported report(const std::string& client, const v1::Report& given);
  void ask(const std::string& client, int count, v1::ExchangeReply& reply);
  v1::Trial describe(const Trial& trial) const;

  Study study_;
  const Clock& clock_;
  const StudySpec spec_;
  const RunPlan plan_;
  const Timestamp opened_;
  std::mutex mutex_;  // of what follows
  std::map<std::string, Client> clients_;
  std::map<std::int64_t, std::string> holders_;
  std::map<std::string, std::shared_future<v1::ExchangeReply>> answers_;  // by request id
  std::deque<Answered> answered_;                                         // oldest first
  std::size_t answered_bytes_ = 0;
};

}  // namespace trimtab::server
