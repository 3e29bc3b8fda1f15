#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trimtab/core/command_template.hpp"
#include "trimtab/space/space.hpp"
#include "trimtab/space/symbolic.hpp"

namespace trimtab {

/// A configuration file with values to fill in before each run:
///   {{C}}, {{trial.seed}}     the value as text, as in a command; nothing when inactive
///   "{{C}}" in a .json file   the JSON value, without the quotes; null when inactive
/// and the holes of symbolic documents ({"$float": ...}, {{C: float(1, 2)}}), which take the values
/// of the study's parameters of the same names.
class RenderedTemplate {
 public:
  /// @param path  of the template, for its format and for messages.
  /// @throws UserError for a name that the study does not have, with line and column; for holes
  /// that are wrong.
  RenderedTemplate(std::string content, std::string path, const Space& space);

  /// The file for one point. O(size of the template).
  std::string render(PointView point, const CommandTemplate::Lookup& lookup) const;

 private:
  struct Piece {
    std::string literal;   // in front of the value
    std::string name;      // "" in the last piece
    bool is_json = false;  // stood alone between quotes
  };
  void cut();
  void require_known(const std::string& name, std::size_t offset) const;
  std::string fill(PointView point, const CommandTemplate::Lookup& lookup) const;
  std::string fill_holes(const SymbolicDocument& document, PointView point) const;

  std::string content_;
  std::string path_;
  SymbolicDocument::Format format_;
  Space space_;
  std::vector<Piece> pieces_;
  bool has_holes_ = false;
};

}  // namespace trimtab
