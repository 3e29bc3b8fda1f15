#include "trimtab/space/detail/assembler.hpp"

#include <algorithm>
#include <numeric>

#include "trimtab/base/text.hpp"
#include "trimtab/space/detail/clause_reader.hpp"
#include "trimtab/space/detail/scalar.hpp"

namespace trimtab {
namespace {

std::string slot_name(const std::string& name, std::size_t index) {
  return name + "[" + std::to_string(index) + "]";
}

// Names that more than one candidate uses; they get the candidate's label in front.
std::unordered_set<std::string> shared_names(
    const std::vector<space_detail::SubSpace>& candidates) {
  std::unordered_set<std::string> seen;
  std::unordered_set<std::string> shared;
  for (const space_detail::SubSpace& candidate : candidates) {
    for (const space_detail::ParameterDefinition& parameter : candidate.parameters) {
      if (!seen.insert(parameter.name).second) shared.insert(parameter.name);
    }
  }
  return shared;
}

}  // namespace

namespace space_detail {

std::span<const Scalar> choices_of(const SpaceData& data, std::size_t dimension) {
  static const std::vector<Scalar> no_yes = {false, true};
  const Parameter& parameter = data.parameters[data.facts[dimension].parameter];
  if (parameter.type == ParameterType::Subset) return no_yes;
  return parameter.choices;
}

}  // namespace space_detail

SpaceAssembler::SpaceAssembler(const space_detail::SpaceDefinition& definition,
                               space_detail::Problems& problems)
    : definition_(definition), problems_(problems), data_(std::make_shared<SpaceData>()) {}

Space SpaceAssembler::assemble(std::string definition_text) {
  data_->definition_text = std::move(definition_text);
  add_sub_space(definition_.root, Scope{}, {}, {});
  add_constraints();
  report_unknown_names();
  problems_.throw_if_any();
  for (const Dimension& dimension : data_->dimensions) {
    data_->is_conditional = data_->is_conditional || dimension.is_conditional();
  }
  data_->hash_order.resize(data_->dimensions.size());
  std::iota(data_->hash_order.begin(), data_->hash_order.end(), std::size_t{0});
  std::sort(data_->hash_order.begin(), data_->hash_order.end(), [&](std::size_t a, std::size_t b) {
    return data_->facts[a].name_hash < data_->facts[b].name_hash;
  });
  return Space(std::shared_ptr<const SpaceData>(data_));
}

void SpaceAssembler::refuse_size(const std::string& path) {
  problems_.add({.code = "space.too_many_dimensions",
                 .what = "the space has too many dimensions",
                 .where = path,
                 .got = "more than " + std::to_string(kMaxDimensions),
                 .expected = "at most " + std::to_string(kMaxDimensions),
                 .hint = ""});
  problems_.throw_if_any();
}

void SpaceAssembler::add_sub_space(const SubSpace& space, const Scope& scope,
                                   const std::unordered_set<std::string>& shared_names,
                                   const std::vector<Clause>& clauses) {
  for (const ParameterDefinition& parameter : space.parameters) {
    const bool is_shared = shared_names.contains(parameter.name);
    const std::string& prefix = is_shared ? scope.qualified_prefix : scope.prefix;
    add_parameter(parameter, prefix + parameter.name, scope, clauses);
  }
}

void SpaceAssembler::add_parameter(const ParameterDefinition& definition, const std::string& name,
                                   const Scope& scope, const std::vector<Clause>& clauses) {
  std::vector<Clause> all_clauses = clauses;
  for (const Condition& condition : definition.when) {
    if (auto clause = resolve(condition, scope)) all_clauses.push_back(std::move(*clause));
  }
  const std::size_t index = open_parameter(definition, name);
  if (definition.has_default()) data_->has_default = true;
  switch (definition.type) {
    case ParameterType::Permutation:
    case ParameterType::ManyOf:
      add_slots(definition, name, scope, all_clauses);
      break;
    case ParameterType::Subset:
      add_items(definition, name, all_clauses);
      break;
    default: {
      const std::size_t dimension = add_dimension(definition, name, all_clauses, 0);
      data_->parameters[index].count = 1;
      add_candidates(definition, name, dimension, scope);
      if (definition.type == ParameterType::Repeat) add_copies(definition, name, dimension, scope);
      return;
    }
  }
  data_->parameters[index].count = data_->dimensions.size() - data_->parameters[index].first;
}

void SpaceAssembler::add_candidates(const ParameterDefinition& definition, const std::string& name,
                                    std::size_t slot, const Scope& scope) {
  const std::unordered_set<std::string> shared = shared_names(definition.candidates);
  for (std::size_t i = 0; i < definition.candidates.size(); ++i) {
    if (definition.candidates[i].parameters.empty()) continue;
    const std::string label = space_detail::scalar_text(definition.choices[i]);
    const Scope inner{name + ".", name + "." + label + ".", &scope};
    Clause clause{.parent = slot, .allowed = {}, .low = 0.0, .high = 0.0};
    clause.allowed.assign(definition.choices.size(), false);
    clause.allowed[i] = true;
    add_sub_space(definition.candidates[i], inner, shared, {clause});
  }
}

void SpaceAssembler::add_slots(const ParameterDefinition& definition, const std::string& name,
                               const Scope& scope, const std::vector<Clause>& clauses) {
  const std::size_t group_index = data_->groups.size();
  data_->groups.emplace_back();
  Group group{.type = Group::Type::Slots,
              .members = {},
              .is_distinct = definition.is_distinct,
              .is_sorted = definition.is_sorted,
              .min_count = 0,
              .max_count = 0,
              .block = 0};
  const std::size_t owner = current_parameter_;
  for (std::size_t i = 0; i < definition.num_slots; ++i) {
    current_parameter_ = owner;
    const std::string slot = slot_name(name, i);
    const std::size_t dimension = add_dimension(definition, slot, clauses, i);
    data_->facts[dimension].group = group_index;
    group.members.push_back(dimension);
    add_candidates(definition, slot, dimension, scope);
    group.block = data_->dimensions.size() - dimension - 1;
  }
  data_->groups[group_index] = std::move(group);
}

void SpaceAssembler::add_items(const ParameterDefinition& definition, const std::string& name,
                               const std::vector<Clause>& clauses) {
  Group group{.type = Group::Type::Count,
              .members = {},
              .is_distinct = false,
              .is_sorted = false,
              .min_count = definition.min_size,
              .max_count = definition.max_size,
              .block = 0};
  for (std::size_t i = 0; i < definition.choices.size(); ++i) {
    const std::size_t dimension = add_dimension(definition, slot_name(name, i), clauses, i);
    data_->facts[dimension].group = data_->groups.size();
    group.members.push_back(dimension);
  }
  data_->groups.push_back(std::move(group));
}

void SpaceAssembler::add_copies(const ParameterDefinition& definition, const std::string& name,
                                std::size_t count, const Scope& scope) {
  const auto num_copies = static_cast<std::size_t>(definition.shape.high);
  const std::size_t part_size = definition.part.parameters.size();  // dimensions, at least
  if (part_size == 0) return;
  if (num_copies > kMaxDimensions / part_size) refuse_size(definition.path);
  for (std::size_t i = 0; i < num_copies; ++i) {
    if (++num_copies_ > kMaxDimensions) refuse_size(definition.path);
    const std::string prefix = slot_name(name, i) + ".";
    const Clause clause{.parent = count,
                        .allowed = {},
                        .low = static_cast<double>(i + 1),
                        .high = definition.shape.high};
    const bool is_always_there =
        definition.shape.low > static_cast<double>(i) && data_->dimensions[count].when.empty();
    std::vector<Clause> clauses;
    if (!is_always_there) clauses.push_back(clause);
    add_sub_space(definition.part, Scope{prefix, prefix, &scope}, {}, clauses);
  }
}

std::size_t SpaceAssembler::open_parameter(const ParameterDefinition& definition,
                                           const std::string& name) {
  current_parameter_ = data_->parameters.size();
  Parameter parameter{.name = name,
                      .type = definition.type,
                      .first = data_->dimensions.size(),
                      .count = 1,
                      .choices = definition.choices,
                      .unit = definition.unit};
  std::vector<std::uint64_t> hashes;
  for (const Scalar& choice : parameter.choices) {
    hashes.push_back(hash64(space_detail::scalar_json_text(choice)));
  }
  if (!data_->parameter_index.emplace(name, current_parameter_).second) {
    problems_.add({.code = "space.duplicate_name",
                   .what = "two parameters have the same full name",
                   .where = definition.path,
                   .got = quote(name),
                   .expected = "a name of its own",
                   .hint = "parameters of a candidate or copy are named parent.name"});
  }
  data_->parameters.push_back(std::move(parameter));
  data_->choice_hashes.push_back(std::move(hashes));
  return current_parameter_;
}

void SpaceAssembler::check_chain(const std::string& path, const std::vector<Clause>& clauses) {
  std::size_t length = 0;
  for (const Clause& clause : clauses) {
    length = std::max(length, chain_lengths_[clause.parent] + 1);
  }
  chain_lengths_.push_back(length);
  if (length <= kMaxChain) return;
  problems_.add({.code = "space.too_deep",
                 .what = "too many conditions hang on one another",
                 .where = path,
                 .got = std::to_string(length) + " in a row",
                 .expected = "at most " + std::to_string(kMaxChain),
                 .hint = ""});
  problems_.throw_if_any();
}

std::size_t SpaceAssembler::add_dimension(const ParameterDefinition& definition, std::string name,
                                          const std::vector<Clause>& clauses, std::size_t member) {
  const std::size_t index = data_->dimensions.size();
  if (index >= kMaxDimensions) refuse_size(definition.path);
  check_chain(definition.path, clauses);
  Dimension dimension = definition.shape;
  dimension.name = std::move(name);
  dimension.when = clauses;
  if (!definition.member_defaults.empty()) {
    dimension.default_value = definition.member_defaults[member];
  }
  DimensionFacts facts;
  facts.parameter = current_parameter_;
  facts.member = member;
  facts.name_hash = hash64(dimension.name);
  if (dimension.default_value) {
    facts.default_value = *dimension.default_value;
  } else if (definition.type == ParameterType::Subset) {
    facts.default_value = member < definition.min_size ? 1.0 : 0.0;
  } else if (definition.is_distinct) {
    facts.default_value = static_cast<double>(member);
  } else if (dimension.kind != Kind::Categorical) {
    facts.default_value = dimension.from_unit(0.5);
  }
  data_->dimension_index.emplace(dimension.name, index);
  data_->dimensions.push_back(std::move(dimension));
  data_->facts.push_back(facts);
  return index;
}

std::optional<std::size_t> SpaceAssembler::find_parent(const std::string& name,
                                                       const Scope& scope) const {
  for (const Scope* at = &scope; at != nullptr; at = at->outer) {
    for (const std::string& prefix : {at->qualified_prefix, at->prefix}) {
      const auto found = data_->dimension_index.find(prefix + name);
      if (found != data_->dimension_index.end()) return found->second;
    }
  }
  return std::nullopt;
}

std::optional<Clause> SpaceAssembler::resolve(const Condition& condition, const Scope& scope) {
  const std::optional<std::size_t> parent = find_parent(condition.parent, scope);
  if (!parent) {
    unknown_.push_back({condition.parent, condition.path});
    return std::nullopt;
  }
  return space_detail::read_clause(condition, *parent, data_->dimensions[*parent],
                                   space_detail::choices_of(*data_, *parent), problems_);
}

void SpaceAssembler::report_unknown_names() {
  if (unknown_.empty()) return;
  std::vector<std::string> names;
  for (const Dimension& dimension : data_->dimensions) names.push_back(dimension.name);
  for (const UnknownName& unknown : unknown_) {
    const bool is_left_out =
        std::any_of(definition_.broken.begin(), definition_.broken.end(),
                    [&](const std::string& name) { return unknown.name.starts_with(name); });
    if (is_left_out) continue;  // its own problem is reported already
    const bool has_slots = data_->parameter_index.contains(unknown.name);
    problems_.add({.code = "space.unknown_parent",
                   .what = has_slots ? "a condition needs one slot of this parameter"
                                     : "the condition names a parameter that does not exist here",
                   .where = unknown.path,
                   .got = quote(unknown.name),
                   .expected = has_slots ? slot_name(unknown.name, 0) : one_of(names),
                   .hint = has_slots ? "" : did_you_mean(unknown.name, names)});
  }
}

void SpaceAssembler::add_constraints() {
  const space_detail::Names names{
      .find = [this](const std::string& name) -> std::optional<space_detail::Variable> {
        const auto found = data_->dimension_index.find(name);
        if (found == data_->dimension_index.end()) return std::nullopt;
        return space_detail::Variable{found->second,
                                      space_detail::choices_of(*data_, found->second)};
      },
      .all =
          [this] {
            std::vector<std::string> all;
            for (const Dimension& dimension : data_->dimensions) all.push_back(dimension.name);
            return all;
          }};
  for (const space_detail::ConstraintText& text : definition_.constraints) {
    ErrorInfo failure;
    auto expression = space_detail::Expression::compile(text.text, names, failure);
    if (expression) {
      data_->constraints.push_back({text.text, text.is_required, std::move(*expression)});
      continue;
    }
    const bool is_left_out =
        failure.code == "space.unknown_name" &&
        std::any_of(definition_.broken.begin(), definition_.broken.end(),
                    [&](const std::string& name) { return failure.got == quote(name); });
    if (is_left_out) continue;
    failure.what += " (" + failure.where + " of " + quote(text.text) + ")";
    failure.where = text.path;
    problems_.add(std::move(failure));
  }
}

}  // namespace trimtab
