#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "trimtab/base/text.hpp"
#include "trimtab/cli/commands.hpp"
#include "trimtab/cli/open_study.hpp"
#include "trimtab/core/fresh_result.hpp"
#include "trimtab/exchange/format.hpp"

namespace trimtab {
namespace {

Json as_json(const OptionValue& value) {
  return std::visit([](const auto& held) { return Json(held); }, value);
}

Json as_json(const OptionInfo& option) {
  Json json = {{"name", option.name},
               {"default", as_json(option.default_value)},
               {"purpose", option.purpose}};
  if (option.low) json["low"] = *option.low;
  if (option.high) json["high"] = *option.high;
  if (!option.choices.empty()) json["choices"] = option.choices;
  return json;
}

Json as_json(const Info& info) {
  Json json = {{"name", info.name}, {"purpose", info.purpose}, {"source", info.source}};
  json["options"] = Json::array();
  for (const OptionInfo& option : info.options) json["options"].push_back(as_json(option));
  return json;
}

Json as_json(const Capabilities& capabilities) {
  return {{"conditional", capabilities.conditional},
          {"parallel", capabilities.parallel},
          {"multi_objective", capabilities.multi_objective},
          {"needs_finite_space", capabilities.needs_finite_space},
          {"uses_priors", capabilities.uses_priors}};
}

void print_entry(const Json& entry, std::ostream& out) {
  out << fmt::format("{:<24} {}\n", entry["name"].get<std::string>(),
                     entry["purpose"].get<std::string>());
  if (entry.contains("source") && !entry["source"].get<std::string>().empty()) {
    out << fmt::format("{:<24} source: {}\n", "", entry["source"].get<std::string>());
  }
  if (!entry.contains("options")) return;
  for (const Json& option : entry["options"]) {
    out << fmt::format("{:<24}   {} = {}: {}\n", "", option["name"].get<std::string>(),
                       option["default"].dump(), option["purpose"].get<std::string>());
  }
}

template <typename Entry>
Json describe(const std::map<std::string, Entry>& entries) {
  Json list = Json::array();
  for (const auto& [name, entry] : entries) list.push_back(as_json(entry.info));
  return list;
}

Json describe_samplers(const Registry& registry) {
  Json list = Json::array();
  list.push_back({{"name", "auto"},
                  {"purpose", "chooses the sampler from the space and the budget; the default"},
                  {"source", "docs/architecture.md"},
                  {"options", Json::array()}});
  for (const auto& [name, entry] : registry.samplers()) {
    Json json = as_json(entry.info);
    json["capabilities"] = as_json(entry.capabilities);
    list.push_back(std::move(json));
  }
  return list;
}

Json describe_pruners(const Registry& registry) {
  Json list = Json::array();
  for (const auto& [name, entry] : registry.pruners()) {
    Json json = as_json(entry.info);
    json["capabilities"] = {{"multi_objective", entry.capabilities.multi_objective},
                            {"compares", entry.capabilities.compares}};
    list.push_back(std::move(json));
  }
  return list;
}

Json describe_storages(const Registry& registry) {
  Json list = Json::array();
  for (const auto& [scheme, entry] : registry.storages()) {
    list.push_back({{"name", scheme},
                    {"purpose", entry.purpose + " (" + entry.example + ")"},
                    {"example", entry.example},
                    {"persistent", entry.is_persistent}});
  }
  return list;
}

Json describe_formats() {
  Json list = Json::array();
  for (const exchange::Format& format : exchange::make_formats()) {
    list.push_back({{"name", format.name}, {"purpose", format.purpose}});
  }
  return list;
}

// The best value of the search; the best fresh mean where values of the search are no results.
Json result_of(const StudyView& view) {
  if (view.spec.has_sealed_data()) {
    const std::optional<FreshResult> result = best_fresh_result(view.history);
    return result ? Json(result->mean) : Json();
  }
  const std::int64_t best = view.history.best();
  return best < 0 ? Json() : Json(view.history.value(best));
}

Json describe_studies(const ListArguments& arguments, const Registry& registry) {
  Json list = Json::array();
  const std::shared_ptr<Storage> storage = registry.open_storage(arguments.storage);
  for (const StudyRecord& record : storage->list_studies()) {
    const Study study = Study::open(record.name, registry, storage);
    const Stage stage = study.stage();
    study.view([&](const StudyView& view) {
      Json entry = {{"name", record.name},
                    {"stage", name_of(stage)},
                    {"trials", view.history.size()},
                    {"objective", view.spec.objectives.front().name}};
      entry["best"] = result_of(view);
      list.push_back(std::move(entry));
    });
  }
  return list;
}

void print_studies(const Json& list, std::ostream& out) {
  out << fmt::format("{:<28} {:<8} {:>8}  best\n", "study", "stage", "trials");
  for (const Json& entry : list) {
    const std::string best = entry["best"].is_null() ? "-"
                                                     : entry["objective"].get<std::string>() + " " +
                                                           format_short(entry["best"], 6);
    out << fmt::format("{:<28} {:<8} {:>8}  {}\n", entry["name"].get<std::string>(),
                       entry["stage"].get<std::string>(), entry["trials"].get<std::int64_t>(),
                       best);
  }
}

}  // namespace

int list_things(const ListArguments& arguments, CommandContext context) {
  const Registry& registry = context.registry;
  Json list;
  if (arguments.what == "samplers") list = describe_samplers(registry);
  if (arguments.what == "pruners") list = describe_pruners(registry);
  if (arguments.what == "schedules") list = describe(registry.schedules());
  if (arguments.what == "storages") list = describe_storages(registry);
  if (arguments.what == "workloads") list = describe(registry.workloads());
  if (arguments.what == "analyses") list = describe(registry.analyses());
  if (arguments.what == "formats") list = describe_formats();
  if (arguments.what == "studies") list = describe_studies(arguments, registry);
  if (arguments.is_json) {
    context.out << list.dump(2) << '\n';
  } else if (arguments.what == "studies") {
    print_studies(list, context.out);
  } else {
    for (const Json& entry : list) print_entry(entry, context.out);
  }
  return kSuccess;
}

}  // namespace trimtab
