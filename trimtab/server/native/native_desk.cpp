#include "trimtab/server/native/native_desk.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "trimtab/base/document.hpp"
#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/event.hpp"
#include "trimtab/core/run_analyses.hpp"
#include "trimtab/engine/study_check.hpp"
#include "trimtab/report/table.hpp"
#include "trimtab/server/native/held_study.hpp"

namespace trimtab::server {
namespace {

constexpr std::chrono::milliseconds kTick{200};
constexpr std::chrono::milliseconds kLook{50};  // between two looks of a watcher
constexpr double kLongestWatch = 300.0;
constexpr int kMostEvents = 1000;

Document::Format format_of(const std::string& name) {
  if (name.empty() || name == "json") return Document::Format::Json;
  if (name == "toml") return Document::Format::Toml;
  if (name == "yaml") return Document::Format::Yaml;
  const std::vector<std::string> known = {"json", "toml", "yaml"};
  throw UserError({.code = "native.format",
                   .what = "a study cannot be written so",
                   .where = "CreateStudy, format",
                   .got = quote(name),
                   .expected = one_of(known),
                   .hint = did_you_mean(name, known)});
}

// What a watcher is told of an event; nothing of those that are about no trial.
struct Told {
  std::int64_t trial = -1;
  TrialState state = TrialState::Running;
  std::vector<double> values = {};
};

struct Describe {
  Told operator()(const TrialCreated& event) const { return {event.number, event.state}; }
  Told operator()(const TrialMoved& event) const { return {event.number, event.state}; }
  Told operator()(const TrialReported& event) const {
    return {event.number, TrialState::Running, {event.report.value}};
  }
  Told operator()(const ObjectivesReported& event) const {
    return {event.number, TrialState::Running, event.values};
  }
  Told operator()(const TrialFinished& event) const {
    return {event.number, event.outcome.state, event.outcome.values};
  }
  Told operator()(const TrialPaused& event) const {
    return {event.number, TrialState::Waiting, event.outcome.values};
  }
  template <typename Other>
  Told operator()(const Other& /*event*/) const {
    return {};
  }
};

}  // namespace

NativeDesk::NativeDesk(const Registry& registry, std::shared_ptr<Storage> storage,
                       const Clock& clock, std::int64_t worker)
    : registry_(registry),
      storage_(std::move(storage)),
      clock_(clock),
      worker_(worker),
      tender_([this] { run(); }) {}

NativeDesk::~NativeDesk() {
  end();
  tender_.join();
}

void NativeDesk::end() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  ends_.notify_all();
}

void NativeDesk::run() {
  std::unique_lock lock(mutex_);
  while (!ends_.wait_for(lock, kTick, [this] { return is_ending_; })) {
    lock.unlock();
    tend();
    lock.lock();
  }
}

// A storage that refuses for a while is asked again at the next tick.
void NativeDesk::tend() {
  std::vector<std::pair<std::string, std::shared_ptr<HeldStudy>>> all;
  {
    const std::lock_guard lock(mutex_);
    all.assign(studies_.begin(), studies_.end());
  }
  for (const auto& [name, study] : all) {
    try {
      study->tend();
    } catch (const UserError&) {
      forget(name);  // it was deleted by somebody else
    } catch (const EnvironmentError&) {
    }
  }
}

std::shared_ptr<HeldStudy> NativeDesk::find(const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = studies_.find(name);
    if (found != studies_.end()) return found->second;
  }
  auto opened =
      std::make_shared<HeldStudy>(Study::open(name, registry_, storage_, clock_, worker_), clock_);
  const std::lock_guard lock(mutex_);
  return studies_.try_emplace(name, std::move(opened)).first->second;
}

void NativeDesk::forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  studies_.erase(name);
}

v1::CreateStudyReply NativeDesk::create_study(const v1::CreateStudyRequest& request) {
  const Document document =
      Document::parse(request.definition(), format_of(request.format()), "definition");
  const StudySpec spec = parse_study(
      document, {[&](StudySpec& read) {
        check_against_registry(read, registry_,
                               [&](std::string_view place) { return document.where(place); });
      }});
  v1::CreateStudyReply reply;
  reply.set_name(spec.name);
  reply.set_is_new(!storage_->find_study(spec.name));
  const Study study(spec, registry_, storage_, clock_,
                    worker_);  // creates it, or says what differs
  return reply;
}

v1::DeleteStudyReply NativeDesk::delete_study(const v1::DeleteStudyRequest& request) {
  if (const std::optional<StudyRecord> record = storage_->find_study(request.study())) {
    storage_->delete_study(record->id);
  }
  forget(request.study());
  return {};
}

v1::ListStudiesReply NativeDesk::list_studies(const v1::ListStudiesRequest& /*request*/) {
  v1::ListStudiesReply reply;
  for (const StudyRecord& record : storage_->list_studies()) {
    const std::shared_ptr<HeldStudy> held = find(record.name);
    held->study().refresh();
    v1::ListStudiesReply::Study& study = *reply.add_studies();
    study.set_name(record.name);
    study.set_stage(std::string(name_of(held->study().stage())));
    held->study().view([&](const StudyView& view) {
      study.set_trials(view.history.size());
      study.set_running(view.history.count(TrialState::Running));
    });
  }
  return reply;
}

v1::SummaryReply NativeDesk::summary(const v1::SummaryRequest& request) {
  const std::shared_ptr<HeldStudy> held = find(request.study());
  held->study().refresh();
  const std::string stage(name_of(held->study().stage()));
  v1::SummaryReply reply;
  held->study().view([&](const StudyView& view) {
    Json json = study_json(
        view, request.has_analyses() ? run_analyses(view, registry_) : AnalysisResults());
    json["stage"] = stage;
    reply.set_json(json.dump(-1, ' ', false, Json::error_handler_t::replace));
  });
  return reply;
}

v1::ExchangeReply NativeDesk::exchange(const v1::ExchangeRequest& request) {
  return find(request.study())->exchange(request);
}

v1::HeartbeatReply NativeDesk::heartbeat(const v1::HeartbeatRequest& request) {
  return find(request.study())->heartbeat(request);
}

v1::WatchReply NativeDesk::watch(const v1::WatchRequest& request) {
  const StudyId study = [&] {
    const std::optional<StudyRecord> record = storage_->find_study(request.study());
    if (!record) find(request.study());  // throws with the nearest name
    return record->id;
  }();
  const int most = request.most() > 0 ? std::min(request.most(), kMostEvents) : kMostEvents;
  const Stopwatch elapsed;
  v1::WatchReply reply;
  reply.set_last(request.after());
  for (;;) {
    bool is_full = false;
    storage_->read(study, reply.last(), [&](Sequence sequence, std::string_view bytes) {
      if (is_full) return;
      is_full = reply.events_size() >= most;
      if (is_full) return;
      reply.set_last(sequence);
      const Told told = std::visit(Describe(), decode_event(bytes).body);
      if (told.trial < 0) return;
      v1::WatchReply::Event& event = *reply.add_events();
      event.set_sequence(sequence);
      event.set_trial(told.trial);
      event.set_state(std::string(name_of(told.state)));
      event.mutable_values()->Assign(told.values.begin(), told.values.end());
    });
    const double left = std::min(request.seconds(), kLongestWatch) - elapsed.seconds();
    if (reply.events_size() > 0 || !(left > 0.0)) return reply;
    std::unique_lock lock(mutex_);
    if (ends_.wait_for(lock, kLook, [this] { return is_ending_; })) return reply;
  }
}

}  // namespace trimtab::server
