#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trimtab/optuna/python_json.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab::optuna {

/// An Optuna distribution. Values travel as one double: the value itself, or the index of a choice.
struct Distribution {
  enum class Type { Float, Int, Categorical };
  Type type = Type::Float;
  double low = 0.0, high = 0.0;  ///< Float, Int
  double step = 0.0;             ///< 0 = continuous; Int: >= 1
  bool is_log = false;
  std::vector<PythonValue> choices = {};  ///< Categorical
};

/// Reads {"name": CLASS, "attributes": {...}}; the classes that Optuna deprecated become Float and
/// Int. @throws UserError "optuna.distribution".
Distribution parse_distribution(std::string_view text);

/// Whether both may stand for one parameter of a study: the same type; Float and Int the same
/// scale; Categorical equal choices in the same order. Bounds and steps may differ.
bool is_compatible(const Distribution& a, const Distribution& b);

/// The parameter's definition for Space::with_parameter, JSON text; "" when a space has no such
/// parameter (choices that are no JSON scalars, or one twice).
std::string native_definition(const Distribution& distribution);

/// The other way: how an Optuna client should see a dimension of a study's space. What Optuna
/// cannot say (a step on a logarithmic scale) is left out.
/// @param parameter  the one that owns the dimension; nullptr = not known.
std::string distribution_text(const Dimension& dimension, const Parameter* parameter);

}  // namespace trimtab::optuna
