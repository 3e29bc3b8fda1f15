#pragma once

#include <memory>
#include <unordered_set>

#include "trimtab/space/detail/definition.hpp"
#include "trimtab/space/detail/space_data.hpp"

namespace trimtab {

/// Turns a checked definition into dimensions: gives names, copies repeated parts, resolves
/// conditions and constraints. Used once. Cost: O(dimensions + conditions).
class SpaceAssembler {
 public:
  static constexpr std::size_t kMaxDimensions = 100'000;
  static constexpr std::size_t kMaxChain = 1000;  ///< conditions that hang on one another

  SpaceAssembler(const space_detail::SpaceDefinition& definition, space_detail::Problems& problems);

  /// @throws UserError with every problem found.
  Space assemble(std::string definition_text);

 private:
  // Where a name is looked up: inside this sub-space first, then outwards.
  struct Scope {
    std::string prefix;
    std::string qualified_prefix;  // differs from prefix inside candidates
    const Scope* outer = nullptr;
  };
  using ParameterDefinition = space_detail::ParameterDefinition;
  using SubSpace = space_detail::SubSpace;
  using Condition = space_detail::Condition;
  struct UnknownName {
    std::string name;
    std::string path;
  };

  void add_sub_space(const SubSpace& space, const Scope& scope,
                     const std::unordered_set<std::string>& shared_names,
                     const std::vector<Clause>& clauses);
  void add_parameter(const ParameterDefinition& definition, const std::string& name,
                     const Scope& scope, const std::vector<Clause>& clauses);
  void add_candidates(const ParameterDefinition& definition, const std::string& name,
                      std::size_t slot, const Scope& scope);
  void add_slots(const ParameterDefinition& definition, const std::string& name, const Scope& scope,
                 const std::vector<Clause>& clauses);
  void add_items(const ParameterDefinition& definition, const std::string& name,
                 const std::vector<Clause>& clauses);
  void add_copies(const ParameterDefinition& definition, const std::string& name, std::size_t count,
                  const Scope& scope);
  std::size_t add_dimension(const ParameterDefinition& definition, std::string name,
                            const std::vector<Clause>& clauses, std::size_t member);
  std::size_t open_parameter(const ParameterDefinition& definition, const std::string& name);
  void add_constraints();
  void report_unknown_names();
  void check_chain(const std::string& path, const std::vector<Clause>& clauses);
  void refuse_size(const std::string& path);

  std::optional<Clause> resolve(const Condition& condition, const Scope& scope);
  std::optional<std::size_t> find_parent(const std::string& name, const Scope& scope) const;

  const space_detail::SpaceDefinition& definition_;
  space_detail::Problems& problems_;
  std::shared_ptr<SpaceData> data_;
  std::size_t current_parameter_ = 0;
  std::size_t num_copies_ = 0;
  std::vector<UnknownName> unknown_;
  std::vector<std::size_t> chain_lengths_;  // one per dimension
};

}  // namespace trimtab
