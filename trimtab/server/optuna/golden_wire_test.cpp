// Calls recorded from Optuna's own server, with ids of ours in the place of its own.
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "trimtab/core/registry.hpp"
#include "trimtab/server/optuna/optuna.pb.h"
#include "trimtab/server/testing/wire_client.hpp"

namespace trimtab::optuna {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

std::unique_ptr<Message> new_message(const std::string& name) {
  const auto* type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName("optuna." + name);
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

constexpr StudyId kStudy = 1;  // the only one of the recording, there with id 0

std::int64_t translate(const std::string& field, std::int64_t id) {
  if (field == "study_id") return id == 0 ? kStudy : id;
  if (field.find("trial_id") == field.npos || field == "template_trial_is_none" || id < 0)
    return id;
  return make_trial_id(kStudy, id);
}

// A time that the recording server stamped; those of templates are of January.
void mask_time(const Reflection& reflection, const FieldDescriptor* field, Message& message) {
  const std::string time = reflection.GetString(message, field);
  if (time.empty() || time.starts_with("2026-01-02")) return;
  EXPECT_EQ(time.size(), 26U);
  reflection.SetString(&message, field, "now");
}

// Puts our ids into a message of the recording, and "now" into both sides.
void adapt(Message& message, bool has_own_ids) {
  const Reflection& reflection = *message.GetReflection();
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const bool is_integer = field->cpp_type() == FieldDescriptor::CPPTYPE_INT64;
    const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (field->name().starts_with("datetime")) mask_time(reflection, field, message);
    if (is_integer && !field->is_repeated() && !has_own_ids &&
        !field->containing_type()->options().map_entry()) {
      reflection.SetInt64(&message, field,
                          translate(field->name(), reflection.GetInt64(message, field)));
    }
    if (!field->is_repeated()) {
      if (is_message && reflection.HasField(message, field)) {
        adapt(*reflection.MutableMessage(&message, field), has_own_ids);
      }
      continue;
    }
    for (int k = 0; k < reflection.FieldSize(message, field); ++k) {
      if (is_integer && !has_own_ids) {
        reflection.SetRepeatedInt64(
            &message, field, k,
            translate(field->name(), reflection.GetRepeatedInt64(message, field, k)));
      } else if (is_message && !field->is_map()) {
        adapt(*reflection.MutableRepeatedMessage(&message, field, k), has_own_ids);
      }
    }
  }
}

bool is_same(const Message& a, const Message& b, std::string& difference) {
  google::protobuf::util::DefaultFieldComparator comparator;
  comparator.set_treat_nan_as_equal(true);
  google::protobuf::util::MessageDifferencer differencer;
  differencer.set_field_comparator(&comparator);
  differencer.ReportDifferencesToString(&difference);
  return differencer.Compare(a, b);
}

TEST(GoldenWire, AnswersEveryRecordedCallAsOptunasServerDid) {
#if defined(__SANITIZE_THREAD__)
  // Its headers lay maps out otherwise for this sanitizer than Debian's library does, which looks
  // into them when messages are compared.
  GTEST_SKIP() << "protobuf's comparison does not work under the thread sanitizer";
#endif
  const char* data = std::getenv("TRIMTAB_DATA");
  const std::filesystem::path file =
      std::filesystem::path(data == nullptr ? "" : data) / "optuna_fixtures/golden_grpc.jsonl";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "data absent: golden_grpc.jsonl";
  const std::map<std::string, CallStatus> statuses = {
      {"OK", CallStatus::Ok},
      {"NOT_FOUND", CallStatus::NotFound},
      {"ALREADY_EXISTS", CallStatus::AlreadyExists},
      {"INVALID_ARGUMENT", CallStatus::InvalidArgument},
      {"FAILED_PRECONDITION", CallStatus::FailedPrecondition}};
  const Registry registry = make_registry();
  Desk desk(registry.open_storage("memory:"));
  const WireClient client(desk);
  std::ifstream lines(file);
  std::string line;
  int count = 0;
  while (std::getline(lines, line)) {
    const Json call = Json::parse(line);
    const std::string rpc = call["rpc"];
    SCOPED_TRACE(rpc + " " + call["request_text"].get<std::string>());
    const std::unique_ptr<Message> request = new_message(rpc + "Request");
    ASSERT_TRUE(request->ParseFromString(from_hex(call["request_hex"])));
    adapt(*request, false);
    const Reply reply = client.call_bytes(rpc, request->SerializeAsString());
    ASSERT_EQ(reply.status, statuses.at(call["status"]));
    if (reply.status != CallStatus::Ok) continue;
    const std::unique_ptr<Message> got = new_message(rpc + "Reply");
    const std::unique_ptr<Message> wanted = new_message(rpc + "Reply");
    ASSERT_TRUE(got->ParseFromString(reply.bytes));
    ASSERT_TRUE(wanted->ParseFromString(from_hex(call["reply_hex"])));
    adapt(*got, true);
    adapt(*wanted, false);
    std::string difference;
    EXPECT_TRUE(is_same(*wanted, *got, difference)) << difference;
    ++count;
  }
  EXPECT_EQ(count, 25);
}

}  // namespace
}  // namespace trimtab::optuna
