#pragma once

#include <optional>
#include <span>
#include <string>

#include "trimtab/base/json.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab::space_detail {

/// The scalar in a JSON value; nothing for arrays and objects.
std::optional<Scalar> scalar_from_json(const Json& value);
Json scalar_to_json(const Scalar& scalar);

/// As on a command line: rbf, 0.1, 3, true, null. No quotes.
std::string scalar_text(const Scalar& scalar);
/// As in JSON: "rbf", 0.1, 3, true, null.
std::string scalar_json_text(const Scalar& scalar);

/// The number in a scalar (integer or double); nothing for other types.
std::optional<double> scalar_number(const Scalar& scalar);

/// Equal as JSON values; 1 and 1.0 are equal, true and 1 are not.
bool same_scalar(const Scalar& left, const Scalar& right);

/// Index of the first choice that is the `same_scalar`. O(number of choices).
std::optional<std::size_t> find_choice(std::span<const Scalar> choices, const Scalar& value);

/// `did you mean "rbf"?` for a JSON value that is not among the choices, or "". O(total length).
std::string choice_hint(const Json& value, std::span<const Scalar> choices);

/// The choices' `scalar_json_text`, for messages.
std::vector<std::string> choice_texts(std::span<const Scalar> choices);

}  // namespace trimtab::space_detail
