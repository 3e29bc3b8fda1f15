#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/base/error.hpp"

namespace trimtab::space_detail {

struct Token {
  enum class Type : std::uint8_t { Number, Text, Name, Symbol, End };
  Type type = Type::End;
  std::string text;  ///< content of a text or name; the symbol or key word (and, or, not, in)
  double number = 0.0;
  std::size_t column = 1;
};

/// Cuts an expression into tokens; the last one is End. O(length).
/// @return nothing when a character cannot be read; `failure` says which.
std::optional<std::vector<Token>> tokenize(std::string_view text, ErrorInfo& failure);

}  // namespace trimtab::space_detail
