#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/space/space.hpp"

namespace trimtab::detail {

/// A text with holes {{name: float(1e-5, 1e-1, log)}}, {{name: int(1, 8)}},
/// {{name: choice(a, b)}}; {{name}} repeats an earlier hole, \{{ is a literal {{.
struct TextTemplate {
  struct Hole {
    enum class Type : std::uint8_t { Float, Int, Choice };
    std::string name = {};
    Type type = Type::Float;
    std::vector<std::string> choices = {};  ///< as they stand in the text
  };
  /// Literal text, then a hole (none after the last literal).
  struct Piece {
    std::string literal = {};
    std::size_t hole = kNoHole;
  };
  static constexpr std::size_t kNoHole = SIZE_MAX;

  std::vector<Hole> holes = {};
  std::vector<Piece> pieces = {};
  Json definition = Json::object();
  std::map<std::string, std::string, std::less<>> places = {};  ///< hole's name -> "file:3:7"
};

/// @param where  the file's name in messages. @throws UserError with every hole that is wrong.
/// O(size).
TextTemplate compile_text(std::string_view content, const std::string& where);

/// The text with the values of a canonical point; everything outside of holes byte for byte.
std::string fill_text(const TextTemplate& text, const Space& space, PointView point);

/// The point for which `fill_text` gives `content`. @throws UserError when there is none.
Point match_text(const TextTemplate& text, const Space& space, std::string_view content,
                 const std::string& where);

}  // namespace trimtab::detail
