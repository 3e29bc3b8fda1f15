#include "trimtab/space/space.hpp"

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/space/detail/assembler.hpp"
#include "trimtab/space/detail/condition_order.hpp"
#include "trimtab/space/detail/definition.hpp"
#include "trimtab/space/detail/groups.hpp"
#include "trimtab/space/detail/space_data.hpp"

namespace trimtab {
namespace {

// A parser of hostile text must not recurse without bound.
bool is_nested_too_deeply(std::string_view json_text) {
  constexpr int kMaxNesting = 512;
  int depth = 0;
  bool is_in_text = false;
  for (std::size_t i = 0; i < json_text.size(); ++i) {
    const char c = json_text[i];
    if (is_in_text && c == '\\') {
      ++i;
    } else if (c == '"') {
      is_in_text = !is_in_text;
    } else if (!is_in_text && (c == '[' || c == '{')) {
      if (++depth > kMaxNesting) return true;
    } else if (!is_in_text && (c == ']' || c == '}')) {
      --depth;
    }
  }
  return false;
}

void check_length(const SpaceData& data, std::size_t length) {
  if (length == data.dimensions.size()) return;
  throw BugError({.code = "space.wrong_length",
                  .what = "a point has the wrong number of coordinates",
                  .where = "Space",
                  .got = std::to_string(length),
                  .expected = std::to_string(data.dimensions.size()),
                  .hint = ""});
}

}  // namespace

Space::Space() : data_(std::make_shared<const SpaceData>()) {}

Space::Space(std::shared_ptr<const SpaceData> data) : data_(std::move(data)) {}

Space Space::parse(const Json& definition, const Locator& where) {
  space_detail::Problems problems(where);
  space_detail::SpaceDefinition read = space_detail::read_definition(definition, problems);
  if (!space_detail::sort_by_conditions(read.root, problems)) problems.throw_if_any();
  return SpaceAssembler(read, problems)
      .assemble(definition.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Space Space::parse_text(std::string_view json_text) {
  std::string failure = "brackets are nested too deeply";
  if (!is_nested_too_deeply(json_text)) {
    try {
      return parse(Json::parse(json_text));
    } catch (const Json::exception& error) {  // syntax, or a number beyond a double
      // Without the library's own number in brackets.
      const std::string_view text = error.what();
      failure = trim(text.substr(text.starts_with('[') ? text.find(']') + 1 : 0));
    }
  }
  throw UserError({.code = "space.bad_json",
                   .what = "the definition of the space is not JSON",
                   .where = "space",
                   .got = quote(json_text, 40),
                   .expected = "a JSON object of parameters",
                   .hint = failure});
}

const std::string& Space::definition_text() const { return data_->definition_text; }

Space Space::with_parameter(std::string_view name, const Json& definition) const {
  const bool is_reserved = name == "forbid" || name == "require";
  if (is_reserved || find_parameter(name) != nullptr) {
    throw UserError({.code = is_reserved ? "space.bad_name" : "space.duplicate_name",
                     .what = is_reserved ? "this name is reserved for constraints"
                                         : "the space has a parameter of this name already",
                     .where = std::string(name),
                     .got = quote(name),
                     .expected = "a new name",
                     .hint = ""});
  }
  Json all = Json::parse(data_->definition_text);
  all[std::string(name)] = definition;
  return parse(all);
}

std::span<const Dimension> Space::dimensions() const { return data_->dimensions; }
std::span<const Parameter> Space::parameters() const { return data_->parameters; }
std::span<const Group> Space::groups() const { return data_->groups; }

std::optional<std::size_t> Space::find_dimension(std::string_view name) const {
  const auto found = data_->dimension_index.find(std::string(name));
  if (found == data_->dimension_index.end()) return std::nullopt;
  return found->second;
}

const Parameter* Space::find_parameter(std::string_view name) const {
  const auto found = data_->parameter_index.find(std::string(name));
  return found == data_->parameter_index.end() ? nullptr : &data_->parameters[found->second];
}

bool Space::is_conditional() const { return data_->is_conditional; }
bool Space::has_constraints() const { return !data_->constraints.empty(); }
bool Space::has_default() const { return data_->has_default; }

bool Space::is_active_at(PointView point, std::size_t index) const {
  const std::vector<Clause>& clauses = data_->dimensions[index].when;
  return std::all_of(clauses.begin(), clauses.end(),
                     [&](const Clause& clause) { return clause.holds(point[clause.parent]); });
}

void Space::canonicalise(Point& point) const {
  check_length(*data_, point.size());
  for (std::size_t i = 0; i < point.size(); ++i) {
    if (!is_active_at(point, i)) {
      point[i] = kInactive;
      continue;
    }
    const DimensionFacts& facts = data_->facts[i];
    if (facts.group != DimensionFacts::kNone) {
      // The first member repairs the whole group; all members share their conditions.
      if (facts.member == 0) {
        space_detail::repair_group(*data_, data_->groups[facts.group], point);
      }
      continue;
    }
    const double value = is_active(point[i]) ? point[i] : facts.default_value;
    point[i] = data_->dimensions[i].clip(value) + 0.0;  // -0 becomes 0: equal points, equal bits
  }
}

Point Space::default_point() const {
  Point point(num_dimensions(), kInactive);
  canonicalise(point);
  return point;
}

bool Space::satisfies_constraints(PointView point) const {
  return std::all_of(data_->constraints.begin(), data_->constraints.end(),
                     [&](const Constraint& constraint) {
                       const std::optional<bool> truth = constraint.expression.evaluate(point);
                       return !truth || *truth == constraint.is_required;
                     });
}

bool Space::contains(PointView point) const {
  if (point.size() != num_dimensions()) return false;
  Point canonical(point.begin(), point.end());
  canonicalise(canonical);
  const auto is_same = [](double a, double b) { return a == b || (a != a && b != b); };
  return std::equal(point.begin(), point.end(), canonical.begin(), is_same) &&
         satisfies_constraints(point);
}

void Space::to_unit(PointView point, std::span<double> unit) const {
  check_length(*data_, point.size());
  check_length(*data_, unit.size());
  for (std::size_t i = 0; i < point.size(); ++i) {
    unit[i] = is_active(point[i]) ? data_->dimensions[i].to_unit(point[i]) : 0.5;
  }
}

Point Space::from_unit(std::span<const double> unit) const {
  check_length(*data_, unit.size());
  Point point(unit.size());
  for (std::size_t i = 0; i < unit.size(); ++i) {
    const Dimension& dimension = data_->dimensions[i];
    // Members of groups stay unrounded, so that the repair can rank them.
    const bool is_member = data_->facts[i].group != DimensionFacts::kNone && !(unit[i] != unit[i]);
    point[i] = is_member ? std::clamp(unit[i], 0.0, 1.0) * (dimension.high + 1.0) - 0.5
                         : dimension.from_unit(unit[i]);
  }
  canonicalise(point);
  return point;
}

Hash128 Space::hash(PointView point) const {
  check_length(*data_, point.size());
  std::vector<std::uint64_t> words;
  words.reserve(2 * point.size());
  for (const std::size_t i : data_->hash_order) {
    if (!is_active(point[i])) continue;
    const DimensionFacts& facts = data_->facts[i];
    const std::vector<std::uint64_t>& choices = data_->choice_hashes[facts.parameter];
    words.push_back(facts.name_hash);
    if (choices.empty()) {
      words.push_back(std::bit_cast<std::uint64_t>(point[i] + 0.0));
    } else if (data_->parameters[facts.parameter].type == ParameterType::Subset) {
      words.push_back(mix64(choices[facts.member], static_cast<std::uint64_t>(point[i])));
    } else {
      words.push_back(choices[static_cast<std::size_t>(point[i])]);
    }
  }
  return hash128({reinterpret_cast<const char*>(words.data()), words.size() * sizeof words[0]});
}

bool Space::operator==(const Space& other) const {
  const SpaceData& a = *data_;
  const SpaceData& b = *other.data_;
  if (&a == &b) return true;
  const auto is_same_constraint = [](const Constraint& left, const Constraint& right) {
    return left.text == right.text && left.is_required == right.is_required;
  };
  return a.dimensions == b.dimensions && a.parameters == b.parameters && a.groups == b.groups &&
         std::equal(a.constraints.begin(), a.constraints.end(), b.constraints.begin(),
                    b.constraints.end(), is_same_constraint);
}

}  // namespace trimtab
