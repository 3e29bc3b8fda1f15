#include "trimtab/server/native/held_study.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab::server {
namespace {

constexpr int kMostTrials = 10'000;
constexpr std::size_t kAnswersKept = 100'000;
constexpr std::size_t kBytesKept = std::size_t{64} << 20;
constexpr Timestamp kForgetAfter = 100;  // leases, of a client that holds nothing

template <typename Message>
void note(const UserError& error, Message& message) {
  message.mutable_problem()->set_code(error.info().code);
  message.mutable_problem()->set_text(error.what());
}

[[noreturn]] void throw_lost(const std::string& study, std::int64_t number,
                             const std::string& client, const std::string& got) {
  throw UserError({.code = "study.lease_lost",
                   .what = "the client does not hold the trial; what it says of it is refused",
                   .where = "study " + study + ", trial " + std::to_string(number),
                   .got = "client " + quote(client) + "; " + got,
                   .expected = "the client that was given the trial, heard of within its lease",
                   .hint = "the result of whoever runs it now counts"});
}

Outcome outcome_of(const v1::Outcome& given) {
  Outcome outcome;
  outcome.resources = {given.wall_seconds(), given.cpu_seconds(), given.peak_memory_bytes()};
  outcome.metrics.insert(given.metrics().begin(), given.metrics().end());
  if (given.state() == v1::Outcome::FAILED) {
    outcome.state = TrialState::Failed;
    outcome.failure = {FailureReason::Interrupted, 0, given.failure()};
  } else {
    outcome.values.assign(given.values().begin(), given.values().end());
  }
  return outcome;
}

}  // namespace

HeldStudy::HeldStudy(Study study, const Clock& clock)
    : study_(std::move(study)),
      clock_(clock),
      spec_(study_.spec()),
      plan_(spec_),
      opened_(clock.monotonic()) {}

// A repeated call waits for the first one's answer when that is still being made.
v1::ExchangeReply HeldStudy::exchange(const v1::ExchangeRequest& request) {
  if (request.request_id().empty()) return answer(request);
  std::promise<v1::ExchangeReply> promise;
  std::shared_future<v1::ExchangeReply> known;
  {
    const std::lock_guard lock(mutex_);
    const auto [entry, is_new] = answers_.try_emplace(request.request_id());
    if (is_new) {
      entry->second = promise.get_future().share();
    } else {
      known = entry->second;
    }
  }
  if (known.valid()) return known.get();
  try {
    v1::ExchangeReply reply = answer(request);
    promise.set_value(reply);
    keep(request.request_id(), reply);
    return reply;
  } catch (...) {
    promise.set_exception(std::current_exception());
    const std::lock_guard lock(mutex_);
    answers_.erase(request.request_id());  // nothing was answered: it may be tried again
    throw;
  }
}

// The oldest answers make room.
void HeldStudy::keep(const std::string& request_id, const v1::ExchangeReply& reply) {
  const std::lock_guard lock(mutex_);
  answered_.push_back({request_id, request_id.size() + reply.ByteSizeLong()});
  answered_bytes_ += answered_.back().bytes;
  while (answered_.size() > kAnswersKept || answered_bytes_ > kBytesKept) {
    answers_.erase(answered_.front().request_id);
    answered_bytes_ -= answered_.front().bytes;
    answered_.pop_front();
  }
}

v1::ExchangeReply HeldStudy::answer(const v1::ExchangeRequest& request) {
  hear(request.client());
  v1::ExchangeReply reply;
  for (const v1::Outcome& outcome : request.outcomes()) {
    *reply.add_told() = tell(request.client(), outcome);
  }
  for (const v1::Report& each : request.reports()) {
    *reply.add_reported() = report(request.client(), each);
  }
  if (request.ask() > 0) ask(request.client(), std::min(request.ask(), kMostTrials), reply);
  return reply;
}

void HeldStudy::hear(const std::string& client) {
  const std::lock_guard lock(mutex_);
  clients_[client].heard = clock_.monotonic();
}

void HeldStudy::take(const std::string& client, std::int64_t number) {
  const std::lock_guard lock(mutex_);
  clients_[client].trials.insert(number);
  holders_[number] = client;
}

void HeldStudy::release(std::int64_t number) {
  const std::lock_guard lock(mutex_);
  const auto holder = holders_.find(number);
  if (holder == holders_.end()) return;
  clients_[holder->second].trials.erase(number);
  holders_.erase(holder);
}

// A trial that nobody holds here and that runs all the same was given out by a server before this
// one, or by another process: whoever comes with it first goes on with it, if that one is gone.
void HeldStudy::adopt(const std::string& client, std::int64_t number) {
  study_.refresh();
  if (!study_.adopt(number)) throw_lost(spec_.name, number, client, "it does not run for anybody");
  take(client, number);
}

void HeldStudy::require_holder(const std::string& client, std::int64_t number) {
  std::string holder;
  {
    const std::lock_guard lock(mutex_);
    const auto found = holders_.find(number);
    if (found != holders_.end()) holder = found->second;
    if (found != holders_.end() && holder == client) return;
    const auto known = clients_.find(client);
    const bool is_lost = known != clients_.end() && std::ranges::count(known->second.lost, number);
    if (is_lost && holder.empty()) throw_lost(spec_.name, number, client, "its lease has ended");
  }
  if (!holder.empty()) throw_lost(spec_.name, number, client, "held by " + quote(holder));
  TrialState state = TrialState::Running;
  study_.view([&](const StudyView& view) {
    if (number >= 0 && number < view.history.size()) state = view.history.state(number);
  });
  if (!is_finished(state)) adopt(client, number);  // an ended one is told of as such
}

v1::Told HeldStudy::tell(const std::string& client, const v1::Outcome& given) {
  v1::Told told;
  told.set_number(given.number());
  try {
    require_holder(client, given.number());
    if (given.state() == v1::Outcome::PRUNED) {
      const Outcome outcome = outcome_of(given);
      study_.prune(given.number(), outcome.resources, outcome.metrics);
      told.set_state("pruned");
    } else {
      const Outcome recorded = study_.tell(given.number(), outcome_of(given));
      told.set_state(std::string(name_of(recorded.state)));
      told.mutable_values()->Assign(recorded.values.begin(), recorded.values.end());
    }
    release(given.number());
  } catch (const UserError& error) {
    if (error.info().code == "study.already_finished") release(given.number());
    note(error, told);
  }
  return told;
}

v1::Reported HeldStudy::report(const std::string& client, const v1::Report& given) {
  v1::Reported reported;
  reported.set_number(given.number());
  try {
    require_holder(client, given.number());
    const std::vector<double> values(given.values().begin(), given.values().end());
    if (values.size() != spec_.objectives.size()) {
      throw UserError({.code = "study.num_values",
                       .what = "a report needs one value per objective",
                       .where = "study " + spec_.name + ", trial " + std::to_string(given.number()),
                       .got = std::to_string(values.size()),
                       .expected = std::to_string(spec_.objectives.size()),
                       .hint = ""});
    }
    reported.set_should_stop(study_.report(given.number(), given.step(), values));
  } catch (const UserError& error) {
    note(error, reported);
  }
  return reported;
}

void HeldStudy::ask(const std::string& client, int count, v1::ExchangeReply& reply) {
  for (int i = 0; i < count; ++i) {
    const NextTrial next = study_.next();
    if (const auto* trial = std::get_if<Trial>(&next)) {
      take(client, trial->number);
      *reply.add_trials() = describe(*trial);
      continue;
    }
    if (const auto* done = std::get_if<StudyDone>(&next)) reply.set_done(done->reason);
    reply.set_must_wait(std::holds_alternative<WaitForOthers>(next));
    return;
  }
}

v1::Trial HeldStudy::describe(const Trial& trial) const {
  v1::Trial message;
  message.set_number(trial.number);
  message.set_params(study_.space().to_json(trial.point).dump());
  message.set_fidelity(trial.fidelity);
  message.set_purpose(std::string(name_of(trial.purpose)));
  message.set_parent(trial.purpose == Purpose::Search ? trial.of_trial : -1);
  message.set_scenario(plan_.scenario(trial));
  for (std::int64_t run = 0; run < plan_.num_runs(trial); ++run) {
    message.add_seeds(plan_.seed(trial, run));
    if (const auto split = plan_.split(trial, run)) message.add_splits(split->to_json());
  }
  return message;
}

v1::HeartbeatReply HeldStudy::heartbeat(const v1::HeartbeatRequest& request) {
  hear(request.client());
  v1::HeartbeatReply reply;
  reply.set_lease_seconds(spec_.lease_seconds);
  const std::lock_guard lock(mutex_);
  Client& client = clients_[request.client()];
  reply.mutable_lost()->Assign(client.lost.begin(), client.lost.end());
  client.lost.clear();
  return reply;
}

void HeldStudy::tend() {
  study_.keep_lease();
  const auto lease = static_cast<Timestamp>(spec_.lease_seconds * 1e6);
  const Timestamp now = clock_.monotonic();
  std::vector<std::int64_t> expired;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [name, client] : clients_) {
      if (now - client.heard <= lease) continue;
      for (const std::int64_t number : client.trials) {
        expired.push_back(number);
        client.lost.push_back(number);
        holders_.erase(number);
      }
      client.trials.clear();
    }
    std::erase_if(clients_, [&](const auto& entry) {
      return entry.second.trials.empty() && now - entry.second.heard > kForgetAfter * lease;
    });
  }
  if (!expired.empty()) study_.requeue(expired);
  if (now - opened_ <= lease) return;  // clients of an earlier server may still come back
  study_.refresh();
  if (study_.has_orphans()) study_.recover();
}

}  // namespace trimtab::server
