// The builder writes the same JSON definition a study file holds, so both have one set of checks.
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/space/detail/scalar.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {
namespace {

Json to_list(const std::vector<Scalar>& scalars) {
  Json list = Json::array();
  for (const Scalar& scalar : scalars) list.push_back(space_detail::scalar_to_json(scalar));
  return list;
}

void add_when(const std::vector<SpaceBuilder::When>& when, Json& entry) {
  for (const SpaceBuilder::When& condition : when) {
    entry["when"][condition.parent] = to_list(condition.values);
  }
}

void add_options(const SpaceBuilder::Options& options, bool is_integer, Json& entry) {
  if (options.is_log) entry["log"] = true;
  if (options.step != 0.0) entry["step"] = options.step;
  if (options.default_choice) {
    entry["default"] = space_detail::scalar_to_json(*options.default_choice);
  } else if (options.default_value && is_integer) {
    entry["default"] = static_cast<std::int64_t>(*options.default_value);
    if (static_cast<double>(entry["default"].get<std::int64_t>()) != *options.default_value) {
      entry["default"] = *options.default_value;  // the reader refuses it with a message
    }
  } else if (options.default_value) {
    entry["default"] = *options.default_value;
  }
  if (!options.unit.empty()) entry["unit"] = options.unit;
  add_when(options.when, entry);
}

}  // namespace

struct SpaceBuilder::Draft {
  Json definition = Json::object();
  Json forbid = Json::array();
  Json require = Json::array();
  std::vector<ErrorInfo> problems;

  void add(std::string name, Json entry) {
    if (definition.contains(name)) {
      problems.push_back({.code = "space.duplicate_name",
                          .what = "two parameters have the same name",
                          .where = "SpaceBuilder",
                          .got = quote(name),
                          .expected = "a name of its own",
                          .hint = ""});
    }
    definition[std::move(name)] = std::move(entry);
  }

  // The definition of a part; constraints name parameters of the whole space.
  Json take_part(const Draft& part) {
    problems.insert(problems.end(), part.problems.begin(), part.problems.end());
    if (!part.forbid.empty() || !part.require.empty()) {
      problems.push_back({.code = "space.nested_constraint",
                          .what = "a sub-space has no constraints of its own",
                          .where = "SpaceBuilder",
                          .got = "forbid or require inside a candidate or repeat",
                          .expected = "constraints on the outermost builder",
                          .hint = "name the parameters in full, e.g. op.filters"});
    }
    return part.definition;
  }

  Json candidates(const std::vector<Candidate>& candidates) {
    bool has_parameters = false;
    Json labels = Json::array();
    Json table = Json::object();
    for (const Candidate& candidate : candidates) {
      labels.push_back(space_detail::scalar_to_json(candidate.label));
      Json part = take_part(*candidate.parameters.draft_);
      has_parameters = has_parameters || !part.empty();
      table[space_detail::scalar_text(candidate.label)] = std::move(part);
    }
    // Twice the same label would vanish in a table; the list lets the reader refuse it.
    return has_parameters && table.size() == labels.size() ? table : labels;
  }
};

SpaceBuilder::SpaceBuilder() : draft_(std::make_unique<Draft>()) {}
SpaceBuilder::SpaceBuilder(const SpaceBuilder& other)
    : draft_(std::make_unique<Draft>(*other.draft_)) {}
SpaceBuilder::SpaceBuilder(SpaceBuilder&& other) noexcept = default;
SpaceBuilder& SpaceBuilder::operator=(SpaceBuilder other) noexcept {
  draft_ = std::move(other.draft_);
  return *this;
}
SpaceBuilder::~SpaceBuilder() = default;

SpaceBuilder& SpaceBuilder::real(std::string name, double low, double high,
                                 const Options& options) {
  Json entry = {{"float", Json::array({low, high})}};
  add_options(options, false, entry);
  draft_->add(std::move(name), std::move(entry));
  return *this;
}

SpaceBuilder& SpaceBuilder::integer(std::string name, std::int64_t low, std::int64_t high,
                                    const Options& options) {
  Json entry = {{"int", Json::array({low, high})}};
  add_options(options, true, entry);
  draft_->add(std::move(name), std::move(entry));
  return *this;
}

SpaceBuilder& SpaceBuilder::categorical(std::string name, std::vector<Scalar> choices,
                                        const Options& options) {
  Json entry = {{"choice", to_list(choices)}};
  add_options(options, false, entry);
  draft_->add(std::move(name), std::move(entry));
  return *this;
}

SpaceBuilder& SpaceBuilder::ordinal(std::string name, std::vector<Scalar> choices,
                                    const Options& options) {
  Json entry = {{"ordinal", to_list(choices)}};
  add_options(options, false, entry);
  draft_->add(std::move(name), std::move(entry));
  return *this;
}

SpaceBuilder& SpaceBuilder::permutation(std::string name, std::vector<Scalar> choices) {
  draft_->add(std::move(name), Json{{"permutation", to_list(choices)}});
  return *this;
}

SpaceBuilder& SpaceBuilder::subset(std::string name, std::vector<Scalar> choices,
                                   std::size_t min_size, std::size_t max_size) {
  draft_->add(std::move(name),
              Json{{"subset", to_list(choices)}, {"size", Json::array({min_size, max_size})}});
  return *this;
}

SpaceBuilder& SpaceBuilder::one_of(std::string name, std::vector<Candidate> candidates) {
  draft_->add(std::move(name), Json{{"one_of", draft_->candidates(candidates)}});
  return *this;
}

SpaceBuilder& SpaceBuilder::many_of(std::string name, std::size_t count,
                                    std::vector<Candidate> candidates, const SlotOptions& options) {
  Json entry = {{"many_of", draft_->candidates(candidates)},
                {"k", count},
                {"distinct", options.is_distinct},
                {"sorted", options.is_sorted}};
  add_when(options.when, entry);
  draft_->add(std::move(name), std::move(entry));
  return *this;
}

SpaceBuilder& SpaceBuilder::repeat(std::string name, std::int64_t low, std::int64_t high,
                                   const SpaceBuilder& part) {
  draft_->add(std::move(name), Json{{"repeat", Json::array({low, high})},
                                    {"space", draft_->take_part(*part.draft_)}});
  return *this;
}

SpaceBuilder& SpaceBuilder::forbid(std::string expression) {
  draft_->forbid.push_back(std::move(expression));
  return *this;
}

SpaceBuilder& SpaceBuilder::require(std::string expression) {
  draft_->require.push_back(std::move(expression));
  return *this;
}

Space SpaceBuilder::build() const {
  if (!draft_->problems.empty()) throw UserError(draft_->problems);
  return Space::parse_text(definition_text());
}

std::string SpaceBuilder::definition_text() const {
  Json definition = draft_->definition;
  if (!draft_->forbid.empty()) definition["forbid"] = draft_->forbid;
  if (!draft_->require.empty()) definition["require"] = draft_->require;
  return definition.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace trimtab
