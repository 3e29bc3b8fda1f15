#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "trimtab/base/json.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {

/// A concrete document with typed holes. Filling the holes gives a document again; the holes are a
/// space. This turns a static program into a search space without changing the program.
///
/// Structured documents (JSON, TOML, YAML) mark a hole by an object with one of the keys
///   {"$float": [low, high], "$log": true}      {"$int": [low, high]}
///   {"$one_of": [candidate, ...]}              {"$many_of": [candidate, ...], "$k": 2,
///   "$distinct": true, "$sorted": false}
///   {"$permutation": [item, ...]}
/// where a candidate may hold further holes; "$name" names a hole (default: its path).
/// Text documents (any other format) mark a hole as {{name: float(1e-5, 1e-1, log)}},
/// {{name: int(1, 8)}}, {{name: choice(a, b, c)}}; {{name}} repeats an earlier hole; \{{ is a
/// literal {{.
///
/// Source: Peng et al. 2020, "PyGlove: Symbolic Programming for Automated Machine Learning".
/// Differs: holes are data inside a document, not objects inside a Python program.
class SymbolicDocument {
 public:
  enum class Format : std::uint8_t { Json, Toml, Yaml, Text };

  /// @param where  name used in messages, usually the path of the template.
  /// @throws UserError with line and column for every hole that is wrong.
  static SymbolicDocument parse(std::string_view content, Format format, const std::string& where);
  /// Format by file ending: .json, .toml, .yaml/.yml, anything else is text.
  static Format format_of(std::string_view path);

  const Space& space() const { return space_; }

  /// The concrete document for one point, in the format of the template. O(size of the document).
  std::string materialise(PointView point) const;

  /// The point whose document equals `content`, so that recover(materialise(p)) == p.
  /// @throws UserError when the document does not come from this template.
  Point recover(std::string_view content) const;

 private:
  struct Tree;
  Space space_;
  std::shared_ptr<const Tree> tree_;
};

}  // namespace trimtab
