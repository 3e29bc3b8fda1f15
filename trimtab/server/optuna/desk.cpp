#include "trimtab/server/optuna/desk.hpp"

#include <algorithm>
#include <utility>

#include "trimtab/base/error.hpp"
#include "trimtab/engine/worker_id.hpp"

namespace trimtab::optuna {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kAttempts = 8;

// The picture no longer matches the log: a commit that others had built on has failed.
struct Stale {};

// What the client is told about an error that is not its own.
Reply reply_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Refusal& refusal) {
    return {refusal.status, refusal.message, {}};
  } catch (const UserError& user_error) {
    const bool is_unknown = user_error.info().code == "storage.unknown_study";
    return {is_unknown ? CallStatus::NotFound : CallStatus::InvalidArgument,
            user_error.info().what,
            {}};
  } catch (const EnvironmentError& failure) {
    return {CallStatus::Unavailable, failure.info().what + " (" + failure.info().code + ")", {}};
  } catch (const Stale&) {
    return {CallStatus::Unavailable, "the study's log keeps changing under this server", {}};
  } catch (const std::exception& bug) {
    return {CallStatus::Internal, bug.what(), {}};
  }
}

// Runs one step; what it refuses, it has not said.
void run_step(const Call& call, StudyStep& step, Reply& reply) {
  reply = Reply();
  try {
    call.step(step, reply);
  } catch (const EnvironmentError&) {
    throw;
  } catch (...) {
    step.events.clear();
    reply = reply_of(std::current_exception());
  }
}

}  // namespace

Desk::Desk(std::shared_ptr<Storage> storage, const Clock& clock)
    : Desk(std::move(storage), clock, Options()) {}

Desk::Desk(std::shared_ptr<Storage> storage, const Clock& clock, Options options)
    : storage_(std::move(storage)), clock_(clock), options_(options), worker_(own_worker_id()) {}

void Desk::submit(std::unique_ptr<Call> call) {
  std::unique_lock lock(mutex_);
  waiting_.push_back(std::move(call));
  if (is_busy_) return;
  is_busy_ = true;
  while (!waiting_.empty()) {
    Calls calls = std::exchange(waiting_, {});
    lock.unlock();
    work(std::move(calls));
    lock.lock();
    counters_ = round_;
  }
  is_busy_ = false;
}

Desk::Counters Desk::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

void Desk::work(Calls calls) {
  std::map<StudyId, Calls> by_study;
  for (std::unique_ptr<Call>& call : calls) by_study[call->study].push_back(std::move(call));
  for (auto& [study, group] : by_study) {
    if (study != 0) {
      serve_study(study, group);
      continue;
    }
    for (const std::unique_ptr<Call>& call : group) serve_storage(*call);
  }
}

void Desk::answer(Call& call, Reply reply) {
  ++round_.calls;
  if (reply.status != CallStatus::Ok) ++round_.refusals;
  call.done(std::move(reply));
}

void Desk::serve_storage(Call& call) {
  Reply reply;
  try {
    call.visit(*this, reply);
  } catch (...) {
    reply = reply_of(std::current_exception());
  }
  answer(call, std::move(reply));
}

void Desk::serve_study(StudyId study, Calls& calls) {
  std::vector<Reply> replies(calls.size());
  for (int attempt = 1;; ++attempt) {
    try {
      try_study(study, calls, replies);
      break;
    } catch (...) {
      // Whatever it was, the picture may have seen events that are not in the log.
      open_.erase(study);
      const std::exception_ptr error = std::current_exception();
      try {
        std::rethrow_exception(error);
      } catch (const Stale&) {
        if (attempt < kAttempts) continue;
      } catch (...) {
      }
      replies.assign(calls.size(), reply_of(error));
      break;
    }
  }
  round_.studies_loaded = static_cast<std::int64_t>(open_.size());
  for (std::size_t i = 0; i < calls.size(); ++i) answer(*calls[i], std::move(replies[i]));
}

void Desk::try_study(StudyId study, Calls& calls, std::vector<Reply>& replies) {
  Open* open = find_open(study);
  if (open == nullptr) throw Refusal{CallStatus::NotFound, "there is no such study"};
  const bool writes =
      std::ranges::any_of(calls, [](const std::unique_ptr<Call>& call) { return call->writes; });
  if (writes) return append(*open, calls, replies);
  read(*open, calls, replies);
}

void Desk::read(Open& open, Calls& calls, std::vector<Reply>& replies) {
  if (SteadyClock::now() >= open.fresh_until) catch_up(open);
  std::vector<Event> none;
  StudyStep step{*open.picture, none, 0, worker_};
  for (std::size_t i = 0; i < calls.size(); ++i) run_step(*calls[i], step, replies[i]);
}

void Desk::append(Open& open, Calls& calls, std::vector<Reply>& replies) {
  StudyPicture& picture = *open.picture;
  storage_->transact(
      picture.id(), picture.last_sequence(), Durability::Disk,
      [&](Sequence sequence, std::string_view bytes) {
        if (sequence > picture.last_sequence()) picture.apply(sequence, decode_event(bytes));
      },
      [&](Sequence last) {
        if (last != picture.last_sequence()) throw Stale();
        Storage::Batch batch;
        std::vector<Event> events;
        StudyStep step{picture, events, clock_.now(), worker_};
        for (std::size_t i = 0; i < calls.size(); ++i) {
          events.clear();
          run_step(*calls[i], step, replies[i]);
          for (const Event& event : events) {
            picture.apply(picture.last_sequence() + 1, event);
            encode(event, batch.emplace_back());
          }
        }
        round_.events += static_cast<std::int64_t>(batch.size());
        return batch;
      });
  ++round_.commits;
  open.fresh_until = SteadyClock::now() + options_.freshness;
}

Desk::Open* Desk::find_open(StudyId study) {
  const auto found = open_.find(study);
  if (found != open_.end()) return &found->second;
  for (const StudyRecord& record : storage_->list_studies()) {
    if (record.id == study) return &load(record);
  }
  return nullptr;
}

Desk::Open& Desk::load(const StudyRecord& record) {
  Open open{.picture = std::make_unique<StudyPicture>(record)};
  catch_up(open);
  ids_[record.name] = record.id;
  return open_[record.id] = std::move(open);
}

void Desk::catch_up(Open& open) {
  StudyPicture& picture = *open.picture;
  storage_->read(picture.id(), picture.last_sequence(),
                 [&](Sequence sequence, std::string_view bytes) {
                   picture.apply(sequence, decode_event(bytes));
                 });
  open.fresh_until = SteadyClock::now() + options_.freshness;
}

StudyId Desk::create_study(const std::string& name, const std::string& spec) {
  try {
    const StudyRecord record = storage_->create_study(name, spec, clock_.now());
    load(record);
    return record.id;
  } catch (const UserError& error) {
    if (error.info().code != "storage.study_exists") throw;
    throw Refusal{CallStatus::AlreadyExists, "a study of this name exists"};
  }
}

void Desk::delete_study(StudyId study) {
  const Open* open = find_open(study);
  if (open == nullptr) throw Refusal{CallStatus::NotFound, "there is no such study"};
  ids_.erase(open->picture->name());
  open_.erase(study);
  storage_->delete_study(study);
}

std::optional<StudyId> Desk::find_study(const std::string& name) {
  const auto found = ids_.find(name);
  const auto open = found == ids_.end() ? open_.end() : open_.find(found->second);
  if (open != open_.end() && SteadyClock::now() < open->second.fresh_until) return open->first;
  const std::optional<StudyRecord> record = storage_->find_study(name);
  if (!record) return std::nullopt;
  ids_[name] = record->id;
  return record->id;
}

std::vector<const StudyPicture*> Desk::studies() {
  std::vector<const StudyPicture*> pictures;
  for (const StudyRecord& record : storage_->list_studies()) {
    const auto found = open_.find(record.id);
    Open& open = found == open_.end() ? load(record) : found->second;
    if (SteadyClock::now() >= open.fresh_until) catch_up(open);
    pictures.push_back(open.picture.get());
  }
  return pictures;
}

}  // namespace trimtab::optuna
