#include "trimtab/core/row_split.hpp"

#include <nlohmann/json.hpp>

#include "trimtab/base/json.hpp"

namespace trimtab {

std::string RowSplit::to_json() const {
  Json json = {{"table", table}, {"train", train}, {"validation", validation}};
  if (!hidden_classes.empty()) json["hidden_classes"] = hidden_classes;
  return json.dump();
}

}  // namespace trimtab
