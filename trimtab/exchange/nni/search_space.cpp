#include "trimtab/exchange/nni/search_space.hpp"

#include <algorithm>

#include "trimtab/base/text.hpp"
#include "trimtab/exchange/ranges.hpp"

namespace trimtab::exchange {
namespace {

// A candidate of a nested choice: {"_name": "conv", its parameters...}.
bool is_candidate(const Json& option) {
  return option.is_object() && option.contains("_name") && option["_name"].is_string();
}

// The numbers of a `_value`; refused when they are not `count`.
class Numbers {
 public:
  Numbers(StudyDraft& draft, const std::string& path, const Json& value, std::size_t count,
          const char* expected) {
    const bool is_list = value.is_array() && value.size() == count &&
                         std::ranges::all_of(value, [](const Json& v) { return v.is_number(); });
    is_right_ = is_list;
    if (!is_list)
      draft.refuse(path, "the values are not as the type needs", value.dump(), expected);
    for (std::size_t i = 0; is_list && i < count; ++i) numbers_.push_back(value[i].get<double>());
    numbers_.resize(count, 1.0);
  }
  bool are_right() const { return is_right_; }
  double operator[](std::size_t i) const { return numbers_[i]; }

 private:
  std::vector<double> numbers_;
  bool is_right_ = false;
};

Json nested_choice(StudyDraft& draft, const std::string& path, const Json& options) {
  Json candidates = Json::object();
  for (std::size_t i = 0; i < options.size(); ++i) {
    const std::string place = join(path, std::to_string(i));
    if (!is_candidate(options[i])) {
      draft.refuse(place, "the candidate has no name", options[i].dump(),
                   R"(an object with "_name" and the candidate's parameters)");
      continue;
    }
    Json parameters = options[i];
    const std::string name = parameters["_name"].get<std::string>();
    parameters.erase("_name");
    candidates[name] = space_of(draft, place, parameters);
  }
  draft.note(path, "a nested choice gives the candidate's name, and its parameters beside it");
  return {{"one_of", std::move(candidates)}};
}

Json number_parameter(StudyDraft& draft, const std::string& path, const std::string& type,
                      const Json& value) {
  const bool is_stepped = type.starts_with('q');
  const std::string form = type.substr(is_stepped ? 1 : 0);
  const bool is_normal = form == "normal" || form == "lognormal";
  const std::string place = join(path, "_value");
  const Numbers numbers(draft, place, value, is_stepped ? 3 : 2,
                        is_normal ? "[mu, sigma], and q" : "[low, high], and q");
  if (!numbers.are_right()) return Json::object();
  Range range{.low = numbers[0], .high = numbers[1], .is_log = form == "loguniform"};
  if (is_normal) range = normal_range(draft, place, numbers[0], numbers[1], form == "lognormal");
  if (is_stepped) range.step = numbers[2];
  return parameter_of(draft, place, range);
}

// The upper end is not among the values.
Json whole_parameter(StudyDraft& draft, const std::string& path, const Json& value) {
  const std::string place = join(path, "_value");
  const Numbers numbers(draft, place, value, 2, "[lower, upper], whole numbers");
  if (!numbers.are_right()) return Json::object();
  return parameter_of(draft, place, {.low = numbers[0], .high = numbers[1] - 1.0, .is_int = true});
}

Json parameter_from(StudyDraft& draft, const std::string& path, const Json& definition) {
  if (!definition.is_object() || !definition.contains("_type") || !definition.contains("_value")) {
    draft.refuse(path, "this is no parameter", definition.dump(),
                 R"({"_type": TYPE, "_value": [...]})");
    return Json::object();
  }
  draft.note_others(path, definition, {"_type", "_value"});
  const Json& value = definition["_value"];
  const std::string type =
      definition["_type"].is_string() ? definition["_type"].get<std::string>() : "";
  if (type == "choice") {
    const std::string place = join(path, "_value");
    const bool is_nested = value.is_array() && std::ranges::any_of(value, is_candidate);
    return is_nested ? nested_choice(draft, place, value) : choice_of(draft, place, value, {});
  }
  if (type == "randint") return whole_parameter(draft, path, value);
  const std::vector<std::string> types = {"choice",     "randint",     "uniform", "quniform",
                                          "loguniform", "qloguniform", "normal",  "qnormal",
                                          "lognormal",  "qlognormal"};
  if (std::ranges::find(types, type) != types.end()) {
    return number_parameter(draft, path, type, value);
  }
  draft.refuse(join(path, "_type"), "there is no such type of parameter, or it is of architectures",
               definition["_type"].dump(), one_of(types), did_you_mean(type, types));
  return Json::object();
}

}  // namespace

bool is_search_space(const Json& root) {
  return !root.empty() && std::ranges::all_of(root, [](const Json& value) {
    return value.is_object() && value.contains("_type") && value.contains("_value");
  });
}

Json space_of(StudyDraft& draft, const std::string& path, const Json& search_space) {
  Json space = Json::object();
  for (const auto& [name, definition] : search_space.items()) {
    space[name] = parameter_from(draft, join(path, name), definition);
  }
  return space;
}

}  // namespace trimtab::exchange
