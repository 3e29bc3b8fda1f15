#include "trimtab/server/native/native_service.hpp"

#include <limits>
#include <set>

#include "trimtab/base/error.hpp"

namespace trimtab::server {
namespace {

using optuna::CallStatus;
using optuna::Reply;

CallStatus status_of(const UserError& error) {
  static const std::set<std::string_view> kNotFound = {"study.unknown", "study.unknown_trial",
                                                       "storage.unknown_study"};
  static const std::set<std::string_view> kConflict = {"study.already_finished", "study.lease_lost",
                                                       "study.changed"};
  if (kNotFound.contains(error.info().code)) return CallStatus::NotFound;
  if (kConflict.contains(error.info().code)) return CallStatus::FailedPrecondition;
  return CallStatus::InvalidArgument;
}

template <typename Request, auto kMethod>
Reply call(NativeDesk& desk, std::string_view bytes) {
  constexpr std::size_t kLargest = std::numeric_limits<int>::max();
  Request request;
  if (bytes.size() > kLargest ||
      !request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return {CallStatus::InvalidArgument, "the request cannot be read", {}};
  }
  try {
    return {CallStatus::Ok, {}, (desk.*kMethod)(request).SerializeAsString()};
  } catch (const UserError& error) {
    return {status_of(error), error.what(), {}};
  } catch (const EnvironmentError& error) {
    return {CallStatus::Unavailable, error.what(), {}};
  } catch (const std::exception& error) {
    return {CallStatus::Internal, error.what(), {}};
  }
}

}  // namespace

std::span<const NativeMethod> native_service() {
  static const NativeMethod kMethods[] = {
      {"/trimtab.v1.Tuner/CreateStudy", true, false,
       call<v1::CreateStudyRequest, &NativeDesk::create_study>},
      {"/trimtab.v1.Tuner/DeleteStudy", true, false,
       call<v1::DeleteStudyRequest, &NativeDesk::delete_study>},
      {"/trimtab.v1.Tuner/ListStudies", false, false,
       call<v1::ListStudiesRequest, &NativeDesk::list_studies>},
      {"/trimtab.v1.Tuner/Summary", false, false, call<v1::SummaryRequest, &NativeDesk::summary>},
      {"/trimtab.v1.Tuner/Exchange", true, false, call<v1::ExchangeRequest, &NativeDesk::exchange>},
      {"/trimtab.v1.Tuner/Heartbeat", true, false,
       call<v1::HeartbeatRequest, &NativeDesk::heartbeat>},
      {"/trimtab.v1.Tuner/Watch", false, true, call<v1::WatchRequest, &NativeDesk::watch>},
  };
  return kMethods;
}

}  // namespace trimtab::server
