#include "trimtab/server/optuna/storage_service.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "trimtab/optuna/trial_writes.hpp"
#include "trimtab/server/optuna/optuna.pb.h"

namespace trimtab::optuna {
namespace {

// The generated messages share our namespace's name; they are `::optuna`.
namespace wire = ::optuna;

template <typename Request>
std::shared_ptr<const Request> parse(std::string_view bytes) {
  constexpr std::size_t kLargest = std::numeric_limits<int>::max();
  auto request = std::make_shared<Request>();
  if (bytes.size() > kLargest ||
      !request->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    throw Refusal{CallStatus::InvalidArgument, "the request cannot be read"};
  }
  return request;
}

// A procedure about one study (or one of its trials).
template <typename Request, bool kWrites>
std::unique_ptr<Call> make_call(std::string_view bytes, StudyId (*study)(const Request&),
                                void (*step)(const Request&, StudyStep&, Reply&)) {
  const std::shared_ptr<const Request> request = parse<Request>(bytes);
  auto call = std::make_unique<Call>();
  call->study = study(*request);
  call->writes = kWrites;
  if (call->study == 0) throw Refusal{CallStatus::NotFound, "there is no study 0"};
  call->step = [request, step](StudyStep& at, Reply& reply) { step(*request, at, reply); };
  return call;
}

template <typename Request>
std::unique_ptr<Call> make_visit(std::string_view bytes,
                                 void (*visit)(const Request&, Desk&, Reply&)) {
  const std::shared_ptr<const Request> request = parse<Request>(bytes);
  auto call = std::make_unique<Call>();
  call->visit = [request, visit](Desk& desk, Reply& reply) { visit(*request, desk, reply); };
  return call;
}

template <typename Request>
StudyId by_study(const Request& request) {
  return request.study_id();
}

template <typename Request>
StudyId by_trial(const Request& request) {
  return study_of(request.trial_id());
}

template <typename Message>
void answer(const Message& message, Reply& reply) {
  message.SerializeToString(&reply.bytes);
}

template <typename Map>
void copy_attributes(const AttributeMap& from, Map& to) {
  for (const auto& [key, value] : from) to[key] = value;
}

wire::StudyDirection direction_of(const Objective& objective) {
  return objective.goal == Goal::Minimise ? wire::MINIMIZE : wire::MAXIMIZE;
}

TrialState state_of(int state) {
  if (state < 0 || state > 4) {
    throw Refusal{CallStatus::InvalidArgument, "there is no such state of a trial"};
  }
  return static_cast<TrialState>(state);
}

TrialTemplate template_of(const wire::Trial& trial) {
  TrialTemplate given;
  given.state = state_of(trial.state());
  given.values.assign(trial.values().begin(), trial.values().end());
  given.start = trial.datetime_start();
  given.complete = trial.datetime_complete();
  for (const auto& [name, value] : trial.params()) {
    const auto distribution = trial.distributions().find(name);
    if (distribution == trial.distributions().end()) {
      throw Refusal{CallStatus::InvalidArgument, "a parameter has no distribution"};
    }
    given.parameters.push_back({name, value, distribution->second});
  }
  std::ranges::sort(given.parameters, {}, &TrialTemplate::Parameter::name);
  given.user_attributes.insert(trial.user_attributes().begin(), trial.user_attributes().end());
  given.system_attributes.insert(trial.system_attributes().begin(),
                                 trial.system_attributes().end());
  given.reports.insert(trial.intermediate_values().begin(), trial.intermediate_values().end());
  return given;
}

void create_study(const wire::CreateNewStudyRequest& request, Desk& desk, Reply& reply) {
  std::vector<Goal> goals;
  for (const int direction : request.directions()) {
    if (direction != wire::MINIMIZE && direction != wire::MAXIMIZE) {
      throw Refusal{CallStatus::InvalidArgument, "there is no such direction"};
    }
    goals.push_back(direction == wire::MINIMIZE ? Goal::Minimise : Goal::Maximise);
  }
  wire::CreateNewStudyReply message;
  message.set_study_id(desk.create_study(request.study_name(),
                                         named_spec(client_spec(goals), request.study_name())));
  answer(message, reply);
}

void delete_study(const wire::DeleteStudyRequest& request, Desk& desk, Reply&) {
  desk.delete_study(request.study_id());
}

void find_study(const wire::GetStudyIdFromNameRequest& request, Desk& desk, Reply& reply) {
  const std::optional<StudyId> study = desk.find_study(request.study_name());
  if (!study) throw Refusal{CallStatus::NotFound, "there is no study of this name"};
  wire::GetStudyIdFromNameReply message;
  message.set_study_id(*study);
  answer(message, reply);
}

void list_studies(const wire::GetAllStudiesRequest&, Desk& desk, Reply& reply) {
  wire::GetAllStudiesReply message;
  for (const StudyPicture* picture : desk.studies()) {
    wire::Study& study = *message.add_studies();
    study.set_study_id(picture->id());
    study.set_study_name(picture->name());
    for (const Objective& objective : picture->objectives()) {
      study.add_directions(direction_of(objective));
    }
    copy_attributes(picture->user_attributes(), *study.mutable_user_attributes());
    copy_attributes(picture->system_attributes(), *study.mutable_system_attributes());
  }
  answer(message, reply);
}

void get_name(const wire::GetStudyNameFromIdRequest&, StudyStep& step, Reply& reply) {
  wire::GetStudyNameFromIdReply message;
  message.set_study_name(step.picture.name());
  answer(message, reply);
}

void get_directions(const wire::GetStudyDirectionsRequest&, StudyStep& step, Reply& reply) {
  wire::GetStudyDirectionsReply message;
  for (const Objective& objective : step.picture.objectives()) {
    message.add_directions(direction_of(objective));
  }
  answer(message, reply);
}

void get_user_attributes(const wire::GetStudyUserAttributesRequest&, StudyStep& step,
                         Reply& reply) {
  wire::GetStudyUserAttributesReply message;
  copy_attributes(step.picture.user_attributes(), *message.mutable_user_attributes());
  answer(message, reply);
}

void get_system_attributes(const wire::GetStudySystemAttributesRequest&, StudyStep& step,
                           Reply& reply) {
  wire::GetStudySystemAttributesReply message;
  copy_attributes(step.picture.system_attributes(), *message.mutable_system_attributes());
  answer(message, reply);
}

template <bool kIsSystem, typename Request>
void set_study_attribute(const Request& request, StudyStep& step, Reply&) {
  set_attribute(step, -1, kIsSystem, request.key(), request.value());
}

template <bool kIsSystem, typename Request>
void set_trial_attribute(const Request& request, StudyStep& step, Reply&) {
  set_attribute(step, number_of(request.trial_id()), kIsSystem, request.key(), request.value());
}

void create_new_trial(const wire::CreateNewTrialRequest& request, StudyStep& step, Reply& reply) {
  wire::CreateNewTrialReply message;
  std::int64_t number = 0;
  if (request.template_trial_is_none()) {
    number = create_trial(step, nullptr);
  } else {
    const TrialTemplate given = template_of(request.template_trial());
    number = create_trial(step, &given);
  }
  message.set_trial_id(make_trial_id(step.picture.id(), number));
  answer(message, reply);
}

void set_trial_parameter(const wire::SetTrialParameterRequest& request, StudyStep& step, Reply&) {
  set_parameter(step, number_of(request.trial_id()), request.param_name(),
                request.param_value_internal(), request.distribution());
}

void find_trial(const wire::GetTrialIdFromStudyIdTrialNumberRequest& request, StudyStep& step,
                Reply& reply) {
  if (request.trial_number() < 0 || request.trial_number() >= step.picture.size()) {
    throw Refusal{CallStatus::NotFound, "the study has no trial of this number"};
  }
  wire::GetTrialIdFromStudyIdTrialNumberReply message;
  message.set_trial_id(make_trial_id(step.picture.id(), request.trial_number()));
  answer(message, reply);
}

void set_state_values(const wire::SetTrialStateValuesRequest& request, StudyStep& step,
                      Reply& reply) {
  wire::SetTrialStateValuesReply message;
  message.set_trial_updated(set_state(step, number_of(request.trial_id()),
                                      state_of(request.state()),
                                      {request.values().begin(), request.values().end()}));
  answer(message, reply);
}

void set_intermediate_value(const wire::SetTrialIntermediateValueRequest& request, StudyStep& step,
                            Reply&) {
  set_report(step, number_of(request.trial_id()), request.step(), request.intermediate_value());
}

void get_trial(const wire::GetTrialRequest& request, StudyStep& step, Reply& reply) {
  const std::int64_t number = number_of(request.trial_id());
  if (number >= step.picture.size()) {
    throw Refusal{CallStatus::NotFound, "there is no such trial"};
  }
  step.picture.append_trial(number, 1, reply.bytes);
}

// Listed trials of other studies and unknown ones are passed over.
void get_trials(const wire::GetTrialsRequest& request, StudyStep& step, Reply& reply) {
  const StudyPicture& picture = step.picture;
  const TrialId bound = request.trial_id_greater_than();
  const StudyId bound_study = study_of(bound);
  std::int64_t first = 0;
  if (bound_study == picture.id()) first = number_of(bound) + 1;
  if (bound_study > picture.id()) first = picture.size();
  std::vector<std::int64_t> listed;
  for (const TrialId trial : request.included_trial_ids()) {
    const std::int64_t number = number_of(trial);
    if (study_of(trial) == picture.id() && number < std::min(first, picture.size())) {
      listed.push_back(number);
    }
  }
  std::ranges::sort(listed);
  listed.erase(std::unique(listed.begin(), listed.end()), listed.end());
  picture.append_trials(listed, first, reply.bytes);
}

#define TRIMTAB_OPTUNA_VISIT(name, writes, function)                                            \
  Method {                                                                                      \
    "/optuna.StorageService/" #name, writes,                                                    \
        [](std::string_view bytes) { return make_visit<wire::name##Request>(bytes, function); } \
  }
#define TRIMTAB_OPTUNA_CALL(name, writes, study, function)                   \
  Method {                                                                   \
    "/optuna.StorageService/" #name, writes, [](std::string_view bytes) {    \
      return make_call<wire::name##Request, writes>(bytes, study, function); \
    }                                                                        \
  }

const Method kMethods[] = {
    TRIMTAB_OPTUNA_VISIT(CreateNewStudy, true, create_study),
    TRIMTAB_OPTUNA_VISIT(DeleteStudy, true, delete_study),
    TRIMTAB_OPTUNA_VISIT(GetStudyIdFromName, false, find_study),
    TRIMTAB_OPTUNA_VISIT(GetAllStudies, false, list_studies),
    TRIMTAB_OPTUNA_CALL(SetStudyUserAttribute, true, by_study, set_study_attribute<false>),
    TRIMTAB_OPTUNA_CALL(SetStudySystemAttribute, true, by_study, set_study_attribute<true>),
    TRIMTAB_OPTUNA_CALL(GetStudyNameFromId, false, by_study, get_name),
    TRIMTAB_OPTUNA_CALL(GetStudyDirections, false, by_study, get_directions),
    TRIMTAB_OPTUNA_CALL(GetStudyUserAttributes, false, by_study, get_user_attributes),
    TRIMTAB_OPTUNA_CALL(GetStudySystemAttributes, false, by_study, get_system_attributes),
    TRIMTAB_OPTUNA_CALL(CreateNewTrial, true, by_study, create_new_trial),
    TRIMTAB_OPTUNA_CALL(SetTrialParameter, true, by_trial, set_trial_parameter),
    TRIMTAB_OPTUNA_CALL(GetTrialIdFromStudyIdTrialNumber, false, by_study, find_trial),
    TRIMTAB_OPTUNA_CALL(SetTrialStateValues, true, by_trial, set_state_values),
    TRIMTAB_OPTUNA_CALL(SetTrialIntermediateValue, true, by_trial, set_intermediate_value),
    TRIMTAB_OPTUNA_CALL(SetTrialUserAttribute, true, by_trial, set_trial_attribute<false>),
    TRIMTAB_OPTUNA_CALL(SetTrialSystemAttribute, true, by_trial, set_trial_attribute<true>),
    TRIMTAB_OPTUNA_CALL(GetTrial, false, by_trial, get_trial),
    TRIMTAB_OPTUNA_CALL(GetTrials, false, by_study, get_trials),
};

}  // namespace

std::span<const Method> storage_service() { return kMethods; }

}  // namespace trimtab::optuna
